//! What the outcomes of a run say together.

use std::collections::BTreeMap;

use serde::Serialize;
use sovereign_core::event::EndReason;

use super::Setup;
use super::play::Outcome;
use crate::arena::Contender;
use crate::stats::{Share, Spread};

/// Ticks of a minute of a real-time game.
const TICKS_PER_MINUTE: f64 = 20.0 * 60.0;

/// How a seat did.
#[derive(Debug, Serialize)]
pub(super) struct SeatSummary {
    /// Which.
    pub(super) seat: usize,
    /// Who sat there; nobody in particular if the bots moved on from game to game.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) bot: Option<String>,
    /// Games won by this seat.
    pub(super) wins: Share,
}

/// How a kind of bot did.
#[derive(Debug, Serialize)]
pub(super) struct BotSummary {
    /// Its name.
    pub(super) bot: String,
    /// How many seats it had in each game.
    pub(super) seats: usize,
    /// The share of games that so many seats would win by luck.
    pub(super) fair_share: f64,
    /// Games won by one of its seats.
    pub(super) wins: Share,
}

/// How many games ended in which way.
#[derive(Debug, Default, Serialize)]
pub(super) struct Endings {
    /// By the share of the land.
    pub(super) land: u64,
    /// With one player left.
    pub(super) last_standing: u64,
    /// With nobody left.
    pub(super) nobody: u64,
    /// Ahead as time was up.
    pub(super) time: u64,
    /// By agreement, without a winner.
    pub(super) draw: u64,
    /// Given up at the last tick allowed.
    pub(super) undecided: u64,
}

/// How long games took, undecided ones included.
#[derive(Debug, Serialize)]
pub(super) struct Lengths {
    /// In ticks.
    pub(super) ticks: Spread<u64>,
    /// In minutes at 20 ticks a second.
    pub(super) minutes: Spread<f64>,
}

pub(super) fn by_seat(setup: &Setup, outcomes: &[Outcome]) -> Vec<SeatSummary> {
    let of = outcomes.len() as u64;
    let won =
        |seat| outcomes.iter().filter(|o| o.winner.is_some_and(|w| w.index() == seat)).count();
    let summary = |(seat, bot): (usize, &Contender)| SeatSummary {
        seat,
        bot: (!setup.args.rotate).then(|| bot.to_string()),
        wins: Share::of(won(seat) as u64, of),
    };
    setup.contenders.iter().enumerate().map(summary).collect()
}

/// By name.
pub(super) fn by_bot(setup: &Setup, outcomes: &[Outcome]) -> Vec<BotSummary> {
    let bots: Vec<_> = setup.contenders.iter().map(Contender::to_string).collect();
    let mut wins: BTreeMap<String, u64> = bots.iter().map(|bot| (bot.clone(), 0)).collect();
    for outcome in outcomes {
        let seating = setup.seating(outcome.game);
        let winner = outcome.winner.and_then(|winner| seating.get(winner.index()));
        if let Some(count) = winner.and_then(|bot| wins.get_mut(&bot.to_string())) {
            *count += 1;
        }
    }
    let summary = |(bot, count): (String, u64)| {
        let seats = bots.iter().filter(|name| **name == bot).count();
        let fair_share = seats as f64 / bots.len() as f64;
        BotSummary { bot, seats, fair_share, wins: Share::of(count, outcomes.len() as u64) }
    };
    wins.into_iter().map(summary).collect()
}

/// A seat that was lost because its program failed.
#[derive(Debug, Serialize)]
pub(super) struct ForfeitSummary {
    /// The game's number.
    pub(super) game: u64,
    /// Which seat.
    pub(super) seat: usize,
    /// Who sat there.
    pub(super) bot: String,
    /// When it failed.
    pub(super) tick: u32,
    /// How.
    pub(super) why: String,
}

pub(super) fn forfeits(setup: &Setup, outcomes: &[Outcome]) -> Vec<ForfeitSummary> {
    let of = |outcome: &Outcome| {
        let seating = setup.seating(outcome.game);
        let forfeit = |(seat, tick, why): &(usize, u32, String)| {
            let (game, bot) = (outcome.game, seating[*seat].to_string());
            ForfeitSummary { game, seat: *seat, bot, tick: *tick, why: why.clone() }
        };
        outcome.forfeits.iter().map(forfeit).collect::<Vec<_>>()
    };
    outcomes.iter().flat_map(of).collect()
}

pub(super) fn endings(outcomes: &[Outcome]) -> Endings {
    let count = |reason| outcomes.iter().filter(|o| o.reason == reason).count() as u64;
    Endings {
        land: count(Some(EndReason::Land)),
        last_standing: count(Some(EndReason::LastStanding)),
        nobody: count(Some(EndReason::Nobody)),
        time: count(Some(EndReason::Time)),
        draw: count(Some(EndReason::Draw)),
        undecided: count(None),
    }
}

/// `None` of no games.
pub(super) fn lengths(outcomes: &[Outcome]) -> Option<Lengths> {
    let ticks = Spread::of(outcomes.iter().map(|outcome| u64::from(outcome.ticks)))?;
    let minutes = ticks.map(|ticks| (ticks as f64 / TICKS_PER_MINUTE * 100.0).round() / 100.0);
    Some(Lengths { ticks, minutes })
}

/// `None` of no games.
pub(super) fn orders(outcomes: &[Outcome]) -> Option<Spread<u64>> {
    Spread::of(outcomes.iter().map(|outcome| outcome.orders))
}
