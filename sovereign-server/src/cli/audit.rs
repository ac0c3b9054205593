//! `sovereign-server audit`: the admins' log without a server.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;

use crate::fail;
use crate::store::sqlite::audit_check_file;

/// What to do with the audit log.
#[derive(Debug, Subcommand)]
pub(super) enum AuditCommand {
    /// Compute the chain again; exit code 1 if a row was changed, dropped or slipped in
    Verify {
        /// Data folder of the server
        #[arg(long, value_name = "FOLDER", default_value = "./data")]
        data_dir: PathBuf,
    },
}

impl AuditCommand {
    pub(super) fn run(&self) -> ExitCode {
        let Self::Verify { data_dir } = self;
        let report = match audit_check_file(&data_dir.join("main.db")) {
            Ok(report) => report,
            Err(error) => return fail(&error, 1),
        };
        if let Some(row) = report.broken_at {
            eprintln!("sovereign-server: the audit log is broken at row {row}");
            return ExitCode::FAILURE;
        }
        println!("the audit log is whole: {} rows, newest {}", report.rows, report.newest);
        ExitCode::SUCCESS
    }
}
