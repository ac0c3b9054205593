//! The network: delay, broken connections, and cuts of one direction at a time.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until};

use super::dice::Dice;

/// How often whoever is held up looks whether he may go on.
pub(super) const LOOK: Duration = Duration::from_millis(10);
/// Messages that a connection holds on their way; then its writer waits.
const HELD: usize = 64;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum End {
    Node(usize),
    Person(usize),
    Log,
    Beats,
}

#[derive(Debug)]
pub(crate) struct Net {
    dice: Dice,
    throws: AtomicU64,
    cuts: Mutex<BTreeSet<(End, End)>>,
    rough: AtomicBool,
}

impl Net {
    pub(crate) fn new(dice: Dice) -> Arc<Self> {
        let (throws, rough) = (AtomicU64::new(0), AtomicBool::new(false));
        Arc::new(Self { dice, throws, cuts: Mutex::default(), rough })
    }

    /// Dice for what comes next: all tasks run in one thread, so their order is the seed's.
    pub(crate) fn throw(&self) -> Dice {
        self.dice.nth(self.throws.fetch_add(1, Ordering::Relaxed))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeSet<(End, End)>> {
        self.cuts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn cut(&self, from: End, to: End) {
        self.lock().insert((from, to));
    }

    pub(crate) fn mend(&self, from: End, to: End) {
        self.lock().remove(&(from, to));
    }

    pub(crate) fn is_cut(&self, from: End, to: End) -> bool {
        self.lock().contains(&(from, to))
    }

    pub(crate) fn set_rough(&self, rough: bool) {
        self.rough.store(rough, Ordering::Relaxed);
    }

    fn delay(&self) -> Duration {
        let dice = self.throw();
        let micros = match (self.rough.load(Ordering::Relaxed), dice.of("slow").below(6)) {
            (false, _) => dice.between(200, 3_000),
            (true, 0) => dice.between(50_000, 600_000),
            (true, _) => dice.between(500, 40_000),
        };
        Duration::from_micros(micros)
    }

    /// Waits until something sent now has arrived; it is held while its way is cut.
    pub(crate) async fn travel(&self, from: End, to: End) {
        sleep(self.delay()).await;
        self.pass(from, to).await;
    }

    async fn pass(&self, from: End, to: End) {
        while self.is_cut(from, to) {
            sleep(LOOK).await;
        }
    }

    /// One direction of a connection: what is sent arrives in order, or not at all.
    pub(crate) fn pipe<T>(self: &Arc<Self>, from: End, to: End) -> (Sender<T>, Receiver<T>) {
        let (items, arriving) = mpsc::channel(HELD);
        let net = Arc::clone(self);
        let receiver = Receiver { net, from, to, arriving, next: None };
        (Sender { net: Arc::clone(self), items, last: Instant::now() }, receiver)
    }
}

#[derive(Debug)]
pub(crate) struct Sender<T> {
    net: Arc<Net>,
    items: mpsc::Sender<(Instant, T)>,
    last: Instant,
}

impl<T> Sender<T> {
    /// Sends; nothing when the other end is gone.
    pub(crate) async fn send(&mut self, item: T) -> Option<()> {
        self.last = self.last.max(Instant::now() + self.net.delay());
        self.items.send((self.last, item)).await.ok()
    }
}

#[derive(Debug)]
pub(crate) struct Receiver<T> {
    net: Arc<Net>,
    from: End,
    to: End,
    arriving: mpsc::Receiver<(Instant, T)>,
    next: Option<(Instant, T)>,
}

impl<T> Receiver<T> {
    /// What arrives next; nothing once the other end is gone and all has arrived. May be
    /// given up and called again.
    pub(crate) async fn receive(&mut self) -> Option<T> {
        if self.next.is_none() {
            self.next = Some(self.arriving.recv().await?);
        }
        let (at, _) = self.next.as_ref()?;
        sleep_until(*at).await;
        self.net.pass(self.from, self.to).await;
        self.next.take().map(|(_, item)| item)
    }
}
