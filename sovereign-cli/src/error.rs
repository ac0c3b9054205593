//! What can go wrong on the command line, and the exit code that says so.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Why a command did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    /// The command ran, and what it looked at is not as it should be. Its report has
    /// been shown.
    #[error("{0}")]
    Check(String),
    /// An argument or what it names cannot be used.
    #[error("{0}")]
    Input(String),
    /// A file or folder cannot be read or written.
    #[error("cannot {what} {}: {source}", path.display())]
    File {
        /// Such as `read`.
        what: &'static str,
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Standard output cannot be written.
    #[error("cannot write to standard output: {0}")]
    Output(io::Error),
}

impl CliError {
    /// Bad input, in a sentence.
    pub(crate) fn input(what: impl ToString) -> Self {
        Self::Input(what.to_string())
    }

    /// A file that cannot be read or written: `what` is the verb.
    pub(crate) fn file(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::File { what, path, source }
    }

    /// Whether the reader of standard output has left, which is nothing to talk about.
    pub(crate) fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }

    /// 0 done, 1 a check failed, 2 bad input.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Check(_) => ExitCode::from(1),
            Self::Input(_) | Self::File { .. } => ExitCode::from(2),
            Self::Output(_) if self.is_broken_pipe() => ExitCode::SUCCESS,
            Self::Output(_) => ExitCode::from(2),
        }
    }
}
