//! Rooms that play the published workload instead of a game, so that other servers can be
//! measured on the very same work: the same inbox, log, gate, frames and sockets.
//!
//! Compiled in with the feature `workload` alone; no server for players has it.

mod script;
mod task;

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use sovereign_core::id::PlayerId;
use tokio::sync::mpsc;
use uuid::Uuid;

use super::{INBOX, RoomHandle, Services};
use crate::log::{CommandLog, GameId, LogError};

pub use script::Size;
use task::Task;

/// What can be told of a workload's room.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Standing {
    /// Steps so far.
    pub steps: u32,
    /// Commands from land of another player.
    pub foreign: u64,
    /// SHA-256 of all (owner, troops), once the room has stopped and all is durable.
    pub sha256: Option<String>,
}

#[derive(Clone, Debug)]
struct Open {
    handle: RoomHandle,
    joined: Arc<AtomicU16>,
    standing: Arc<Mutex<Standing>>,
}

/// All rooms of workloads; cheap to clone.
#[derive(Clone, Debug)]
pub struct Workloads {
    rooms: Arc<Mutex<HashMap<GameId, Open>>>,
    stop: Arc<AtomicBool>,
    opener: Arc<dyn Opener>,
}

/// Opens rooms; hides which log they write.
trait Opener: Send + Sync + std::fmt::Debug {
    fn open(&self, size: Size, stop: Arc<AtomicBool>) -> Opening;
}

type Opening = Pin<Box<dyn Future<Output = Result<Vec<(GameId, Open)>, LogError>> + Send>>;

impl<L: CommandLog + std::fmt::Debug> Opener for Arc<Services<L>> {
    fn open(&self, size: Size, stop: Arc<AtomicBool>) -> Opening {
        let services = Self::clone(self);
        Box::pin(async move {
            let mut rooms = Vec::new();
            for number in 0..size.rooms {
                rooms.push(open(&services, size, number, &stop).await?);
            }
            Ok(rooms)
        })
    }
}

async fn open<L: CommandLog>(
    services: &Arc<Services<L>>,
    size: Size,
    number: u32,
    stop: &Arc<AtomicBool>,
) -> Result<(GameId, Open), LogError> {
    // Spread over the phases of a tick, as the ids of games are.
    let id = Uuid::from_u128(Uuid::new_v4().as_u128() & !0xff | u128::from(number) & 0xff);
    let position = services.log.create(id).await?;
    let (sender, inbox) = mpsc::channel(INBOX);
    let standing = Arc::default();
    let ends = (Arc::clone(stop), Arc::clone(&standing));
    let (task, info) = Task::new(services, id, position, (size, number), inbox, ends);
    services.games.of(id.as_u128()).spawn(task.run());
    Ok((id, Open { handle: RoomHandle { inbox: sender, info }, joined: Arc::default(), standing }))
}

impl Workloads {
    /// None yet.
    #[must_use]
    pub fn new<L: CommandLog + std::fmt::Debug>(services: &Arc<Services<L>>) -> Self {
        let opener = Arc::new(Arc::clone(services));
        Self { rooms: Arc::default(), stop: Arc::default(), opener }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<GameId, Open>> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens the rooms of a size; they step from now on.
    ///
    /// # Errors
    /// When the log does not take them.
    pub async fn open(&self, size: Size) -> Result<Vec<GameId>, LogError> {
        let rooms = self.opener.open(size, Arc::clone(&self.stop)).await?;
        let ids = rooms.iter().map(|(id, _)| *id).collect();
        self.lock().extend(rooms);
        Ok(ids)
    }

    /// A room's door, and the next seat: they are numbered in the order of joining.
    #[must_use]
    pub fn seat(&self, room: &str) -> Option<(RoomHandle, PlayerId)> {
        let id: Uuid = room.parse().ok()?;
        let rooms = self.lock();
        let open = rooms.get(&id)?;
        let seat = open.joined.fetch_add(1, Ordering::Relaxed);
        Some((open.handle.clone(), PlayerId(seat)))
    }

    /// Lets all rooms stand still.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Release);
    }

    /// How a room stands.
    #[must_use]
    pub fn standing(&self, room: &str) -> Option<Standing> {
        let id: Uuid = room.parse().ok()?;
        let rooms = self.lock();
        let standing = rooms.get(&id)?.standing.lock().unwrap_or_else(PoisonError::into_inner);
        Some(standing.clone())
    }
}
