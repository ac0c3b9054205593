//! What bots that take turns have in common.

use crate::command::{Command, Deploy, EndTurn};
use crate::id::{PlayerId, TerritoryId};
use crate::quantity::Tick;
use crate::view::View;

/// The longest sleep while armies of one's own finish, in ticks.
const PATIENCE: u32 = 8;

/// What there is to do in a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Troops wait to be deployed.
    Deploy,
    /// Troops were placed in the opening round: there is no more to do.
    Done,
    /// Armies are under way.
    Wait,
    /// Attacks, and at last a move.
    Act,
}

/// The stage of one's own turn; `None` if it is not.
pub(super) fn stage(view: &View<'_>, me: PlayerId) -> Option<Stage> {
    let turn = view.game().turn.filter(|_| view.turn() == Some(me))?;
    Some(match turn {
        _ if view.reserve() > 0 => Stage::Deploy,
        turn if turn.round == 0 || turn.moves > 0 => Stage::Done,
        _ if view.armies_of(me).next().is_some() => Stage::Wait,
        _ => Stage::Act,
    })
}

/// When to wake where there are turns: soon in one's own, else when the other's must have
/// ended. Hosts wake a bot when its turn begins, however early that is.
pub(super) fn next_look(view: &View<'_>, me: PlayerId) -> Option<Tick> {
    if !view.rules().turns.are_on() {
        return None;
    }
    let turn = view.game().turn?;
    let mine = turn.player == me && turn.until.is_some();
    let ends = turn.until.unwrap_or_else(|| view.tick()).after(PATIENCE);
    Some(if mine { view.tick().after(PATIENCE) } else { ends })
}

/// All of the reserve to one place.
pub(super) fn deploy(view: &View<'_>, territory: TerritoryId) -> Command {
    Command::Deploy(Deploy { territory, troops: view.reserve().into() })
}

/// No more in this turn.
pub(super) const END: Command = Command::EndTurn(EndTurn {});
