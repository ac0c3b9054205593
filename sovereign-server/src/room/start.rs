//! What a session is started from: all that must be known to play its log again.

use serde::{Deserialize, Serialize};
use sovereign_core::id::PlayerId;
use sovereign_core::replay::ReplayHeader;
use sovereign_core::wire::SeatName;
use sovereign_core::{Order, Rules, SystemOrder};

use super::{Chat, Watching};

/// A seat at the start of a game.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeatStart {
    /// Which seat.
    pub seat: PlayerId,
    /// The bot that plays it; none for a person.
    pub bot: Option<String>,
    /// The team, from 1; 0: dealt out where the rules have teams.
    #[serde(default)]
    pub team: u8,
    /// What others see. Not part of what is stored.
    #[serde(skip)]
    pub name: String,
}

/// The start of a game, as stored beside its log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Start {
    /// Map, rules, seed and number of seats.
    pub header: ReplayHeader,
    /// Who sits where, by rising seat; open seats are not listed.
    pub seats: Vec<SeatStart>,
    /// What players may say.
    #[serde(default)]
    pub chat: Chat,
    /// How others may watch; as usual if not said.
    #[serde(default)]
    pub watching: Option<Watching>,
    /// The ladder by which its result counts, if it does: then it goes on with bots when all
    /// people have left.
    #[serde(default)]
    pub ladder: Option<String>,
}

impl Start {
    /// A game that does not count, with the usual talk and watching.
    #[must_use]
    pub fn new(header: ReplayHeader, seats: Vec<SeatStart>) -> Self {
        Self { header, seats, chat: Chat::default(), watching: None, ladder: None }
    }

    /// Whether its result counts.
    #[must_use]
    pub const fn is_ranked(&self) -> bool {
        self.ladder.is_some()
    }

    /// The orders by which a game begins. Where the rules have teams, players are dealt out to them.
    pub(super) fn orders(&self, rules: &Rules) -> Vec<Order> {
        // Dealt out to those who sit, not to seats: open ones between them leave no team empty.
        let join = |(turn, seat): (usize, &SeatStart)| {
            let (player, bot) = (seat.seat, seat.bot.is_some());
            let dealt = rules.seats.team_of(PlayerId::from_index(turn));
            let team = if seat.team == 0 { dealt } else { seat.team };
            Order::System(SystemOrder::Join { player, bot, team })
        };
        let start = std::iter::once(Order::System(SystemOrder::Start));
        self.seats.iter().enumerate().map(join).chain(start).collect()
    }

    /// The seats of people.
    pub(super) fn people(&self) -> impl Iterator<Item = PlayerId> + '_ {
        self.seats.iter().filter(|seat| seat.bot.is_none()).map(|seat| seat.seat)
    }

    /// Who sits where, for clients.
    pub(super) fn names(&self) -> Vec<SeatName> {
        let name = |seat: &SeatStart| SeatName {
            player: seat.seat,
            name: seat.name.clone(),
            bot: seat.bot.is_some(),
        };
        self.seats.iter().map(name).collect()
    }

    /// Calls a seat differently.
    pub(super) fn rename(&mut self, player: PlayerId, name: String) {
        if let Some(seat) = self.seats.iter_mut().find(|seat| seat.seat == player) {
            seat.name = name;
        }
    }

    /// As bytes to store. Names are left out.
    ///
    /// # Errors
    /// Never for a start of this version.
    pub fn to_bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }

    /// From stored bytes; names must be filled in from the side table.
    ///
    /// # Errors
    /// When the bytes are no start.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(bytes)
    }
}
