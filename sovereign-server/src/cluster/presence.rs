//! Who is missed first: whoever's key in Redis is gone while its link is silent too.
//!
//! Redis may be lost, emptied or late at any moment: a key that is gone tells something only of a
//! node whose link is silent as well.

use std::collections::HashSet;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use super::Fleet;
use crate::redis::Heartbeats;

impl Fleet {
    /// Leaves heartbeats in Redis, and looks at those of others, for as long as the node runs.
    pub async fn keep_presence(self, presence: Heartbeats) {
        let mut beats = interval(Duration::from_millis(self.inner.limits.redis_beat_ms));
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // Only who was there can be missed.
        let mut seen = HashSet::new();
        loop {
            beats.tick().await;
            let others: Vec<String> =
                self.inner.roster.known().into_iter().map(|member| member.name).collect();
            match presence.beat(&self.inner.roster.me().name, &others).await {
                Ok(present) => self.compare(&mut seen, others.into_iter().zip(present)),
                Err(_) => seen.clear(),
            }
        }
    }

    fn compare(&self, seen: &mut HashSet<String>, others: impl Iterator<Item = (String, bool)>) {
        let silence = Duration::from_millis(self.inner.limits.redis_silence_ms);
        for (name, is_present) in others {
            if is_present {
                seen.insert(name);
            } else if seen.contains(&name) && !self.inner.roster.heard_within(&name, silence) {
                self.inner
                    .roster
                    .suspect(&name, "its key in Redis has expired, and its link is silent");
                seen.remove(&name);
            }
        }
    }
}
