//! Answers that many ask for, kept in memory until what they tell changes.
//!
//! Whoever changes it at this node forgets them at once, and tells the other nodes. Each answer is
//! dropped after a while in any case: so old may it be where a node was not told.
//!
//! Invariant: nothing here decides what somebody may do.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use lru::LruCache;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::time::Instant;

use super::StoreError;
use crate::config::Limits;
use crate::log::GameId;
use crate::redis::{Bus, News};
use crate::telemetry::metrics;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Asked {
    /// The best of a ladder.
    Leaders(String),
    /// The newest public replays.
    Replays,
    /// The signed result of a game; what is signed stays as it is.
    Result(GameId),
    /// The keys of all signed results.
    ResultKeys,
}

/// What answers tell of, as far as that changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// Ratings, and the names beside them.
    Ladders,
    /// What has ended, who sat there, and the keys of its results.
    Games,
}

impl Topic {
    /// All of them.
    const ALL: [Self; 2] = [Self::Ladders, Self::Games];
}

impl Asked {
    const fn topic(&self) -> Option<Topic> {
        match self {
            Self::Leaders(_) => Some(Topic::Ladders),
            Self::Replays | Self::ResultKeys => Some(Topic::Games),
            Self::Result(_) => None,
        }
    }
}

/// The answers of a node; cheap to clone.
#[derive(Clone)]
pub struct Hot(Arc<Inner>);

struct Inner {
    kept: Mutex<Kept>,
    good: Duration,
    bus: Option<Bus>,
}

struct Kept {
    answers: LruCache<Asked, Answer>,
    /// How often each topic has changed.
    changes: [u64; Topic::ALL.len()],
}

struct Answer {
    json: Bytes,
    /// How often its topic had changed before it was looked up.
    changes: u64,
    since: Instant,
}

impl fmt::Debug for Hot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hot").field("good", &self.0.good).finish_non_exhaustive()
    }
}

impl Kept {
    fn changes_of(&self, asked: &Asked) -> u64 {
        asked.topic().map_or(0, |topic| self.changes[topic as usize])
    }
}

impl Hot {
    /// No answers yet; as many, and for as long, as the limits say. Others are told by `bus`.
    #[must_use]
    pub fn new(limits: &Limits, bus: Option<Bus>) -> Self {
        let most = NonZeroUsize::new(Limits::count(limits.hot_answers));
        let answers = LruCache::new(most.unwrap_or(NonZeroUsize::MIN));
        let kept = Mutex::new(Kept { answers, changes: [0; Topic::ALL.len()] });
        Self(Arc::new(Inner { kept, good: Duration::from_millis(limits.hot_answer_ms), bus }))
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The answer that is kept, or else the one that `look` gives.
    ///
    /// # Errors
    /// Those of `look`; they are not kept.
    pub async fn answer<E: From<StoreError>>(
        &self,
        asked: Asked,
        look: impl Future<Output = Result<Value, E>>,
    ) -> Result<Bytes, E> {
        let found = self.get(&asked);
        metrics::hot_answer(found.is_ok());
        let changes = match found {
            Ok(json) => return Ok(json),
            Err(changes) => changes,
        };
        let json = Bytes::from(look.await?.to_string());
        self.put(asked, Answer { json: json.clone(), changes, since: Instant::now() });
        Ok(json)
    }

    /// The answer; if there is none that is good, how often its topic has changed.
    fn get(&self, asked: &Asked) -> Result<Bytes, u64> {
        let mut kept = self.kept();
        let changes = kept.changes_of(asked);
        let answer = kept.answers.get(asked);
        let is_good =
            |answer: &&Answer| answer.changes == changes && answer.since.elapsed() < self.0.good;
        answer.filter(is_good).map(|answer| answer.json.clone()).ok_or(changes)
    }

    /// Keeps an answer, unless what it tells has changed since it was looked up.
    fn put(&self, asked: Asked, answer: Answer) {
        let mut kept = self.kept();
        if kept.changes_of(&asked) == answer.changes {
            kept.answers.put(asked, answer);
        }
    }

    /// This node has changed something of these.
    pub fn changed(&self, topics: &[Topic]) {
        for topic in topics {
            self.forget(*topic);
            if let Some(bus) = &self.0.bus {
                bus.tell(News::Changed { topic: *topic });
            }
        }
    }

    /// Another node has.
    pub fn forget(&self, topic: Topic) {
        self.kept().changes[topic as usize] += 1;
    }

    /// Another node may have changed anything.
    pub fn forget_all(&self) {
        Topic::ALL.into_iter().for_each(|topic| self.forget(topic));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const MINUTE_MS: u64 = 60_000;

    fn hot(hot_answers: u64) -> Hot {
        Hot::new(&Limits { hot_answers, hot_answer_ms: MINUTE_MS, ..Limits::default() }, None)
    }

    fn ladder(name: &str) -> Asked {
        Asked::Leaders(name.to_owned())
    }

    /// What is answered when a look at the database would give this number.
    async fn ask(hot: &Hot, asked: Asked, now: u32) -> u32 {
        let answer = hot.answer(asked, async { Ok::<_, StoreError>(json!(now)) }).await;
        serde_json::from_slice(&answer.unwrap()).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_is_good_for_a_while() {
        let hot = hot(8);
        assert_eq!(ask(&hot, Asked::Replays, 1).await, 1);
        tokio::time::advance(Duration::from_millis(MINUTE_MS - 1)).await;
        assert_eq!(ask(&hot, Asked::Replays, 2).await, 1);
        tokio::time::advance(Duration::from_millis(1)).await;
        assert_eq!(ask(&hot, Asked::Replays, 3).await, 3);
    }

    #[tokio::test]
    async fn no_more_are_kept_than_may_be_and_those_go_that_nobody_asked_for() {
        let hot = hot(2);
        assert_eq!(ask(&hot, ladder("a"), 1).await, 1);
        assert_eq!(ask(&hot, ladder("b"), 1).await, 1);
        assert_eq!(ask(&hot, ladder("a"), 2).await, 1);
        assert_eq!(ask(&hot, ladder("c"), 1).await, 1);
        assert_eq!(hot.kept().answers.len(), 2);
        assert_eq!(ask(&hot, ladder("a"), 3).await, 1);
        assert_eq!(ask(&hot, ladder("b"), 3).await, 3);
    }

    #[tokio::test]
    async fn what_changes_is_looked_up_again_and_nothing_else() {
        let hot = hot(8);
        let all = [ladder("a"), Asked::Replays, Asked::ResultKeys, Asked::Result(GameId::nil())];
        let ask_all = async |now| {
            let mut found = Vec::new();
            for asked in &all {
                found.push(ask(&hot, asked.clone(), now).await);
            }
            found
        };
        assert_eq!(ask_all(1).await, [1; 4]);
        hot.changed(&[Topic::Ladders]);
        assert_eq!(ask_all(2).await, [2, 1, 1, 1]);
        hot.forget(Topic::Games);
        assert_eq!(ask_all(3).await, [2, 3, 3, 1]);
        hot.forget_all();
        assert_eq!(ask_all(4).await, [4, 4, 4, 1]);
    }

    #[tokio::test]
    async fn what_changes_while_it_is_looked_up_is_not_kept() {
        let hot = hot(8);
        let look = async {
            hot.changed(&[Topic::Games]);
            Ok::<_, StoreError>(json!(1))
        };
        assert_eq!(hot.answer(Asked::Replays, look).await.unwrap(), "1");
        assert_eq!(ask(&hot, Asked::Replays, 2).await, 2);
        let fails = async { Err(StoreError::Closed) };
        assert!(hot.answer(ladder("a"), fails).await.is_err());
        assert_eq!(ask(&hot, ladder("a"), 3).await, 3);
    }
}
