//! `sovereign-server backup`: copies of the data folder, made, tried and put back.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;

use crate::backup::{self, BackupError, Manifest, Report};
use crate::config::{Config, Flags};
use crate::{BAD_SETTINGS, fail};

/// What to do with backups of a data folder; what is in PostgreSQL is backed up by its own
/// tools.
#[derive(Debug, Subcommand)]
pub(super) enum BackupCommand {
    /// Copy the data folder, whether its server runs or not; refused where postgres.url is set
    Create {
        /// The settings.
        #[command(flatten)]
        flags: Box<Flags>,
        /// Where to: a new or empty folder
        folder: PathBuf,
    },
    /// Hash every file again and play every game in it
    Verify {
        /// Folder of the operator's own maps
        #[arg(long, value_name = "FOLDER")]
        maps_dir: Option<PathBuf>,
        /// The backup
        folder: PathBuf,
    },
    /// Put a backup into a data folder that holds nothing yet
    Restore {
        /// Data folder of the server to be
        #[arg(long, value_name = "FOLDER", default_value = "./data")]
        data_dir: PathBuf,
        /// The backup
        folder: PathBuf,
    },
}

impl BackupCommand {
    pub(super) fn run(&self) -> ExitCode {
        match self {
            Self::Create { flags, folder } => create(flags, folder),
            Self::Restore { data_dir, folder } => {
                done("restored", data_dir, backup::restore(folder, data_dir))
            }
            Self::Verify { maps_dir, folder } => verify(folder, maps_dir.as_deref()),
        }
    }
}

fn create(flags: &Flags, folder: &Path) -> ExitCode {
    let config = match Config::load(flags, std::env::vars()) {
        Ok(config) => config,
        Err(error) => return fail(&error, BAD_SETTINGS),
    };
    if !config.postgres.url.is_empty() {
        return fail(&BackupError::Elsewhere(config.keys_dir().to_owned()), 1);
    }
    done("made", folder, backup::create(&config.server.data_dir, folder))
}

fn done(what: &str, folder: &Path, result: Result<Manifest, BackupError>) -> ExitCode {
    let manifest = match result {
        Ok(manifest) => manifest,
        Err(error) => return fail(&error, 1),
    };
    let bytes: u64 = manifest.files.iter().map(|file| file.bytes).sum();
    println!("{what}: {} ({} files, {bytes} bytes)", folder.display(), manifest.files.len());
    ExitCode::SUCCESS
}

fn verify(folder: &Path, maps_dir: Option<&Path>) -> ExitCode {
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error, 1),
    };
    let scratch = std::env::temp_dir().join(format!("sovereign-verify-{}", std::process::id()));
    match runtime.block_on(backup::verify(folder, &scratch, maps_dir)) {
        Ok(report) => tell(&report),
        Err(error) => fail(&error, 1),
    }
}

fn tell(report: &Report) -> ExitCode {
    for fault in &report.faults {
        eprintln!("sovereign-server: {fault}");
    }
    println!("{} running games go on, {} replays play to their end", report.games, report.replays);
    if report.faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
