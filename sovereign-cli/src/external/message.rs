//! The messages between a host and a bot's program, one a line.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sovereign_core::command::Reject;
use sovereign_core::event::EndReason;
use sovereign_core::id::PlayerId;
use sovereign_core::map::MapDraft;
use sovereign_core::quantity::Tick;
use sovereign_core::rules::RULES_VERSION;
use sovereign_core::view::Own;
use sovereign_core::{Command, Game, Map, Rules, View};

use super::sight::Sight;
use super::{NAME_CHARS_MAX, PROTOCOL};
use crate::external::fault::Fault;

/// What a host says.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ToBot {
    /// The first line. Answered by [`FromBot::Hello`].
    Hello {
        /// The version of the protocol.
        protocol: u32,
        /// The engine's version.
        engine: &'static str,
        /// The version of the rules that the engine plays.
        rules_version: u32,
    },
    /// It is time to look and to order. Answered by [`FromBot::Orders`].
    Wake(Box<Wake>),
    /// The game is over. Not answered: the program ends.
    End(End),
}

/// What a bot says.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum FromBot {
    /// Who it is.
    Hello {
        /// The version of the protocol that it speaks.
        protocol: u32,
        /// Its name.
        name: String,
    },
    /// It has taken in map and rules.
    Ready {},
    /// What it wishes for, and when to ask it again.
    Orders(Order),
}

/// What a bot wishes for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Order {
    /// Carried out in this order.
    pub(crate) commands: Vec<Command>,
    /// The tick at which it wants to be asked again; the next one if that has passed.
    pub(crate) wake: Tick,
}

impl ToBot {
    /// The greeting of this program.
    pub(crate) const fn hello() -> Self {
        let engine = env!("CARGO_PKG_VERSION");
        Self::Hello { protocol: PROTOCOL, engine, rules_version: RULES_VERSION }
    }

    /// The message as a line.
    pub(crate) fn line(&self) -> Vec<u8> {
        line(&serde_json::to_string(self).expect("messages are plain numbers, strings and lists"))
    }
}

fn line(text: &str) -> Vec<u8> {
    [text.as_bytes(), b"\n"].concat()
}

impl FromBot {
    /// The message's name.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Hello { .. } => "hello",
            Self::Ready {} => "ready",
            Self::Orders(_) => "orders",
        }
    }

    /// The message in a line.
    pub(crate) fn read(line: &[u8]) -> Result<Self, Fault> {
        serde_json::from_slice(line).map_err(|error| Fault::garbage(error, line))
    }

    /// The name of a bot that says hello as it should.
    pub(crate) fn greeting(self) -> Result<String, Fault> {
        let Self::Hello { protocol, name } = self else {
            let (asked, needed, found) = ("hello", "hello", self.name());
            return Err(Fault::Unexpected { asked, needed, found });
        };
        let chars = name.chars().count();
        match (protocol, chars) {
            (PROTOCOL, 1..=NAME_CHARS_MAX) => Ok(name),
            (PROTOCOL, _) => Err(Fault::Name { chars }),
            (found, _) => Err(Fault::Protocol { found }),
        }
    }
}

/// Map, rules and number of seats: what all bots of a run are told, as JSON.
#[derive(Debug)]
pub(crate) struct Setting(String);

impl Setting {
    /// The map comes without outlines: they are for drawing, and long.
    pub(crate) fn new(map: &Map, rules: &Rules, seats: usize) -> Self {
        let mut map = MapDraft::from(map);
        map.territories.iter_mut().for_each(|territory| territory.outline.clear());
        let plain = "maps and rules are plain numbers, strings and lists";
        let map = serde_json::to_string(&map).expect(plain);
        let rules = serde_json::to_string(&**rules).expect(plain);
        Self(format!(r#""seats":{seats},"map":{map},"rules":{rules}"#))
    }
}

/// Which seat of which game: answered by [`FromBot::Ready`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Start {
    you: PlayerId,
    dice: u64,
    deadline: Duration,
}

impl Start {
    /// A seat, a number for the bot's own dice, and how long it may think.
    pub(crate) const fn new(you: PlayerId, dice: u64, deadline: Duration) -> Self {
        Self { you, dice, deadline }
    }

    /// The message as a line, around what all bots of a run are told.
    pub(crate) fn line(self, setting: &Setting) -> Vec<u8> {
        let Self { you, dice, deadline } = self;
        let (deadline, setting) = (deadline.as_millis(), &setting.0);
        line(&format!(
            r#"{{"start":{{"you":{you},"dice":{dice},"deadline_ms":{deadline},{setting}}}}}"#
        ))
    }
}

/// What a bot sees when it is asked.
#[derive(Debug, Serialize)]
pub(crate) struct Wake {
    #[serde(flatten)]
    sight: Sight,
    own: Option<Own>,
    refused: Vec<Refused>,
}

impl Wake {
    /// What the bot's view shows, and what became of the commands before.
    pub(crate) fn new(sight: Sight, view: &View<'_>, refused: Vec<Refused>) -> Self {
        let (gold, reserve, gold_since) = (view.gold(), view.reserve(), view.tick());
        let own = view.own().map(|own| Own { gold, reserve, gold_since, ..own });
        Self { sight, own, refused }
    }
}

/// A command that was not passed on to the game.
#[derive(Debug, Serialize)]
pub(crate) struct Refused {
    index: usize,
    refused: Reject,
    message: String,
}

impl Refused {
    /// `index` is the command's position in the answer, from 0.
    pub(crate) fn new(index: usize, refused: Reject) -> Self {
        Self { index, refused, message: refused.to_string() }
    }
}

/// How a game ended.
#[derive(Debug, Serialize)]
pub(crate) struct End {
    tick: Tick,
    place: u16,
    winner: Option<PlayerId>,
    reason: Option<EndReason>,
}

impl End {
    /// As a seat sees it.
    pub(crate) fn of(game: &Game, seat: PlayerId) -> Self {
        let state = game.state();
        let place = game.view(None).player(seat).place;
        Self { tick: game.tick(), place, winner: state.winner, reason: state.reason }
    }
}
