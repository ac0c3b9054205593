//! `sovereign-server migrate`: the schema of a fleet's database.

use std::process::ExitCode;

use clap::Subcommand;

use crate::config::{Config, Flags};
use crate::postgres::{Migration, Migrator, Postgres, PostgresError, Standing, Stands};
use crate::{BAD_SETTINGS, fail};

/// What to do with the schema of `postgres.url`.
#[derive(Debug, Subcommand)]
pub(super) enum MigrateCommand {
    /// Show which steps were taken, which are missing, and which a newer server took;
    /// exit code 1 if a server of this version would not start on it
    Status {
        /// The settings.
        #[command(flatten)]
        flags: Flags,
    },
    /// Show what `up` would do, as SQL, and do nothing
    Plan {
        /// The settings.
        #[command(flatten)]
        flags: Flags,
    },
    /// Take all steps that are missing; servers of the version before go on meanwhile
    Up {
        /// The settings.
        #[command(flatten)]
        flags: Flags,
    },
    /// Take steps back, newest first; what they made is dropped with all that is in it
    Down {
        /// The step that stays as the newest; 0 leaves nothing
        #[arg(long, value_name = "NUMBER")]
        to: i32,
        /// The settings.
        #[command(flatten)]
        flags: Flags,
    },
}

impl MigrateCommand {
    pub(super) fn run(&self) -> ExitCode {
        let (Self::Status { flags }
        | Self::Plan { flags }
        | Self::Up { flags }
        | Self::Down { flags, .. }) = self;
        let config = match Config::load(flags, std::env::vars()) {
            Ok(config) => config,
            Err(error) => return fail(&error, BAD_SETTINGS),
        };
        if config.postgres.url.is_empty() {
            eprintln!("sovereign-server: there is no schema to migrate: set postgres.url");
            return ExitCode::from(BAD_SETTINGS);
        }
        let runtime = match tokio::runtime::Runtime::new() {
            Ok(runtime) => runtime,
            Err(error) => return fail(&error, 1),
        };
        match runtime.block_on(self.act(&config)) {
            Ok((text, code)) => {
                print!("{text}");
                code
            }
            Err(error) => fail(&error, 1),
        }
    }

    async fn act(&self, config: &Config) -> Result<(String, ExitCode), PostgresError> {
        let postgres = Postgres::open(&config.postgres, &config.limits).await?;
        let migrator = Migrator::default();
        let text = match self {
            Self::Status { .. } => {
                let status = migrator.status(&postgres).await?;
                let code = if is_usable(&status) { ExitCode::SUCCESS } else { ExitCode::FAILURE };
                return Ok((table(&status), code));
            }
            Self::Plan { .. } => plan(&migrator.plan(&postgres).await?),
            Self::Up { .. } => done("taken", &migrator.up(&postgres).await?),
            Self::Down { to, .. } => done("taken back", &migrator.down(&postgres, *to).await?),
        };
        Ok((text, ExitCode::SUCCESS))
    }
}

/// Whether a server of this version would start.
fn is_usable(status: &[Stands]) -> bool {
    let wrong = |one: &Stands| matches!(one.standing, Standing::Missing | Standing::Foreign);
    !status.iter().any(wrong)
}

/// One line for each step.
fn table(status: &[Stands]) -> String {
    let line = |one: &Stands| {
        let state = match &one.standing {
            Standing::Taken(at) => format!("taken at {at}"),
            Standing::Missing => "missing".to_owned(),
            Standing::Foreign => "not that of this server".to_owned(),
            Standing::Newer => "taken by a newer server".to_owned(),
        };
        format!("{:04} {:<16} {state}\n", one.version, one.name)
    };
    status.iter().map(line).collect()
}

/// The steps as SQL.
fn plan(steps: &[Migration]) -> String {
    if steps.is_empty() {
        return "-- nothing is missing\n".to_owned();
    }
    let text = |step: &Migration| {
        format!("-- step {:04} {}\n{}\n", step.version, step.name, step.up().trim_end())
    };
    steps.iter().map(text).collect()
}

fn done(what: &str, steps: &[Migration]) -> String {
    if steps.is_empty() {
        return "nothing to do\n".to_owned();
    }
    steps.iter().map(|step| format!("{:04} {} {what}\n", step.version, step.name)).collect()
}
