//! `sovereign-server audit`: the admins' log without a server.

use std::error::Error;
use std::process::ExitCode;

use clap::Subcommand;

use crate::config::{Config, Flags};
use crate::postgres::Postgres;
use crate::store::sqlite::audit_check_file;
use crate::store::{Audit as _, AuditReport, PostgresStore};
use crate::{BAD_SETTINGS, fail};

/// What to do with the audit log.
#[derive(Debug, Subcommand)]
pub(super) enum AuditCommand {
    /// Compute the chain again; exit code 1 if a row was changed, dropped or slipped in
    Verify {
        /// The settings.
        #[command(flatten)]
        flags: Box<Flags>,
    },
}

impl AuditCommand {
    pub(super) fn run(&self) -> ExitCode {
        let Self::Verify { flags } = self;
        let config = match Config::load(flags, std::env::vars()) {
            Ok(config) => config,
            Err(error) => return fail(&error, BAD_SETTINGS),
        };
        match check(&config) {
            Ok(report) => tell(&report),
            Err(error) => fail(&*error, 1),
        }
    }
}

fn check(config: &Config) -> Result<AuditReport, Box<dyn Error>> {
    if config.postgres.url.is_empty() {
        return Ok(audit_check_file(&config.server.data_dir.join("main.db"))?);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let postgres = Postgres::open(&config.postgres, &config.limits).await?;
        Ok(PostgresStore::new(postgres, None, "").audit_check().await?)
    })
}

fn tell(report: &AuditReport) -> ExitCode {
    if let Some(row) = report.broken_at {
        eprintln!("sovereign-server: the audit log is broken at row {row}");
        return ExitCode::FAILURE;
    }
    println!("the audit log is whole: {} rows, newest {}", report.rows, report.newest);
    ExitCode::SUCCESS
}
