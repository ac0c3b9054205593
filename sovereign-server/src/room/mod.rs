//! Rooms: one task for each game, a short loop around its session.
//!
//! Invariant: nothing that tells of the game leaves a room before the log entry that
//! caused it is durable, and everything leaves in the order in which it happened.

mod archive;
mod bots;
mod careful;
mod circles;
mod ending;
mod entrance;
mod fault;
mod framed;
mod gallery;
mod gate;
mod host;
mod late;
mod manners;
mod notes;
mod operator;
mod out;
mod pausing;
mod presence;
mod restore;
mod results;
mod rhythm;
mod ring;
mod snapshot;
mod social;
mod start;
mod step;
mod task;
#[cfg(test)]
mod tests;
mod viewers;
#[cfg(feature = "workload")]
pub mod workload;

use std::sync::Arc;
use std::time::Duration;

use sovereign_core::command::Command;
use sovereign_core::id::PlayerId;
use sovereign_core::wire::{Codec, PauseReason, Resume, SocialKind};
use sovereign_core::{Map, Phase, SystemOrder};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;

use crate::auth::Seal;
use crate::config::{Limits, Live};
use crate::health::Health;
use crate::log::{CommandLog, GameId, LogHandle, Recovery};
use crate::store::Store;
use crate::telemetry::traces::Traces;
use crate::threads::Lanes;

pub use framed::Framed;
pub use host::{Host, LocalHost, Origin, RoomState};
pub use manners::{Chat, WatchView, Watching};
pub use out::{Flow, Hold, Left, Onward, OutQueue, TooSlow};
use restore::Restored;
pub use restore::{RestoreError, Warm};
pub use social::{Evidence, Line};
pub use start::{SeatStart, Start};

#[cfg(test)]
pub(crate) use out::Next;
pub(crate) use rhythm::until_read;
pub(crate) use ring::{Frame, encode};

/// Real time from tick to tick.
pub const TICK: Duration = Duration::from_millis(50);
/// Messages that wait for a room's next tick; senders wait for room.
const INBOX: usize = 256;

/// What rooms share.
#[derive(Debug)]
pub struct Services<L> {
    /// The log of record.
    pub log: Arc<L>,
    /// The way to its committer.
    pub commits: LogHandle,
    /// The database.
    pub store: Store,
    /// The limits in force when this was made.
    pub limits: Limits,
    /// All settings, as they are in force.
    pub settings: Live,
    /// Where tick loops show that they live.
    pub health: Health,
    /// Traces of orders.
    pub traces: Traces,
    /// Signs how games end.
    pub seal: Option<Seal>,
    /// Rooms spread their ticks around this moment.
    pub base: Instant,
    /// Where rooms run, whoever opens them.
    pub games: Lanes,
}

impl<L> Services<L> {
    /// The same with the limits in force now: what a room gets when it opens.
    #[must_use]
    pub fn refreshed(&self) -> Arc<Self> {
        Arc::new(Self {
            log: Arc::clone(&self.log),
            commits: self.commits.clone(),
            store: self.store.clone(),
            limits: self.settings.now().limits.clone(),
            settings: self.settings.clone(),
            health: self.health.clone(),
            traces: self.traces.clone(),
            seal: self.seal.clone(),
            base: self.base,
            games: self.games.clone(),
        })
    }
}

/// Names a socket within this process; one that was opened later has a higher number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SocketId(pub u64);

/// A socket that wants to see a game.
#[derive(Debug)]
pub struct Attach {
    /// The socket.
    pub socket: SocketId,
    /// Its player's seat; none for a spectator.
    pub seat: Option<PlayerId>,
    /// How it speaks.
    pub codec: Codec,
    /// Where it left off.
    pub resume: Option<Resume>,
    /// Whose sight a spectator wants, where there is fog; everything if nobody's.
    pub view: Option<PlayerId>,
    /// What a spectator is called; nothing for one without an account, who cannot talk.
    pub name: Option<String>,
    /// The way out to it.
    pub out: Hold,
}

/// What a room is told.
#[derive(Debug)]
pub enum ToRoom {
    /// A socket comes.
    Attach(Attach),
    /// A player's wish.
    Order {
        /// Where it came from; only the seat's present socket is heard.
        socket: SocketId,
        /// The player's sequence number.
        seq: u32,
        /// What.
        command: Command,
        /// When it arrived.
        arrived: Instant,
    },
    /// A phrase, a sign or a mark; no part of the game.
    Social {
        /// Where it came from.
        socket: SocketId,
        /// For whom; for all if not said, of a mark for all allies.
        to: Option<PlayerId>,
        /// Which of them.
        kind: SocialKind,
        /// Its position in the list; of a mark the territory.
        index: u32,
    },
    /// Words of somebody's own, fit to be shown; no part of the game.
    Chat {
        /// Where they came from.
        socket: SocketId,
        /// For whom; for all if not said.
        to: Option<PlayerId>,
        /// Where nobody is named: only for the allies.
        allies: bool,
        /// One line.
        text: String,
    },
    /// Somebody wants to hear nothing more of a player, or to hear him again.
    Mute {
        /// Whose wish.
        socket: SocketId,
        /// Of whom.
        player: PlayerId,
        /// Nothing more.
        on: bool,
    },
    /// What a seat has heard lately, for a complaint.
    Evidence {
        /// The seat.
        seat: PlayerId,
        /// Where to tell it.
        reply: oneshot::Sender<Evidence>,
    },
    /// An order of the host or the operator, which becomes part of the game's log.
    System(SystemOrder),
    /// Something from the operator for everybody here.
    Announce(String),
    /// The operator ends the game as it stands.
    End,
    /// A socket has gone.
    Detach(SocketId),
    /// From now on somebody is called differently.
    Rename {
        /// Who.
        player: PlayerId,
        /// How.
        name: String,
    },
    /// The game goes on at another node: let this tick pass, commit it, end, and leave the
    /// sockets to whoever asks.
    Move(oneshot::Sender<Left>),
    /// Commit what is in flight, close the sockets, end.
    Drain {
        /// Whether the game goes on at another node at once.
        moves: bool,
    },
    /// Fail as on an error of the engine.
    #[cfg(test)]
    Panic,
}

/// What the lobby shows of a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoomInfo {
    /// Phase of the game.
    pub phase: Phase,
    /// Its tick.
    pub tick: u32,
    /// Players with a socket, as a bit set of the first 64 seats.
    pub connected: u64,
    /// Why it stands still, if it does.
    pub paused: Option<PauseReason>,
    /// Whether its replay is stored.
    pub archived: bool,
    /// Of a ranked game the players who are in still, as a bit set of the first 64 seats.
    pub inside: u64,
}

impl RoomInfo {
    /// Whether the game goes on for a seat.
    #[must_use]
    pub const fn is_in(&self, seat: u16) -> bool {
        seat >= 64 || self.inside & (1 << seat) != 0
    }
}

/// How a room ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoomEnd {
    /// The game was over, its replay is stored, and everybody had time to leave.
    Finished,
    /// The server stops; the game goes on at its next start.
    Drained,
    /// Another owner has the game, or the log is closed.
    Fenced,
    /// Neither the engine nor the log can go on with it; an operator must look.
    Frozen,
}

/// A room's door; cheap to clone.
#[derive(Clone, Debug)]
pub struct RoomHandle {
    inbox: mpsc::Sender<ToRoom>,
    info: watch::Receiver<RoomInfo>,
}

/// The room has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the game's room has ended")]
pub struct RoomGone;

impl RoomHandle {
    /// Tells the room something; waits while its inbox is full.
    ///
    /// # Errors
    /// [`RoomGone`].
    pub async fn tell(&self, message: ToRoom) -> Result<(), RoomGone> {
        self.inbox.send(message).await.map_err(|_| RoomGone)
    }

    /// What the room last showed of itself.
    #[must_use]
    pub fn info(&self) -> RoomInfo {
        *self.info.borrow()
    }

    /// Changes of what it shows.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<RoomInfo> {
        self.info.clone()
    }
}

/// Plays a game from snapshot and log to where it stands, for a look at a copy of them:
/// the game is taken over for that.
///
/// # Errors
/// [`RestoreError`] when it would not go on.
pub async fn replays_to_its_end<L: CommandLog>(
    log: &L,
    id: GameId,
    start: &Start,
    map: Arc<Map>,
) -> Result<(), RestoreError> {
    restore::from_log(log, id, start, map, None).await.map(|_| ())
}

/// How a room comes to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Opening {
    /// Its game begins.
    Fresh,
    /// Its game was interrupted, and waits for somebody to come back.
    Restored,
    /// Its game comes from another node, with its people.
    Moved,
}

/// A room that is about to run.
#[derive(Debug)]
pub struct Room<L> {
    id: GameId,
    task: task::Task<L>,
    handle: RoomHandle,
}

impl<L: CommandLog> Room<L> {
    /// A room for a game that has just been created in the log.
    ///
    /// # Errors
    /// When the start cannot be played on this map.
    pub fn fresh(
        services: &Arc<Services<L>>,
        id: GameId,
        start: Start,
        map: Arc<Map>,
    ) -> Result<Self, RestoreError> {
        let restored = restore::fresh(&start, map)?;
        Ok(Self::open(services, id, start, restored, Opening::Fresh))
    }

    /// A room for a game that was interrupted: the epoch is raised, then the newest good
    /// snapshot is loaded and the log played again. It waits for a person to come back. A copy
    /// that was `warm` needs the newest entries alone, and waits for nobody: its people are here.
    ///
    /// # Errors
    /// [`RestoreError`]; the game is frozen, others go on.
    pub async fn restore(
        services: &Arc<Services<L>>,
        id: GameId,
        start: Start,
        map: Arc<Map>,
        warm: Option<Warm>,
    ) -> Result<Self, RestoreError> {
        let how = if warm.is_some() { Opening::Moved } else { Opening::Restored };
        let restored = restore::from_log(&*services.log, id, &start, map, warm).await?;
        Ok(Self::open(services, id, start, restored, how))
    }

    /// The same for a game that was taken over already, of what was read of it then.
    ///
    /// # Errors
    /// As [`Self::restore`].
    pub async fn go_on(
        services: &Arc<Services<L>>,
        id: GameId,
        start: Start,
        map: Arc<Map>,
        recovery: Recovery,
    ) -> Result<Self, RestoreError> {
        let log = &*services.log;
        let restored = restore::from_recovery(log, id, &start, map, recovery).await?;
        Ok(Self::open(services, id, start, restored, Opening::Restored))
    }

    fn open(
        services: &Arc<Services<L>>,
        id: GameId,
        start: Start,
        restored: Restored,
        how: Opening,
    ) -> Self {
        let (sender, inbox) = mpsc::channel(INBOX);
        let task = task::Task::new(Arc::clone(services), id, start, restored, how, inbox);
        let handle = RoomHandle { inbox: sender, info: task.info() };
        Self { id, task, handle }
    }

    /// The game's id.
    #[must_use]
    pub const fn id(&self) -> GameId {
        self.id
    }

    /// The door.
    #[must_use]
    pub fn handle(&self) -> RoomHandle {
        self.handle.clone()
    }

    /// Plays the game to its end.
    pub async fn run(self) -> RoomEnd {
        // Its own door must not keep a room open.
        drop(self.handle);
        self.task.run().await
    }
}
