//! The tables of a tournament.

use std::fmt::Write;

use serde::Serialize;

use super::Hall;
use super::pairing::Pairing;
use crate::stats::Share;
use crate::stats::chance::{Verdict, holm, two_sided};
use crate::stats::rating::{Rating, Ratings};
use crate::stats::sprt::Better;
use crate::study::csv::quoted;
use crate::ui::{Report, table};

/// Who won what.
#[derive(Debug, Serialize)]
pub(super) struct TournamentReport {
    map: String,
    map_hash: String,
    rules: String,
    rules_hash: String,
    seats: usize,
    seed: u64,
    games: usize,
    /// Best first.
    standings: Vec<Standing>,
    pairings: Vec<PairingSummary>,
}

/// How a bot did.
#[derive(Debug, Serialize)]
struct Standing {
    bot: String,
    #[serde(flatten)]
    rating: Rating,
    games: u64,
    points: f64,
}

/// How two did against each other.
#[derive(Debug, Serialize)]
struct PairingSummary {
    first: String,
    second: String,
    games: u64,
    /// Games that the first won, of those that somebody won.
    wins: Share,
    /// Whether that is more or less than chance brings, corrected for all pairings.
    verdict: Verdict,
    undecided: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    sprt: Option<SprtSummary>,
    mean_ticks: u64,
    forfeits: usize,
}

/// What the test that may end a pairing says.
#[derive(Debug, Serialize)]
struct SprtSummary {
    better: Better,
    log_ratio: f64,
}

impl TournamentReport {
    pub(super) fn of(hall: &Hall, pairings: &[Pairing], ratings: &Ratings) -> Self {
        let mut standings: Vec<_> =
            (0..hall.contenders.len()).map(|bot| standing(hall, pairings, ratings, bot)).collect();
        standings.sort_by(|a, b| b.rating.rating.total_cmp(&a.rating.rating));
        let mut summaries: Vec<_> = pairings.iter().map(|pairing| summary(hall, pairing)).collect();
        let raw: Vec<_> =
            summaries.iter().map(|s| two_sided(s.wins.count, s.wins.of, 0.5)).collect();
        for (summary, p) in summaries.iter_mut().zip(holm(&raw)) {
            summary.verdict = Verdict::of(p);
        }
        Self {
            map: hall.arena.map.name().to_owned(),
            map_hash: hall.arena.map.hash().to_string(),
            rules: hall.arena.rules.name.clone(),
            rules_hash: hall.arena.rules.hash().to_string(),
            seats: hall.args.seats as usize,
            seed: hall.args.seed,
            games: pairings.iter().map(|pairing| pairing.points().count()).sum(),
            standings,
            pairings: summaries,
        }
    }

    /// The pairings as comma-separated values, with a line of names.
    pub(super) fn csv(&self) -> String {
        let mut out = "first,second,games,first_wins,decided,share,low,high,p\n".to_owned();
        for pairing in &self.pairings {
            let Share { count, of, share, low, high } = pairing.wins;
            let [first, second] = [&pairing.first, &pairing.second].map(|name| quoted(name));
            let (games, p) = (pairing.games, pairing.verdict.p);
            let _ = writeln!(out, "{first},{second},{games},{count},{of},{share},{low},{high},{p}");
        }
        out
    }
}

fn standing(hall: &Hall, pairings: &[Pairing], ratings: &Ratings, bot: usize) -> Standing {
    let mut points = Vec::new();
    for pairing in pairings {
        if pairing.first == bot {
            points.extend(pairing.points());
        } else if pairing.second == bot {
            points.extend(pairing.points().map(|first| 1.0 - first));
        }
    }
    Standing {
        bot: hall.contenders[bot].to_string(),
        rating: ratings.of(bot),
        games: points.len() as u64,
        points: points.iter().sum(),
    }
}

fn summary(hall: &Hall, pairing: &Pairing) -> PairingSummary {
    let of = |points: f64| pairing.points().filter(|p| *p == points).count() as u64;
    let (won, lost, undecided) = (of(1.0), of(0.0), of(0.5));
    let games = won + lost + undecided;
    let ticks: u64 = pairing.blocks.iter().map(|block| block.ticks).sum();
    let sprt = pairing.sprt.map(|sprt| {
        let log_ratio = (sprt.log_ratio() * 1_000.0).round() / 1_000.0;
        SprtSummary { better: sprt.verdict(), log_ratio }
    });
    PairingSummary {
        first: hall.contenders[pairing.first].to_string(),
        second: hall.contenders[pairing.second].to_string(),
        games,
        wins: Share::of(won, won + lost),
        verdict: Verdict::of(1.0),
        undecided,
        sprt,
        mean_ticks: ticks / games.max(1),
        forfeits: pairing.blocks.iter().map(|block| block.forfeits).sum(),
    }
}

impl PairingSummary {
    fn row(&self) -> Vec<String> {
        let finding = match (self.verdict.found, self.wins.share > 0.5) {
            (true, true) => format!("{} is better", self.first),
            (true, false) => format!("{} is better", self.second),
            (false, _) => "open".to_owned(),
        };
        let tested = self.sprt.as_ref().map_or_else(String::new, |sprt| match sprt.better {
            Better::First => format!("{} ({:.2})", self.first, sprt.log_ratio),
            Better::Second => format!("{} ({:.2})", self.second, sprt.log_ratio),
            Better::Open => format!("open ({:.2})", sprt.log_ratio),
        });
        let counts = [self.games, self.undecided, self.mean_ticks, self.forfeits as u64];
        let [games, undecided, ticks, forfeits] = counts.map(|count| count.to_string());
        let names = [self.first.clone(), self.second.clone()];
        let rest = [games, self.wins.percent(), undecided, ticks, forfeits, finding, tested];
        names.into_iter().chain(rest).collect()
    }
}

impl Report for TournamentReport {
    fn text(&self) -> String {
        let mut out = String::new();
        let _ = writeln!(out, "map      {} {}", self.map, self.map_hash);
        let _ = writeln!(out, "rules    {} {}", self.rules, self.rules_hash);
        let _ =
            writeln!(out, "seats    {}, {} games, seed {}\n", self.seats, self.games, self.seed);
        let row = |s: &Standing| {
            let Rating { rating, plus_minus } = s.rating;
            let rating = format!("{rating:.2}");
            vec![
                s.bot.clone(),
                rating,
                format!("{plus_minus:.2}"),
                s.games.to_string(),
                s.points.to_string(),
            ]
        };
        let rows: Vec<_> = self.standings.iter().map(row).collect();
        let _ = writeln!(out, "{}", table(&["bot", "rating", "+-", "games", "points"], &rows));
        let rows: Vec<_> = self.pairings.iter().map(PairingSummary::row).collect();
        let header = [
            "first",
            "second",
            "games",
            "first wins (95 %)",
            "undecided",
            "ticks",
            "forfeits",
            "finding",
            "sprt",
        ];
        out.push_str(&table(&header, &rows));
        out
    }
}
