//! What a room does when the engine panics: its game is restored from the log, and the
//! order that did it is refused and recorded. Without such an order the game is frozen.
//!
//! Invariant: nobody is shown anything of a session that panicked.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use sovereign_core::id::PlayerId;
use sovereign_core::{Answer, Order, Reject, Session};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tracing::{error, warn};

use super::careful::{self, Sifted};
use super::restore::{self, RestoreError};
use super::step::Arrivals;
use super::task::Task;
use super::{RoomEnd, Services, Start, notes};
use crate::hosted;
use crate::log::{CommandLog, GameId, LogError, Position};
use crate::telemetry::metrics::{self, PanicEnd};

/// Wait before another try, while the log cannot be read.
const RETRY: Duration = Duration::from_millis(500);
/// Orders of one seat that made the engine panic, after which no order of it is tried.
const FAULTS_PER_SEAT: u32 = 8;

/// Whether the engine does its work.
#[derive(Debug)]
pub(super) enum Condition {
    /// It does.
    Well,
    /// It panicked on these orders; the log must settle before the game can be restored.
    Hurt(Tried),
    /// The game is being restored.
    Healing(JoinHandle<Result<Healed, RestoreError>>, Arrivals, Instant),
    /// It panics whatever is ordered: the game stands still until an operator looks.
    Frozen,
}

/// What the engine was to carry out when it panicked.
#[derive(Debug)]
pub(super) struct Tried {
    pub(super) orders: Vec<Order>,
    pub(super) arrived: Arrivals,
}

/// A session where its clients last saw it, and the orders of its next step; none where it
/// panics without any.
#[derive(Debug)]
pub(super) struct Healed {
    session: Session,
    hash: u64,
    sifted: Option<Sifted>,
}

/// How often each seat made the engine panic.
#[derive(Debug, Default)]
pub(super) struct Faults(BTreeMap<PlayerId, u32>);

impl Faults {
    fn count(&mut self, seat: PlayerId) {
        *self.0.entry(seat).or_default() += 1;
    }

    fn is_barred(&self, order: &Order) -> bool {
        let faults = |seat: PlayerId| self.0.get(&seat).copied().unwrap_or(0);
        author(order).is_some_and(|seat| faults(seat) >= FAULTS_PER_SEAT)
    }

    /// Takes the orders out that are not tried any more.
    pub(super) fn bar(&self, orders: &mut Vec<Order>) -> Vec<Order> {
        if self.0.is_empty() {
            return Vec::new();
        }
        orders.extract_if(.., |order| self.is_barred(order)).collect()
    }
}

const fn author(order: &Order) -> Option<PlayerId> {
    match order {
        Order::System(_) => None,
        Order::Player { player, .. } | Order::Bot { player, .. } => Some(*player),
    }
}

/// The answers to orders that make the engine panic.
pub(super) fn refusals(culprits: &[Order]) -> impl Iterator<Item = (PlayerId, Answer)> + '_ {
    culprits.iter().filter_map(|order| match order {
        Order::Player { player, seq, .. } => {
            Some((*player, Answer { seq: *seq, result: Err(Reject::Fault) }))
        }
        _ => None,
    })
}

impl<L: CommandLog> Task<L> {
    /// The engine panicked while it carried these orders out.
    pub(super) fn hurt(&mut self, tried: Tried) {
        error!(game = %self.id, tick = self.shown.0, orders = tried.orders.len(),
            "the engine panicked; the game is restored from its log");
        self.condition = Condition::Hurt(tried);
    }

    /// Goes on with the healing, if there is something to heal. An end if it cannot be done.
    pub(super) fn heal(&mut self) -> Option<RoomEnd> {
        match std::mem::replace(&mut self.condition, Condition::Well) {
            Condition::Hurt(tried) if self.gate.is_settled() => self.begin_to_heal(tried),
            Condition::Healing(mut work, arrived, since) => match (&mut work).now_or_never() {
                Some(done) => return self.end_healing(done.ok(), &arrived, since),
                None => self.condition = Condition::Healing(work, arrived, since),
            },
            other => self.condition = other,
        }
        None
    }

    /// Everything that the room appended is durable, so the log holds all that was shown.
    fn begin_to_heal(&mut self, tried: Tried) {
        let (services, id) = (Arc::clone(&self.services), self.id);
        let position = Position { epoch: self.epoch, seq: self.gate.appended() };
        let map = Arc::clone(self.session.game().map());
        let restored = healed(services, id, self.start.clone(), map, position, tried.orders);
        let since = Instant::now();
        self.condition = Condition::Healing(hosted::spawn(restored), tried.arrived, since);
    }

    fn end_healing(
        &mut self,
        done: Option<Result<Healed, RestoreError>>,
        arrived: &Arrivals,
        since: Instant,
    ) -> Option<RoomEnd> {
        let healed = match done {
            Some(Ok(healed)) if healed.hash == self.hash => healed,
            Some(Err(error)) => return Some(self.lost(&error.to_string())),
            _ => return Some(self.lost("its log tells another game")),
        };
        self.session = healed.session;
        metrics::recovery(since.elapsed());
        match healed.sifted {
            Some(sifted) => self.go_on(sifted, arrived),
            None => self.freeze(),
        }
        None
    }

    fn lost(&self, why: &str) -> RoomEnd {
        error!(game = %self.id, why, "the game cannot be restored");
        RoomEnd::Frozen
    }

    /// Runs the tick that panicked without the orders that did it.
    fn go_on(&mut self, sifted: Sifted, arrived: &Arrivals) {
        for culprit in &sifted.culprits {
            self.record(culprit);
        }
        let Ok(step) = careful::step(self.id, &mut self.session, sifted.good) else {
            // It passed on a copy: the engine is not deterministic here.
            return self.freeze();
        };
        metrics::panic_ended(PanicEnd::Restored);
        self.after(step, &sifted.culprits, arrived);
    }

    fn record(&mut self, culprit: &Order) {
        error!(game = %self.id, tick = self.shown.0, order = ?culprit,
            "this order makes the engine panic; it was refused");
        metrics::panic_ended(PanicEnd::Refused);
        self.keep_note("refused", format!("tick {}: {culprit:?}", self.shown.0));
        if let Some(seat) = author(culprit) {
            self.faults.count(seat);
        }
    }

    /// Keeps what the engine failed on where the operator finds it after the game, too.
    fn keep_note(&self, outcome: &str, detail: String) {
        notes::note(&self.services.store, "panic", self.id.to_string(), outcome, detail);
    }

    fn freeze(&mut self) {
        error!(game = %self.id, tick = self.shown.0,
            "the engine panics in this game whatever is ordered; it is frozen, others go on");
        metrics::panic_ended(PanicEnd::Frozen);
        self.keep_note("frozen", format!("tick {}: whatever is ordered", self.shown.0));
        metrics::game_frozen(1);
        self.condition = Condition::Frozen;
    }
}

/// Restores a game and sorts its waiting orders out, off the room's task.
async fn healed<L: CommandLog>(
    services: Arc<Services<L>>,
    id: GameId,
    start: Start,
    map: Arc<sovereign_core::Map>,
    position: Position,
    orders: Vec<Order>,
) -> Result<Healed, RestoreError> {
    let restored = loop {
        match restore::load(&*services.log, id, &start, Arc::clone(&map), position).await {
            Err(RestoreError::Log(LogError::Storage(why))) => {
                warn!(game = %id, why, "the log cannot be read; it is tried again");
                tokio::time::sleep(RETRY).await;
            }
            done => break done?,
        }
    };
    let sift = move || {
        let sifted = careful::sift(id, &restored.session, orders).ok();
        Healed { session: restored.session, hash: restored.hash, sifted }
    };
    // A panic of the search itself is one more reason to stop.
    hosted::aside(sift).await.map_err(|_| RestoreError::Panicked)
}
