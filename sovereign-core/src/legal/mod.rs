//! What a player may order now: shapes of commands, with amounts as ranges.
//!
//! Each generator names candidates and asks the command's own `validate`, so that what is
//! listed and what is accepted cannot drift apart; only the upper end of an amount is
//! computed, by the guard that checks it.

mod march;
mod pact;
mod site;
mod turn;

use core::ops::RangeInclusive;

use crate::command::{Amount, Command, EndTurn, OfferDraw, Surrender};
use crate::id::PlayerId;
use crate::state::State;

/// A legal command, and how far its amount may be changed for it to stay legal.
///
/// ```
/// use sovereign_core::testing::random_game;
/// use sovereign_core::{id::PlayerId, Phase};
///
/// let mut game = random_game(1);
/// while game.state().phase != Phase::Playing {
///     game.advance();
/// }
/// let view = game.view(Some(PlayerId(0)));
/// for shape in view.legal() {
///     assert_eq!(view.validate(shape.least()), Ok(()));
///     assert_eq!(view.validate(shape.most()), Ok(()));
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// The command with its least amount.
    least: Command,
    /// Its greatest amount; 0 if it has none.
    most: u64,
}

impl Shape {
    /// A command without an amount.
    const fn exact(command: Command) -> Self {
        Self { least: command, most: 0 }
    }

    /// The command with the least amount that is legal, or the command itself if it has no
    /// amount.
    #[must_use]
    pub const fn least(&self) -> Command {
        self.least
    }

    /// The command with the greatest amount that is legal.
    #[must_use]
    pub fn most(&self) -> Command {
        self.with_amount(self.most)
    }

    /// The amounts that are legal: troops of a march or of the reserve, gold of a gift. `None` if the command
    /// has no amount.
    #[must_use]
    pub fn amounts(&self) -> Option<RangeInclusive<u64>> {
        amount(&self.least).map(|least| self.number(least)..=self.most)
    }

    /// The command with this amount, held within [`Shape::amounts`].
    #[must_use]
    pub fn with_amount(&self, wanted: u64) -> Command {
        let mut command = self.least;
        if let Some(least) = amount(&command) {
            set_amount(&mut command, wanted.clamp(self.number(least), self.most));
        }
        command
    }

    /// Whether `command` is one of the commands of this shape; one with a share is, if the
    /// troops that it stands for now are. O(1).
    #[must_use]
    pub fn contains(&self, command: &Command) -> bool {
        let Some(amount) = amount(command) else { return *command == self.least };
        let (number, mut exact) = (self.number(amount), *command);
        set_amount(&mut exact, number);
        self.with_amount(number) == exact
    }

    /// What an amount stands for, where the greatest is what can be sent.
    fn number(&self, amount: Quantity) -> u64 {
        match amount {
            Quantity::Troops(troops) => {
                troops.of(u32::try_from(self.most).unwrap_or(u32::MAX)).into()
            }
            Quantity::Gold(gold) => gold,
        }
    }
}

/// A command's amount.
#[derive(Clone, Copy)]
enum Quantity {
    Troops(Amount),
    Gold(u64),
}

/// A command's amount. Every command is named here, so that a new one is not forgotten:
/// it also needs its generator below.
fn amount(command: &Command) -> Option<Quantity> {
    match command {
        Command::Attack(attack) => Some(Quantity::Troops(attack.troops)),
        Command::Move(moving) => Some(Quantity::Troops(moving.troops)),
        Command::Deploy(deploy) => Some(Quantity::Troops(deploy.troops)),
        Command::DonateGold(gift) => Some(Quantity::Gold(gift.amount)),
        Command::Spawn(_)
        | Command::Retreat(_)
        | Command::Build(_)
        | Command::Demolish(_)
        | Command::Strike(_)
        | Command::Supply(_)
        | Command::ProposeAlliance(_)
        | Command::AnswerAlliance(_)
        | Command::ExtendAlliance(_)
        | Command::BreakAlliance(_)
        | Command::Embargo(_)
        | Command::OfferDraw(_)
        | Command::EndTurn(_)
        | Command::Surrender(_) => None,
    }
}

fn set_amount(command: &mut Command, amount: u64) {
    let troops = u32::try_from(amount).unwrap_or(u32::MAX).into();
    match command {
        Command::Attack(attack) => attack.troops = troops,
        Command::Move(moving) => moving.troops = troops,
        Command::Deploy(deploy) => deploy.troops = troops,
        Command::DonateGold(gift) => gift.amount = amount,
        _ => {}
    }
}

/// All that `player` may order now: see [`crate::View::legal`].
pub(crate) fn legal(state: &State, player: PlayerId) -> impl Iterator<Item = Shape> + '_ {
    let seat = state.is_seat(player).then_some(player);
    seat.into_iter().flat_map(move |player| {
        let ends = [
            Command::EndTurn(EndTurn {}),
            Command::OfferDraw(OfferDraw {}),
            Command::Surrender(Surrender {}),
        ];
        let ends = exact(state, player, ends);
        site::spawns(state, player)
            .chain(turn::deployments(state, player))
            .chain(march::attacks(state, player))
            .chain(march::moves(state, player))
            .chain(march::retreats(state, player))
            .chain(march::supplies(state, player))
            .chain(site::builds(state, player))
            .chain(site::demolitions(state, player))
            .chain(site::strikes(state, player))
            .chain(pact::proposals(state, player))
            .chain(pact::answers(state, player))
            .chain(pact::extensions(state, player))
            .chain(pact::breaks(state, player))
            .chain(pact::embargoes(state, player))
            .chain(pact::gifts(state, player))
            .chain(ends)
    })
}

/// Those of some commands without amount that are legal.
fn exact<'s, C>(
    state: &'s State,
    player: PlayerId,
    candidates: C,
) -> impl Iterator<Item = Shape> + 's
where
    C: IntoIterator<Item = Command>,
    C::IntoIter: 's,
{
    let legal = move |command: &Command| command.check(state, player).is_ok();
    candidates.into_iter().filter(legal).map(Shape::exact)
}
