//! The committer: one commit in flight; whatever waits forms the next.
//!
//! Invariant: entries of one game are appended in the order in which they were
//! handed over, the very bytes again after a failure, and never past one whose
//! outcome is unknown.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};
use tracing::{error, info, warn};

use super::{CommandLog, Entry, GameId, LogError, Outcome, Position};
use crate::telemetry::metrics;

/// First wait after a failed append; doubled up to [`MAX_BACKOFF`].
const MIN_BACKOFF: Duration = Duration::from_millis(50);
/// Longest wait between two tries, which bounds how late a healed log is noticed.
const MAX_BACKOFF: Duration = Duration::from_millis(500);
/// Games tried one by one after a failed common append until the log itself is taken for down.
const FAILURES_PER_ROUND: usize = 3;
/// Entries in one commit; the rest forms the next.
const MAX_BATCH: usize = 4_096;

/// Tells a room what became of one of its entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommitNotice {
    /// The entry's number.
    pub seq: u64,
    /// What became of it.
    pub outcome: Outcome,
}

/// Whether the log takes what it is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogHealth {
    /// The last append succeeded.
    Writing,
    /// Appends fail and are tried again, for this reason.
    Stalled(String),
}

struct Pending {
    entry: Entry,
    notify: mpsc::UnboundedSender<CommitNotice>,
    since: Instant,
}

/// A room's way to the committer; cheap to clone.
#[derive(Clone, Debug)]
pub struct LogHandle {
    // Unbounded, yet bounded: a room has at most `limits.run_ahead_ticks` entries in flight.
    queue: mpsc::UnboundedSender<Pending>,
    health: watch::Receiver<LogHealth>,
}

impl std::fmt::Debug for Pending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pending({} #{})", self.entry.game, self.entry.seq)
    }
}

impl LogHandle {
    /// Hands an entry to the next commit; `notify` hears what became of it.
    ///
    /// # Errors
    /// [`LogError::Closed`] when the committer has stopped.
    pub fn append(
        &self,
        entry: Entry,
        notify: mpsc::UnboundedSender<CommitNotice>,
    ) -> Result<(), LogError> {
        let pending = Pending { entry, notify, since: Instant::now() };
        self.queue.send(pending).map_err(|_| LogError::Closed)?;
        metrics::log_queue(1);
        Ok(())
    }

    /// Whether the log is writing; changes can be awaited.
    #[must_use]
    pub fn health(&self) -> watch::Receiver<LogHealth> {
        self.health.clone()
    }
}

/// The one task that appends.
#[derive(Debug)]
pub struct Committer<L> {
    log: Arc<L>,
    queue: mpsc::UnboundedReceiver<Pending>,
    health: watch::Sender<LogHealth>,
    stuck: BTreeMap<GameId, VecDeque<Pending>>,
    backoff: Duration,
    retry_at: Option<Instant>,
}

impl<L: CommandLog> Committer<L> {
    /// A committer over `log`, and the handle that rooms use. Run it with [`Self::run`].
    #[must_use]
    pub fn new(log: Arc<L>) -> (Self, LogHandle) {
        let (sender, queue) = mpsc::unbounded_channel();
        let (health, health_of) = watch::channel(LogHealth::Writing);
        let committer = Self {
            log,
            queue,
            health,
            stuck: BTreeMap::new(),
            backoff: MIN_BACKOFF,
            retry_at: None,
        };
        (committer, LogHandle { queue: sender, health: health_of })
    }

    /// Commits until every handle is dropped and nothing waits.
    pub async fn run(mut self) {
        let mut fresh = Vec::new();
        loop {
            let retry_at = self.retry_at;
            tokio::select! {
                // In a fixed order, so that a simulated history can be played again.
                biased;
                taken = self.queue.recv_many(&mut fresh, MAX_BATCH) => {
                    if taken == 0 && self.stuck.is_empty() { return; }
                    if taken == 0 { self.wait_for_retry().await; }
                    self.gather(&mut fresh).await;
                    self.commit(std::mem::take(&mut fresh)).await;
                }
                () = at(retry_at) => {}
            }
            if self.retry_at.is_some_and(|at| at <= Instant::now()) {
                self.retry_stuck().await;
            }
        }
    }

    /// Lets those have their turn who wait for it in this lane: rooms that are due together
    /// share a commit.
    async fn gather(&mut self, fresh: &mut Vec<Pending>) {
        tokio::task::yield_now().await;
        while fresh.len() < MAX_BATCH {
            let Ok(pending) = self.queue.try_recv() else { return };
            fresh.push(pending);
        }
    }

    async fn wait_for_retry(&self) {
        at(self.retry_at).await;
    }

    async fn commit(&mut self, fresh: Vec<Pending>) {
        let fresh = Self::newest_owners(fresh);
        let mut batch = Vec::with_capacity(fresh.len());
        for pending in fresh {
            // Behind an entry in doubt nothing of the same game may overtake.
            match self.stuck.get_mut(&pending.entry.game) {
                Some(waiting) if !planted!(Overtake) => waiting.push_back(pending),
                _ => batch.push(pending),
            }
        }
        if batch.is_empty() {
            return;
        }
        match self.append(&batch).await {
            Ok(outcomes) => release(batch, &outcomes),
            Err(error) => self.hold(batch, &error),
        }
    }

    /// Fences what an older owner left behind: a room that failed and was restored here. The
    /// log would refuse it, and with it what follows of its game.
    fn newest_owners(fresh: Vec<Pending>) -> Vec<Pending> {
        let mut newest: BTreeMap<GameId, u64> = BTreeMap::new();
        for Pending { entry, .. } in &fresh {
            let epoch = newest.entry(entry.game).or_default();
            *epoch = entry.epoch.max(*epoch);
        }
        let is_old =
            |pending: &Pending| newest.get(&pending.entry.game) > Some(&pending.entry.epoch);
        let (old, fresh): (Vec<_>, Vec<_>) = fresh.into_iter().partition(is_old);
        fence(old.into());
        fresh
    }

    async fn append(&self, batch: &[Pending]) -> Result<Vec<Outcome>, LogError> {
        let started = Instant::now();
        let entries: Vec<Entry> = batch.iter().map(|p| p.entry.clone()).collect();
        let result = self.log.append(entries).await;
        metrics::log_append(started.elapsed(), batch.len(), result.is_ok());
        result
    }

    /// Keeps what is in doubt for the next round, by game and in order.
    fn hold(&mut self, batch: Vec<Pending>, error: &LogError) {
        if self.stuck.is_empty() {
            error!(%error, entries = batch.len(), "the order log does not take entries; games pause");
        }
        if planted!(TrustDoubt) {
            let outcomes = vec![Outcome::Durable; batch.len()];
            return release(batch, &outcomes);
        }
        for pending in batch {
            self.stuck.entry(pending.entry.game).or_default().push_back(pending);
        }
        self.retry_at = Some(Instant::now() + self.backoff);
        self.health.send_replace(LogHealth::Stalled(error.to_string()));
    }

    /// Tries the games one by one, so that one bad row never stalls the others.
    async fn retry_stuck(&mut self) {
        let games: Vec<GameId> = self.stuck.keys().copied().collect();
        let mut failures = 0;
        for game in games {
            if failures == FAILURES_PER_ROUND {
                break;
            }
            let Some(waiting) = self.stuck.remove(&game) else { continue };
            if let Err(waiting) = self.settle(game, waiting).await {
                self.stuck.insert(game, waiting);
                failures += 1;
            }
        }
        self.plan_next_round(failures > 0);
    }

    fn plan_next_round(&mut self, failing: bool) {
        if failing {
            self.backoff = (self.backoff * 2).min(MAX_BACKOFF);
            self.retry_at = Some(Instant::now() + self.backoff);
            return;
        }
        self.backoff = MIN_BACKOFF;
        self.retry_at = None;
        self.health.send_replace(LogHealth::Writing);
        info!("the order log takes entries again");
    }

    /// The rule for an append in doubt: what the log holds by now was committed, a
    /// foreign epoch means fenced, and the rest is sent again with the same bytes.
    async fn settle(
        &self,
        game: GameId,
        mut waiting: VecDeque<Pending>,
    ) -> Result<(), VecDeque<Pending>> {
        let position = match self.log.position(game).await {
            Ok(position) => position,
            Err(LogError::Unknown(_)) => {
                fence(waiting);
                return Ok(());
            }
            Err(error) => {
                warn!(%game, %error, "the order log cannot be read");
                return Err(waiting);
            }
        };
        while let Some(first) = waiting.front() {
            // Left behind by a room that failed and was restored here: the next may be its.
            if first.entry.epoch < position.epoch && !planted!(ForgetEpoch) {
                release(waiting.pop_front(), &[Outcome::Fenced]);
                continue;
            }
            if !first.is_within(position) || planted!(Renumber) {
                break;
            }
            release(waiting.pop_front(), &[Outcome::Durable]);
        }
        let mut rest: Vec<Pending> = waiting.into();
        if planted!(Renumber) {
            (position.seq + 1..).zip(&mut rest).for_each(|(seq, p)| p.entry.seq = seq);
        }
        if rest.is_empty() {
            return Ok(());
        }
        match self.append(&rest).await {
            Ok(outcomes) if !self.was_late(&rest[0], outcomes[0]).await => {
                release(rest, &outcomes);
                Ok(())
            }
            _ => Err(rest.into()),
        }
    }

    /// Whether an append that had been given up was carried out after its position was read:
    /// then the same bytes are refused, although they are in the log.
    async fn was_late(&self, first: &Pending, outcome: Outcome) -> bool {
        if outcome != Outcome::Fenced {
            return false;
        }
        match self.log.position(first.entry.game).await {
            Ok(position) => first.is_within(position),
            Err(LogError::Unknown(_)) => false,
            Err(_) => true,
        }
    }
}

impl Pending {
    /// Whether a log that stands there holds this entry: nobody else writes in its epoch.
    fn is_within(&self, position: Position) -> bool {
        let ours = self.entry.epoch == position.epoch || planted!(ForgetEpoch);
        ours && self.entry.seq <= position.seq
    }
}

async fn at(instant: Option<Instant>) {
    match instant {
        Some(instant) => sleep_until(instant).await,
        None => std::future::pending().await,
    }
}

/// Tells the rooms. One that is gone needs no answer.
fn release(batch: impl IntoIterator<Item = Pending>, outcomes: &[Outcome]) {
    for (pending, outcome) in batch.into_iter().zip(outcomes) {
        metrics::log_release(pending.since.elapsed());
        metrics::log_queue(-1);
        let notice = CommitNotice { seq: pending.entry.seq, outcome: *outcome };
        let _ = pending.notify.send(notice);
    }
}

fn fence(batch: VecDeque<Pending>) {
    let outcomes = vec![Outcome::Fenced; batch.len()];
    release(batch, &outcomes);
}

#[cfg(test)]
mod tests;
