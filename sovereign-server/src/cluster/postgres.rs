//! Heartbeats and games of a fleet in PostgreSQL.

use async_trait::async_trait;
use tokio_postgres::Row;

use super::{Beat, Directory, FleetError, GameName, Load, Located, Member, Members};
use crate::log::GameId;
use crate::postgres::{Postgres, PostgresError, Values};

/// Leaves a heartbeat, then gives those that are not old by the database's own clock. The new
/// one is not visible yet to the part that reads, and comes from the part that writes.
const BEAT: &str = "
    WITH mine AS (
        INSERT INTO node (name, incarnation, address, public_url, rules_least, rules_most,
                          rooms, rooms_most, leaving, beat, heard)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, now())
        ON CONFLICT (name) DO UPDATE
        SET (incarnation, address, public_url, rules_least, rules_most,
             rooms, rooms_most, leaving, beat, heard) =
            (excluded.incarnation, excluded.address, excluded.public_url, excluded.rules_least,
             excluded.rules_most, excluded.rooms, excluded.rooms_most, excluded.leaving,
             node.beat + 1, now())
        RETURNING *)
    SELECT name, incarnation, address, public_url, rules_least, rules_most,
           rooms, rooms_most, leaving, beat
    FROM (SELECT * FROM mine
          UNION ALL SELECT * FROM node
          WHERE name <> $1 AND heard > now() - $10::double precision * interval '1 ms') AS known
    ORDER BY name";
const LEAVE: &str = "DELETE FROM node WHERE name = $1 AND incarnation = $2";
const BY_ID: &str = "
    SELECT id, game.node, status = 'finished', rules_version
    FROM game LEFT JOIN game_owner ON game_owner.game = id WHERE id = $1";
const BY_CODE: &str = "
    SELECT id, game.node, status = 'finished', rules_version
    FROM game LEFT JOIN game_owner ON game_owner.game = id WHERE code = $1";
/// From each node that has games to the next one: what costs is how many have some, not how
/// many games there are.
const ORPHANS: &str = "
    WITH RECURSIVE holder (node) AS (
        (SELECT node FROM game WHERE status <> 'finished' ORDER BY node LIMIT 1)
        UNION ALL
        SELECT (SELECT game.node FROM game WHERE status <> 'finished' AND game.node > holder.node
                ORDER BY game.node LIMIT 1)
        FROM holder WHERE holder.node IS NOT NULL)
    SELECT orphan.id, holder.node, false, orphan.rules_version
    FROM holder CROSS JOIN LATERAL (
        SELECT id, (SELECT rules_version FROM game_owner WHERE game_owner.game = id)
        FROM game WHERE status <> 'finished' AND game.node = holder.node
        ORDER BY created_ms) AS orphan
    WHERE holder.node <> ALL ($1)";
const GAMES_OF: &str = "
    SELECT id, node, false, (SELECT rules_version FROM game_owner WHERE game_owner.game = id)
    FROM game WHERE status <> 'finished' AND node = $1 ORDER BY created_ms";
const DROP_LEFT: &str = "
    WITH ended AS (
        SELECT game_owner.game FROM game_owner LEFT JOIN game ON id = game_owner.game
        WHERE game_owner.node <> ALL ($1) AND (status IS NULL OR status = 'finished')
        LIMIT $2),
    gone AS (
        DELETE FROM game_owner USING ended WHERE game_owner.game = ended.game RETURNING 1),
    snapshots AS (DELETE FROM game_snapshot USING ended WHERE game_snapshot.game = ended.game),
    entries AS (DELETE FROM game_log USING ended WHERE game_log.game = ended.game)
    SELECT count(*) FROM gone";
/// Of two nodes that want a game, the second waits for the first's row and finds it gone.
const HAND_OVER: &str = "
    UPDATE game SET node = $3
    WHERE id = ANY ($1) AND node = $2 AND status <> 'finished' RETURNING id";

/// What the nodes of a fleet share in PostgreSQL; cheap to clone.
#[derive(Clone, Debug)]
pub struct PostgresFleet {
    postgres: Postgres,
    silence_ms: f64,
}

impl PostgresFleet {
    /// In this database; heartbeats older than so many milliseconds tell nothing.
    #[must_use]
    pub fn new(postgres: Postgres, silence_ms: u32) -> Self {
        Self { postgres, silence_ms: silence_ms.into() }
    }

    async fn rows(&self, sql: &'static str, values: Values<'_>) -> Result<Vec<Row>, FleetError> {
        self.postgres.rows(sql, values).await.map_err(|error| FleetError::of(&error))
    }
}

#[async_trait]
impl Members for PostgresFleet {
    async fn beat(&self, me: &Member) -> Result<Vec<Beat>, FleetError> {
        let address = me.address.to_string();
        let (least, most) = (i64::from(me.rules.0), i64::from(me.rules.1));
        let (rooms, rooms_most) = (me.load.rooms.cast_signed(), me.load.most.cast_signed());
        let Member { name, incarnation, public_url, leaving, .. } = me;
        let values: Values<'_> = &[
            name,
            incarnation,
            &address,
            public_url,
            &least,
            &most,
            &rooms,
            &rooms_most,
            leaving,
            &self.silence_ms,
        ];
        let rows = self.rows(BEAT, values).await?;
        let beats = rows.iter().map(beat).collect::<Result<_, _>>();
        beats.map_err(|error| FleetError::of(&error))
    }

    async fn leave(&self, me: &Member) -> Result<(), FleetError> {
        self.rows(LEAVE, &[&me.name, &me.incarnation]).await.map(drop)
    }
}

#[async_trait]
impl Directory for PostgresFleet {
    async fn find(&self, name: &GameName) -> Result<Option<Located>, FleetError> {
        let rows = match name {
            GameName::Id(id) => self.rows(BY_ID, &[id]).await,
            GameName::Code(code) => self.rows(BY_CODE, &[code]).await,
        };
        Ok(all(&rows?, located)?.pop())
    }

    async fn orphans(&self, living: &[String]) -> Result<Vec<Located>, FleetError> {
        all(&self.rows(ORPHANS, &[&living]).await?, located)
    }

    async fn games_of(&self, node: &str) -> Result<Vec<Located>, FleetError> {
        all(&self.rows(GAMES_OF, &[&node]).await?, located)
    }

    async fn drop_left_logs(&self, living: &[String], most: u32) -> Result<u64, FleetError> {
        let rows = self.rows(DROP_LEFT, &[&living, &i64::from(most)]).await?;
        let counts = all(&rows, |row| Ok(row.try_get::<_, i64>(0)?))?;
        Ok(counts.into_iter().map(i64::cast_unsigned).sum())
    }

    async fn hand_over(
        &self,
        games: &[GameId],
        from: &str,
        to: &str,
    ) -> Result<Vec<GameId>, FleetError> {
        all(&self.rows(HAND_OVER, &[&games, &from, &to]).await?, |row| Ok(row.try_get(0)?))
    }
}

fn all<T>(
    rows: &[Row],
    of: impl Fn(&Row) -> Result<T, PostgresError>,
) -> Result<Vec<T>, FleetError> {
    let values: Result<_, _> = rows.iter().map(of).collect();
    values.map_err(|error| FleetError::of(&error))
}

fn located(row: &Row) -> Result<Located, PostgresError> {
    let rules = row.try_get::<_, Option<i64>>(3)?.map(u32::try_from).transpose();
    let rules = rules.map_err(|_| PostgresError::Corrupt("game"))?;
    let (game, node, finished) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
    Ok(Located { game, node, finished, rules })
}

fn beat(row: &Row) -> Result<Beat, PostgresError> {
    let damaged = || PostgresError::Corrupt("node");
    let address: &str = row.try_get(2)?;
    let version = |column| -> Result<u32, PostgresError> {
        u32::try_from(row.try_get::<_, i64>(column)?).map_err(|_| damaged())
    };
    let count = |column| row.try_get(column).map(i64::cast_unsigned);
    let member = Member {
        name: row.try_get(0)?,
        incarnation: row.try_get(1)?,
        address: address.parse().map_err(|_| damaged())?,
        public_url: row.try_get(3)?,
        rules: (version(4)?, version(5)?),
        load: Load { rooms: count(6)?, most: count(7)? },
        leaving: row.try_get(8)?,
    };
    Ok(Beat { member, number: row.try_get(9)? })
}

#[cfg(test)]
mod tests;
