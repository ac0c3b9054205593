//! What a bot's program can do wrong: each of these costs it the game, and nothing else.

use std::time::Duration;

use super::{COMMANDS_MAX, LINE_BYTES_MAX, NAME_CHARS_MAX, PROTOCOL};

/// The longest piece of a bot's line that is shown, in bytes.
const QUOTE_BYTES_MAX: usize = 120;

/// Why a program lost its seat.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// It cannot be run.
    #[error("cannot run '{program}': {source}")]
    Start {
        /// The program.
        program: String,
        /// Why.
        source: std::io::Error,
    },
    /// It did not answer in time.
    #[error("no answer within {} ms", deadline.as_millis())]
    Silent {
        /// How long it had.
        deadline: Duration,
    },
    /// It ended, or closed its standard output.
    #[error("it ended without an answer")]
    Gone,
    /// Its line does not come to an end.
    #[error("its line is longer than {LINE_BYTES_MAX} bytes")]
    TooLong,
    /// Its line is no message of the protocol.
    #[error("its line is no answer: {what}: {quote}")]
    Garbage {
        /// What is wrong.
        what: String,
        /// The line's beginning.
        quote: String,
    },
    /// A message of the protocol, but not the one that was asked for.
    #[error("it answered `{asked}` with `{found}` instead of `{needed}`")]
    Unexpected {
        /// What it was told.
        asked: &'static str,
        /// What answers that.
        needed: &'static str,
        /// What it said.
        found: &'static str,
    },
    /// It speaks another protocol.
    #[error("it speaks protocol {found}, this program speaks {PROTOCOL}")]
    Protocol {
        /// Its version.
        found: u32,
    },
    /// Its name is empty or too long.
    #[error("its name has {chars} characters; 1 to {NAME_CHARS_MAX} are allowed")]
    Name {
        /// How many.
        chars: usize,
    },
    /// More commands than an answer may have.
    #[error("it answered with {commands} commands; at most {COMMANDS_MAX} are allowed")]
    TooMany {
        /// How many.
        commands: usize,
    },
}

impl Fault {
    /// A line that is no message.
    pub(super) fn garbage(what: impl ToString, line: &[u8]) -> Self {
        let text = String::from_utf8_lossy(line);
        let cut = text.floor_char_boundary(QUOTE_BYTES_MAX);
        let mark = if cut < text.len() { "..." } else { "" };
        let quote = format!("{:?}{mark}", &text[..cut]);
        Self::Garbage { what: what.to_string(), quote }
    }
}
