//! Games that change their node: those of one that is dead, and those of one that leaves.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval};
use tracing::{info, warn};

use super::peers::{ADOPT, ADOPTED, Adopt};
use super::{Fleet, FleetError, GameName, Load, Located, Member};
use crate::log::GameId;
use crate::telemetry::metrics::{self, Takeover};

/// What the job is called that drops what dead nodes have left.
const SWEEPING: &[u8] = b"sweep";
/// Time between two rounds of that.
const SWEEP: Duration = Duration::from_secs(600);

impl Fleet {
    /// Looks after the games of dead nodes, and after those of this one that have moved, for as
    /// long as the node runs: at once when others live than before, and now and then.
    pub async fn keep_games(self) {
        let mut changes = self.inner.roster.watch();
        let mut looks = interval(Duration::from_millis(self.inner.limits.orphan_look_ms));
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut before = Vec::new();
        loop {
            let is_look = tokio::select! {
                _ = changes.changed() => false,
                _ = looks.tick() => true,
            };
            let names = self.living_names();
            if is_look || names != before {
                self.look().await;
            }
            before = names;
        }
    }

    fn living_names(&self) -> Vec<String> {
        self.inner.roster.living().iter().map(|member| member.name.clone()).collect()
    }

    async fn look(&self) {
        if self.inner.roster.me().leaving {
            return;
        }
        let looked = async {
            self.take_orphans().await?;
            let me = self.inner.roster.me();
            let games = self.inner.directory.games_of(&me.name).await?;
            let (mine, foreign): (Vec<_>, Vec<_>) =
                games.into_iter().partition(|located| located.can_be_at(&me));
            let mine: Vec<GameId> = mine.iter().map(|located| located.game).collect();
            self.inner.games.keep_only(&mine).await;
            // Left by an older or newer server of this name.
            self.give_out(foreign).await
        };
        if let Err(error) = looked.await {
            warn!(%error, "games of dead nodes could not be looked for");
        }
    }

    /// Takes a game over that somebody asks for, with all others that should be this node's:
    /// whoever asks for one of those waits for the same.
    pub(super) async fn rescue(&self, located: &Located) -> Result<(), FleetError> {
        let _turn = self.inner.taking.lock().await;
        let name = GameName::Id(located.game);
        if !self.inner.games.has(&name).await {
            self.take_all_orphans().await?;
        }
        if self.inner.games.has(&name).await {
            return Ok(());
        }
        self.take(&[located.game], &located.node).await
    }

    /// Takes the games of dead nodes that should be this one's.
    async fn take_orphans(&self) -> Result<(), FleetError> {
        let _turn = self.inner.taking.lock().await;
        self.take_all_orphans().await
    }

    async fn take_all_orphans(&self) -> Result<(), FleetError> {
        let living = self.inner.roster.living();
        let me = self.inner.roster.me().name;
        let began = Instant::now();
        let orphans = self.inner.directory.orphans(&self.living_names()).await?;
        if !orphans.is_empty() {
            metrics::takeover(Takeover::Find, began.elapsed());
        }
        let mut from: BTreeMap<String, Vec<GameId>> = BTreeMap::new();
        for orphan in orphans {
            if orphan.place(&living).is_some_and(|target| target.name == me) {
                from.entry(orphan.node).or_default().push(orphan.game);
            }
        }
        for (node, games) in from {
            self.take(&games, &node).await?;
        }
        Ok(())
    }

    /// Makes games this node's that are still at `from`, and takes them up.
    async fn take(&self, games: &[GameId], from: &str) -> Result<(), FleetError> {
        let began = Instant::now();
        let moved = self.inner.directory.hand_over(games, from, &self.name()).await?;
        metrics::takeover(Takeover::Move, began.elapsed());
        if !moved.is_empty() {
            info!(from, games = moved.len(), "games are taken over");
            self.inner.games.adopt(&moved).await;
        }
        Ok(())
    }

    /// Drops logs that dead nodes have left, for as long as the node runs and has this job.
    pub async fn keep_swept(self) {
        loop {
            tokio::time::sleep(SWEEP).await;
            if self.job_elsewhere(SWEEPING).is_none() {
                self.sweep().await;
            }
        }
    }

    async fn sweep(&self) {
        let most = u32::try_from(self.inner.limits.logs_swept).unwrap_or(u32::MAX);
        match self.inner.directory.drop_left_logs(&self.living_names(), most).await {
            Ok(0) => {}
            Ok(games) => {
                info!(games, "logs of games that ended at nodes that are gone are dropped");
            }
            Err(error) => warn!(%error, "logs that dead nodes have left cannot be dropped now"),
        }
    }

    /// Leaves heartbeats, and takes in those of others, for as long as the node runs.
    pub async fn keep_beating(self) {
        let mut beats = interval(Duration::from_millis(self.inner.limits.node_beat_ms));
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            beats.tick().await;
            if let Err(error) = self.beat().await {
                warn!(%error, "a heartbeat could not be stored");
            }
        }
    }

    /// Leaves a heartbeat, and takes in those of others.
    ///
    /// # Errors
    /// [`FleetError`] when it cannot be stored; nobody's silence counts then.
    pub async fn beat(&self) -> Result<(), FleetError> {
        let load = self.load();
        self.inner.roster.change_me(|me| me.load = load);
        let beats = self.inner.members.beat(&self.inner.roster.me()).await;
        match beats {
            Ok(beats) => self.inner.roster.hear(beats),
            Err(error) => {
                self.inner.roster.hears_nothing();
                return Err(error);
            }
        }
        Ok(())
    }

    /// How much this node has to do: one that is full for whatever reason takes no more than it has.
    pub(super) fn load(&self) -> Load {
        let (rooms, most) = (self.inner.games.count() as u64, self.inner.limits.rooms);
        Load { rooms, most: if self.inner.games.is_full() { most.min(rooms) } else { most } }
    }

    /// From now on this node takes nothing up; the others are told.
    pub async fn announce_leaving(&self) {
        self.inner.roster.change_me(|me| me.leaving = true);
        if let Err(error) = self.beat().await {
            warn!(%error, "the others do not hear that this node leaves");
        }
    }

    /// Gives all games of this node away whose rooms have ended or have not begun.
    pub async fn give_rest(&self) {
        if let Err(error) = self.give_away().await {
            warn!(%error, "games were not handed over; the others take them over in a moment");
        }
    }

    /// Takes this node's heartbeats back.
    pub async fn leave(&self) {
        if let Err(error) = self.inner.members.leave(&self.inner.roster.me()).await {
            warn!(%error, "this node could not take its leave");
        }
    }

    async fn give_away(&self) -> Result<(), FleetError> {
        self.give_out(self.inner.directory.games_of(&self.inner.roster.me().name).await?).await
    }

    /// Gives games to those that should have them, as far as there is one.
    async fn give_out(&self, games: Vec<Located>) -> Result<(), FleetError> {
        let living = self.inner.roster.living();
        let mut to: BTreeMap<&str, (&Member, Vec<GameId>)> = BTreeMap::new();
        for located in games {
            if let Some(target) = located.place(&living) {
                let given = to.entry(&target.name).or_insert_with(|| (target, Vec::new()));
                given.1.push(located.game);
            }
        }
        let given = to.into_values().map(|(target, games)| self.give(games, target));
        futures_util::future::join_all(given).await.into_iter().collect()
    }

    pub(super) async fn give(&self, games: Vec<GameId>, to: &Member) -> Result<(), FleetError> {
        let me = self.inner.roster.me().name;
        let moved = self.inner.directory.hand_over(&games, &me, &to.name).await?;
        info!(to = to.name, games = moved.len(), "games are handed over");
        for games in moved.chunks(ADOPTED) {
            // Whoever does not hear of it takes them up when the first player comes.
            self.tell_games(ADOPT, games, to).await;
        }
        Ok(())
    }

    /// Tells another node something of games; whether it heard and did it.
    pub(super) async fn tell_games(&self, path: &str, games: &[GameId], to: &Member) -> bool {
        let Ok(body) = serde_json::to_vec(&Adopt { games: games.to_vec() }) else { return false };
        self.ask(http::Method::POST, path, body.into(), to).await.is_some()
    }
}
