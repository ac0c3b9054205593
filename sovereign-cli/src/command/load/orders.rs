//! What a loading player orders: something legal most of the time, at next to no cost.

use sovereign_core::command::{Attack, Move, Spawn};
use sovereign_core::id::{PlayerId, TerritoryId};
use sovereign_core::quantity::Permille;
use sovereign_core::{Command, Phase, View};

/// Share of the troops that leave, in thousandths.
const SHARE: Permille = Permille(400);

/// A linear congruential generator: small, and the same on every machine.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dice(pub(super) u32);

impl Dice {
    /// A number below `n`.
    pub(super) const fn below(&mut self, n: u32) -> u32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ((self.0 as u64 * n as u64) >> 32) as u32
    }
}

/// What a seat does at a game.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Habit {
    /// Watches.
    Watch,
    /// Plays, after a fashion.
    Play,
    /// Orders what the published workload says, on a board of so many territories.
    Script(u32),
}

/// The next command of the published workload by its client of this number.
pub(super) fn scripted(dice: &mut Dice, territories: u32, client: u32, seq: u32) -> Command {
    let to = dice.below(territories);
    let from = (to + 1 + dice.below(territories - 1)) % territories;
    let amount = 1_000_000 + 128 * client + seq % 128;
    Command::Attack(Attack { from: TerritoryId(from), to: TerritoryId(to), troops: amount.into() })
}

/// A command for the game as it stands; nothing where there is nothing to do.
pub(super) fn next(dice: &mut Dice, view: View<'_>, you: PlayerId) -> Option<Command> {
    match view.game().phase {
        Phase::Spawn => spawn(dice, view, you),
        Phase::Playing => send(dice, view, you),
        _ => None,
    }
}

fn spawn(dice: &mut Dice, view: View<'_>, you: PlayerId) -> Option<Command> {
    if view.territory_count(you) > 0 {
        return None;
    }
    let territory = TerritoryId(dice.below(view.map().len() as u32));
    Some(Command::Spawn(Spawn { territory }))
}

fn send(dice: &mut Dice, view: View<'_>, you: PlayerId) -> Option<Command> {
    let land = view.territory_count(you);
    let from = view.land_of(you).nth(dice.below(land.max(1)) as usize)?;
    let edges = view.map().edges(from);
    let to = edges.get(dice.below(edges.len() as u32) as usize)?.to;
    let troops = SHARE.into();
    Some(match view.owner(to) {
        Some(owner) if owner == you => Command::Move(Move { from, to, troops }),
        _ => Command::Attack(Attack { from, to, troops }),
    })
}
