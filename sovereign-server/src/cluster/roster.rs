//! Who lives, as far as this node can tell.
//!
//! A node lives while its heartbeats come. It is suspected at once when a link to it breaks and
//! cannot be made again, or when a faster heartbeat stops; a suspicion ends when a link stands
//! again, or when heartbeats go on: one may have been on its way when it died, two tell that it lives.
//! Who can hear nobody's heartbeats takes nobody's silence for death: then the database is away.
//! A false suspicion is safe: the game that is taken over has moved, and that is all.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::Member;

/// Heartbeats after a suspicion that tell that a node lives.
const BEATS: u32 = 2;
/// How long a node is remembered that is not heard of, as a multiple of the silence.
const REMEMBERED: u32 = 20;

/// A heartbeat, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beat {
    /// Whose.
    pub member: Member,
    /// Grows with each one of them.
    pub number: i64,
}

#[derive(Debug)]
struct Known {
    member: Member,
    number: i64,
    heard: Instant,
    /// When something last came over its link.
    sign: Option<Instant>,
    /// Heartbeats since it was suspected, if it is.
    suspected: Option<u32>,
    /// Cancelled when it is suspected or gone: what goes on with it ends.
    life: CancellationToken,
}

/// Whether heartbeats can be heard at all.
#[derive(Debug)]
struct Ear {
    /// When they last could.
    heard: Instant,
    is_deaf: bool,
}

/// All nodes that this one knows of; cheap to clone.
#[derive(Clone, Debug)]
pub struct Roster {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    me: Mutex<Member>,
    silence: Duration,
    others: Mutex<BTreeMap<String, Known>>,
    ear: Mutex<Ear>,
    living: watch::Sender<Arc<Vec<Member>>>,
}

impl Roster {
    /// A node that knows of no other; who is silent for `silence` does not live.
    #[must_use]
    pub fn new(me: Member, silence: Duration) -> Self {
        let living = watch::Sender::new(Arc::new(vec![me.clone()]));
        let ear = Mutex::new(Ear { heard: Instant::now(), is_deaf: false });
        let inner = Inner { me: Mutex::new(me), silence, others: Mutex::default(), ear, living };
        Self { inner: Arc::new(inner) }
    }

    fn others(&self) -> MutexGuard<'_, BTreeMap<String, Known>> {
        self.inner.others.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// This node.
    #[must_use]
    pub fn me(&self) -> Member {
        self.inner.me.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes what this node tells of itself.
    pub fn change_me(&self, change: impl FnOnce(&mut Member)) {
        change(&mut self.inner.me.lock().unwrap_or_else(PoisonError::into_inner));
        self.refresh();
    }

    /// All nodes that live, this one included, by name. Those that leave are among them.
    #[must_use]
    pub fn living(&self) -> Arc<Vec<Member>> {
        Arc::clone(&self.inner.living.borrow())
    }

    /// Changes of who lives.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Arc<Vec<Member>>> {
        self.inner.living.subscribe()
    }

    /// The node of this name, if it lives.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<Member> {
        self.living().iter().find(|member| member.name == name).cloned()
    }

    /// All others that are known, living or not: to try to reach them.
    #[must_use]
    pub fn known(&self) -> Vec<Member> {
        self.others().values().map(|known| known.member.clone()).collect()
    }

    /// Cancelled when that node no longer lives; already so if it does not.
    #[must_use]
    pub fn life(&self, name: &str) -> CancellationToken {
        let others = self.others();
        let life = others.get(name).map(|known| known.life.clone());
        life.unwrap_or_else(|| {
            let over = CancellationToken::new();
            over.cancel();
            over
        })
    }

    /// Takes in heartbeats as they are stored now; old ones tell nothing.
    pub fn hear(&self, beats: Vec<Beat>) {
        let (me, missed) = (self.me().name, self.listen());
        let mut others = self.others();
        for known in others.values_mut() {
            known.heard = (known.heard + missed).min(Instant::now());
        }
        for beat in beats.into_iter().filter(|beat| beat.member.name != me) {
            note(&mut others, beat);
        }
        let most = self.inner.silence * REMEMBERED;
        others.retain(|_, known| known.heard.elapsed() < most);
        drop(others);
        self.refresh();
    }

    /// How long nothing could be heard until now.
    fn listen(&self) -> Duration {
        let mut ear = self.ear();
        let missed = if ear.is_deaf { ear.heard.elapsed() } else { Duration::ZERO };
        *ear = Ear { heard: Instant::now(), is_deaf: false };
        missed
    }

    /// Heartbeats cannot be heard now.
    pub fn hears_nothing(&self) {
        self.ear().is_deaf = true;
        self.refresh();
    }

    fn ear(&self) -> MutexGuard<'_, Ear> {
        self.inner.ear.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The moment that silence is measured at: the last at which somebody could have been heard.
    fn moment(&self) -> Instant {
        let ear = self.ear();
        if ear.is_deaf { ear.heard } else { Instant::now() }
    }

    /// A node has been reached: it lives.
    pub fn reached(&self, name: &str) {
        if let Some(known) = self.others().get_mut(name) {
            known.heard = Instant::now();
            known.revive();
        }
        self.refresh();
    }

    /// Something came over a node's link.
    pub fn sign(&self, name: &str) {
        if let Some(known) = self.others().get_mut(name) {
            known.sign = Some(Instant::now());
        }
    }

    /// Whether something came over a node's link of late.
    #[must_use]
    pub fn heard_within(&self, name: &str, most: Duration) -> bool {
        let others = self.others();
        let sign = others.get(name).and_then(|known| known.sign);
        sign.is_some_and(|sign| sign.elapsed() < most)
    }

    /// A node does not answer, or a sign of its life has stopped.
    pub fn suspect(&self, name: &str, why: &str) {
        if let Some(known) = self.others().get_mut(name).filter(|known| known.suspected.is_none()) {
            warn!(node = name, why, "a node is taken for dead");
            known.suspected = Some(0);
            known.life.cancel();
        }
        self.refresh();
    }

    /// Tells who waits if others live than before.
    pub fn refresh(&self) {
        let mut living = vec![self.me()];
        let (silence, moment) = (self.inner.silence, self.moment());
        for known in self.others().values_mut() {
            let silent = moment.saturating_duration_since(known.heard);
            if known.suspected.is_none() && silent < silence {
                living.push(known.member.clone());
            } else {
                known.life.cancel();
            }
        }
        living.sort_by(|a, b| a.name.cmp(&b.name));
        self.inner.living.send_if_modified(|before| {
            let changed = **before != living;
            *before = Arc::new(living);
            changed
        });
    }
}

impl Known {
    fn revive(&mut self) {
        self.suspected = None;
        if self.life.is_cancelled() {
            self.life = CancellationToken::new();
        }
    }
}

fn note(others: &mut BTreeMap<String, Known>, beat: Beat) {
    let Beat { member, number } = beat;
    let Some(known) = others.get_mut(&member.name) else {
        info!(node = member.name, address = %member.address, "a node is known");
        let (heard, life) = (Instant::now(), CancellationToken::new());
        let known =
            Known { member: member.clone(), number, heard, sign: None, suspected: None, life };
        others.insert(member.name, known);
        return;
    };
    if (member.incarnation, number) <= (known.member.incarnation, known.number) {
        return;
    }
    let is_another = member.incarnation != known.member.incarnation;
    known.suspected = known.suspected.map(|beats| beats + 1);
    (known.member, known.number, known.heard) = (member, number, Instant::now());
    if is_another || known.suspected.is_none_or(|beats| beats >= BEATS) {
        known.revive();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::member::tests::node;

    const SILENCE: Duration = Duration::from_secs(3);

    fn beat(name: &str, number: i64) -> Beat {
        Beat { member: node(name), number }
    }

    fn names(roster: &Roster) -> Vec<String> {
        roster.living().iter().map(|member| member.name.clone()).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_heard_lives_and_who_is_silent_does_not() {
        let roster = Roster::new(node("a"), SILENCE);
        roster.hear(vec![beat("a", 1), beat("b", 1), beat("c", 1)]);
        assert_eq!(names(&roster), ["a", "b", "c"]);
        tokio::time::advance(Duration::from_secs(2)).await;
        // The same row again tells nothing.
        roster.hear(vec![beat("b", 2), beat("c", 1)]);
        tokio::time::advance(Duration::from_secs(2)).await;
        let life = roster.life("b");
        roster.refresh();
        assert_eq!(names(&roster), ["a", "b"]);
        assert!(!life.is_cancelled() && roster.life("c").is_cancelled());
    }

    #[tokio::test(start_paused = true)]
    async fn a_suspicion_holds_until_there_is_more_than_one_sign_of_life() {
        let roster = Roster::new(node("a"), SILENCE);
        roster.hear(vec![beat("b", 1)]);
        let life = roster.life("b");
        roster.suspect("b", "a test");
        assert!(life.is_cancelled());
        assert_eq!(names(&roster), ["a"]);
        // Written before it died, read after.
        roster.hear(vec![beat("b", 2)]);
        assert_eq!(names(&roster), ["a"]);
        roster.hear(vec![beat("b", 3)]);
        assert_eq!(names(&roster), ["a", "b"]);
        assert!(!roster.life("b").is_cancelled());
        roster.suspect("b", "a test");
        roster.reached("b");
        assert_eq!(names(&roster), ["a", "b"]);
        roster.suspect("b", "a test");
        let born_again = Member { incarnation: 2, ..node("b") };
        roster.hear(vec![Beat { member: born_again, number: 1 }]);
        assert_eq!(names(&roster), ["a", "b"]);
    }

    #[tokio::test(start_paused = true)]
    async fn who_can_hear_nobody_takes_nobody_for_dead() {
        let roster = Roster::new(node("a"), SILENCE);
        roster.hear(vec![beat("b", 1), beat("c", 1)]);
        tokio::time::advance(Duration::from_secs(2)).await;
        roster.hear(vec![beat("b", 2)]);
        for _ in 0..10 {
            tokio::time::advance(Duration::from_secs(1)).await;
            roster.hears_nothing();
        }
        assert_eq!(names(&roster), ["a", "b", "c"]);
        // A broken link tells all the same.
        roster.suspect("b", "a test");
        assert_eq!(names(&roster), ["a", "c"]);
        // Others have to find the database too before they can leave a heartbeat.
        roster.hear(Vec::new());
        assert_eq!(names(&roster), ["a", "c"]);
        tokio::time::advance(Duration::from_secs(1)).await;
        roster.hear(Vec::new());
        assert_eq!(names(&roster), ["a"], "what was silence before still counts");
    }

    #[tokio::test(start_paused = true)]
    async fn those_who_wait_are_told_of_changes_alone() {
        let roster = Roster::new(node("a"), SILENCE);
        let mut changes = roster.watch();
        roster.hear(vec![beat("b", 1)]);
        assert!(changes.has_changed().unwrap());
        changes.mark_unchanged();
        roster.hear(vec![beat("b", 2)]);
        assert!(!changes.has_changed().unwrap());
    }
}
