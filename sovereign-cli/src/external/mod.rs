//! Bots in any language: programs that speak line-delimited JSON over standard input
//! and output. `docs/bot-programs.md` specifies the protocol.

pub(crate) mod fault;
pub(crate) mod message;
pub(crate) mod process;
mod sight;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sovereign_core::bot::Bot;
use sovereign_core::id::PlayerId;
use sovereign_core::quantity::{TICK_MAX, Tick};
use sovereign_core::{Command, Game, View};

use fault::Fault;
use message::{End, FromBot, Order, Refused, Setting, Start, ToBot, Wake};
use process::Process;
pub(crate) use sight::Eyes;

/// The version of the protocol that this program speaks.
pub(crate) const PROTOCOL: u32 = 1;
/// The most bytes of a bot's line, its line break included.
pub(crate) const LINE_BYTES_MAX: usize = 64 * 1024;
/// The most commands of one answer.
pub(crate) const COMMANDS_MAX: usize = 1_024;
/// The longest name of a bot, in characters.
pub(crate) const NAME_CHARS_MAX: usize = 64;
/// How long a bot may take to start and say hello.
pub(crate) const HELLO_DEADLINE: Duration = Duration::from_secs(10);
/// How long a bot may take to leave once its game is over, before it is ended.
pub(crate) const LEAVE_DEADLINE: Duration = Duration::from_millis(500);

/// How a bot is run: its command line, and how long it may think.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Program {
    /// The program and its arguments.
    pub(crate) words: Vec<String>,
    /// How long it may take for an answer.
    pub(crate) deadline: Duration,
}

/// Why and when a bot lost its seat.
#[derive(Debug)]
pub(crate) struct Forfeit {
    /// The tick at which it was asked in vain.
    pub(crate) tick: Tick,
    /// What it did.
    pub(crate) fault: Fault,
}

/// What a game's host keeps of a bot that it has seated: the table owns the bot itself.
#[derive(Clone, Debug, Default)]
pub(crate) struct Handle(Arc<Mutex<Talk>>);

/// The conversation with a bot of one game.
#[derive(Debug, Default)]
struct Talk {
    process: Option<Process>,
    forfeit: Option<Forfeit>,
}

impl Handle {
    fn talk<T>(&self, with: impl FnOnce(&mut Talk) -> T) -> T {
        with(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Tells the bot how the game ended and lets it go. Says why it lost its seat, if
    /// it did.
    pub(crate) fn end(&self, game: &Game, seat: PlayerId) -> Option<Forfeit> {
        self.talk(|talk| {
            if let Some(process) = talk.process.take() {
                process.dismiss(&ToBot::End(End::of(game, seat)));
            }
            talk.forfeit.take()
        })
    }
}

/// A bot in its seat, played by a program of its own.
pub(crate) struct External {
    program: Program,
    setting: Arc<Setting>,
    seat: PlayerId,
    dice: u64,
    eyes: Eyes,
    refused: Vec<Refused>,
    handle: Handle,
}

impl External {
    /// A bot that is started when it is first asked. `dice` is for its own use.
    pub(crate) fn new(
        program: Program,
        setting: Arc<Setting>,
        seat: PlayerId,
        dice: u64,
    ) -> (Self, Handle) {
        let handle = Handle::default();
        let (eyes, refused) = (Eyes::default(), Vec::new());
        (Self { program, setting, seat, dice, eyes, refused, handle: handle.clone() }, handle)
    }

    /// Starts the program and shakes hands, if that has not been done.
    fn meet(&self, talk: &mut Talk) -> Result<(), Fault> {
        if talk.process.is_some() {
            return Ok(());
        }
        let mut process = Process::start(&self.program)?;
        process.greet()?;
        process.tell(&Start::new(self.seat, self.dice, self.program.deadline).line(&self.setting));
        process.hear(HELLO_DEADLINE)?.ready()?;
        talk.process = Some(process);
        Ok(())
    }

    fn ask(&mut self, view: &View<'_>) -> Result<Order, Fault> {
        let wake = Wake::new(self.eyes.look(view), view, std::mem::take(&mut self.refused));
        self.handle.talk(|talk| {
            self.meet(talk)?;
            let process = talk.process.as_mut().expect("they have just met");
            process.tell(&ToBot::Wake(Box::new(wake)).line());
            process.hear(self.program.deadline)?.orders()
        })
    }

    /// Passes on what the view allows, and keeps the reasons for the rest.
    fn sift(&mut self, view: &View<'_>, commands: Vec<Command>, wishes: &mut Vec<Command>) {
        for (index, command) in commands.into_iter().enumerate() {
            match view.validate(command) {
                Ok(()) => wishes.push(command),
                Err(reason) => self.refused.push(Refused::new(index, reason)),
            }
        }
    }

    /// The seat is given up, and the program ended.
    fn forfeit(&self, tick: Tick, fault: Fault, wishes: &mut Vec<Command>) {
        self.handle.talk(|talk| {
            talk.process = None;
            talk.forfeit = Some(Forfeit { tick, fault });
        });
        wishes.push(Command::Surrender(sovereign_core::command::Surrender {}));
    }
}

impl Bot for External {
    fn wake(&mut self, view: &View<'_>, wishes: &mut Vec<Command>) -> Tick {
        match self.ask(view) {
            Ok(Order { commands, wake }) => {
                self.sift(view, commands, wishes);
                wake
            }
            Err(fault) => {
                self.forfeit(view.tick(), fault, wishes);
                Tick(TICK_MAX)
            }
        }
    }
}

impl FromBot {
    fn ready(self) -> Result<(), Fault> {
        match self {
            Self::Ready {} => Ok(()),
            other => {
                Err(Fault::Unexpected { asked: "start", needed: "ready", found: other.name() })
            }
        }
    }

    fn orders(self) -> Result<Order, Fault> {
        match self {
            Self::Orders(order) if order.commands.len() <= COMMANDS_MAX => Ok(order),
            Self::Orders(order) => Err(Fault::TooMany { commands: order.commands.len() }),
            other => {
                Err(Fault::Unexpected { asked: "wake", needed: "orders", found: other.name() })
            }
        }
    }
}
