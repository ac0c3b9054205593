//! Bots that do without some of the rules: what a rule is worth shows when one side
//! may not use it.

use std::fmt;

use sovereign_core::bot::Bot;
use sovereign_core::command::AnswerAlliance;
use sovereign_core::id::TerritoryId;
use sovereign_core::quantity::Tick;
use sovereign_core::{Command, View};

/// What a bot does without.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Restriction {
    /// It proposes, accepts and extends no alliance.
    Alliances,
    /// It builds nothing.
    Structures,
    /// It attacks no player, nor strikes any.
    Players,
}

impl Restriction {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::Alliances, Self::Structures, Self::Players];

    /// Its name on the command line.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Alliances => "alliances",
            Self::Structures => "structures",
            Self::Players => "players",
        }
    }

    /// By its name.
    pub(crate) fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|restriction| restriction.name() == name)
    }

    /// Whether it keeps a bot from a command.
    fn forbids(self, view: &View<'_>, command: &Command) -> bool {
        match (self, command) {
            (Self::Alliances, Command::AnswerAlliance(AnswerAlliance { accept, .. })) => *accept,
            (Self::Alliances, Command::ProposeAlliance(_) | Command::ExtendAlliance(_)) => true,
            (Self::Structures, Command::Build(_)) => true,
            (Self::Players, Command::Attack(attack)) => is_held(view, attack.to),
            (Self::Players, Command::Strike(strike)) => is_held(view, strike.target),
            _ => false,
        }
    }
}

/// Whether a territory that a bot names exists and is a player's.
fn is_held(view: &View<'_>, territory: TerritoryId) -> bool {
    view.map().contains(territory) && view.owner(territory).is_some()
}

impl fmt::Display for Restriction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A bot whose forbidden wishes are dropped.
pub(super) struct Restricted {
    bot: Box<dyn Bot>,
    without: Vec<Restriction>,
}

impl Restricted {
    pub(super) const fn new(bot: Box<dyn Bot>, without: Vec<Restriction>) -> Self {
        Self { bot, without }
    }
}

impl Bot for Restricted {
    fn wake(&mut self, view: &View<'_>, wishes: &mut Vec<Command>) -> Tick {
        let mut all = Vec::new();
        let wake = self.bot.wake(view, &mut all);
        let allowed = |command: &Command| {
            let mut restrictions = self.without.iter();
            !restrictions.any(|restriction| restriction.forbids(view, command))
        };
        wishes.extend(all.into_iter().filter(allowed));
        wake
    }
}
