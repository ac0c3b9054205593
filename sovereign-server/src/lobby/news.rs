//! Versions by which callers wait for what changes, in place of asking again and again.

use std::sync::Arc;

use tokio::sync::watch;

/// Where a list of changes begins.
const FIRST: u64 = 1;

/// Something with a version, which grows with each change; every clone is the same one.
#[derive(Clone, Debug)]
pub struct News {
    all: Arc<watch::Sender<u64>>,
    /// Of what is this node's own.
    own: Arc<watch::Sender<u64>>,
}

impl Default for News {
    fn default() -> Self {
        let first = || Arc::new(watch::Sender::new(FIRST));
        Self { all: first(), own: first() }
    }
}

impl News {
    /// It has changed: whoever waits is told.
    pub fn tell(&self) {
        self.own.send_modify(|version| *version += 1);
        self.tell_of_others();
    }

    /// It has changed at another node.
    pub fn tell_of_others(&self) {
        self.all.send_modify(|version| *version += 1);
    }

    /// To wait for another version of what is this node's own.
    #[must_use]
    pub fn watch_own(&self) -> watch::Receiver<u64> {
        self.own.subscribe()
    }

    /// The version now.
    #[must_use]
    pub fn version(&self) -> u64 {
        *self.all.borrow()
    }

    /// To wait for another version.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.all.subscribe()
    }
}
