//! Games that are taken over all at once, as PostgreSQL does it: one statement raises their
//! epochs, others read what they are recovered from.

use std::sync::Arc;

use super::postgres::{LogLink, Postgres};
use crate::log::{CommandLog, Entry, GameId, LogError, Position, Recovery, Snapshot};

/// What is kept of a game: the newest snapshot, and the entries after it.
type Kept = (Option<Snapshot>, Vec<Entry>);

impl LogLink {
    pub(super) async fn take_all(
        &self,
        games: &[GameId],
    ) -> Result<Vec<(GameId, Recovery)>, LogError> {
        if games.is_empty() {
            return Ok(Vec::new());
        }
        let games = games.to_vec();
        let (raised, kept) = if planted!(ReadBeforeRaise) {
            let kept = self.read_all(games.clone()).await?;
            (self.raise_all(games).await?, kept)
        } else {
            let raised = self.raise_all(games).await?;
            let taken = raised.iter().map(|(game, _)| *game).collect();
            (raised, self.read_all(taken).await?)
        };
        let recovered = raised.into_iter().filter_map(|(game, position)| {
            let kept = kept.iter().find(|(of, _)| *of == game)?.1.clone();
            recovery(position, kept).map(|recovery| (game, recovery))
        });
        Ok(recovered.collect())
    }

    async fn raise_all(&self, games: Vec<GameId>) -> Result<Vec<(GameId, Position)>, LogError> {
        self.call(async move |server: Arc<Postgres>| {
            server.begin(true).await?;
            let (log, mut raised) = (server.durable(), Vec::new());
            for game in games {
                let Ok(known) = log.position(game).await else { continue };
                let claimed = !planted!(KeepEpochs);
                let now = if claimed { log.claim(game, known.epoch).await? } else { known };
                raised.push((game, now));
            }
            server.answer(Ok(raised))
        })
        .await
    }

    async fn read_all(&self, games: Vec<GameId>) -> Result<Vec<(GameId, Kept)>, LogError> {
        self.call(async move |server: Arc<Postgres>| {
            server.begin(false).await?;
            let (log, mut kept) = (server.durable(), Vec::new());
            for game in games {
                kept.push((game, log.snapshots(game).await?.into_iter().next()));
            }
            // Another statement, which may see more.
            server.begin(false).await?;
            let mut all = Vec::new();
            for (game, snapshot) in kept {
                let after = snapshot.as_ref().map_or(0, |snapshot| snapshot.seq);
                let entries = server.read(game, after + 1).await.unwrap_or_default();
                all.push((game, (snapshot, entries)));
            }
            Ok(all)
        })
        .await
    }
}

/// Nothing where what was read is not all up to there: then the game is opened alone.
fn recovery(mut position: Position, (snapshot, entries): Kept) -> Option<Recovery> {
    let last = entries.last().map(|entry| entry.seq);
    let last = last.or_else(|| snapshot.as_ref().map(|snapshot| snapshot.seq)).unwrap_or(0);
    if planted!(ReadBeforeRaise) {
        position.seq = last;
    }
    (last == position.seq).then_some(Recovery { position, snapshot, entries })
}
