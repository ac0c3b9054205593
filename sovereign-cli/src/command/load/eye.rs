//! What one client sees: every frame checked, counted and timed.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;

use sovereign_core::id::PlayerId;
use sovereign_core::quantity::Tick;
use sovereign_core::wire::{Resume, ToClient, Welcome};
use sovereign_core::{Map, Mirror, Rules, View};

use super::follower::{At, Follower, Sight};
use super::tally::Tally;

/// A game, and the copy that its clients share.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) map: Arc<Map>,
    shared: OnceLock<Arc<Mutex<Follower>>>,
}

impl Table {
    pub(super) fn new(map: Arc<Map>) -> Self {
        Self { map, shared: OnceLock::new() }
    }

    /// Asks something of the copy, if there is one.
    pub(super) fn shared<T>(&self, question: impl FnOnce(&Follower) -> T) -> Option<T> {
        let follower = self.shared.get()?.lock().unwrap_or_else(PoisonError::into_inner);
        Some(question(&follower))
    }

    /// The copy to follow the game with. Under fog each player has his own.
    fn follower(&self, welcome: &Welcome) -> Result<Arc<Mutex<Follower>>, String> {
        let fog = welcome.rules.fog.radius > 0;
        if let Some(shared) = self.shared.get().filter(|_| !fog) {
            return Ok(Arc::clone(shared));
        }
        if welcome.map_hash != self.map.hash() {
            return Err(format!("the game is played on another map '{}'", welcome.map));
        }
        let rules = Rules::try_from(welcome.rules.clone()).map_err(|error| error.to_string())?;
        let viewer = welcome.you.filter(|_| fog);
        let blank = Mirror::new(Arc::clone(&self.map), Arc::new(rules), welcome.seats, viewer);
        let own = Arc::new(Mutex::new(Follower::new(blank)));
        Ok(if fog { own } else { Arc::clone(self.shared.get_or_init(|| own)) })
    }
}

/// One client's sight of a game.
#[derive(Debug)]
pub(super) struct Eye {
    table: Arc<Table>,
    tally: Arc<Tally>,
    follower: Option<Arc<Mutex<Follower>>>,
    at: Option<At>,
    epoch: u64,
    /// Its seat, once it was welcomed.
    pub(super) you: Option<PlayerId>,
    /// When it began to connect, until it sees the game.
    coming: Option<Instant>,
    last_body: Option<Instant>,
}

impl Eye {
    pub(super) const fn new(table: Arc<Table>, tally: Arc<Tally>) -> Self {
        Self {
            table,
            tally,
            follower: None,
            at: None,
            epoch: 0,
            you: None,
            coming: None,
            last_body: None,
        }
    }

    /// It connects, anew or for the first time.
    pub(super) fn comes(&mut self) {
        self.coming = Some(Instant::now());
        self.last_body = None;
    }

    /// Where it left off.
    pub(super) fn resume(&self) -> Option<Resume> {
        self.at.map(|at| Resume { epoch: self.epoch, tick: Tick((at >> 16) as u32) })
    }

    /// Whether it has seen the game.
    pub(super) const fn is_in(&self) -> bool {
        self.coming.is_none() && self.at.is_some()
    }

    /// Whether it has seen the game at this tick.
    pub(super) fn has_seen(&self, tick: Tick) -> bool {
        self.at.is_some_and(|at| at >> 16 >= u64::from(tick.0))
    }

    /// Asks something of the game as it was last seen.
    pub(super) fn look<T>(&self, question: impl FnOnce(View<'_>) -> T) -> Option<T> {
        let follower = self.follower.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner);
        Some(question(follower.view()))
    }

    /// Takes a frame in; what it says beside the game.
    pub(super) fn see(&mut self, frame: &[u8]) -> Option<ToClient> {
        let bytes = frame.len() as u64;
        self.tally.note(|counts| {
            counts.frames += 1;
            counts.bytes += bytes;
        });
        let Some(follower) = &self.follower else { return self.first(frame) };
        let sight = {
            let mut follower = follower.lock().unwrap_or_else(PoisonError::into_inner);
            follower.take(&mut self.at, frame)
        };
        match sight {
            Sight::Body => self.body(bytes),
            Sight::Snapshot => self.snapshot(),
            Sight::Wrong(what) => self.tally.fault(what),
            Sight::Other(message) => return Some(self.noted(*message)),
        }
        None
    }

    /// Takes a frame before the welcome, and the welcome.
    fn first(&mut self, frame: &[u8]) -> Option<ToClient> {
        use sovereign_core::wire::{Codec, FrameRef};
        match ToClient::decode(FrameRef::Binary(frame), Codec::Msgpack) {
            Ok(ToClient::Welcome(welcome)) => {
                match self.table.follower(&welcome) {
                    Ok(follower) => self.follower = Some(follower),
                    Err(what) => self.tally.fault(what),
                }
                Some(self.noted(ToClient::Welcome(welcome)))
            }
            Ok(other) => Some(other),
            Err(error) => {
                self.tally.fault(error.to_string());
                None
            }
        }
    }

    fn noted(&mut self, message: ToClient) -> ToClient {
        if let ToClient::Welcome(welcome) = &message {
            (self.you, self.epoch) = (welcome.you, welcome.epoch);
        }
        message
    }

    fn body(&mut self, bytes: u64) {
        let now = Instant::now();
        self.arrived(now);
        if let Some(last) = self.last_body.replace(now) {
            self.tally.time(|counts| &mut counts.gap, now - last);
        }
        self.tally.note(|counts| {
            counts.bodies += 1;
            counts.body_bytes += bytes;
        });
    }

    fn snapshot(&mut self) {
        self.arrived(Instant::now());
        self.tally.note(|counts| counts.snapshots += 1);
    }

    fn arrived(&mut self, now: Instant) {
        if let Some(since) = self.coming.take() {
            self.tally.time(|counts| &mut counts.join, now - since);
        }
    }
}
