//! The shipped bots: each beats the one below it, sleeps, and plays equally for equal seeds.
//! The large tournaments are measured in release builds: see `docs/bots.md`.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use sovereign_core::bot::{Bot, NAMES, Searcher, Table, by_name};
use sovereign_core::command::Command;
use sovereign_core::id::PlayerId;
use sovereign_core::quantity::Tick;
use sovereign_core::testing::hectic_rules;
use sovereign_core::{Game, Map, Phase, Rules, Seed, View, map};

/// The seats of the better bot, in each of the six ways to seat two and two.
const SEATINGS: [[usize; 2]; 6] = [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]];
const UNTIL: Tick = Tick(60_000);

fn classic() -> Arc<Rules> {
    Arc::new(Rules::preset("classic").expect("shipped"))
}

/// Games that the two seats of `better` won, of 18.
fn wins(better: &str, worse: &str) -> usize {
    let board: Arc<Map> = Arc::new(map::generate::random(5, 24));
    let won = |(seats, seed): &(&[usize; 2], u64)| {
        let names = [0, 1, 2, 3].map(|seat| if seats.contains(&seat) { better } else { worse });
        let mut table =
            Table::named(board.clone(), classic(), Seed::from(*seed), &names).expect("four fit");
        table.play(UNTIL, |_| {});
        let winner = table.session().game().state().winner;
        winner.is_some_and(|winner| seats.contains(&winner.index()))
    };
    SEATINGS.iter().flat_map(|seats| (1..=3).map(move |seed| (seats, seed))).filter(won).count()
}

#[test]
fn an_expander_beats_random() {
    assert!(wins("expander", "random") >= 15);
}

#[test]
fn an_opportunist_beats_an_expander() {
    assert!(wins("opportunist", "expander") >= 12);
}

#[test]
fn a_diplomat_beats_an_opportunist() {
    assert!(wins("diplomat", "opportunist") >= 4);
}

/// Counts how often a bot is woken.
struct Counted(Box<dyn Bot>, Arc<AtomicU32>);

impl Bot for Counted {
    fn wake(&mut self, view: &View<'_>, wishes: &mut Vec<Command>) -> Tick {
        self.1.fetch_add(1, Ordering::Relaxed);
        self.0.wake(view, wishes)
    }
}

#[test]
fn no_bot_polls_every_tick() {
    for name in NAMES {
        let wakes = Arc::new(AtomicU32::new(0));
        let bot = |seat| by_name(name, Seed::from(seat)).expect("listed");
        let counted = Box::new(Counted(bot(0), wakes.clone()));
        let board = Arc::new(map::generate::random(5, 16));
        let game = Game::new(board, classic(), Seed::from(1), 2).expect("two fit");
        let mut table = Table::new(game, vec![counted, bot(1)]);
        table.play(Tick(1500), |_| {});
        let ticks = table.session().game().tick().0;
        let woken = wakes.load(Ordering::Relaxed);
        assert!(woken * 5 <= ticks, "{name} woke {woken} times in {ticks} ticks");
    }
}

#[test]
fn equal_seeds_play_equally() {
    let play = |names: &[&str]| {
        let board = Arc::new(map::generate::random(9, 14));
        let mut table =
            Table::named(board, Arc::new(hectic_rules()), Seed::from(4), names).expect("all fit");
        table.play(Tick(600), |_| {});
        table.session().game().hash()
    };
    assert_eq!(play(NAMES), play(NAMES));
}

#[test]
fn diplomats_find_friends_and_still_end_their_games() {
    let board = Arc::new(map::generate::random(5, 24));
    let names = ["diplomat", "diplomat", "diplomat", "opportunist"];
    let mut table = Table::named(board, classic(), Seed::from(2), &names).expect("four fit");
    let seats = || (0..4).map(PlayerId);
    let mut formed = false;
    while table.step(UNTIL).is_some() {
        let view = table.session().game().view(None);
        formed |= seats().any(|a| seats().any(|b| view.alliance(a, b).is_some()));
    }
    assert!(formed, "nobody made an alliance");
    assert_eq!(table.session().game().state().phase, Phase::Finished);
}

/// A searcher that may not search plays on with its usual plan.
#[test]
fn a_search_keeps_to_its_budget() {
    let board = Arc::new(map::generate::random(5, 24));
    let game = Game::new(board, classic(), Seed::from(1), 2).expect("two fit");
    let searcher = |nodes| Box::new(Searcher::new(Seed::from(3), nodes)) as Box<dyn Bot>;
    let mut table = Table::new(game, vec![searcher(0), searcher(24)]);
    table.play(Tick(1000), |_| {});
    let land = |seat| table.session().game().view(None).territory_count(PlayerId(seat));
    assert!(land(0) > 2 && land(1) > 2, "both have grown: {} and {}", land(0), land(1));
}
