//! Facts: what happened in a game, and who may know.

mod delta;

pub use delta::{
    Army, ArmyChange, Battle, BattleChange, Delta, GameState, PactChange, PlayerChange, Purpose,
    Site, TerritoryChange, Turn,
};

use serde::{Deserialize, Serialize};

use crate::id::{PlayerId, TerritoryId};
use crate::quantity::Permille;
use crate::state::{Phase, Structure};

/// Something that happened. Events explain changes; the changes themselves are in
/// the [`Delta`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Event {
    /// The game entered a phase.
    PhaseBegan {
        /// The new phase.
        phase: Phase,
    },
    /// A player chose where to start.
    Spawned {
        /// Who.
        player: PlayerId,
        /// Where.
        territory: TerritoryId,
    },
    /// A player's turn began.
    TurnBegan {
        /// Whose.
        player: PlayerId,
        /// How often the turn has gone round; 0 in the opening round.
        round: u32,
    },
    /// Troops of the reserve came to a territory of their player's.
    Deployed {
        /// Where.
        territory: TerritoryId,
        /// Whose.
        player: PlayerId,
        /// How many.
        troops: u32,
    },
    /// A battle began.
    BattleBegan {
        /// Where.
        territory: TerritoryId,
        /// Who attacked first.
        attacker: PlayerId,
    },
    /// Every attack on a territory was beaten or broken off.
    AttackRepelled {
        /// Where.
        territory: TerritoryId,
    },
    /// A territory changed hands.
    Captured {
        /// Where.
        territory: TerritoryId,
        /// Who took it.
        by: PlayerId,
        /// Who lost it, if anybody.
        from: Option<PlayerId>,
    },
    /// Two armies of enemies met on an edge and fought. Of equals both fell.
    ArmiesMet {
        /// Where the stronger comes from.
        from: TerritoryId,
        /// Where it goes.
        to: TerritoryId,
        /// Whose is the stronger.
        winner: PlayerId,
        /// Whose was the weaker, which fell.
        loser: PlayerId,
        /// The troops that the stronger has left; if 0, it fell too.
        left: u32,
    },
    /// Land that an enemy wholly encloses surrendered to him.
    PocketSurrendered {
        /// One of its territories, which each are also captured.
        territory: TerritoryId,
        /// Who encloses it.
        by: PlayerId,
        /// Who held it.
        from: PlayerId,
    },
    /// A strike hit a territory.
    Struck {
        /// Who struck.
        by: PlayerId,
        /// What was hit.
        target: TerritoryId,
        /// Who holds it, if anybody.
        from: Option<PlayerId>,
    },
    /// A strike was stopped.
    StrikeIntercepted {
        /// Who struck.
        by: PlayerId,
        /// What it was meant for.
        target: TerritoryId,
        /// Where the interceptor stands.
        territory: TerritoryId,
    },
    /// A structure now stands, or stands higher.
    Built {
        /// Where.
        territory: TerritoryId,
        /// What.
        structure: Structure,
        /// The level that it has now.
        level: u8,
    },
    /// A structure was pulled down by its owner.
    Demolished {
        /// Where.
        territory: TerritoryId,
        /// What.
        structure: Structure,
    },
    /// One player proposed an alliance to another. Only they may know.
    AllianceProposed {
        /// Who asks.
        from: PlayerId,
        /// Who is asked.
        to: PlayerId,
    },
    /// A proposal was refused or lapsed. Only the two may know.
    ProposalEnded {
        /// Who asked.
        from: PlayerId,
        /// Who was asked.
        to: PlayerId,
        /// Whether it was refused; else it lapsed.
        refused: bool,
    },
    /// Two players are allies now.
    AllianceFormed {
        /// The one with the lower number.
        a: PlayerId,
        /// The one with the higher number.
        b: PlayerId,
    },
    /// An alliance came to its end.
    AllianceEnded {
        /// The one with the lower number.
        a: PlayerId,
        /// The one with the higher number.
        b: PlayerId,
    },
    /// One ally asked the other to extend the alliance. Only they may know.
    ExtensionAsked {
        /// Who asks.
        from: PlayerId,
        /// Who is asked.
        to: PlayerId,
    },
    /// Two allies agreed to stay allies.
    AllianceExtended {
        /// The one with the lower number.
        a: PlayerId,
        /// The one with the higher number.
        b: PlayerId,
    },
    /// A player broke an alliance.
    AllianceBroken {
        /// Who broke it.
        by: PlayerId,
        /// Who was left.
        with: PlayerId,
        /// Whether the breaker is a traitor for it.
        traitor: bool,
    },
    /// A player began or ended an embargo.
    EmbargoChanged {
        /// Whose embargo.
        by: PlayerId,
        /// Against whom.
        with: PlayerId,
        /// Whether it began; else it ended.
        on: bool,
    },
    /// A player gave gold to a friend. Only they may know.
    GoldDonated {
        /// Who gave.
        from: PlayerId,
        /// Who received.
        to: PlayerId,
        /// How much.
        amount: u64,
    },
    /// A supply line ended, as one of its ends was lost or no way led on. Only its owner
    /// may know.
    SupplyEnded {
        /// Whose it was.
        player: PlayerId,
        /// Where it led from.
        from: TerritoryId,
        /// Where it led.
        to: TerritoryId,
    },
    /// A capital fell: all land of one player is another's.
    Ceded {
        /// Who lost his capital, and is out.
        from: PlayerId,
        /// Who took it.
        to: PlayerId,
    },
    /// Overtime lowered the share of land that wins.
    BarLowered {
        /// The share now.
        share: Permille,
    },
    /// A player offers a draw.
    DrawOffered {
        /// Who.
        player: PlayerId,
    },
    /// The host removed a player, who is out with this.
    PlayerKicked {
        /// Who.
        player: PlayerId,
    },
    /// The host stopped time.
    Paused,
    /// Time goes on.
    Resumed,
    /// A player is out.
    PlayerOut {
        /// Who.
        player: PlayerId,
        /// The place reached, from 1.
        place: u16,
        /// By own wish; else for want of land and armies.
        surrendered: bool,
    },
    /// A person is no longer connected.
    PlayerAway {
        /// Who.
        player: PlayerId,
    },
    /// A bot plays for a person who is away.
    PlayerTakenOver {
        /// Who.
        player: PlayerId,
    },
    /// A person is back.
    PlayerBack {
        /// Who.
        player: PlayerId,
    },
    /// The game is over.
    GameEnded {
        /// Who won; nobody if all gave up at once, or agreed to a draw.
        winner: Option<PlayerId>,
        /// Why.
        reason: EndReason,
    },
}

/// Why a game ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum EndReason {
    /// The winner holds the needed share of the land.
    Land = 0,
    /// The winner is the last one standing.
    LastStanding = 1,
    /// Nobody is left.
    Nobody = 2,
    /// Time is up; the winner is ahead.
    Time = 3,
    /// Everybody agreed to a draw: nobody wins.
    Draw = 4,
}

impl EndReason {
    /// What a stored form (code + 1, 0 for none) stands for.
    pub(crate) const fn from_raw(raw: u8) -> Option<Self> {
        match raw {
            1 => Some(Self::Land),
            2 => Some(Self::LastStanding),
            3 => Some(Self::Nobody),
            4 => Some(Self::Time),
            5 => Some(Self::Draw),
            _ => None,
        }
    }
}

impl Event {
    /// Where it happened: under fog only those who see that territory may know. `None` if
    /// it happened to players, which everybody may know.
    #[must_use]
    pub const fn place(&self) -> Option<TerritoryId> {
        match *self {
            Self::Spawned { territory, .. }
            | Self::BattleBegan { territory, .. }
            | Self::Deployed { territory, .. }
            | Self::AttackRepelled { territory }
            | Self::Captured { territory, .. }
            | Self::Built { territory, .. }
            | Self::PocketSurrendered { territory, .. }
            | Self::Struck { target: territory, .. }
            | Self::StrikeIntercepted { territory, .. }
            | Self::ArmiesMet { to: territory, .. }
            | Self::Demolished { territory, .. } => Some(territory),
            Self::PhaseBegan { .. }
            | Self::TurnBegan { .. }
            | Self::AllianceProposed { .. }
            | Self::ProposalEnded { .. }
            | Self::AllianceFormed { .. }
            | Self::ExtensionAsked { .. }
            | Self::AllianceExtended { .. }
            | Self::EmbargoChanged { .. }
            | Self::GoldDonated { .. }
            | Self::SupplyEnded { .. }
            | Self::Ceded { .. }
            | Self::BarLowered { .. }
            | Self::DrawOffered { .. }
            | Self::PlayerKicked { .. }
            | Self::Paused
            | Self::Resumed
            | Self::AllianceEnded { .. }
            | Self::AllianceBroken { .. }
            | Self::PlayerOut { .. }
            | Self::PlayerAway { .. }
            | Self::PlayerTakenOver { .. }
            | Self::PlayerBack { .. }
            | Self::GameEnded { .. } => None,
        }
    }

    /// The two players who alone may know of this (twice the same if it is one); `None` if
    /// everybody may.
    #[must_use]
    pub const fn confidants(&self) -> Option<[PlayerId; 2]> {
        match *self {
            Self::AllianceProposed { from, to }
            | Self::ProposalEnded { from, to, .. }
            | Self::ExtensionAsked { from, to }
            | Self::GoldDonated { from, to, .. } => Some([from, to]),
            Self::SupplyEnded { player, .. } => Some([player, player]),
            _ => None,
        }
    }
}
