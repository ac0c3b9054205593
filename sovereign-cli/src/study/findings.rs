//! What the games of a cell tell.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use sovereign_core::id::PlayerId;
use sovereign_core::rules::SeatRules;

use super::Study;
use super::line::{GameLine, TENTHS};
use super::plan::{Cell, Setting};
use crate::arena::{Features, unused};
use crate::stats::chance::{Verdict, holm, two_sided};
use crate::stats::{Share, Spread};

/// What a study found.
#[derive(Debug, Serialize)]
pub(crate) struct Findings {
    /// Cell by cell.
    pub(crate) cells: Vec<CellFindings>,
    /// How many comparisons were made: all probabilities are corrected for it.
    pub(crate) comparisons: usize,
}

/// What the games of a cell tell.
#[derive(Debug, Serialize)]
pub(crate) struct CellFindings {
    /// What it varies, in words.
    pub(crate) name: String,
    /// The values that were set.
    pub(crate) settings: Vec<Setting>,
    /// What every other bot did without.
    pub(crate) restriction: Option<String>,
    /// The rules' content hash.
    pub(crate) rules_hash: String,
    /// How many games.
    pub(crate) games: u64,
    /// Games that were given up, or that nobody won.
    pub(crate) stalemates: Share,
    /// How each seat did; where there are teams, the seats of each.
    pub(crate) seats: Vec<SideFindings>,
    /// How each kind of bot did.
    pub(crate) bots: Vec<SideFindings>,
    /// How long games took, in ticks.
    pub(crate) ticks: Option<Spread<u64>>,
    /// How many orders they took.
    pub(crate) orders: Option<Spread<u64>>,
    /// How often the lead changed.
    pub(crate) lead_changes: Option<Spread<u64>>,
    /// How often whoever led after each tenth of the game won it, of games that somebody won
    /// and somebody led then.
    pub(crate) snowball: Vec<Share>,
    /// How often each rule was used, in all games.
    pub(crate) used: Features,
    /// Rules that were never used.
    pub(crate) never_used: Vec<String>,
    /// Seats that were lost by faults of programs.
    pub(crate) forfeits: usize,
}

/// How a seat, or a kind of bot, did.
#[derive(Debug, Serialize)]
pub(crate) struct SideFindings {
    /// Which.
    pub(crate) name: String,
    /// The share of wins that chance alone would bring.
    pub(crate) fair: f64,
    /// Its share of the games that somebody won.
    pub(crate) wins: Share,
    /// Whether that is more or less than chance brings.
    pub(crate) verdict: Verdict,
}

impl CellFindings {
    /// The share of games that whoever led at half-time won.
    pub(crate) fn half_time(&self) -> Share {
        self.snowball[self.snowball.len() / 2]
    }
}

impl Findings {
    /// What all cells tell. Every seat and every kind of bot of every cell is a comparison.
    pub(crate) fn of(study: &Study) -> Self {
        let mut cells: Vec<_> = study.cells().map(|(cell, games)| found(cell, games)).collect();
        let comparisons = correct(&mut cells);
        Self { cells, comparisons }
    }

    /// Seats and bots that do better or worse than chance, in words.
    pub(crate) fn found(&self) -> Vec<String> {
        self.cells.iter().flat_map(CellFindings::found).collect()
    }
}

impl CellFindings {
    fn found(&self) -> impl Iterator<Item = String> + '_ {
        let sides = self.seats.iter().chain(&self.bots).filter(|side| side.verdict.found);
        sides.map(|side| {
            let (fair, p) = (side.fair * 100.0, side.verdict.p);
            let (name, wins) = (&side.name, side.wins.percent());
            format!("{}: {name} wins {wins}, fair were {fair:.1} % (p = {p:.6})", self.name)
        })
    }
}

/// Corrects the probabilities of all comparisons for their number.
fn correct(cells: &mut [CellFindings]) -> usize {
    let mut sides: Vec<&mut SideFindings> =
        cells.iter_mut().flat_map(|cell| cell.seats.iter_mut().chain(&mut cell.bots)).collect();
    sides.retain(|side| side.fair > 0.0 && side.fair < 1.0);
    let raw: Vec<_> =
        sides.iter().map(|side| two_sided(side.wins.count, side.wins.of, side.fair)).collect();
    for (side, p) in sides.iter_mut().zip(holm(&raw)) {
        side.verdict = Verdict::of(p);
    }
    raw.len()
}

fn found(cell: &Cell, games: &[GameLine]) -> CellFindings {
    let (used, seats_of) = (used(games), cell.contenders.len());
    let sides = sides(seats_of, &cell.arena.rules.seats);
    let never = used.iter().filter(|(_, count)| **count == 0);
    CellFindings {
        name: cell.name(),
        settings: cell.settings.clone(),
        restriction: cell.restriction.map(|restriction| restriction.to_string()),
        rules_hash: cell.arena.rules.hash().to_string(),
        games: games.len() as u64,
        stalemates: Share::of(count(games, |game| game.winner.is_none()), games.len() as u64),
        seats: seats(&sides, games),
        bots: bots(cell, games),
        ticks: Spread::of(games.iter().map(|game| u64::from(game.ticks))),
        orders: Spread::of(games.iter().map(|game| game.orders)),
        lead_changes: Spread::of(games.iter().map(|game| game.lead_changes)),
        snowball: (0..TENTHS as usize - 1).map(|tenth| snowball(games, &sides, tenth)).collect(),
        never_used: never.map(|(name, _)| name.clone()).collect(),
        used,
        forfeits: games.iter().map(|game| game.forfeits).sum(),
    }
}

fn count(games: &[GameLine], which: impl Fn(&GameLine) -> bool) -> u64 {
    games.iter().filter(|game| which(game)).count() as u64
}

fn side(name: String, fair: f64, wins: u64, of: u64) -> SideFindings {
    SideFindings { name, fair, wins: Share::of(wins, of), verdict: Verdict::of(1.0) }
}

/// The side of each seat: its team, or itself where there are none.
fn sides(seats: usize, rules: &SeatRules) -> Vec<usize> {
    let team = |seat| usize::from(rules.team_of(PlayerId::from_index(seat)));
    (0..seats).map(|seat| team(seat).checked_sub(1).unwrap_or(seat)).collect()
}

/// How the seats of each side did, of the games that somebody won.
fn seats(sides: &[usize], games: &[GameLine]) -> Vec<SideFindings> {
    let of = count(games, |game| game.winner.is_some());
    let found = |number| {
        let won = |game: &GameLine| game.winner.is_some_and(|w| sides[usize::from(w)] == number);
        let members = sides.iter().enumerate().filter(|(_, side)| **side == number);
        let members: Vec<_> = members.map(|(seat, _)| seat).collect();
        let fair = members.len() as f64 / sides.len() as f64;
        side(called(&members), fair, count(games, won), of)
    };
    sides.iter().collect::<BTreeSet<_>>().into_iter().map(|side| found(*side)).collect()
}

fn called(seats: &[usize]) -> String {
    let numbers: Vec<_> = seats.iter().map(usize::to_string).collect();
    format!("seat{} {}", if seats.len() == 1 { "" } else { "s" }, numbers.join(", "))
}

fn bots(cell: &Cell, games: &[GameLine]) -> Vec<SideFindings> {
    let mut wins: BTreeMap<String, u64> =
        cell.contenders.iter().map(|bot| (bot.to_string(), 0)).collect();
    let mut of = 0;
    for game in games {
        let seating = cell.seating(game.game);
        let winner = game.winner.and_then(|seat| seating.get(usize::from(seat)));
        let Some(winner) = winner else { continue };
        of += 1;
        *wins.entry(winner.to_string()).or_default() += 1;
    }
    let seats = |name: &str| cell.contenders.iter().filter(|bot| bot.to_string() == name).count();
    let fair = |name: &str| seats(name) as f64 / cell.contenders.len() as f64;
    wins.into_iter().map(|(name, won)| side(name.clone(), fair(&name), won, of)).collect()
}

/// How often the side of whoever led after some tenths won.
fn snowball(games: &[GameLine], sides: &[usize], tenth: usize) -> Share {
    let side = |seat: u16| sides[usize::from(seat)];
    let led = |game: &GameLine| game.leaders.get(tenth).copied().flatten().map(side);
    let counts = |game: &GameLine| game.winner.is_some() && led(game).is_some();
    let won = |game: &GameLine| counts(game) && led(game) == game.winner.map(side);
    Share::of(count(games, won), count(games, counts))
}

fn used(games: &[GameLine]) -> Features {
    let mut used = unused();
    for (name, count) in games.iter().flat_map(|game| &game.used) {
        *used.entry(name.clone()).or_default() += count;
    }
    used
}

#[cfg(test)]
mod tests;
