//! The equalities that carry the engine, each on random games of thousands of orders.

use std::sync::Arc;

use proptest::prelude::*;
use sovereign_core::id::PlayerId;
use sovereign_core::quantity::Tick;
use sovereign_core::testing::{Chaos, random_game};
use sovereign_core::{
    Game, Mirror, Order, Phase, Replay, ReplayHeader, Session, Step, SystemOrder, View,
};

/// Orders thrown at each game; refused ones count too.
const ORDERS: u64 = 3000;

fn config() -> ProptestConfig {
    ProptestConfig { cases: 12, ..ProptestConfig::default() }
}

/// Plays a session with random orders until it ends or all orders are thrown.
fn play(number: u64, mut each: impl FnMut(&mut Session, &Step)) -> (Session, Replay) {
    let mut session = Session::new(lobby(number));
    let header = ReplayHeader::of(session.game());
    let mut replay = Replay { header, batches: Vec::new() };
    let mut chaos = Chaos::new(number);
    let mut orders = sit_down(session.game());
    let mut thrown = 0;
    while thrown < ORDERS && session.game().state().phase != Phase::Finished {
        let step = session.step(orders);
        each(&mut session, &step);
        if step.is_visible() {
            replay.batches.push(step.batch);
        }
        let count = chaos.dice().below(6);
        thrown += count.max(1);
        orders = chaos.orders(session.game(), count);
    }
    (session, replay)
}

/// The game that `random_game` begins, still in its lobby.
fn lobby(number: u64) -> Game {
    let game = random_game(number);
    let (map, rules) = (game.map().clone(), game.rules().clone());
    Game::new(map, rules, game.seed(), game.seats()).expect("it was possible before")
}

fn sit_down(game: &Game) -> Vec<Order> {
    let seats = &game.rules().seats;
    let team = |p| seats.team_of(PlayerId(p));
    let join = |p| SystemOrder::Join { player: PlayerId(p), bot: p % 2 == 0, team: team(p) };
    (0..game.seats()).map(join).chain([SystemOrder::Start]).map(Order::System).collect()
}

/// Everything that two views can be asked, so that they can be compared.
fn reading(view: View<'_>) -> String {
    let lands: Vec<_> = view.map().territories().map(|id| view.territory(id)).collect();
    let players: Vec<_> = view
        .players()
        .map(|p| (view.player(p), view.territory_count(p), view.land_of(p).collect::<Vec<_>>()))
        .collect();
    let pairs = view.players().flat_map(|a| view.players().map(move |b| (a, b)));
    let pacts: Vec<_> = pairs.map(|(a, b)| view.alliance(a, b)).collect();
    let armies: Vec<_> = view.armies().collect();
    let battles: Vec<_> = view.battles().collect();
    let turn = (view.turn(), view.may_order(), view.reserve());
    format!(
        "{:?} {:?} {turn:?} {lands:?} {players:?} {pacts:?} {armies:?} {battles:?} {:?} {:?}",
        view.tick(),
        view.game(),
        view.gold(),
        view.own()
    )
}

proptest! {
    #![proptest_config(config())]

    /// 1. A live run equals the replay of its log, at every batch; also from bytes.
    #[test]
    fn a_live_run_equals_its_replay(number: u64) {
        let (session, replay) = play(number, |_, _| {});
        let again = Replay::from_bytes(&replay.to_bytes()).expect("just written");
        prop_assert_eq!(&again, &replay);
        let verified = again.verify(session.game().map().clone()).expect("the same orders");
        prop_assert_eq!(verified.batches, replay.batches.len());
        prop_assert_eq!(Some(verified.hash), replay.batches.last().map(|b| b.hash));
    }

    /// 1. A session restored from a snapshot goes on as the one that was saved.
    #[test]
    fn a_restored_session_goes_on_alike(number: u64, stop in 1_usize..400) {
        let fresh = lobby(number);
        let mut saved = None;
        let mut steps = 0;
        let mut later = Vec::new();
        play(number, |session, step| {
            steps += 1;
            if steps == stop {
                saved = Some((session.snapshot(), session.full_delta()));
            } else if steps > stop && step.is_visible() {
                later.push((step.batch.clone(), session.news()));
            }
        });
        let Some((bytes, full)) = saved else { return Ok(()) };
        let mut restored = Session::restore(&fresh, &bytes).expect("just written");
        prop_assert_eq!(restored.full_delta(), full);
        for (batch, news) in later {
            restored.replay(&batch).expect("the same orders");
            prop_assert_eq!(restored.news(), news);
        }
    }

    /// 2. The incremental hash and every index are those of the rows, after every step.
    #[test]
    fn invariants_hold_after_every_step(number: u64) {
        play(number, |session, _| {
            session.game().check_invariants().expect("true of every state");
        });
    }

    /// 4. Old mirror + delta = new view, for every viewer; the hash agrees.
    #[test]
    fn mirrors_follow_every_viewer(number: u64) {
        let game = lobby(number);
        let viewers: Vec<_> = (0..game.seats()).map(|p| Some(PlayerId(p))).chain([None]).collect();
        let mirror = |viewer| {
            Mirror::new(game.map().clone(), game.rules().clone(), game.seats(), viewer)
        };
        let mut mirrors: Vec<_> = viewers.into_iter().map(mirror).collect();
        let mut late = None;
        play(number, |session, _| {
            let news = session.news();
            for mirror in mirrors.iter_mut().chain(&mut late) {
                mirror.apply(&news.delta).expect("the delta of this game");
                let view = session.game().view(mirror.view().viewer());
                if let Some(own) = view.own() {
                    mirror.apply_own(&own);
                }
                assert_eq!(reading(mirror.view()), reading(view));
            }
            if session.game().tick() == Tick(40) {
                let mut joined = mirror(None);
                joined.apply(&session.full_delta()).expect("a snapshot of this game");
                late = Some(joined);
            }
        });
    }

    /// 4. Whoever asks for news now and then, twice or of a copy hears of the last step
    /// alone, with the hash that a mirror of everything has.
    #[test]
    fn news_can_be_asked_for_at_any_step(number: u64, seldom in 1_u64..5) {
        let mut chaos = Chaos::new(number);
        play(number, |session, step| {
            let (before, check) = (session.clone(), session.game().mirror_check());
            let mut copy = session.clone();
            assert_eq!(copy.news().delta.check, check, "a copy has nothing new");
            assert!(copy.news().delta.is_empty());
            if chaos.dice().once_in(seldom) {
                let news = session.news();
                assert_eq!(news.delta.check, check);
                assert_eq!(session.news(), news, "asked twice");
                assert!(step.is_visible() || news.delta.is_empty());
            }
            assert_eq!(before.full_delta(), session.full_delta());
        });
    }

    /// 5. Refused: nothing changed. Executed and rolled back: nothing changed, ticks
    /// included, and time then passes as if nothing had been.
    #[test]
    fn refusals_and_rollbacks_change_nothing(number: u64) {
        let mut game = random_game(number);
        let mut chaos = Chaos::new(number);
        for _ in 0..ORDERS / 4 {
            let before = (game.hash(), game.snapshot());
            let mark = game.mark();
            excursion(&mut game, &mut chaos);
            game.rollback(mark).expect("the mark is alive");
            prop_assert_eq!((game.hash(), game.snapshot()), before);
            prop_assert!(game.rollback(mark).is_err(), "a mark is used up");
            let order = chaos.order(&game);
            let verdict = game.validate(&order);
            let hash = game.hash();
            prop_assert_eq!(game.execute(&order), verdict);
            prop_assert!(verdict.is_ok() || game.hash() == hash);
            if chaos.dice().once_in(3) {
                game.advance();
            }
        }
    }

    /// Skipping idle time is the same as letting every tick pass.
    #[test]
    fn skipping_equals_ticking(number: u64, jump in 1_u32..400) {
        let mut game = random_game(number);
        let mut chaos = Chaos::new(number);
        for _ in 0..40 {
            for order in chaos.orders(&game, 4) {
                let _ = game.execute(&order);
            }
            let mut ticking = game.clone();
            let target = game.tick().after(jump % 40 + 1);
            game.advance_to(target);
            // Time may stand still: the game is over, or paused.
            let mut before = None;
            while ticking.tick() < target && before != Some(ticking.tick()) {
                before = Some(ticking.tick());
                ticking.advance();
            }
            prop_assert_eq!(game.hash(), ticking.hash());
            prop_assert_eq!(game.snapshot(), ticking.snapshot());
        }
    }

    /// 3. No damage to a snapshot or a replay makes reading it panic.
    #[test]
    fn damaged_bytes_are_refused_not_obeyed(
        number in 0_u64..50,
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in proptest::option::of(any::<prop::sample::Index>()),
    ) {
        let game = random_game(number);
        let header = ReplayHeader::of(&game);
        let replay = Replay { header, batches: Vec::new() }.to_bytes();
        let session = Session::new(game.clone()).snapshot();
        for mut bytes in [game.snapshot(), session, replay] {
            for (at, value) in &damage {
                let at = at.index(bytes.len());
                bytes[at] = *value;
            }
            if let Some(cut) = cut {
                bytes.truncate(cut.index(bytes.len()));
            }
            read_all(&game, &bytes);
        }
    }

    /// 3. No bytes at all make reading panic.
    #[test]
    fn any_bytes_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        read_all(&random_game(1), &bytes);
    }
}

/// Carries out random orders and lets ticks pass, with marks on the way.
fn excursion(game: &mut Game, chaos: &mut Chaos) {
    let mut inner = Vec::new();
    for _ in 0..chaos.dice().below(6) {
        if chaos.dice().once_in(3) {
            inner.push((game.mark(), game.hash()));
        }
        let order = chaos.order(game);
        let _ = game.execute(&order);
        let ticks = chaos.dice().below(12) as u32;
        game.advance_to(game.tick().after(ticks));
    }
    if chaos.dice().once_in(2)
        && let Some((mark, hash)) = inner.pop()
    {
        game.rollback(mark).expect("inner marks are alive");
        assert_eq!(game.hash(), hash);
    }
}

/// Reads bytes as everything that can be read, and goes on with what was accepted.
fn read_all(game: &Game, bytes: &[u8]) {
    let (map, rules) = (game.map().clone(), game.rules().clone());
    if let Ok(mut restored) = Game::restore(map, rules, game.seed(), game.seats(), bytes) {
        restored.check_invariants().expect("a restored game is a valid one");
        restored.advance_to(restored.tick().after(50));
    }
    if let Ok(mut session) = Session::restore(game, bytes) {
        session.step(Vec::new());
    }
    if let Ok(replay) = Replay::from_bytes(bytes) {
        let _ = replay.verify(Arc::clone(game.map()));
    }
}
