//! A bot that looks before it strikes.

use alloc::vec::Vec;

use super::campaign::{Campaign, Temper};
use super::random::choose_start;
use super::{Bot, BotDice, turn};
use crate::command::{AnswerAlliance, Command};
use crate::id::{PlayerId, TerritoryId};
use crate::quantity::Tick;
use crate::rng::Seed;
use crate::state::Phase;
use crate::view::View;

/// How much of its land is looked at in one wake, so that a large realm costs no more.
const LANDS_PER_WAKE: usize = 96;
/// The longest sleep while the game is played, in ticks.
const SLEEP_MAX: u32 = 24;
/// The shortest.
const SLEEP_MIN: u32 = 6;

/// Foresees each attack with [`View::preview_together`] and orders those that bring most
/// for what they cost, from several sides and with no more troops than it takes. Keeps a
/// guard at borders with foes, rescues what would fall, leaves battles that are lost.
/// Answers every proposal with no.
#[derive(Clone, Debug)]
pub struct Opportunist {
    dice: BotDice,
    /// Where the next look begins, for realms larger than one look.
    next: usize,
}

impl Opportunist {
    /// A bot with these dice.
    #[must_use]
    pub fn new(seed: Seed) -> Self {
        Self { dice: BotDice::new(seed), next: 0 }
    }
}

/// A window of the own land that moves on with every wake.
pub(super) fn window(view: &View<'_>, me: PlayerId, next: &mut usize) -> Vec<TerritoryId> {
    let count = view.territory_count(me) as usize;
    let start = if count == 0 { 0 } else { *next % count };
    let size = LANDS_PER_WAKE.min(count);
    *next = start + size;
    let ahead = view.land_of(me).skip(start).take(size);
    let wrapped = (start + size).saturating_sub(count);
    ahead.chain(view.land_of(me).take(wrapped)).collect()
}

/// The next own arrival, but neither too soon nor too late.
pub(super) fn next_look(view: &View<'_>, me: PlayerId) -> Tick {
    if let Some(look) = turn::next_look(view, me) {
        return look;
    }
    let marching = view.armies_of(me).filter(|(_, army)| !army.fighting);
    let arrival = marching.map(|(_, army)| army.arrives).min();
    let (soon, late) = (view.tick().after(SLEEP_MIN), view.tick().after(SLEEP_MAX));
    arrival.map_or(late, |tick| tick.clamp(soon, late))
}

impl Bot for Opportunist {
    fn wake(&mut self, view: &View<'_>, wishes: &mut Vec<Command>) -> Tick {
        let Some(me) = view.viewer() else { return view.tick().after(u32::MAX) };
        match view.phase() {
            Phase::Spawn if view.territory_count(me) == 0 => {
                wishes.extend(choose_start(view, &mut self.dice));
            }
            Phase::Playing => {
                let land = window(view, me, &mut self.next);
                wishes.append(&mut Campaign::new(view, me, &Temper::default()).fight(&land));
                let asked = view.proposals().filter(|proposal| proposal.incoming);
                let refuse = |from| AnswerAlliance { from, accept: false };
                wishes.extend(asked.map(|p| Command::AnswerAlliance(refuse(p.with))));
            }
            _ => {}
        }
        next_look(view, me)
    }
}
