//! Nodes over one disk, games on them, people at the games, and what goes wrong.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sovereign_core::id::PlayerId;
use sovereign_core::replay::ReplayHeader;
use sovereign_core::{Game, Map, Rules, Seed};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use super::client::{Client, Place};
use super::dice::Dice;
use super::disk::{Disk, FaultyLog, Weather};
use super::history::History;
use crate::config::{Config, Limits, Live};
use crate::health::Health;
use crate::log::{CommandLog, Committer, GameId};
use crate::room::{Host, LocalHost, RoomState, SeatStart, Services, Start};
use crate::store::{SqliteStore, Store};

/// Games of a world.
const GAMES: usize = 2;
/// People at each game; beside them sits one bot.
const PEOPLE: u16 = 2;
/// Time during which things go wrong.
const STORM: Duration = Duration::from_secs(25);
/// Time after it, in which everything must come right.
const CALM: Duration = Duration::from_secs(5);
/// No fault falls into the same instant as a tick, so that no order of tasks is a matter of luck.
const ODD: Duration = Duration::from_micros(137);

/// What came of a seed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) digest: u64,
    pub(super) answered: usize,
    pub(super) epochs: u64,
    pub(super) pauses: usize,
    /// The longest time from the end of all faults to an answered order.
    pub(super) recovery: Duration,
}

/// One server process.
struct Node {
    log: FaultyLog,
    host: LocalHost<FaultyLog>,
    rooms: Vec<Place>,
    gone: Arc<AtomicBool>,
}

pub(super) struct World {
    dice: Dice,
    disk: Arc<Disk>,
    store: Store,
    _folder: tempfile::TempDir,
    games: Vec<(GameId, Start, Arc<Map>)>,
    base: Instant,
    node: Node,
    doors: Vec<watch::Sender<Place>>,
    stormy: watch::Sender<bool>,
    history: Arc<Mutex<History>>,
    people: Vec<JoinHandle<()>>,
}

fn start(dice: Dice) -> (Start, Arc<Map>) {
    let map = Arc::new(Map::shipped("classic").unwrap());
    let rules = Arc::new(Rules::preset("classic").unwrap());
    let seed = Seed([dice.below(256) as u8; 16]);
    let game = Game::new(Arc::clone(&map), rules, seed, PEOPLE + 1).unwrap();
    let seat = |n: u16| SeatStart {
        seat: PlayerId(n),
        bot: (n >= PEOPLE).then(|| "expander".to_owned()),
        team: 0,
        name: String::new(),
    };
    let seats = (0..=PEOPLE).map(seat).collect();
    (Start::new(ReplayHeader::of(&game), seats), map)
}

fn limits() -> Limits {
    // Short, so that little time sees much.
    Limits { snapshot_ticks: 30, ring_ticks: 60, away_s: 2, takeover_s: 2, ..Limits::default() }
}

impl Node {
    fn new(disk: &Arc<Disk>, store: &Store, base: Instant) -> Self {
        let log = disk.open();
        let (committer, commits) = Committer::new(Arc::new(log.clone()));
        tokio::spawn(committer.run());
        let config = Config { limits: limits(), ..Config::default() };
        let services = Services {
            settings: Live::new(config),
            log: Arc::new(log.clone()),
            commits,
            store: store.clone(),
            limits: limits(),
            health: Health::default(),
            base,
            seal: None,
            traces: crate::telemetry::traces::Traces::default(),
        };
        Self {
            log,
            host: LocalHost::new(Arc::new(services)),
            rooms: Vec::new(),
            gone: Arc::default(),
        }
    }

    /// Opens a game here.
    fn open(&self, (id, start, map): &(GameId, Start, Arc<Map>), restore: bool) -> Place {
        let room = self.host.open(*id, start.clone(), Arc::clone(map), restore);
        Place { room, gone: Arc::clone(&self.gone) }
    }

    fn open_all(&mut self, games: &[(GameId, Start, Arc<Map>)], restore: bool) {
        self.rooms = games.iter().map(|game| self.open(game, restore)).collect();
    }
}

impl World {
    pub(super) async fn new(seed: u64) -> Self {
        let dice = Dice::new(seed);
        let folder = tempfile::tempdir().unwrap();
        let store = Store::from(SqliteStore::open(folder.path()).await.unwrap());
        let (disk, base) = (Disk::new(dice.of("disk")), Instant::now());
        let game = |n: usize| {
            let (start, map) = start(dice.of("game").nth(n as u64));
            (GameId::from_u128(n as u128 * 3 + 1), start, map)
        };
        let games: Vec<_> = (0..GAMES).map(game).collect();
        let mut node = Node::new(&disk, &store, base);
        node.open_all(&games, false);
        let doors = node.rooms.iter().map(|room| watch::Sender::new(room.clone())).collect();
        Self {
            dice,
            disk,
            store,
            _folder: folder,
            games,
            base,
            node,
            doors,
            stormy: watch::Sender::new(true),
            history: Arc::default(),
            people: Vec::new(),
        }
    }

    /// Plays through a storm and the calm after it, then holds what was seen against the log.
    pub(super) async fn run(mut self) -> Outcome {
        self.seat_people();
        sleep(Duration::from_secs(1) + ODD).await;
        let dice = self.dice.of("fault");
        for n in 0.. {
            if self.base.elapsed() >= STORM {
                break;
            }
            self.go_wrong(dice.nth(n)).await;
        }
        self.disk.set(Weather::Calm);
        self.stormy.send_replace(false);
        let healed = self.base.elapsed();
        self.pass(CALM).await;
        self.people.drain(..).for_each(|person| person.abort());
        self.judge(healed).await
    }

    fn seat_people(&mut self) {
        for (game, (_, start, map)) in self.games.iter().enumerate() {
            for seat in 0..PEOPLE {
                let client = Client::new(
                    (game, seat),
                    (start, map),
                    self.dice.of("client"),
                    (self.doors[game].subscribe(), self.stormy.subscribe()),
                    (Arc::clone(&self.history), self.base),
                );
                self.people.push(tokio::spawn(client.play()));
            }
        }
    }

    /// One fault, and the time until the next.
    async fn go_wrong(&mut self, dice: Dice) {
        match dice.of("kind").below(8) {
            0 | 1 => self.crash().await,
            2 => self.take_over(),
            3 => self.disk.set(Weather::Full),
            4 => self.disk.set(Weather::Stuck),
            5 | 6 => self.disk.set(Weather::Rough),
            _ => self.disk.set(Weather::Calm),
        }
        self.pass(Duration::from_millis(dice.of("time").between(100, 2_500))).await;
    }

    /// Time passes. A game that another node won and lost again is opened anew, as it is when
    /// nobody shows a sign of life for it.
    async fn pass(&mut self, time: Duration) {
        let until = Instant::now() + time;
        while Instant::now() < until {
            sleep(Duration::from_millis(100)).await;
            for game in 0..self.games.len() {
                let ended = matches!(&*self.node.rooms[game].room.borrow(), RoomState::Ended(_));
                if ended {
                    self.node.rooms[game] = self.node.open(&self.games[game], true);
                    self.doors[game].send_replace(self.node.rooms[game].clone());
                }
            }
        }
    }

    /// The process ends at once, and another begins.
    async fn crash(&mut self) {
        self.node.log.crash().await;
        self.node.gone.store(true, Ordering::Relaxed);
        self.replace();
    }

    /// Another node believes this one to be dead; it is not, and is not told.
    fn take_over(&mut self) {
        self.replace();
    }

    fn replace(&mut self) {
        let mut node = Node::new(&self.disk, &self.store, self.base);
        node.open_all(&self.games, true);
        for (door, room) in self.doors.iter().zip(&node.rooms) {
            door.send_replace(room.clone());
        }
        let old = std::mem::replace(&mut self.node, node);
        tokio::spawn(async move {
            // Long enough to be fenced; then what is left of it is swept away.
            sleep(Duration::from_secs(3)).await;
            old.host.drain().await;
        });
    }

    async fn judge(&self, healed: Duration) -> Outcome {
        let history = self.history.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let most = limits().run_ahead_ticks as usize + 1;
        assert!(self.disk.most_under_way() <= most, "I9: {} under way", self.disk.most_under_way());
        let mut outcome = history.outcome();
        for (game, (id, start, map)) in self.games.iter().enumerate() {
            let entries = self.disk.durable().read_from(*id, 1).await.unwrap();
            history.judge(game, start, Arc::clone(map), &entries);
            let after = history.answered_after(game, healed);
            let room = &self.node.rooms[game];
            let after =
                after.unwrap_or_else(|| panic!("I11: no answer after all faults: {room:?}"));
            assert!(after <= Duration::from_secs(2), "I11: {after:?} in game {game}");
            outcome.recovery = outcome.recovery.max(after);
            outcome.epochs += entries.last().map_or(0, |entry| entry.epoch);
        }
        outcome
    }
}
