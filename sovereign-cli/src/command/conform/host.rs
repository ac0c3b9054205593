//! A host that a check can bend: it asks a program as a table would, and keeps what it
//! answered.

use std::cell::OnceCell;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;
use sovereign_core::bot::{self, Alarm, Bot};
use sovereign_core::id::PlayerId;
use sovereign_core::map::generate;
use sovereign_core::quantity::{TICK_MAX, Tick};
use sovereign_core::{Command, Game, Map, Order, Phase, Reject, Rules, Seed, SystemOrder};

use crate::error::CliError;
use crate::external::fault::Fault;
use crate::external::message::{
    End, FromBot, Order as Orders, Refused, Setting, Start, ToBot, Wake,
};
use crate::external::process::Process;
use crate::external::{Eyes, HELLO_DEADLINE, Program};

/// Ten minutes of play.
const LONG: Tick = Tick(12_000);

/// The program under test, and the settings that it is tried in.
pub(super) struct Bench {
    pub(super) program: Program,
    map: Arc<Map>,
    rules: Arc<Rules>,
    played: OnceCell<Result<Record, String>>,
}

/// The setting of a game.
pub(super) struct Scene {
    pub(super) map: Arc<Map>,
    pub(super) rules: Arc<Rules>,
    pub(super) seats: u16,
    pub(super) seat: u16,
    pub(super) rival: &'static str,
}

/// What is seen, or what is wrong.
pub(super) type Seen = Result<String, String>;

impl Bench {
    pub(super) fn new(program: Program) -> Result<Self, CliError> {
        let missing = || CliError::input("the shipped map and rules 'classic' are missing");
        let map = Map::shipped("classic").ok_or_else(missing)?;
        let rules = Rules::preset("classic").ok_or_else(missing)?;
        let (map, rules) = (Arc::new(map), Arc::new(rules));
        Ok(Self { program, map, rules, played: OnceCell::new() })
    }

    /// A game of two on the classic map.
    pub(super) fn scene(&self) -> Scene {
        let (map, rules) = (self.map.clone(), self.rules.clone());
        Scene { map, rules, seats: 2, seat: 0, rival: "random" }
    }

    /// What it did in ten minutes of a game of two: played once, looked at by many.
    pub(super) fn played(&self) -> Result<&Record, String> {
        let play = || {
            let mut host = self.host(self.scene())?;
            host.play(LONG)?;
            Ok(host.record)
        };
        self.played.get_or_init(play).as_ref().map_err(String::clone)
    }

    /// A program that has been started and told nothing.
    pub(super) fn process(&self) -> Result<Process, String> {
        Process::start_with(&self.program, Stdio::null()).map_err(words)
    }

    /// A game in which the program has said that it is ready.
    pub(super) fn host(&self, scene: Scene) -> Result<Host, String> {
        self.host_with(scene, |_| {})
    }

    /// The same, after the message `start` was changed.
    pub(super) fn host_with(
        &self,
        scene: Scene,
        edit: impl FnOnce(&mut Value),
    ) -> Result<Host, String> {
        let mut process = self.process()?;
        process.greet().map_err(words)?;
        let setting = Setting::new(&scene.map, &scene.rules, usize::from(scene.seats));
        let you = PlayerId(scene.seat);
        let line = Start::new(you, 1, self.program.deadline).line(&setting);
        process.tell(&edited(&line, edit));
        let ready = process.hear(HELLO_DEADLINE).map_err(words)?;
        let FromBot::Ready {} = ready else {
            return Err(format!("`start` was answered with `{}`", ready.name()));
        };
        Host::new(process, &scene, self.program.deadline)
    }
}

/// A message after a change.
pub(super) fn edited(line: &[u8], edit: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut value: Value = serde_json::from_slice(line).expect("a line that we wrote");
    edit(&mut value);
    format!("{value}\n").into_bytes()
}

pub(super) fn words(fault: Fault) -> String {
    fault.to_string()
}

/// A game against rivals, hosted for a program.
pub(super) struct Host {
    pub(super) process: Process,
    pub(super) game: Game,
    pub(super) you: PlayerId,
    deadline: Duration,
    eyes: Eyes,
    refused: Vec<Refused>,
    rivals: Vec<(PlayerId, Alarm, Box<dyn Bot>)>,
    alarm: Alarm,
    pub(super) record: Record,
}

/// What a program did.
#[derive(Default)]
pub(super) struct Record {
    /// How often it was asked.
    pub(super) wakes: u32,
    /// The longest that it took to answer.
    pub(super) slowest: Duration,
    /// Its commands, and what the view said to them.
    pub(super) commands: Vec<(Command, Result<(), Reject>)>,
    /// When it was asked, and when it wants to be asked again.
    pub(super) asked: Vec<(Tick, Tick)>,
    /// Whether it chose where to start.
    pub(super) spawned: bool,
}

impl Host {
    fn new(process: Process, scene: &Scene, deadline: Duration) -> Result<Self, String> {
        let game = Game::new(scene.map.clone(), scene.rules.clone(), Seed::from(1), scene.seats);
        let mut game = game.map_err(|error| error.to_string())?;
        let you = PlayerId(scene.seat);
        let mut rivals = Vec::new();
        for player in (0..scene.seats).map(PlayerId) {
            let team = scene.rules.seats.team_of(player);
            system(&mut game, SystemOrder::Join { player, bot: true, team })?;
            if player != you {
                let bot = bot::by_name(scene.rival, Seed::from(u64::from(player.0)));
                rivals.push((player, Alarm::default(), bot.ok_or("there is no such rival")?));
            }
        }
        system(&mut game, SystemOrder::Start)?;
        let (eyes, record) = (Eyes::default(), Record::default());
        let (refused, alarm) = (Vec::new(), Alarm::default());
        Ok(Self { process, game, you, deadline, eyes, refused, rivals, alarm, record })
    }

    /// Asks the program.
    pub(super) fn ask(&mut self) -> Result<Orders, String> {
        self.ask_with(|_| {})
    }

    /// Asks the program after the message `wake` was changed.
    pub(super) fn ask_with(&mut self, edit: impl FnOnce(&mut Value)) -> Result<Orders, String> {
        let view = self.game.view(Some(self.you));
        let wake = Wake::new(self.eyes.look(&view), &view, std::mem::take(&mut self.refused));
        self.process.tell(&edited(&ToBot::Wake(Box::new(wake)).line(), edit));
        let began = Instant::now();
        let heard = self.process.hear(self.deadline);
        let at = self.game.tick();
        let heard = heard.map_err(|fault| format!("at tick {at}: {fault}"))?;
        self.record.wakes += 1;
        self.record.slowest = self.record.slowest.max(began.elapsed());
        match heard {
            FromBot::Orders(orders) => Ok(orders),
            other => Err(format!("at tick {at}: `wake` was answered with `{}`", other.name())),
        }
    }

    /// Carries out what the program asked for, and keeps what was refused.
    pub(super) fn obey(&mut self, orders: Orders) {
        let now = self.game.tick();
        self.record.asked.push((now, orders.wake));
        self.alarm.set(&self.game.view(Some(self.you)), orders.wake);
        for (index, command) in orders.commands.into_iter().enumerate() {
            let verdict = self.game.view(Some(self.you)).validate(command);
            self.record.commands.push((command, verdict));
            self.record.spawned |= matches!(command, Command::Spawn(_)) && verdict.is_ok();
            if let Err(reason) = verdict {
                self.refused.push(Refused::new(index, reason));
            }
            let _ = self.game.execute(&Order::Bot { player: self.you, seq: 0, command });
        }
    }

    /// Refuses everything with this reason.
    pub(super) fn refuse(&mut self, orders: &Orders, reason: Reject) {
        let refused = (0..orders.commands.len().max(1)).map(|index| Refused::new(index, reason));
        self.refused.extend(refused);
    }

    /// Plays on, asking whoever wants to be asked, until a tick or the game's end.
    pub(super) fn play(&mut self, until: Tick) -> Result<(), String> {
        while self.game.tick() < until && self.is_in() {
            if self.alarm.rings(&self.game.view(Some(self.you)), self.you) {
                let orders = self.ask()?;
                self.obey(orders);
            }
            let due = self.wake_rivals().min(self.alarm.wake()).min(until);
            // Nobody can foretell when a turn begins.
            let turns = self.game.rules().turns.are_on();
            self.pass(if turns { self.game.tick().after(1) } else { due });
        }
        Ok(())
    }

    /// Lets time pass, at least a tick.
    pub(super) fn pass(&mut self, until: Tick) {
        let next = self.game.tick().after(1);
        self.game.commit();
        self.game.advance_to(until.max(next));
    }

    /// Whether the program's seat is in the game, and the game goes on.
    pub(super) fn is_in(&self) -> bool {
        let view = self.game.view(None);
        view.game().phase != Phase::Finished && view.is_playing(self.you)
    }

    /// Plays for the rivals, and says when the next of them wants to play.
    fn wake_rivals(&mut self) -> Tick {
        let mut due = Tick(TICK_MAX);
        for (player, alarm, bot) in &mut self.rivals {
            let view = self.game.view(Some(*player));
            if !view.is_playing(*player) {
                continue;
            }
            let mut wishes = Vec::new();
            if alarm.rings(&view, *player) {
                let wake = bot.wake(&view, &mut wishes);
                alarm.set(&view, wake);
            }
            due = due.min(alarm.wake());
            for command in wishes {
                let _ = self.game.execute(&Order::Bot { player: *player, seq: 0, command });
            }
        }
        due
    }

    /// Says that the game is over.
    pub(super) fn end(&mut self) {
        self.process.tell(&ToBot::End(End::of(&self.game, self.you)).line());
    }

    /// Carries out an order of a rival.
    pub(super) fn rival(&mut self, player: PlayerId, command: Command) -> Result<(), String> {
        let order = Order::Bot { player, seq: 0, command };
        self.game.execute(&order).map_err(|reason| reason.to_string())
    }
}

fn system(game: &mut Game, order: SystemOrder) -> Result<(), String> {
    game.execute(&Order::System(order)).map_err(|reason| reason.to_string())
}

/// A plain map of so many columns and rows.
pub(super) fn grid(width: u32, height: u32) -> Arc<Map> {
    Arc::new(generate::grid(width, height))
}
