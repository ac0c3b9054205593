//! Versions by which callers wait for what changes, in place of asking again and again.

use std::sync::Arc;

use tokio::sync::watch;

/// Where a list of changes begins.
const FIRST: u64 = 1;

/// Something with a version, which grows with each change; every clone is the same one.
#[derive(Clone, Debug)]
pub struct News(Arc<watch::Sender<u64>>);

impl Default for News {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(FIRST)))
    }
}

impl News {
    /// It has changed: whoever waits is told.
    pub fn tell(&self) {
        self.0.send_modify(|version| *version += 1);
    }

    /// The version now.
    #[must_use]
    pub fn version(&self) -> u64 {
        *self.0.borrow()
    }

    /// To wait for another version.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.0.subscribe()
    }
}
