//! Why an order is refused.

use serde::{Deserialize, Serialize};

use crate::id::{ArmyId, PlayerId, TerritoryId};
use crate::quantity::Tick;
use crate::state::Phase;

/// Why an order is refused, and what would have been needed.
///
/// Declared in the order of precedence: of all reasons that apply, the first is
/// given. On the wire a reason reads `{"not_enough_gold":{"needed":100,"available":40}}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Reject {
    /// The sequence number was used before, and its answer is no longer kept.
    #[error("this order came after a later one of yours and was not carried out")]
    Superseded,
    /// The order belongs to another phase of the game.
    #[error("the game is in its {phase:?} phase, this needs the {needed:?} phase")]
    WrongPhase {
        /// The phase that the game is in.
        phase: Phase,
        /// The phase that the order belongs to.
        needed: Phase,
    },
    /// There is no such seat.
    #[error("there is no player {player}")]
    UnknownPlayer {
        /// The number that was given.
        player: PlayerId,
    },
    /// The player is not, or no longer, in the game.
    #[error("player {player} is not in the game")]
    NotInGame {
        /// Who.
        player: PlayerId,
    },
    /// The rules know no turns.
    #[error("these rules know no turns")]
    NoTurns,
    /// It is another player's turn, or the turn has ended.
    #[error("it is not your turn")]
    NotYourTurn {
        /// Whose turn it is, if it is anybody's.
        turn: Option<PlayerId>,
    },
    /// In the opening round troops are only placed.
    #[error("in the opening round troops are only placed")]
    OpeningRound,
    /// All of the reserve is deployed before anything else.
    #[error("you have {reserve} troops in reserve: deploy them first")]
    ReserveLeft {
        /// How many troops wait.
        reserve: u32,
    },
    /// The moves of the turn are made.
    #[error("you have moved in this turn: at most {max} moves end it, and no attack follows them")]
    AlreadyMoved {
        /// How many moves a turn has.
        max: u32,
    },
    /// The seat is taken.
    #[error("the seat {player} is taken")]
    SeatTaken {
        /// Which.
        player: PlayerId,
    },
    /// Too few sides have sat down: teams, and players without one.
    #[error("the game needs {needed} sides (players or teams), there are {seated}")]
    TooFewPlayers {
        /// How many sides sit.
        seated: u16,
        /// How many are needed.
        needed: u16,
    },
    /// The person is not where the order thinks.
    #[error("player {player} is not away, or not a person")]
    PresenceUnchanged {
        /// Who.
        player: PlayerId,
    },
    /// The host has stopped time.
    #[error("the game is paused")]
    Paused,
    /// The game is paused already, or is not.
    #[error("the game is paused already, or is not paused")]
    PauseUnchanged,
    /// The rules have no such team.
    #[error("there is no team {team}: the rules have {teams}, from 1; 0 is for games without")]
    NoSuchTeam {
        /// The team that was asked for.
        team: u8,
        /// How many there are.
        teams: u8,
    },
    /// There is no such territory.
    #[error("there is no territory {territory}")]
    UnknownTerritory {
        /// The number that was given.
        territory: TerritoryId,
    },
    /// Nobody can stand there.
    #[error("territory {territory} is impassable")]
    Impassable {
        /// Where.
        territory: TerritoryId,
    },
    /// Another player starts there.
    #[error("territory {territory} is taken")]
    TerritoryTaken {
        /// Where.
        territory: TerritoryId,
    },
    /// The territory is not the player's.
    #[error("territory {territory} is not yours")]
    NotYours {
        /// Where.
        territory: TerritoryId,
    },
    /// The two territories do not touch.
    #[error("territory {to} is no neighbour of {from}")]
    NotNeighbours {
        /// From where.
        from: TerritoryId,
        /// To where.
        to: TerritoryId,
    },
    /// A sea route starts at a port.
    #[error("the way from {from} leads over the sea and needs a port there")]
    NeedsPort {
        /// From where.
        from: TerritoryId,
    },
    /// A strike starts at a silo.
    #[error("no silo stands in territory {territory}")]
    NeedsSilo {
        /// Where.
        territory: TerritoryId,
    },
    /// An attack on one's own land.
    #[error("territory {territory} is your own: move there instead")]
    OwnTerritory {
        /// Where.
        territory: TerritoryId,
    },
    /// An attack on an ally.
    #[error("player {player} is your ally")]
    Ally {
        /// Who.
        player: PlayerId,
    },
    /// Players are still safe from each other.
    #[error("players cannot be attacked before tick {until}")]
    Immune {
        /// Until when.
        until: Tick,
    },
    /// A move to land that is neither own nor allied.
    #[error("territory {territory} is neither yours nor an ally's: attack it instead")]
    NotFriendly {
        /// Where.
        territory: TerritoryId,
    },
    /// No way over own and allied land leads there.
    #[error("no way over your own and your allies' land leads from territory {from} to {to}")]
    NoWay {
        /// From where.
        from: TerritoryId,
        /// To where.
        to: TerritoryId,
    },
    /// There are not enough troops in the reserve, or no room for them.
    #[error("{asked} troops cannot be deployed there: {available} can")]
    TooFewInReserve {
        /// How many were to be deployed.
        asked: u32,
        /// How many can.
        available: u32,
    },
    /// An order to send nobody.
    #[error("at least one troop must go")]
    NoTroops,
    /// There are not enough troops.
    #[error("{asked} troops cannot leave: {available} can, the garrison stays")]
    TooFewTroops {
        /// How many were to go.
        asked: u32,
        /// How many can.
        available: u32,
    },
    /// All of the player's armies are under way.
    #[error("you have {max} armies under way, the most that the rules allow")]
    TooManyArmies {
        /// The limit.
        max: u32,
    },
    /// There is no such army of the player's.
    #[error("you have no army {army}")]
    UnknownArmy {
        /// The number that was given.
        army: ArmyId,
    },
    /// The army is on its way home already.
    #[error("army {army} is on its way back already")]
    AlreadyReturning {
        /// Which.
        army: ArmyId,
    },
    /// Something else stands there, or something is being built.
    #[error("territory {territory} holds another structure, or one that is being built")]
    AlreadyBuilt {
        /// Where.
        territory: TerritoryId,
    },
    /// The structure has all its levels.
    #[error("it has {max} levels, the most that the rules allow")]
    HighestLevel {
        /// The limit.
        max: u32,
    },
    /// There is nothing to pull down.
    #[error("nothing stands or is being built in territory {territory}")]
    NothingBuilt {
        /// Where.
        territory: TerritoryId,
    },
    /// A battle goes on there.
    #[error("territory {territory} is under attack")]
    Besieged {
        /// Where.
        territory: TerritoryId,
    },
    /// A port needs a sea route.
    #[error("no sea route starts at territory {territory}")]
    NoSeaRoute {
        /// Where.
        territory: TerritoryId,
    },
    /// The target is too far away.
    #[error("the target is out of range: at most {range} borders away")]
    OutOfRange {
        /// The range in borders.
        range: u32,
    },
    /// The silo is not ready.
    #[error("the silo reloads until tick {until}")]
    Reloading {
        /// Until when.
        until: Tick,
    },
    /// Not enough gold.
    #[error("this costs {needed} gold, you have {available}")]
    NotEnoughGold {
        /// What it costs.
        needed: u64,
        /// What there is.
        available: u64,
    },
    /// An order that names the player himself.
    #[error("you cannot make a pact with yourself")]
    Yourself,
    /// They are allies.
    #[error("player {player} is your ally already")]
    AlreadyAllied {
        /// Who.
        player: PlayerId,
    },
    /// The proposal waits for its answer.
    #[error("you have proposed to player {player} already")]
    AlreadyProposed {
        /// Who.
        player: PlayerId,
    },
    /// Too many proposals wait for an answer.
    #[error("you have {max} proposals open, the most that the rules allow")]
    TooManyProposals {
        /// The limit.
        max: u32,
    },
    /// There is nothing to answer.
    #[error("player {player} has not proposed an alliance to you")]
    NoProposal {
        /// Who.
        player: PlayerId,
    },
    /// They are not allies.
    #[error("player {player} is not your ally")]
    NotAllied {
        /// Who.
        player: PlayerId,
    },
    /// Teammates are allies for ever.
    #[error("player {player} is of your team, for ever")]
    Teammate {
        /// Who.
        player: PlayerId,
    },
    /// It is too early to extend the alliance.
    #[error("the alliance can be extended from tick {from} on")]
    TooEarly {
        /// From when.
        from: Tick,
    },
    /// The embargo stands already, or does not stand.
    #[error("your embargo against player {player} is as you want it already")]
    EmbargoUnchanged {
        /// Against whom.
        player: PlayerId,
    },
    /// One of the two holds no land.
    #[error("player {player} holds no land: gold passes only between players who do")]
    Landless {
        /// Who.
        player: PlayerId,
    },
    /// The last gift was not long ago.
    #[error("you can give gold again from tick {from} on")]
    TooSoon {
        /// From when.
        from: Tick,
    },
    /// The rules know no draw.
    #[error("these rules know no draw")]
    NoDraws,
    /// The offer stands already.
    #[error("you offer a draw already, until tick {until}")]
    AlreadyOffered {
        /// Until when.
        until: Tick,
    },
    /// An order to give nothing.
    #[error("at least one gold must be given")]
    NoGold,
    /// More gold than may be given at once.
    #[error("{asked} gold cannot be given at once: {available} can")]
    TooMuchGold {
        /// How much was to be given.
        asked: u64,
        /// How much can be.
        available: u64,
    },
    /// The engine has an error that this order met. Never given by the engine itself.
    #[error(
        "the server met an error of its own in this order, recorded it and did not carry it out"
    )]
    Fault,
    /// The supply line leads there already, or there is none to end.
    #[error("the supply line from territory {from} is as you wish already")]
    SupplyUnchanged {
        /// Where it leads from.
        from: TerritoryId,
    },
    /// No more supply lines can be kept up.
    #[error("you have {max} supply lines already, and no more are allowed")]
    TooManySupplies {
        /// The most that a player can have.
        max: u32,
    },
}

impl Reject {
    /// The reason's name on the wire and in metrics.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Superseded => "superseded",
            Self::WrongPhase { .. } => "wrong_phase",
            Self::UnknownPlayer { .. } => "unknown_player",
            Self::NotInGame { .. } => "not_in_game",
            Self::NoTurns => "no_turns",
            Self::NotYourTurn { .. } => "not_your_turn",
            Self::OpeningRound => "opening_round",
            Self::ReserveLeft { .. } => "reserve_left",
            Self::AlreadyMoved { .. } => "already_moved",
            Self::SeatTaken { .. } => "seat_taken",
            Self::TooFewPlayers { .. } => "too_few_players",
            Self::PresenceUnchanged { .. } => "presence_unchanged",
            Self::Paused => "paused",
            Self::PauseUnchanged => "pause_unchanged",
            Self::NoSuchTeam { .. } => "no_such_team",
            Self::UnknownTerritory { .. } => "unknown_territory",
            Self::Impassable { .. } => "impassable",
            Self::TerritoryTaken { .. } => "territory_taken",
            Self::NotYours { .. } => "not_yours",
            Self::NotNeighbours { .. } => "not_neighbours",
            Self::NeedsPort { .. } => "needs_port",
            Self::NeedsSilo { .. } => "needs_silo",
            Self::OwnTerritory { .. } => "own_territory",
            Self::Ally { .. } => "ally",
            Self::Immune { .. } => "immune",
            Self::NotFriendly { .. } => "not_friendly",
            Self::NoWay { .. } => "no_way",
            Self::TooFewInReserve { .. } => "too_few_in_reserve",
            Self::NoTroops => "no_troops",
            Self::TooFewTroops { .. } => "too_few_troops",
            Self::TooManyArmies { .. } => "too_many_armies",
            Self::UnknownArmy { .. } => "unknown_army",
            Self::AlreadyReturning { .. } => "already_returning",
            Self::AlreadyBuilt { .. } => "already_built",
            Self::HighestLevel { .. } => "highest_level",
            Self::NothingBuilt { .. } => "nothing_built",
            Self::Besieged { .. } => "besieged",
            Self::NoSeaRoute { .. } => "no_sea_route",
            Self::OutOfRange { .. } => "out_of_range",
            Self::Reloading { .. } => "reloading",
            Self::NotEnoughGold { .. } => "not_enough_gold",
            Self::Yourself => "yourself",
            Self::AlreadyAllied { .. } => "already_allied",
            Self::AlreadyProposed { .. } => "already_proposed",
            Self::TooManyProposals { .. } => "too_many_proposals",
            Self::NoProposal { .. } => "no_proposal",
            Self::NotAllied { .. } => "not_allied",
            Self::Teammate { .. } => "teammate",
            Self::TooEarly { .. } => "too_early",
            Self::EmbargoUnchanged { .. } => "embargo_unchanged",
            Self::Landless { .. } => "landless",
            Self::TooSoon { .. } => "too_soon",
            Self::NoDraws => "no_draws",
            Self::AlreadyOffered { .. } => "already_offered",
            Self::NoGold => "no_gold",
            Self::TooMuchGold { .. } => "too_much_gold",
            Self::Fault => "fault",
            Self::SupplyUnchanged { .. } => "supply_unchanged",
            Self::TooManySupplies { .. } => "too_many_supplies",
        }
    }
}
