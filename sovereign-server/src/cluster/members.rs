//! Where nodes leave their heartbeats for each other.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::directory::FleetError;
use super::{Beat, Member};

/// The heartbeats of a fleet.
#[async_trait]
pub trait Members: Send + Sync + fmt::Debug {
    /// Leaves a heartbeat, and gives the newest one of each node that has left one of late.
    async fn beat(&self, me: &Member) -> Result<Vec<Beat>, FleetError>;

    /// Takes this life's heartbeats away: the node will leave none any more.
    async fn leave(&self, me: &Member) -> Result<(), FleetError>;
}

/// Heartbeats in memory, for tests.
#[derive(Debug, Default)]
pub struct MemoryMembers {
    beats: Mutex<BTreeMap<String, Beat>>,
}

impl MemoryMembers {
    fn beats(&self) -> MutexGuard<'_, BTreeMap<String, Beat>> {
        self.beats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Members for MemoryMembers {
    async fn beat(&self, me: &Member) -> Result<Vec<Beat>, FleetError> {
        let mut beats = self.beats();
        let number = beats.get(&me.name).map_or(0, |beat| beat.number) + 1;
        beats.insert(me.name.clone(), Beat { member: me.clone(), number });
        Ok(beats.values().cloned().collect())
    }

    async fn leave(&self, me: &Member) -> Result<(), FleetError> {
        let mut beats = self.beats();
        if beats.get(&me.name).is_some_and(|beat| beat.member.incarnation == me.incarnation) {
            beats.remove(&me.name);
        }
        Ok(())
    }
}

/// What all heartbeats must do.
#[cfg(test)]
pub(super) mod contract {
    use super::*;
    use crate::cluster::Load;
    use crate::cluster::member::tests::node;

    pub(in crate::cluster) async fn holds(members: &dyn Members) {
        let names =
            |beats: &[Beat]| beats.iter().map(|beat| beat.member.name.clone()).collect::<Vec<_>>();
        let number = |beats: &[Beat], name: &str| {
            beats.iter().find(|beat| beat.member.name == name).unwrap().number
        };
        let busy = Member {
            public_url: Some("https://n1.play.example".to_owned()),
            load: Load { rooms: 7, most: 9 },
            leaving: true,
            ..node("a")
        };
        let first = members.beat(&busy).await.unwrap();
        assert_eq!(first[0].member, busy);
        let second = members.beat(&node("b")).await.unwrap();
        assert_eq!(names(&second), ["a", "b"]);
        let third = members.beat(&node("a")).await.unwrap();
        assert!(number(&third, "a") > number(&first, "a"));
        assert_eq!(number(&third, "b"), number(&second, "b"));
        assert_eq!(third[0].member, node("a"));
        // An older life's farewell does not end a newer one.
        let born_again = Member { incarnation: 2, ..node("a") };
        members.beat(&born_again).await.unwrap();
        members.leave(&node("a")).await.unwrap();
        assert_eq!(names(&members.beat(&node("b")).await.unwrap()), ["a", "b"]);
        members.leave(&born_again).await.unwrap();
        assert_eq!(names(&members.beat(&node("b")).await.unwrap()), ["b"]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn those_in_memory_keep_the_contract() {
        contract::holds(&MemoryMembers::default()).await;
    }
}
