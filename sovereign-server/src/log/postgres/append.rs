//! One flush: the entries of all games of a node, fenced and appended by one statement.

use std::collections::{HashMap, HashSet};

use super::super::{Entry, GameId, Outcome, row};
use crate::postgres::{PostgresError, Session};

/// Of each game a run of entries that rise by one in one epoch. The owner's row moves to the
/// run's end only if it stands just before its beginning, in that epoch; its lock is what
/// makes writers of one game take turns.
const APPEND: &str = "
WITH entry AS (
    SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bytea[],
        $6::bigint[], $7::bigint[])
        AS entry (game, epoch, seq, tick, batch, prev_hash, checksum)
), run AS (
    SELECT game, epoch, min(seq) AS first, max(seq) AS last FROM entry GROUP BY game, epoch
), mine AS (
    UPDATE game_owner AS owner SET seq = run.last FROM run
    WHERE owner.game = run.game AND owner.epoch = run.epoch AND owner.seq = run.first - 1
    RETURNING owner.game
), kept AS (
    INSERT INTO game_log (game, epoch, seq, tick, batch, prev_hash, checksum)
    SELECT game, epoch, seq, tick, batch, prev_hash, checksum FROM entry JOIN mine USING (game)
)
SELECT game FROM mine";

/// What is sent of some entries.
#[derive(Debug)]
pub(super) struct Flush<'a> {
    entries: &'a [Entry],
    /// For each entry whether it goes on where the one before it of its game ended.
    in_run: Vec<bool>,
}

impl<'a> Flush<'a> {
    /// Of each game the entries up to the first that does not follow the one before.
    pub(super) fn new(entries: &'a [Entry]) -> Self {
        let mut next: HashMap<GameId, Option<(u64, u64)>> = HashMap::new();
        let mut follows = |entry: &Entry| {
            let here = (entry.epoch, entry.seq);
            let expected = next.entry(entry.game).or_insert(Some(here));
            let fits = *expected == Some(here);
            *expected = entry.seq.checked_add(1).filter(|_| fits).map(|seq| (entry.epoch, seq));
            fits
        };
        let in_run = entries.iter().map(&mut follows).collect();
        Self { entries, in_run }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn sent(&self) -> impl Iterator<Item = &'a Entry> + '_ {
        self.entries.iter().zip(&self.in_run).filter(|(_, in_run)| **in_run).map(|(one, _)| one)
    }

    /// Sends it; the games whose entries were appended.
    pub(super) async fn send(&self, session: &mut Session) -> Result<Vec<GameId>, PostgresError> {
        let append = session.prepared(APPEND).await?;
        let numbers = |of: fn(&Entry) -> u64| -> Vec<i64> {
            self.sent().map(|entry| of(entry).cast_signed()).collect()
        };
        let games: Vec<GameId> = self.sent().map(|entry| entry.game).collect();
        let batches: Vec<&[u8]> = self.sent().map(|entry| &*entry.batch).collect();
        let (epochs, seqs) = (numbers(|e| e.epoch), numbers(|e| e.seq));
        let (ticks, hashes) = (numbers(|e| e.tick.into()), numbers(|e| e.prev_hash));
        let checksums = numbers(row::checksum);
        let rows = session
            .query(&append, &[&games, &epochs, &seqs, &ticks, &batches, &hashes, &checksums])
            .await?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }

    /// What became of each entry, when those of these games were appended.
    pub(super) fn outcomes(&self, kept: &[GameId]) -> Vec<Outcome> {
        let kept: HashSet<&GameId> = kept.iter().collect();
        let outcome = |(entry, in_run): (&Entry, &bool)| {
            if *in_run && kept.contains(&entry.game) { Outcome::Durable } else { Outcome::Fenced }
        };
        self.entries.iter().zip(&self.in_run).map(outcome).collect()
    }

    /// The games that were sent and not appended.
    pub(super) fn refused(&self, kept: &[GameId]) -> Vec<GameId> {
        let mut known: HashSet<GameId> = kept.iter().copied().collect();
        let games = self.sent().map(|entry| entry.game);
        games.filter(|game| known.insert(*game)).collect()
    }
}

/// The same outcomes, but for entries of games that the database has forgotten.
pub(super) fn with_lost(
    entries: &[Entry],
    mut outcomes: Vec<Outcome>,
    forgotten: &[GameId],
) -> Vec<Outcome> {
    for (entry, outcome) in entries.iter().zip(&mut outcomes) {
        if forgotten.contains(&entry.game) {
            *outcome = Outcome::Lost;
        }
    }
    outcomes
}
