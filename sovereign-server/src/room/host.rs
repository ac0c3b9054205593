//! Who keeps rooms running: starts them, restores them after a panic, drains them.

use std::pin::Pin;
use std::sync::Arc;

use sovereign_core::Map;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::error;

use super::{Room, RoomEnd, RoomHandle, Services, Start, ToRoom};
use crate::log::{CommandLog, GameId, LogError};
use crate::telemetry::metrics;

/// Panics of one room after which its game is frozen.
const PANICS: u32 = 3;

/// Where a game's room is in its life.
#[derive(Clone, Debug)]
pub enum RoomState {
    /// It is being made or restored.
    Opening,
    /// It plays.
    Open(RoomHandle),
    /// It has ended.
    Ended(RoomEnd),
    /// It cannot go on; an operator must look.
    Frozen,
}

/// Opens rooms; hides which log they write.
pub trait Host: Send + Sync + std::fmt::Debug {
    /// Opens the room of a new or (`restore`) an interrupted game.
    fn open(
        &self,
        id: GameId,
        start: Start,
        map: Arc<Map>,
        restore: bool,
    ) -> watch::Receiver<RoomState>;

    /// Stops all rooms after their last commit; returns once they have ended.
    fn drain(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// The host of one process.
#[derive(Debug)]
pub struct LocalHost<L> {
    services: Arc<Services<L>>,
    rooms: TaskTracker,
    drain: CancellationToken,
}

impl<L: CommandLog + std::fmt::Debug> LocalHost<L> {
    /// A host without rooms.
    #[must_use]
    pub fn new(services: Arc<Services<L>>) -> Self {
        Self { services, rooms: TaskTracker::new(), drain: CancellationToken::new() }
    }
}

impl<L: CommandLog + std::fmt::Debug> Host for LocalHost<L> {
    fn open(
        &self,
        id: GameId,
        start: Start,
        map: Arc<Map>,
        restore: bool,
    ) -> watch::Receiver<RoomState> {
        let (state, watched) = watch::channel(RoomState::Opening);
        let keeper = Keeper {
            services: self.services.refreshed(),
            id,
            start,
            map,
            drain: self.drain.clone(),
        };
        self.rooms.spawn(keeper.keep(restore, state));
        watched
    }

    fn drain(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.drain.cancel();
        self.rooms.close();
        Box::pin(self.rooms.wait())
    }
}

/// Keeps one room.
struct Keeper<L> {
    services: Arc<Services<L>>,
    id: GameId,
    start: Start,
    map: Arc<Map>,
    drain: CancellationToken,
}

impl<L: CommandLog> Keeper<L> {
    async fn keep(self, mut restore: bool, state: watch::Sender<RoomState>) {
        for _ in 0..PANICS {
            let Some(room) = self.room(restore).await else { break };
            let handle = room.handle();
            state.send_replace(RoomState::Open(handle.clone()));
            if let Some(end) = self.run(room, handle).await {
                state.send_replace(RoomState::Ended(end));
                return;
            }
            state.send_replace(RoomState::Opening);
            restore = true;
        }
        error!(game = %self.id, "a game is frozen; others go on");
        state.send_replace(RoomState::Frozen);
    }

    async fn room(&self, restore: bool) -> Option<Room<L>> {
        let (start, map) = (self.start.clone(), Arc::clone(&self.map));
        let started = Instant::now();
        let known = self.services.log.position(self.id).await;
        // Interrupted between its start and its first entry: it begins now.
        let restore = restore && !matches!(known, Err(LogError::Unknown(_)));
        let room = if restore {
            Room::restore(&self.services, self.id, start, map).await
        } else {
            match self.services.log.create(self.id).await {
                Ok(_) => Room::fresh(&self.services, self.id, start, map),
                Err(error) => Err(error.into()),
            }
        };
        if restore {
            metrics::recovery(started.elapsed());
        }
        room.map_err(|error| error!(game = %self.id, %error, "a game cannot be opened")).ok()
    }

    /// How the room ended; nothing when it panicked.
    async fn run(&self, room: Room<L>, handle: RoomHandle) -> Option<RoomEnd> {
        let mut task = tokio::spawn(room.run());
        let ended = tokio::select! {
            ended = &mut task => ended,
            () = self.drain.cancelled() => {
                // A room that has just ended needs no telling.
                let _ = handle.tell(ToRoom::Drain).await;
                drop(handle);
                task.await
            }
        };
        match ended {
            Ok(end) => Some(end),
            Err(error) => {
                error!(game = %self.id, %error, "a room panicked; it is restored");
                None
            }
        }
    }
}
