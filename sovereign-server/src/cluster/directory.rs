//! Which node has which game: what is stored of it, and a bounded memory of that.
//!
//! Invariant: a game's node changes from the value that was seen alone; of two nodes that want it
//! one gets it.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::Instant;

use super::{Member, place};
use crate::log::GameId;

/// Why who lives or who has what could not be read or changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the fleet's database failed: {0}; nodes go on with what they know")]
pub struct FleetError(pub String);

impl FleetError {
    /// From any other one.
    pub fn of(cause: &dyn fmt::Display) -> Self {
        Self(cause.to_string())
    }
}

/// What a game is called in an address.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum GameName {
    /// Its id.
    Id(GameId),
    /// The code by which friends join.
    Code(String),
}

/// Where a game is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// Which.
    pub game: GameId,
    /// The node that has its table and room; empty if none ever had.
    pub node: String,
    /// It has ended: every node can tell of it.
    pub finished: bool,
    /// The version of the rules by which it is played; none before it has begun.
    pub rules: Option<u32>,
}

impl Located {
    /// Whether a node can serve it: what has ended needs no rules.
    pub(super) fn can_be_at(&self, node: &Member) -> bool {
        self.finished || node.can_run(self.rules)
    }

    /// The node of these that should have it, of those that can.
    pub(super) fn place<'a>(&self, living: &'a [Member]) -> Option<&'a Member> {
        place(self.game.as_bytes(), living.iter().filter(|node| self.can_be_at(node)))
    }
}

/// Who has which game.
#[async_trait]
pub trait Directory: Send + Sync + fmt::Debug {
    /// The game of this name, if there is one.
    async fn find(&self, name: &GameName) -> Result<Option<Located>, FleetError>;

    /// The games that have not ended and are at none of these nodes.
    async fn orphans(&self, living: &[String]) -> Result<Vec<Located>, FleetError>;

    /// The games that have not ended and are at this node.
    async fn games_of(&self, node: &str) -> Result<Vec<Located>, FleetError>;

    /// Drops the logs of at most so many games that have ended, or are gone, at none of these
    /// nodes: nobody is left to do it. How many these were.
    async fn drop_left_logs(&self, living: &[String], most: u32) -> Result<u64, FleetError>;

    /// Moves those of these games that are still at `from`; which these were.
    async fn hand_over(
        &self,
        games: &[GameId],
        from: &str,
        to: &str,
    ) -> Result<Vec<GameId>, FleetError>;
}

/// For a short time, where games were; bounded.
#[derive(Debug)]
pub struct Remembered {
    kept: Mutex<HashMap<GameName, (Located, Instant)>>,
    most: usize,
    good: Duration,
}

impl Remembered {
    /// Nothing; of at most so many games, each for so long.
    #[must_use]
    pub fn new(most: usize, good: Duration) -> Self {
        Self { kept: Mutex::default(), most, good }
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<GameName, (Located, Instant)>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where a game was a moment ago.
    #[must_use]
    pub fn get(&self, name: &GameName) -> Option<Located> {
        let kept = self.kept();
        let (located, since) = kept.get(name)?;
        (since.elapsed() < self.good).then(|| located.clone())
    }

    /// Keeps where a game is.
    pub fn put(&self, name: GameName, located: Located) {
        let mut kept = self.kept();
        if kept.len() >= self.most {
            kept.retain(|_, (_, since)| since.elapsed() < self.good);
        }
        if kept.len() < self.most {
            kept.insert(name, (located, Instant::now()));
        }
    }

    /// It is not there any more.
    pub fn forget(&self, name: &GameName) {
        self.kept().remove(name);
    }
}

/// A directory in memory, for tests.
#[derive(Debug, Default)]
pub struct MemoryDirectory {
    games: Mutex<HashMap<GameId, (String, Located)>>,
}

impl MemoryDirectory {
    fn games(&self) -> MutexGuard<'_, HashMap<GameId, (String, Located)>> {
        self.games.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a game somewhere.
    pub fn put(&self, code: &str, located: Located) {
        self.games().insert(located.game, (code.to_owned(), located));
    }
}

#[async_trait]
impl Directory for MemoryDirectory {
    async fn find(&self, name: &GameName) -> Result<Option<Located>, FleetError> {
        let games = self.games();
        let found = match name {
            GameName::Id(id) => games.get(id),
            GameName::Code(code) => games.values().find(|(known, _)| known == code),
        };
        Ok(found.map(|(_, located)| located.clone()))
    }

    async fn orphans(&self, living: &[String]) -> Result<Vec<Located>, FleetError> {
        let games = self.games();
        let all = games.values().map(|(_, located)| located);
        Ok(all.filter(|g| !g.finished && !living.contains(&g.node)).cloned().collect())
    }

    async fn games_of(&self, node: &str) -> Result<Vec<Located>, FleetError> {
        let games = self.games();
        let all = games.values().map(|(_, located)| located);
        Ok(all.filter(|g| !g.finished && g.node == node).cloned().collect())
    }

    async fn drop_left_logs(&self, _living: &[String], _most: u32) -> Result<u64, FleetError> {
        Ok(0)
    }

    async fn hand_over(
        &self,
        games: &[GameId],
        from: &str,
        to: &str,
    ) -> Result<Vec<GameId>, FleetError> {
        let wanted: BTreeSet<&GameId> = games.iter().collect();
        let mut moved = Vec::new();
        for (id, (_, located)) in self.games().iter_mut() {
            if wanted.contains(id) && !located.finished && located.node == from {
                to.clone_into(&mut located.node);
                moved.push(*id);
            }
        }
        Ok(moved)
    }
}

/// What every directory must do.
#[cfg(test)]
pub(super) mod contract {
    use super::*;

    /// With two games at `a`, of which one has ended, and one at `b`.
    pub(in crate::cluster) async fn holds(
        directory: &dyn Directory,
        [running, ended, other]: [(GameId, &str); 3],
    ) {
        let id = |(id, _): (GameId, &str)| GameName::Id(id);
        let found = directory.find(&id(running)).await.unwrap().unwrap();
        assert_eq!((found.game, found.node.as_str(), found.finished), (running.0, "a", false));
        let by_code = directory.find(&GameName::Code(running.1.to_owned())).await.unwrap();
        assert_eq!(by_code, Some(found));
        assert!(directory.find(&id(ended)).await.unwrap().unwrap().finished);
        assert_eq!(directory.find(&GameName::Id(GameId::nil())).await.unwrap(), None);
        assert_eq!(directory.find(&GameName::Code("NONE".to_owned())).await.unwrap(), None);

        let ids = |games: Vec<Located>| games.iter().map(|g| g.game).collect::<Vec<_>>();
        assert_eq!(ids(directory.games_of("a").await.unwrap()), [running.0]);
        let orphans = directory.orphans(&["b".to_owned()]).await.unwrap();
        assert_eq!(ids(orphans), [running.0]);

        // Of two who want them, the second gets none; what has ended stays.
        let all = [running.0, ended.0, other.0];
        assert_eq!(directory.hand_over(&all, "a", "c").await.unwrap(), [running.0]);
        assert!(directory.hand_over(&all, "a", "b").await.unwrap().is_empty());
        assert_eq!(directory.find(&id(running)).await.unwrap().unwrap().node, "c");
        assert_eq!(ids(directory.games_of("b").await.unwrap()), [other.0]);
        assert!(directory.orphans(&["b".to_owned(), "c".to_owned()]).await.unwrap().is_empty());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(number: u128, node: &str, finished: bool) -> Located {
        let (game, node) = (GameId::from_u128(number), node.to_owned());
        Located { game, node, finished, rules: None }
    }

    #[tokio::test]
    async fn the_one_in_memory_keeps_the_contract() {
        let directory = MemoryDirectory::default();
        for (code, located) in
            [("ABC", at(1, "a", false)), ("DEF", at(2, "a", true)), ("GHI", at(3, "b", false))]
        {
            directory.put(code, located);
        }
        let games = [(1, "ABC"), (2, "DEF"), (3, "GHI")];
        contract::holds(&directory, games.map(|(id, code)| (GameId::from_u128(id), code))).await;
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_remembered_is_bounded_and_soon_forgotten() {
        let memory = Remembered::new(2, Duration::from_secs(1));
        let name = |number| GameName::Id(GameId::from_u128(number));
        for number in 1..=3 {
            memory.put(name(number), at(number, "a", false));
        }
        assert!(memory.get(&name(1)).is_some() && memory.get(&name(3)).is_none());
        memory.forget(&name(1));
        assert!(memory.get(&name(1)).is_none());
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(memory.get(&name(2)).is_none());
        memory.put(name(3), at(3, "a", false));
        memory.put(name(4), at(4, "a", false));
        assert!(memory.get(&name(3)).is_some() && memory.get(&name(4)).is_some());
    }
}
