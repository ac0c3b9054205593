//! What players may wish for, and how wishes become orders.
//!
//! One file a command, each with the same verbs: `validate` looks and changes nothing,
//! `execute` cannot fail once `validate` has agreed, and what it did is undone by
//! [`crate::Game::rollback`] from the journal. A refused order changes nothing.

mod alliance;
mod amount;
mod attack;
mod build;
mod demolish;
mod donate;
mod draw;
mod embargo;
mod guard;
mod moving;
mod reject;
mod retreat;
mod spawn;
mod strike;
mod supply;
mod surrender;
mod system;

pub use alliance::{AnswerAlliance, BreakAlliance, ExtendAlliance, ProposeAlliance};
pub use amount::Amount;
pub use attack::Attack;
pub use build::Build;
pub use demolish::Demolish;
pub use donate::DonateGold;
pub use draw::OfferDraw;
pub use embargo::Embargo;
pub use moving::Move;
pub use reject::Reject;
pub use retreat::Retreat;
pub use spawn::Spawn;
pub use strike::Strike;
pub use supply::Supply;
pub use surrender::Surrender;
pub use system::SystemOrder;

use serde::{Deserialize, Serialize};

use crate::id::PlayerId;
use crate::state::State;

pub(crate) use alliance::{has_asked, has_proposed};
pub(crate) use build::cost;
pub(crate) use donate::givable;
pub(crate) use embargo::has_embargo;
pub(crate) use guard::sendable;
pub(crate) use spawn::settle;
pub(crate) use surrender::{cede, leave_game};

/// The verbs of a command.
pub(crate) trait Act {
    /// Whether `player` may do this now. Changes nothing.
    fn validate(&self, state: &State, player: PlayerId) -> Result<(), Reject>;
    /// Does it. Only called where `validate` has just agreed.
    fn execute(&self, state: &mut State, player: PlayerId);
}

/// A wish of a player. In JSON it reads `{"attack":{"from":3,"to":4,"troops":50}}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Choose where to start.
    Spawn(Spawn),
    /// Send troops against a neighbour.
    Attack(Attack),
    /// Send troops to own or allied land.
    Move(Move),
    /// Call an army back.
    Retreat(Retreat),
    /// Build a structure, or raise its level.
    Build(Build),
    /// Pull a structure down.
    Demolish(Demolish),
    /// Hit land from afar.
    Strike(Strike),
    /// Set or end a supply line.
    Supply(Supply),
    /// Propose an alliance.
    ProposeAlliance(ProposeAlliance),
    /// Accept or refuse a proposal.
    AnswerAlliance(AnswerAlliance),
    /// Ask an ally to extend the alliance, or agree to.
    ExtendAlliance(ExtendAlliance),
    /// Break an alliance.
    BreakAlliance(BreakAlliance),
    /// Begin or end an embargo.
    Embargo(Embargo),
    /// Give gold to an ally or teammate.
    DonateGold(DonateGold),
    /// Offer a draw.
    OfferDraw(OfferDraw),
    /// Give up.
    Surrender(Surrender),
}

impl Command {
    /// The command's name on the wire and in metrics.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Spawn(_) => "spawn",
            Self::Attack(_) => "attack",
            Self::Move(_) => "move",
            Self::Retreat(_) => "retreat",
            Self::Build(_) => "build",
            Self::Demolish(_) => "demolish",
            Self::Strike(_) => "strike",
            Self::Supply(_) => "supply",
            Self::ProposeAlliance(_) => "propose_alliance",
            Self::AnswerAlliance(_) => "answer_alliance",
            Self::ExtendAlliance(_) => "extend_alliance",
            Self::BreakAlliance(_) => "break_alliance",
            Self::Embargo(_) => "embargo",
            Self::DonateGold(_) => "donate_gold",
            Self::OfferDraw(_) => "offer_draw",
            Self::Surrender(_) => "surrender",
        }
    }

    /// Whether `player` may do this now.
    pub(crate) fn check(&self, state: &State, player: PlayerId) -> Result<(), Reject> {
        if !state.is_seat(player) {
            return Err(Reject::UnknownPlayer { player });
        }
        if state.game().paused != 0 {
            return Err(Reject::Paused);
        }
        self.act().validate(state, player)
    }

    fn act(&self) -> &dyn Act {
        match self {
            Self::Spawn(command) => command,
            Self::Attack(command) => command,
            Self::Move(command) => command,
            Self::Retreat(command) => command,
            Self::Build(command) => command,
            Self::Demolish(command) => command,
            Self::Strike(command) => command,
            Self::Supply(command) => command,
            Self::ProposeAlliance(command) => command,
            Self::AnswerAlliance(command) => command,
            Self::ExtendAlliance(command) => command,
            Self::BreakAlliance(command) => command,
            Self::Embargo(command) => command,
            Self::DonateGold(command) => command,
            Self::OfferDraw(command) => command,
            Self::Surrender(command) => command,
        }
    }
}

/// A command with its author and sequence number, or an order of the system. All
/// that is not computed enters a game as one of these, and all of them are logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// A person's command.
    Player {
        /// Whose.
        player: PlayerId,
        /// The person's sequence number: rising, gaps allowed.
        seq: u32,
        /// What.
        command: Command,
    },
    /// A bot's command, in a sequence of its own.
    Bot {
        /// The seat that the bot plays.
        player: PlayerId,
        /// The bot's sequence number.
        seq: u32,
        /// What.
        command: Command,
    },
    /// Somebody sits down, leaves, or the game begins.
    System(SystemOrder),
}

impl Order {
    pub(crate) fn validate(&self, state: &State) -> Result<(), Reject> {
        match self {
            Self::System(order) => order.validate(state),
            Self::Player { player, command, .. } | Self::Bot { player, command, .. } => {
                command.check(state, *player)
            }
        }
    }

    pub(crate) fn execute(&self, state: &mut State) {
        match self {
            Self::System(order) => order.execute(state),
            Self::Player { player, command, .. } | Self::Bot { player, command, .. } => {
                command.act().execute(state, *player);
            }
        }
    }
}
