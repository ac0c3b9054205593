//! Who keeps rooms running: starts them, restores them after a panic, drains them.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sovereign_core::Map;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{error, warn};

use super::{RestoreError, Room, RoomEnd, RoomHandle, Services, Start, ToRoom, Warm, restore};
use crate::hosted;
use crate::log::{CommandLog, GameId, LogError, Position, Recovery};
use crate::telemetry::metrics;

/// Panics of one room in quick succession after which its game is frozen.
const PANICS: u32 = 3;
/// A room that has run for so long has got over its last panic.
const RECOVERED: Duration = Duration::from_secs(60);
/// Wait before another try to open a room, while the log cannot be used.
const RETRY: Duration = Duration::from_millis(500);

/// How long a copy of another node's game is kept.
const WARM: Duration = Duration::from_secs(30);

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

/// What a room begins from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The game has just been made.
    New,
    /// It was interrupted: it is taken over, and goes on from its log.
    Log,
    /// It was taken over, and goes on from what was read of it then.
    Read(Recovery),
}

/// Opens rooms; hides which log they write.
pub trait Host: Send + Sync + std::fmt::Debug {
    /// Opens a game's room.
    fn open(
        &self,
        id: GameId,
        start: Start,
        map: Arc<Map>,
        origin: Origin,
    ) -> watch::Receiver<RoomState>;

    /// Takes interrupted games over, all at once; what is not among the answers is to be opened
    /// from [`Origin::Log`].
    fn take_over<'a>(
        &'a self,
        games: &'a [GameId],
    ) -> Pin<Box<dyn Future<Output = HashMap<GameId, Recovery>> + Send + 'a>>;

    /// Makes a copy of a game that another node plays, for when it is opened here: then the
    /// newest entries are all that is missing. Whether there is one.
    fn warm(
        &self,
        id: GameId,
        start: Start,
        map: Arc<Map>,
    ) -> Pin<Box<dyn Future<Output = bool> + Send + '_>>;

    /// Stops all rooms after their last commit; returns once they have ended.
    fn drain(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// The host of one process.
#[derive(Debug)]
pub struct LocalHost<L> {
    services: Arc<Services<L>>,
    rooms: TaskTracker,
    drain: CancellationToken,
    in_fleet: bool,
    /// Copies that were not needed yet, for a short time.
    warmed: Arc<Mutex<HashMap<GameId, Warm>>>,
}

impl<L: CommandLog + std::fmt::Debug> LocalHost<L> {
    /// A host without rooms, alone.
    #[must_use]
    pub fn new(services: Arc<Services<L>>) -> Self {
        let (rooms, drain) = (TaskTracker::new(), CancellationToken::new());
        Self { services, rooms, drain, in_fleet: false, warmed: Arc::default() }
    }

    /// The same, one of several: its games go on at others when it stops.
    #[must_use]
    pub fn in_fleet(self, in_fleet: bool) -> Self {
        Self { in_fleet, ..self }
    }

    fn warmed(&self) -> MutexGuard<'_, HashMap<GameId, Warm>> {
        self.warmed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<L: CommandLog + std::fmt::Debug> Host for LocalHost<L> {
    fn open(
        &self,
        id: GameId,
        start: Start,
        map: Arc<Map>,
        origin: Origin,
    ) -> watch::Receiver<RoomState> {
        let (state, watched) = watch::channel(RoomState::Opening);
        let keeper = Keeper {
            services: self.services.refreshed(),
            id,
            start,
            map,
            drain: self.drain.clone(),
            moves: self.in_fleet,
            warm: self.warmed().remove(&id),
        };
        let kept = hosted::hosted(keeper.keep(origin, state));
        self.rooms.spawn_on(kept, self.services.games.of(id.as_u128()));
        watched
    }

    fn take_over<'a>(
        &'a self,
        games: &'a [GameId],
    ) -> Pin<Box<dyn Future<Output = HashMap<GameId, Recovery>> + Send + 'a>> {
        Box::pin(async move {
            // Of a copy less is missing than would be read here.
            let cold = |id: &&GameId| !self.warmed().contains_key(id);
            let games: Vec<GameId> = games.iter().filter(cold).copied().collect();
            let taken = self.services.log.take_over(&games).await;
            let taken = taken.inspect_err(|error| warn!(%error, "games cannot be taken over yet"));
            taken.unwrap_or_default().into_iter().collect()
        })
    }

    fn warm(
        &self,
        id: GameId,
        start: Start,
        map: Arc<Map>,
    ) -> Pin<Box<dyn Future<Output = bool> + Send + '_>> {
        Box::pin(async move {
            let warm = match restore::warm(&*self.services.log, id, &start, map).await {
                Ok(warm) => warm,
                Err(error) => {
                    warn!(game = %id, %error, "no copy of a game of another node can be made");
                    return false;
                }
            };
            self.warmed().insert(id, warm);
            let warmed = Arc::downgrade(&self.warmed);
            tokio::spawn(async move {
                tokio::time::sleep(WARM).await;
                if let Some(warmed) = warmed.upgrade() {
                    warmed.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
                }
            });
            true
        })
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
    moves: bool,
    /// A copy to begin with.
    warm: Option<Warm>,
}

impl<L: CommandLog> Keeper<L> {
    async fn keep(mut self, origin: Origin, state: watch::Sender<RoomState>) {
        let end = self.play(origin, &state).await;
        if end == RoomEnd::Frozen {
            error!(game = %self.id, "a game is frozen; others go on");
            metrics::game_frozen(1);
            state.send_replace(RoomState::Frozen);
        } else {
            state.send_replace(RoomState::Ended(end));
        }
    }

    /// Opens the room, and again after each panic, until it ends.
    async fn play(&mut self, mut origin: Origin, state: &watch::Sender<RoomState>) -> RoomEnd {
        let mut panics = 0;
        while panics < PANICS {
            let room = match self.room(origin).await {
                Ok(room) => room,
                Err(end) => return end,
            };
            let (handle, opened) = (room.handle(), Instant::now());
            state.send_replace(RoomState::Open(handle.clone()));
            if let Some(end) = self.run(room, handle).await {
                return end;
            }
            state.send_replace(RoomState::Opening);
            panics = if opened.elapsed() < RECOVERED { panics + 1 } else { 1 };
            origin = Origin::Log;
        }
        RoomEnd::Frozen
    }

    /// The room, as soon as the log can be used; else why there will be none.
    async fn room(&mut self, mut origin: Origin) -> Result<Room<L>, RoomEnd> {
        loop {
            // Of what was read a room is made once; then it is old.
            let next = if origin == Origin::New { Origin::New } else { Origin::Log };
            match self.try_room(std::mem::replace(&mut origin, next)).await {
                Ok(room) => return Ok(room),
                Err(RestoreError::Log(LogError::Storage(why))) => {
                    warn!(game = %self.id, why, "a game cannot be opened yet");
                }
                Err(RestoreError::Log(LogError::Taken { .. } | LogError::Closed)) => {
                    return Err(RoomEnd::Fenced);
                }
                Err(error) => {
                    error!(game = %self.id, %error, "a game cannot be opened");
                    return Err(RoomEnd::Frozen);
                }
            }
            tokio::select! {
                biased;
                () = self.drain.cancelled() => return Err(RoomEnd::Drained),
                () = tokio::time::sleep(RETRY) => {}
            }
        }
    }

    async fn try_room(&mut self, origin: Origin) -> Result<Room<L>, RestoreError> {
        let (start, map) = (self.start.clone(), Arc::clone(&self.map));
        if let Origin::Read(recovery) = origin {
            let started = Instant::now();
            let room = Room::go_on(&self.services, self.id, start, map, recovery).await;
            metrics::recovery(started.elapsed());
            return room;
        }
        if let Some(warm) = self.warm.take() {
            // A copy of it has been made, so the log knows it.
            return self.restored((start, map), Some(warm)).await;
        }
        match self.services.log.position(self.id).await {
            // New, or interrupted between its start and its first entry: it begins now.
            Err(LogError::Unknown(_)) => {
                self.services.log.create(self.id).await?;
                Room::fresh(&self.services, self.id, start, map)
            }
            // Its making was in doubt: it was made.
            Ok(position) if origin == Origin::New && position == Position { epoch: 1, seq: 0 } => {
                Room::fresh(&self.services, self.id, start, map)
            }
            known => {
                known?;
                self.restored((start, map), None).await
            }
        }
    }

    /// A room that goes on where the log ends.
    async fn restored(
        &self,
        (start, map): (Start, Arc<Map>),
        warm: Option<Warm>,
    ) -> Result<Room<L>, RestoreError> {
        let started = Instant::now();
        let room = Room::restore(&self.services, self.id, start, map, warm).await;
        metrics::recovery(started.elapsed());
        room
    }

    /// How the room ended; nothing when it panicked.
    async fn run(&self, room: Room<L>, handle: RoomHandle) -> Option<RoomEnd> {
        let mut task = hosted::spawn(room.run());
        let ended = tokio::select! {
            biased;
            ended = &mut task => ended,
            () = self.drain.cancelled() => {
                // A room that has just ended needs no telling.
                let _ = handle.tell(ToRoom::Drain { moves: self.moves }).await;
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
