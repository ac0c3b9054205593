//! A room's hold of a socket.

use std::ops::Deref;

use sovereign_core::wire::CloseCode;

use super::OutQueue;

/// The way out to a socket, held by its room, or waiting in its inbox. Whoever lets go of it
/// without a word thereby tells the player to come back in a moment: a room that panics or is
/// fenced never hears of those who wait.
#[derive(Debug)]
pub struct Hold {
    out: OutQueue,
    released: bool,
}

impl Hold {
    /// Somebody else speaks to the socket from now on.
    pub(super) fn release(mut self) -> OutQueue {
        self.released = true;
        self.out.clone()
    }
}

impl From<OutQueue> for Hold {
    fn from(out: OutQueue) -> Self {
        Self { out, released: false }
    }
}

impl Deref for Hold {
    type Target = OutQueue;

    fn deref(&self) -> &OutQueue {
        &self.out
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        if !self.released {
            self.out.close(CloseCode::TryLater);
        }
    }
}
