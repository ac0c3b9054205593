//! The sockets of a game that goes on at another node.

use std::sync::Arc;

use sovereign_core::wire::{CloseCode, Resume};
use tokio::sync::{oneshot, watch};
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

use super::{Hold, OutQueue};
use crate::room::{RoomState, ToRoom};

/// Where a socket's game goes on.
#[derive(Debug)]
pub struct Onward {
    /// The node that has the game now.
    pub node: Arc<str>,
    /// What the socket has been shown; all if nothing of use.
    pub resume: Option<Resume>,
    /// Counts for as long as this node stands in between.
    pub counted: TaskTrackerToken,
}

impl OutQueue {
    /// Tells the socket's reader where its game goes on. What waits is still sent.
    fn hand_on(&self, onward: Onward) {
        self.lock().onward = Some(Box::new(onward));
        self.0.handed_on.notify_one();
    }

    /// Waits until the socket's game goes on elsewhere; told once.
    pub async fn handed_on(&self) -> Box<Onward> {
        loop {
            let told = self.lock().onward.take();
            if let Some(onward) = told {
                return onward;
            }
            self.0.handed_on.notified().await;
        }
    }
}

/// The sockets that a room leaves behind, each with what it has been shown. If nobody hands
/// them on they are closed, so that their players come back by themselves.
#[derive(Debug, Default)]
pub struct Left(Vec<(Hold, Option<Resume>)>);

impl Left {
    /// Ends a room after its last entry, since its game goes on at another node. Nothing where
    /// none runs, or where its game is over and stored.
    pub async fn of(mut room: watch::Receiver<RoomState>) -> Option<Self> {
        let handle = match &*room.borrow() {
            RoomState::Open(handle) if !handle.info().archived => handle.clone(),
            _ => return None,
        };
        let (taker, left) = oneshot::channel();
        handle.tell(ToRoom::Move(taker)).await.ok()?;
        let left = left.await.ok()?;
        // From then on requests for it go to where it is.
        let _ = room.wait_for(|state| !matches!(state, RoomState::Open(_))).await;
        Some(left)
    }

    /// With one socket more.
    pub(in crate::room) fn push(&mut self, out: Hold, resume: Option<Resume>) {
        self.0.push((out, resume));
    }

    /// The game goes on at this node; `counted` counts those who have not followed it.
    pub fn hand_on(mut self, node: &str, counted: &TaskTracker) {
        let node: Arc<str> = node.into();
        for (out, resume) in self.0.drain(..) {
            out.release().hand_on(Onward {
                node: Arc::clone(&node),
                resume,
                counted: counted.token(),
            });
        }
    }
}

impl Drop for Left {
    fn drop(&mut self) {
        for (out, _) in &self.0 {
            out.close(CloseCode::Migrate);
        }
    }
}
