//! A bot that does something: the yardstick for all others.

use alloc::vec::Vec;

use super::{Bot, BotDice};
use crate::command::{AnswerAlliance, Attack, Command, Spawn};
use crate::id::{PlayerId, TerritoryId};
use crate::map::{EdgeKind, Terrain};
use crate::quantity::Tick;
use crate::rng::Seed;
use crate::state::{Phase, Structure};
use crate::view::View;

/// Sends a random share of the troops of a random border territory against a random
/// neighbour, every 5 to 24 ticks.
#[derive(Clone, Debug)]
pub struct Random {
    dice: BotDice,
}

impl Random {
    /// A bot with these dice.
    #[must_use]
    pub const fn new(seed: Seed) -> Self {
        Self { dice: BotDice::new(seed) }
    }

    fn attack(&mut self, view: &View<'_>, me: PlayerId) -> Option<Command> {
        let border: Vec<_> =
            view.land_of(me).filter(|id| !targets(view, me, *id).is_empty()).collect();
        let from = self.dice.pick(&border)?;
        let to = self.dice.pick(&targets(view, me, from))?;
        let available = view.troops(from).saturating_sub(view.rules().march.garrison_min);
        let troops = 1 + self.dice.below(available as usize) as u32;
        (available > 0).then_some(Command::Attack(Attack { from, to, troops: troops.into() }))
    }
}

/// The neighbours that `me` can send an attack to from `from`.
pub(super) fn targets(view: &View<'_>, me: PlayerId, from: TerritoryId) -> Vec<TerritoryId> {
    let site = view.territory(from);
    let port = site.structure == Some(Structure::Port) && site.level > 0;
    let hostile = |id| view.owner(id).is_none_or(|owner| !view.friendly(me, owner));
    let edges = view.map().edges(from).iter();
    let open = edges.filter(|edge| port || edge.kind != EdgeKind::Sea).map(|edge| edge.to);
    open.filter(|id| view.map().terrain(*id) != Terrain::Impassable && hostile(*id)).collect()
}

/// A random free territory to start in.
pub(super) fn choose_start(view: &View<'_>, dice: &mut BotDice) -> Option<Command> {
    let lands = view.map().len();
    let throws = (0..32).map(|_| TerritoryId::from_index(dice.below(lands)));
    let free = |id: &TerritoryId| {
        view.map().terrain(*id) != Terrain::Impassable && view.owner(*id).is_none()
    };
    throws.filter(free).last().map(|territory| Command::Spawn(Spawn { territory }))
}

impl Bot for Random {
    fn wake(&mut self, view: &View<'_>, wishes: &mut Vec<Command>) -> Tick {
        let Some(me) = view.viewer() else { return view.tick().after(u32::MAX) };
        match view.game().phase {
            Phase::Spawn if view.territory_count(me) == 0 => {
                wishes.extend(choose_start(view, &mut self.dice));
            }
            Phase::Playing => {
                wishes.extend(self.attack(view, me));
                let asked = view.proposals().filter(|proposal| proposal.incoming);
                let accept = self.dice.below(2) == 0;
                let answer = |from| Command::AnswerAlliance(AnswerAlliance { from, accept });
                wishes.extend(asked.map(|proposal| answer(proposal.with)));
            }
            _ => {}
        }
        view.tick().after(5 + self.dice.below(20) as u32)
    }
}
