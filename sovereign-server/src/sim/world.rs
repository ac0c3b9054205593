//! A fleet, games on it, people at the games, and what goes wrong.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use sovereign_core::id::PlayerId;
use sovereign_core::replay::ReplayHeader;
use sovereign_core::rules::RulesDraft;
use sovereign_core::{Game, Map, Rules, Seed};
use tokio::time::{Instant, sleep};

use super::dice::Dice;
use super::fleet::{Fleet, Hosting, NODES, limits};
use super::history::{Finding, Verdict, hold};
use super::net::Net;
use super::person::Person;
use super::postgres::Postgres;
use super::storm::{Fault, Storm};
use crate::log::{CommandLog, GameId};
use crate::room::{SeatStart, Start, replays_to_its_end};
use crate::store::{SqliteStore, Store};

/// Games of a world; the second is played under fog.
pub(super) const GAMES: usize = 2;
/// People at each game; beside them sits one bot, and one person watches.
const PEOPLE: u16 = 2;
/// Ends of connections at one game.
pub(super) const CROWD: usize = GAMES * (PEOPLE as usize + 1);
/// Time during which things go wrong.
const STORM: Duration = Duration::from_secs(12);
/// Time after it, in which everything must come right.
const CALM: Duration = Duration::from_secs(3);
/// I11: within so long every game accepts orders again.
const RECOVERY: Duration = Duration::from_secs(2);

/// Virtual time of a world.
pub(crate) const SPAN: Duration = Duration::from_secs(STORM.as_secs() + CALM.as_secs());

/// What came of a seed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) digest: u64,
    pub(crate) answered: usize,
    pub(crate) seen: usize,
    pub(crate) epochs: u64,
    pub(crate) pauses: usize,
    /// How often somebody changed over to another node without being cut off.
    pub(crate) moved: usize,
    /// The longest time from the end of all faults to an answered order.
    pub(crate) recovery: Duration,
}

/// Where replays and notes would go: one for all worlds, since none of them reads it.
pub(super) fn store() -> Store {
    static STORE: OnceLock<(Store, tempfile::TempDir)> = OnceLock::new();
    let made = || {
        let folder = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let database = runtime.block_on(SqliteStore::open(folder.path())).unwrap();
        (Store::from(database), folder)
    };
    STORE.get_or_init(made).0.clone()
}

/// The map, and the rules without and with fog; made once.
fn stage() -> &'static (Arc<Map>, [Arc<Rules>; 2]) {
    static STAGE: OnceLock<(Arc<Map>, [Arc<Rules>; 2])> = OnceLock::new();
    let rules = |fog| {
        let mut draft = RulesDraft::clone(&Rules::preset("classic").unwrap());
        draft.fog.radius = fog;
        Arc::new(Rules::try_from(draft).unwrap())
    };
    STAGE.get_or_init(|| (Arc::new(Map::shipped("classic").unwrap()), [0, 1].map(rules)))
}

thread_local! {
    /// The games of this thread's world before their first tick.
    static BLANKS: RefCell<Vec<(ReplayHeader, Game)>> = const { RefCell::new(Vec::new()) };
}

/// A game of the world before its first tick: to read its rules anew at each takeover would take
/// as long as all the rest.
pub(crate) fn blank(header: &ReplayHeader) -> Option<Game> {
    BLANKS.with_borrow(|blanks| Some(blanks.iter().find(|(known, _)| known == header)?.1.clone()))
}

fn hosting(dice: Dice, number: usize) -> Hosting {
    let dice = dice.of("game").nth(number as u64);
    let (map, rules) = stage();
    let map = Arc::clone(map);
    let seed = Seed([dice.below(256) as u8; 16]);
    let game = Game::new(Arc::clone(&map), Arc::clone(&rules[number]), seed, PEOPLE + 1).unwrap();
    let seat = |n: u16| SeatStart {
        seat: PlayerId(n),
        bot: (n >= PEOPLE).then(|| "expander".to_owned()),
        team: 0,
        name: String::new(),
    };
    let start = Start::new(ReplayHeader::of(&game), (0..=PEOPLE).map(seat).collect());
    BLANKS.with_borrow_mut(|blanks| blanks.push((start.header.clone(), game)));
    Hosting { id: GameId::from_u128(number as u128 * 3 + 1), start, map }
}

pub(super) struct World {
    fleet: Arc<Fleet>,
    dice: Dice,
}

impl World {
    pub(super) async fn new(seed: u64, store: Store) -> Self {
        let dice = Dice::new(seed);
        BLANKS.take();
        let games: Vec<Hosting> = (0..GAMES).map(|n| hosting(dice, n)).collect();
        // Of some worlds one node has all games, so that they are taken over together.
        let spread = dice.of("spread").below(2) as usize;
        let owners: BTreeMap<GameId, usize> =
            games.iter().enumerate().map(|(n, game)| (game.id, n * spread % NODES)).collect();
        let net = Net::new(dice.of("net"));
        let log = Postgres::new(Arc::clone(&net), owners);
        Self { fleet: Fleet::new(net, log, games, store), dice }
    }

    /// Plays through a storm and the calm after it, then holds what was seen against the log.
    pub(super) async fn run(self) -> Result<Outcome, Finding> {
        self.seat_people();
        sleep(Duration::from_millis(600)).await;
        let mut storm = Storm::new(Arc::clone(&self.fleet));
        let dice = self.dice.of("fault");
        for n in 0.. {
            if self.fleet.base.elapsed() >= STORM {
                break;
            }
            let dice = dice.nth(n);
            storm
                .begin(Fault::of(dice), Duration::from_millis(dice.of("time").between(150, 3_500)));
            sleep(Duration::from_millis(dice.of("next").between(100, 900))).await;
            storm.heal(Instant::now());
        }
        storm.heal_all();
        let healed = self.fleet.base.elapsed();
        sleep(CALM).await;
        self.judge(healed)
    }

    fn seat_people(&self) {
        for number in 0..CROWD {
            let (game, seat) = (number % GAMES, (number / GAMES) as u16);
            // Under fog nobody watches.
            let seat = (seat < PEOPLE).then_some(PlayerId(seat));
            if seat.is_some() || game == 0 {
                let (place, dice) = ((number, game, seat), self.dice.of("person"));
                tokio::spawn(Person::new(&self.fleet, place, dice, STORM).play());
            }
        }
    }

    fn judge(&self, healed: Duration) -> Result<Outcome, Finding> {
        let history = self.fleet.history.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut outcome = history.outcome();
        self.nothing_piles_up()?;
        for (number, game) in self.fleet.games.iter().enumerate() {
            let durable = self.fleet.log.durable();
            let entries = durable.read_from(game.id, 1).now_or_never().unwrap().unwrap();
            history.judge(number, &game.start, &entries)?;
            outcome.epochs += entries.last().map_or(0, |entry| entry.epoch);
            for node in 0..NODES {
                let frozen = self.fleet.node(node).is_frozen(game.id);
                hold(!frozen, "I8", || format!("game {number} is frozen at node {node}"))?;
            }
            let after = history.answered_after(number, healed);
            hold(after.is_some_and(|after| after <= RECOVERY), "I11", || {
                format!("game {number} answered after {after:?}")
            })?;
            outcome.recovery = outcome.recovery.max(after.unwrap_or_default());
            self.it_would_go_on(game)?;
        }
        Ok(outcome)
    }

    /// I2: nothing overtakes. I9: what is under way is bounded.
    fn nothing_piles_up(&self) -> Verdict {
        let gaps = self.fleet.log.gaps();
        hold(gaps.is_empty(), "I2", || format!("out of order: {gaps:?}"))?;
        let (most, under_way) =
            (limits().run_ahead_ticks as usize + 1, self.fleet.log.most_under_way());
        hold(under_way <= most, "I9", || format!("{under_way} entries under way"))
    }

    /// I8: what would be recovered has the hash that was logged.
    fn it_would_go_on(&self, game: &Hosting) -> Verdict {
        let (log, map) = (self.fleet.log.durable(), Arc::clone(&game.map));
        let done = replays_to_its_end(log, game.id, &game.start, map).now_or_never();
        hold(matches!(done, Some(Ok(()))), "I8", || format!("no recovery: {done:?}"))
    }
}
