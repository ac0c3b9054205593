//! The messages.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize, Serializer};

use crate::command::Command;
use crate::event::{Delta, Event};
use crate::game::Game;
use crate::id::{PlayerId, TerritoryId};
use crate::map::MapHash;
use crate::quantity::Tick;
use crate::rules::RulesDraft;
use crate::session::Answer;
use crate::view::Own;

/// The fastest that a replay can be watched, in thousandths of real time.
pub const SPEED_MAX: u16 = 64_000;

/// What a client says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum FromClient {
    /// Who it is and what it has already. The first message, and only the first.
    Hello {
        /// The token of an account; none for somebody who only watches.
        token: Option<String>,
        /// Where it left off; none to begin with a snapshot.
        resume: Option<Resume>,
    },
    /// A wish of the player.
    Order {
        /// The player's sequence number: from 1, rising, gaps allowed.
        seq: u32,
        /// What.
        command: Command,
    },
    /// A phrase of [`super::QUICK_CHAT`], to one player or to all.
    QuickChat {
        /// Its position in the list.
        phrase: u8,
        /// For whom; for all if not said.
        to: Option<PlayerId>,
    },
    /// A sign of [`super::EMOJI`], to one player or to all.
    Emoji {
        /// Its position in the list.
        emoji: u8,
        /// For whom; for all if not said.
        to: Option<PlayerId>,
    },
    /// Points at a territory, for one player or for the allies.
    Mark {
        /// Where.
        territory: TerritoryId,
        /// For whom; for all allies if not said.
        to: Option<PlayerId>,
    },
    /// Free text, in games whose host allows it: to one player, to all, or to the allies.
    Chat {
        /// What is said: a line of plain text.
        text: String,
        /// For whom; for all if not said.
        to: Option<PlayerId>,
        /// Where nobody is named: only for the allies.
        allies: bool,
    },
    /// Wishes to hear nothing more that a player says, or to hear it again.
    Mute {
        /// Who.
        player: PlayerId,
        /// Nothing more.
        on: bool,
    },
    /// Asks for a [`ToClient::Pong`].
    Ping {
        /// Comes back unchanged.
        nonce: u32,
    },
    /// How to show a replay; only where one is watched.
    Watch {
        /// Where to go; stays where it is if not said.
        from: Option<Tick>,
        /// Thousandths of real time, at most [`SPEED_MAX`]; 0 stands still.
        speed: u16,
    },
    /// Another token of the same account, before the one that was used ends.
    Renew {
        /// The token.
        token: String,
    },
}

/// Where a client left off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resume {
    /// The epoch of the last snapshot, delta or heartbeat that it took.
    pub epoch: u64,
    /// The tick of the last snapshot, delta or heartbeat that it took.
    pub tick: Tick,
}

/// What a server says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ToClient {
    /// The answer to a [`FromClient::Hello`]: which game this is, and who you are.
    Welcome(Box<Welcome>),
    /// Everything that may be known, as a delta from the untouched map. Whatever the
    /// client had is void.
    Snapshot {
        /// The owner's epoch; it never falls.
        epoch: u64,
        /// From the untouched map.
        delta: Delta,
    },
    /// What changed since the snapshot or delta before.
    Delta {
        /// The owner's epoch; it never falls.
        epoch: u64,
        /// What changed.
        delta: Delta,
    },
    /// What only this player may know, after the body of the same tick.
    Tail {
        /// The owner's epoch; it never falls.
        epoch: u64,
        /// The tick that it is true of.
        tick: Tick,
        /// Answers to orders.
        answers: Vec<Answer>,
        /// Gold and proposals, if they changed.
        own: Option<Own>,
        /// What happened that only two players may know.
        events: Vec<Event>,
    },
    /// Nothing happened, and the game has gone on.
    Heartbeat {
        /// The owner's epoch; it never falls.
        epoch: u64,
        /// How far.
        tick: Tick,
    },
    /// The game stands still, until [`ToClient::Resumed`].
    Paused {
        /// The owner's epoch; it never falls.
        epoch: u64,
        /// Why.
        reason: PauseReason,
    },
    /// The game goes on.
    Resumed {
        /// The owner's epoch; it never falls.
        epoch: u64,
        /// From which tick.
        tick: Tick,
    },
    /// Who sits where, whenever that changes. Seats that are not listed are as before.
    Names {
        /// By rising seat.
        names: Vec<SeatName>,
    },
    /// Somebody said something.
    Social {
        /// Who.
        from: PlayerId,
        /// To whom; to all if not said.
        to: Option<PlayerId>,
        /// A phrase, a sign or a mark.
        kind: SocialKind,
        /// Its position in [`super::QUICK_CHAT`] or [`super::EMOJI`]; of a mark the territory.
        index: u32,
    },
    /// Somebody said something in words of his own. It is text, never markup.
    Chat {
        /// Who; none for somebody who only watches.
        from: Option<PlayerId>,
        /// What somebody without a seat is called.
        name: Option<String>,
        /// To whom; to all if not said.
        to: Option<PlayerId>,
        /// Only to the allies.
        allies: bool,
        /// One line.
        text: String,
    },
    /// The answer to a [`FromClient::Ping`].
    Pong {
        /// The ping's.
        nonce: u32,
    },
    /// Something about the connection itself: a message that was dropped because of a
    /// limit, or why the connection is about to be closed.
    Notice {
        /// For programs.
        code: String,
        /// For people, in English.
        message: String,
    },
    /// The answer to a [`FromClient::Renew`] that was taken.
    Renewed {
        /// When the token ends, in seconds since 1970.
        expires: u64,
    },
    /// Another server has the game, or is nearer to it: open a second socket, resume there, and
    /// close this one once the welcome has come. Until then it goes on.
    Migrate {
        /// Where that server is reached alone, such as `https://n2.play.example`; where this
        /// one is if not said.
        url: Option<String>,
        /// After how many seconds this socket is closed; it stays if not said.
        closes_s: Option<u16>,
    },
}

/// Which game this is, and who you are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Welcome {
    /// The owner's epoch; it never falls.
    pub epoch: u64,
    /// The game's or the replay's id, as in the address.
    pub game: String,
    /// Your seat; none for somebody who only watches.
    pub you: Option<PlayerId>,
    /// How many seats there are.
    pub seats: u16,
    /// The map's name.
    pub map: String,
    /// The map's content hash.
    pub map_hash: MapHash,
    /// The rules, by name in both codecs.
    #[serde(serialize_with = "by_name")]
    pub rules: RulesDraft,
    /// Real time from tick to tick, in milliseconds.
    pub tick_ms: u16,
    /// SHA-256 of the seed in hexadecimal digits: the seed itself is told when the
    /// game has ended.
    pub seed_commitment: String,
    /// The sequence number of your last order that was carried out; 0 before the first.
    pub last_seq: u32,
    /// The newest answers that you had, oldest first.
    pub answers: Vec<Answer>,
    /// Who sits where, by rising seat; open seats are not listed.
    pub names: Vec<SeatName>,
    /// The last tick, where a replay is watched.
    pub replay_end: Option<Tick>,
}

impl Welcome {
    /// The greeting for somebody who only watches `game`. Whoever greets a player, or shows a
    /// replay, sets what differs. O(rules).
    #[must_use]
    pub fn watcher(game: &Game, id: String, epoch: u64, tick_ms: u16) -> Self {
        Self {
            epoch,
            game: id,
            you: None,
            seats: game.seats(),
            map: game.map().name().to_owned(),
            map_hash: game.map().hash(),
            rules: RulesDraft::clone(game.rules()),
            tick_ms,
            seed_commitment: game.seed().commitment(),
            last_seq: 0,
            answers: Vec::new(),
            names: Vec::new(),
            replay_end: None,
        }
    }
}

/// Writes the rules as a map of names in both codecs: they come once, and a list of
/// sixty numbers would be nobody's friend.
fn by_name<S: Serializer>(rules: &RulesDraft, serializer: S) -> Result<S::Ok, S::Error> {
    let tree = serde_json::to_value(rules).map_err(serde::ser::Error::custom)?;
    tree.serialize(serializer)
}

/// Who sits in a seat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeatName {
    /// The seat.
    pub player: PlayerId,
    /// The name to show.
    pub name: String,
    /// Whether a bot sits there.
    pub bot: bool,
}

/// Why a game stands still.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PauseReason {
    /// The server cannot store what happens; nothing that was acknowledged is lost.
    Storage,
    /// No person is connected.
    Empty,
    /// The server is about to restart, or to hand the game over.
    Drain,
    /// The engine met an error in this game; an operator has been called.
    Fault,
    /// Whoever watches asked for it.
    Viewer,
}

/// What was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SocialKind {
    /// A phrase of [`super::QUICK_CHAT`].
    QuickChat,
    /// A sign of [`super::EMOJI`].
    Emoji,
    /// A mark on the map.
    Mark,
}
