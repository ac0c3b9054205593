//! Who plays a seat, as the command line names it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use sovereign_core::Seed;
use sovereign_core::bot::{self, Bot};
use sovereign_core::id::PlayerId;

use super::DEADLINE;
use super::restrict::{Restricted, Restriction};
use crate::error::CliError;
use crate::external::message::Setting;
use crate::external::process::Process;
use crate::external::{External, Handle, Program};

/// What a bot's name begins with when it is a program.
const COMMAND: &str = "cmd:";
/// What separates a bot's name from what it does without.
const WITHOUT: &str = ":no-";

/// A bot for the table, and the handle of one that is a program.
pub(super) type Player = (Box<dyn Bot>, Option<Handle>);

/// Who plays a seat: a shipped bot or a program, perhaps without some of the rules.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Contender {
    kind: Kind,
    without: Vec<Restriction>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Shipped(String),
    Program { line: String, words: Vec<String>, deadline: Duration },
}

impl Contender {
    /// `NAME` or `cmd:PROGRAM ARGUMENTS`, followed by `:no-alliances` and the like for
    /// each thing it does without.
    ///
    /// # Errors
    /// If there is no such bot, or the program's arguments are not quoted well.
    pub(crate) fn parse(text: &str) -> Result<Self, CliError> {
        let mut rest = text.trim();
        let mut without = Vec::new();
        while let Some((name, restriction)) = restricted(rest) {
            without.push(restriction);
            rest = name;
        }
        without.sort();
        without.dedup();
        Ok(Self { kind: Kind::parse(rest)?, without })
    }

    /// Each name of a list.
    ///
    /// # Errors
    /// As [`Contender::parse`].
    pub(crate) fn parse_all(names: &[String]) -> Result<Vec<Self>, CliError> {
        names.iter().map(|name| Self::parse(name)).collect()
    }

    /// The same, if it is a program, with another time to think.
    pub(crate) fn within(mut self, time: Duration) -> Self {
        if let Kind::Program { deadline, .. } = &mut self.kind {
            *deadline = time;
        }
        self
    }

    /// The same, without one thing more.
    pub(crate) fn without(&self, restriction: Restriction) -> Self {
        let mut without = self.without.clone();
        without.push(restriction);
        without.sort();
        without.dedup();
        Self { kind: self.kind.clone(), without }
    }

    /// Starts a program once, to see whether it can be run and says hello.
    pub(super) fn probe(&self) -> Result<(), CliError> {
        let Kind::Program { line, words, deadline } = &self.kind else { return Ok(()) };
        let program = Program { words: words.clone(), deadline: *deadline };
        let hello = Process::start(&program).and_then(|mut process| process.greet());
        hello.map(drop).map_err(|fault| CliError::input(format!("{line}: {fault}")))
    }

    /// A bot for one game.
    pub(super) fn player(
        &self,
        seat: PlayerId,
        seed: Seed,
        dice: u64,
        setting: &Arc<Setting>,
    ) -> Result<Player, CliError> {
        let (bot, handle) = self.kind.player(seat, seed, dice, setting)?;
        if self.without.is_empty() {
            return Ok((bot, handle));
        }
        Ok((Box::new(Restricted::new(bot, self.without.clone())), handle))
    }
}

/// A name without its last restriction, and that restriction.
fn restricted(text: &str) -> Option<(&str, Restriction)> {
    let (name, word) = text.rsplit_once(WITHOUT)?;
    Some((name, Restriction::by_name(word)?))
}

impl Kind {
    fn parse(text: &str) -> Result<Self, CliError> {
        let Some(line) = text.strip_prefix(COMMAND) else {
            return Self::shipped(text);
        };
        let words = shlex::split(line).filter(|words| !words.is_empty());
        let words = words.ok_or_else(|| {
            CliError::input(format!("'{text}' names no program, or a quote in it is open"))
        })?;
        Ok(Self::Program { line: text.to_owned(), words, deadline: DEADLINE })
    }

    fn shipped(name: &str) -> Result<Self, CliError> {
        if bot::NAMES.contains(&name) {
            return Ok(Self::Shipped(name.to_owned()));
        }
        let names = bot::NAMES.join(", ");
        Err(CliError::input(format!(
            "there is no bot '{name}'; the bots are {names}, and cmd:PROGRAM for one of your own"
        )))
    }

    fn player(
        &self,
        seat: PlayerId,
        seed: Seed,
        dice: u64,
        setting: &Arc<Setting>,
    ) -> Result<Player, CliError> {
        match self {
            Self::Shipped(name) => {
                let missing = || CliError::input(format!("there is no bot '{name}'"));
                Ok((bot::by_name(name, seed).ok_or_else(missing)?, None))
            }
            Self::Program { words, deadline, .. } => {
                let program = Program { words: words.clone(), deadline: *deadline };
                let (bot, handle) = External::new(program, setting.clone(), seat, dice);
                Ok((Box::new(bot), Some(handle)))
            }
        }
    }
}

impl fmt::Display for Contender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Shipped(name) | Kind::Program { line: name, .. } => f.write_str(name)?,
        }
        self.without.iter().try_for_each(|without| write!(f, "{WITHOUT}{without}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_and_written() {
        for name in [
            "expander",
            "expander:no-structures",
            "random:no-alliances:no-players",
            "cmd:python3 'my bot.py' --bold",
            "cmd:bot C:no-way:no-players",
        ] {
            let contender = Contender::parse(name).expect("a name");
            assert_eq!(contender.to_string(), name);
        }
        let program = Contender::parse("cmd:python3 'my bot.py' --bold").expect("a program");
        let Kind::Program { words, .. } = program.kind else { panic!("a program") };
        assert_eq!(words, ["python3", "my bot.py", "--bold"]);
    }

    #[test]
    fn bad_names_are_refused() {
        for (name, said) in
            [("oracle", "oracle"), ("cmd:", "program"), ("cmd:a 'b", "quote"), ("", "no bot")]
        {
            let error = Contender::parse(name).expect_err("no such bot").to_string();
            assert!(error.contains(said), "{name}: {error}");
        }
    }
}
