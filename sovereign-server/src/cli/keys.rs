//! `sovereign-server keys`: the keys that sign tokens, of a server that runs or not.

use std::error::Error;
use std::process::ExitCode;

use clap::Subcommand;

use crate::auth::keys::{self, KeyRing, KeyState};
use crate::auth::now_s;
use crate::config::{Config, Flags};
use crate::{BAD_SETTINGS, fail};

/// What to do with the keys.
#[derive(Debug, Subcommand)]
pub(super) enum KeysCommand {
    /// Show which keys there are, and what each is good for
    List {
        /// The settings.
        #[command(flatten)]
        flags: Flags,
    },
    /// Make a new key; a running server takes it up by itself, and nobody is logged out
    Rotate {
        /// After how many seconds it signs; it is published at once, for those who keep copies
        #[arg(long, value_name = "SECONDS", default_value_t = 60)]
        after: u64,
        /// Somebody else has a key: sign with the new one at once, and remove all others
        #[arg(long, conflicts_with = "after")]
        compromised: bool,
        /// The settings.
        #[command(flatten)]
        flags: Flags,
    },
}

impl KeysCommand {
    pub(super) fn run(&self) -> ExitCode {
        let (Self::List { flags } | Self::Rotate { flags, .. }) = self;
        let config = match Config::load(flags, std::env::vars()) {
            Ok(config) => config,
            Err(error) => return fail(&error, BAD_SETTINGS),
        };
        match self.act(&config) {
            Ok(ring) => {
                print!("{}", table(&ring, now_s()));
                ExitCode::SUCCESS
            }
            Err(error) => fail(&*error, 1),
        }
    }

    fn act(&self, config: &Config) -> Result<KeyRing, Box<dyn Error>> {
        let (data, overlap_s) = (config.keys_dir(), config.auth.overlap_s());
        let now = now_s();
        match *self {
            Self::List { .. } => Ok(keys::list(data, overlap_s)?),
            Self::Rotate { after, compromised: false, .. } => {
                Ok(keys::rotate(data, overlap_s, now, now + after)?)
            }
            Self::Rotate { .. } => {
                let ring = keys::rotate(data, overlap_s, now, now)?;
                let new = ring.newest().map(|key| key.id().to_owned());
                keys::keep_only(data, new.as_slice())?;
                Ok(keys::list(data, overlap_s)?)
            }
        }
    }
}

/// One line for each key; times in seconds since 1970.
fn table(ring: &KeyRing, now_s: u64) -> String {
    let mut text = String::from("key                                          made        state\n");
    for (key, state) in ring.states(now_s) {
        let state = match state {
            KeyState::Published => format!("signs in {} s", key.signs_from_s() - now_s),
            KeyState::Signing => "signs".to_owned(),
            KeyState::Verifying(left) => format!("verifies for another {left} s"),
            KeyState::Over => "over; the next rotation removes it".to_owned(),
        };
        text += &format!("{}  {}  {state}\n", key.id(), key.created_s());
    }
    text
}
