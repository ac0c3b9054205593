//! What a command would bring, told without touching state or real dice.

mod forecast;

use alloc::vec::Vec;

use crate::command::{Attack, Build, Command, Move, Reject, Retreat, cost, sendable};
use crate::id::{PlayerId, TerritoryId};
use crate::quantity::{Permille, Tick};
use crate::state::State;
use crate::tick::march::march_ticks;
use crate::tick::way;
use forecast::Arrival;
pub(crate) use forecast::forecast;

/// What a command would bring if it were carried out now and nobody ordered anything else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Preview {
    /// When it has its effect: an army arrives, a structure stands; else now.
    pub at: Tick,
    /// What it costs, in gold.
    pub gold: u64,
    /// Troops of the viewer's that are expected to fall.
    pub losses: u32,
    /// For a march: what becomes of the place it leads to.
    pub outcome: Option<Outcome>,
}

/// What becomes of a place that armies march to, once all that are bound for it have
/// arrived and all fighting there is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The odds that the viewer holds it then, as some tried fights tell; 0 or 1000 where the
    /// rules leave no luck.
    pub odds: Permille,
    /// Troops of the viewer's that are expected to fall there.
    pub losses: u32,
    /// Troops of everybody else's that are expected to fall there.
    pub foes: u32,
    /// The garrison that is expected to be left, whoever holds it.
    pub garrison: u32,
    /// When it is expected to be over; the arrival if there is no fight.
    pub over: Tick,
}

/// See [`crate::View::preview`].
pub(crate) fn preview(state: &State, me: PlayerId, command: Command) -> Result<Preview, Reject> {
    command.check(state, me)?;
    let now = Preview { at: state.tick, ..Preview::default() };
    Ok(match command {
        Command::Attack(Attack { from, to, troops }) => {
            march(state, me, &[(from, troops.of(sendable(state, from)))], to)
        }
        Command::Move(Move { from, to, troops }) => {
            moving(state, me, from, to, troops.of(sendable(state, from)))
        }
        Command::Retreat(retreat) => self::retreat(state, retreat),
        Command::Build(build) => self::build(state, me, build),
        Command::DonateGold(gift) => Preview { gold: gift.amount, ..now },
        Command::Spawn(_)
        | Command::Deploy(_)
        | Command::EndTurn(_)
        | Command::Demolish(_)
        | Command::Strike(_)
        | Command::Supply(_)
        | Command::ProposeAlliance(_)
        | Command::AnswerAlliance(_)
        | Command::ExtendAlliance(_)
        | Command::BreakAlliance(_)
        | Command::Embargo(_)
        | Command::OfferDraw(_)
        | Command::Surrender(_) => now,
    })
}

/// See [`crate::View::preview_together`].
pub(crate) fn together(
    state: &State,
    me: PlayerId,
    to: TerritoryId,
    marches: &[(TerritoryId, u32)],
) -> Result<Preview, Reject> {
    for (from, troops) in marches {
        Command::Attack(Attack { from: *from, to, troops: (*troops).into() }).check(state, me)?;
    }
    Ok(march(state, me, marches, to))
}

fn march(state: &State, me: PlayerId, from: &[(TerritoryId, u32)], to: TerritoryId) -> Preview {
    let arrival = |(from, troops): &(TerritoryId, u32)| {
        let edge = state.setting.map.edge(*from, to)?;
        let tick = state.tick.after(march_ticks(state, edge));
        Some(Arrival::new(state, me, *from, to, *troops, tick))
    };
    let arrivals: Vec<_> = from.iter().filter_map(arrival).collect();
    let at = arrivals.iter().map(|arrival| arrival.tick).max().unwrap_or(state.tick);
    let outcome = forecast(state, me, to, arrivals);
    Preview { at, gold: 0, losses: outcome.losses, outcome: Some(outcome) }
}

/// A move, as long as the way that leads there now stays open.
fn moving(state: &State, me: PlayerId, from: TerritoryId, to: TerritoryId, troops: u32) -> Preview {
    let way = way::way(state, me, from, to).unwrap_or_default();
    let last = way.iter().rev().nth(1).copied().unwrap_or(from);
    let mut at = state.tick;
    for (here, step) in core::iter::once(&from).chain(&way).zip(&way) {
        let edge = state.setting.map.edge(*here, *step);
        at = at.after(edge.map_or(0, |edge| march_ticks(state, edge)));
    }
    let outcome = forecast(state, me, to, [Arrival::new(state, me, last, to, troops, at)].into());
    Preview { at, gold: 0, losses: outcome.losses, outcome: Some(outcome) }
}

fn retreat(state: &State, Retreat { army }: Retreat) -> Preview {
    let Some(army) = state.army(army) else { return Preview::default() };
    let (ticks, losses) = if army.fighting == 1 {
        let share = state.setting.rules.battle.retreat_loss;
        (army.arrives - army.departed, share.of_rounded_up(army.troops.into()) as u32)
    } else {
        (state.tick.0 - army.departed, 0)
    };
    Preview { at: state.tick.after(ticks.max(1)), losses, ..Preview::default() }
}

fn build(state: &State, me: PlayerId, Build { structure, .. }: Build) -> Preview {
    let at = state.tick.after(state.setting.rules.structure(structure).build_ticks);
    Preview { at, gold: cost(state, me, structure), ..Preview::default() }
}
