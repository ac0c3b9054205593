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
mod turn;

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
pub use turn::{Deploy, EndTurn};

use serde::{Deserialize, Serialize};

use crate::id::PlayerId;
use crate::search::Met;
use crate::state::{State, row};
use crate::tick::march::{self, March};

pub(crate) use alliance::{has_asked, has_proposed};
pub(crate) use build::cost;
pub(crate) use donate::givable;
pub(crate) use embargo::has_embargo;
pub(crate) use guard::sendable;
pub(crate) use spawn::settle;
pub(crate) use surrender::{cede, leave_game};
pub(crate) use turn::deployable;

/// The verbs of a command.
pub(crate) trait Act {
    /// Whether `player` may do this now. Changes nothing.
    fn validate(&self, state: &State, player: PlayerId) -> Result<(), Reject>;
    /// The same with memory that searches before it have left, for an act that searches.
    fn validate_with(&self, state: &State, _: &mut Met, player: PlayerId) -> Result<(), Reject> {
        self.validate(state, player)
    }
    /// Does it. Only called where `validate` has just agreed.
    fn execute(&self, state: &mut State, player: PlayerId);
}

/// The verb of a command that sends troops: what is validated is the march that begins then,
/// so that nothing is computed twice.
pub(crate) trait Send {
    /// The march that `player` may begin now. Changes nothing but the memory of searches.
    fn plan(&self, state: &State, met: &mut Met, player: PlayerId) -> Result<March, Reject>;
}

/// A wish of a player. In JSON it reads `{"attack":{"from":3,"to":4,"troops":50}}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Choose where to start.
    Spawn(Spawn),
    /// Bring troops of the reserve to own land.
    Deploy(Deploy),
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
    /// End one's turn.
    EndTurn(EndTurn),
    /// Give up.
    Surrender(Surrender),
}

impl Command {
    /// The command's name on the wire and in metrics.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Spawn(_) => "spawn",
            Self::Deploy(_) => "deploy",
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
            Self::EndTurn(_) => "end_turn",
            Self::Surrender(_) => "surrender",
        }
    }

    /// Whether `player` may do this now.
    pub(crate) fn check(&self, state: &State, player: PlayerId) -> Result<(), Reject> {
        self.plan(state, &mut Met::default(), player).map(drop)
    }

    fn plan(&self, state: &State, met: &mut Met, player: PlayerId) -> Result<Plan, Reject> {
        if !state.is_seat(player) {
            return Err(Reject::UnknownPlayer { player });
        }
        if state.game().paused != 0 {
            return Err(Reject::Paused);
        }
        match self.deed() {
            Deed::Send(order) => order.plan(state, met, player).map(Plan::March),
            Deed::Act(act) => act.validate_with(state, met, player).map(|()| Plan::Act),
        }
    }

    fn execute(&self, state: &mut State, player: PlayerId, plan: &Plan) {
        match (self.deed(), plan) {
            (_, Plan::March(march)) => {
                if march.purpose == row::ATTACK {
                    draw::withdraw(state, player);
                } else {
                    turn::note_move(state);
                }
                march::depart(state, player, march);
            }
            (Deed::Act(act), Plan::Act) => act.execute(state, player),
            (Deed::Send(_), Plan::Act) => {}
        }
    }

    fn deed(&self) -> Deed<'_> {
        match self {
            Self::Attack(command) => Deed::Send(command),
            Self::Move(command) => Deed::Send(command),
            Self::Spawn(command) => Deed::Act(command),
            Self::Deploy(command) => Deed::Act(command),
            Self::Retreat(command) => Deed::Act(command),
            Self::Build(command) => Deed::Act(command),
            Self::Demolish(command) => Deed::Act(command),
            Self::Strike(command) => Deed::Act(command),
            Self::Supply(command) => Deed::Act(command),
            Self::ProposeAlliance(command) => Deed::Act(command),
            Self::AnswerAlliance(command) => Deed::Act(command),
            Self::ExtendAlliance(command) => Deed::Act(command),
            Self::BreakAlliance(command) => Deed::Act(command),
            Self::Embargo(command) => Deed::Act(command),
            Self::DonateGold(command) => Deed::Act(command),
            Self::OfferDraw(command) => Deed::Act(command),
            Self::EndTurn(command) => Deed::Act(command),
            Self::Surrender(command) => Deed::Act(command),
        }
    }
}

/// What a command does: troops set out, or something else happens.
enum Deed<'c> {
    Send(&'c dyn Send),
    Act(&'c dyn Act),
}

/// A command that may be carried out now.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Plan {
    March(March),
    Act,
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
    /// Whether it may be carried out now.
    pub(crate) fn validate(&self, state: &State) -> Result<(), Reject> {
        self.plan(state, &mut Met::default()).map(drop)
    }

    /// What may be carried out now; a search for a way uses the memory of those before it.
    pub(crate) fn plan(&self, state: &State, met: &mut Met) -> Result<Plan, Reject> {
        match self {
            Self::System(order) => order.validate(state).map(|()| Plan::Act),
            Self::Player { player, command, .. } | Self::Bot { player, command, .. } => {
                command.plan(state, met, *player)
            }
        }
    }

    pub(crate) fn execute(&self, state: &mut State, plan: &Plan) {
        match self {
            Self::System(order) => order.execute(state),
            Self::Player { player, command, .. } | Self::Bot { player, command, .. } => {
                command.execute(state, *player, plan);
            }
        }
    }
}
