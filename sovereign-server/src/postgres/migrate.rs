//! The steps of the schema: numbered, each with a way back, each taken once and whole.
//!
//! A runner of our own: the one that is widely used has no way back, and does not speak the
//! present version of the driver.

use sha2::{Digest, Sha256};
use tokio_postgres::Transaction;
use tracing::{info, warn};

use super::{Postgres, PostgresError};

/// Between the two halves of a step's file.
const DOWN: &str = "-- migrate:down\n";
/// Held by whoever changes the schema, so that nodes that start together take turns.
const LOCK: i64 = 0x5076_6e5f_6d67_7274;
/// Whether any step was ever taken: before the first there is no table.
const EXISTS: &str = "SELECT to_regclass('schema_migration') IS NOT NULL";
const TABLE: &str = "
CREATE TABLE IF NOT EXISTS schema_migration (
    version integer PRIMARY KEY,
    name text NOT NULL,
    checksum text NOT NULL,
    taken_at timestamptz NOT NULL DEFAULT now()
)";

/// One step of the schema.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Its number: one more than that of the step before.
    pub version: i32,
    /// What it is about.
    pub name: &'static str,
    /// Its file: the way there, and after a mark the way back.
    text: &'static str,
}

macro_rules! steps {
    ($($version:literal $name:literal,)+) => {
        &[$(Migration {
            version: $version,
            name: $name,
            text: include_str!(concat!("migrations/000", $version, "_", $name, ".sql")),
        },)+]
    };
}

/// All steps that this server knows, in order.
pub const MIGRATIONS: &[Migration] = steps! {
    1 "log",
    2 "store",
    3 "cluster",
    4 "job",
};

impl Migration {
    /// What the step does.
    #[must_use]
    pub fn up(&self) -> &'static str {
        self.text.split_once(DOWN).map_or(self.text, |(up, _)| up)
    }

    /// What takes it back.
    #[must_use]
    pub fn down(&self) -> &'static str {
        self.text.split_once(DOWN).map_or("", |(_, down)| down)
    }

    /// By which a step is known again: what it does, not how it is taken back.
    fn checksum(&self) -> String {
        let hash = Sha256::digest(self.up().as_bytes());
        hash.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// How a step stands in a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It was taken, at this time.
    Taken(String),
    /// It was not taken yet.
    Missing,
    /// A step of this number was taken, but its text was another one.
    Foreign,
    /// It was taken by a newer server.
    Newer,
}

/// A step, and how it stands in a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stands {
    /// The step's number.
    pub version: i32,
    /// The step's name.
    pub name: String,
    /// How it stands.
    pub standing: Standing,
}

/// What was written down when a step was taken.
struct Taken {
    version: i32,
    name: String,
    checksum: String,
    at: String,
}

/// Takes steps, and takes them back.
#[derive(Clone, Copy, Debug)]
pub struct Migrator {
    steps: &'static [Migration],
}

impl Default for Migrator {
    fn default() -> Self {
        Self { steps: MIGRATIONS }
    }
}

impl Migrator {
    /// How every step stands, those of newer servers last.
    ///
    /// # Errors
    /// [`PostgresError`].
    pub async fn status(&self, postgres: &Postgres) -> Result<Vec<Stands>, PostgresError> {
        let mut connection = postgres.connection().await?;
        let transaction = connection.transaction().await?;
        Ok(self.compare(taken(&transaction).await?))
    }

    /// The steps that [`Self::up`] would take.
    ///
    /// # Errors
    /// [`PostgresError`].
    pub async fn plan(&self, postgres: &Postgres) -> Result<Vec<Migration>, PostgresError> {
        missing(self.steps, &self.status(postgres).await?)
    }

    /// Whether this server may use the database as it is; one that is ahead is used, since
    /// a step leaves room for the server before it.
    ///
    /// # Errors
    /// [`PostgresError::Behind`], [`PostgresError::Foreign`], or that it cannot be asked.
    pub async fn check(&self, postgres: &Postgres) -> Result<(), PostgresError> {
        let status = self.status(postgres).await?;
        let missing = missing(self.steps, &status)?.len();
        if missing > 0 {
            return Err(PostgresError::Behind { missing, known: self.steps.len() });
        }
        for ahead in status.iter().filter(|one| one.standing == Standing::Newer) {
            let (step, name) = (ahead.version, ahead.name.as_str());
            warn!(step, name, "the schema of the database is ahead of this server");
        }
        Ok(())
    }

    /// Takes all steps that are missing, each in a transaction of its own.
    ///
    /// # Errors
    /// [`PostgresError`]; the steps before the one that failed stay taken.
    pub async fn up(&self, postgres: &Postgres) -> Result<Vec<Migration>, PostgresError> {
        let mut done = Vec::new();
        while let Some(step) = self.up_one(postgres).await? {
            info!(step = step.version, name = step.name, "a step of the schema was taken");
            done.push(step);
        }
        Ok(done)
    }

    /// Takes steps back, newest first, until `to` is the newest; 0 leaves none.
    ///
    /// # Errors
    /// [`PostgresError::Newer`] at a step that this server does not know; [`PostgresError`].
    pub async fn down(
        &self,
        postgres: &Postgres,
        to: i32,
    ) -> Result<Vec<Migration>, PostgresError> {
        let mut done = Vec::new();
        while let Some(step) = self.down_one(postgres, to).await? {
            info!(step = step.version, name = step.name, "a step of the schema was taken back");
            done.push(step);
        }
        Ok(done)
    }

    async fn up_one(&self, postgres: &Postgres) -> Result<Option<Migration>, PostgresError> {
        let mut connection = postgres.connection().await?;
        let transaction = connection.transaction().await?;
        begin(&transaction).await?;
        let status = self.compare(taken(&transaction).await?);
        let Some(step) = missing(self.steps, &status)?.first().copied() else { return Ok(None) };
        transaction.batch_execute(step.up()).await?;
        let insert = "INSERT INTO schema_migration (version, name, checksum) VALUES ($1, $2, $3)";
        transaction.execute(insert, &[&step.version, &step.name, &step.checksum()]).await?;
        transaction.commit().await?;
        Ok(Some(step))
    }

    async fn down_one(
        &self,
        postgres: &Postgres,
        to: i32,
    ) -> Result<Option<Migration>, PostgresError> {
        let mut connection = postgres.connection().await?;
        let transaction = connection.transaction().await?;
        begin(&transaction).await?;
        let newest = taken(&transaction).await?.pop();
        let Some(newest) = newest.filter(|newest| newest.version > to) else { return Ok(None) };
        let version = newest.version;
        let known = self.steps.iter().find(|step| step.version == version);
        let step = *known.ok_or(PostgresError::Newer { version })?;
        if step.checksum() != newest.checksum {
            return Err(PostgresError::Foreign { version });
        }
        transaction.batch_execute(step.down()).await?;
        let delete = "DELETE FROM schema_migration WHERE version = $1";
        transaction.execute(delete, &[&version]).await?;
        transaction.commit().await?;
        Ok(Some(step))
    }

    fn compare(&self, taken: Vec<Taken>) -> Vec<Stands> {
        let stands = |step: &Migration| {
            let found = taken.iter().find(|one| one.version == step.version);
            let standing = match found {
                None => Standing::Missing,
                Some(found) if found.checksum != step.checksum() => Standing::Foreign,
                Some(found) => Standing::Taken(found.at.clone()),
            };
            Stands { version: step.version, name: step.name.to_owned(), standing }
        };
        let mut all: Vec<Stands> = self.steps.iter().map(stands).collect();
        let known = |one: &Taken| self.steps.iter().any(|step| step.version == one.version);
        let newer = taken.iter().filter(|one| !known(one));
        all.extend(newer.map(|one| Stands {
            version: one.version,
            name: one.name.clone(),
            standing: Standing::Newer,
        }));
        all
    }
}

/// Whoever comes second waits for the first, and a step takes as long as it takes.
async fn begin(transaction: &Transaction<'_>) -> Result<(), PostgresError> {
    let patient = "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0;
         SET LOCAL idle_in_transaction_session_timeout = 0";
    transaction.batch_execute(patient).await?;
    transaction.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK]).await?;
    Ok(transaction.batch_execute(TABLE).await?)
}

async fn taken(transaction: &Transaction<'_>) -> Result<Vec<Taken>, PostgresError> {
    if !transaction.query_one(EXISTS, &[]).await?.get::<_, bool>(0) {
        return Ok(Vec::new());
    }
    let all = "SELECT version, name, checksum, to_char(taken_at AT TIME ZONE 'UTC',
         'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') FROM schema_migration ORDER BY version";
    let rows = transaction.query(all, &[]).await?;
    let read = |row: tokio_postgres::Row| Taken {
        version: row.get(0),
        name: row.get(1),
        checksum: row.get(2),
        at: row.get(3),
    };
    Ok(rows.into_iter().map(read).collect())
}

/// The steps that are missing; an error where one that was taken is another one.
fn missing(steps: &[Migration], status: &[Stands]) -> Result<Vec<Migration>, PostgresError> {
    if let Some(foreign) = status.iter().find(|one| one.standing == Standing::Foreign) {
        return Err(PostgresError::Foreign { version: foreign.version });
    }
    let is_missing = |step: &&Migration| {
        status.iter().any(|one| one.version == step.version && one.standing == Standing::Missing)
    };
    Ok(steps.iter().filter(is_missing).copied().collect())
}
