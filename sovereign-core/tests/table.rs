//! A table of bots skips idle time and still plays the same game.

use std::sync::Arc;

use sovereign_core::bot::{Table, TableError, by_name};
use sovereign_core::id::PlayerId;
use sovereign_core::quantity::Tick;
use sovereign_core::{Game, Map, Mirror, Order, Phase, Rules, Seed, Session, SystemOrder, map};

const NAMES: [&str; 3] = ["expander", "random", "expander"];
const UNTIL: Tick = Tick(20_000);

fn setting(number: u64) -> (Arc<Map>, Arc<Rules>, Seed) {
    let rules = Rules::preset("classic").expect("shipped");
    (Arc::new(map::generate::random(number, 40)), Arc::new(rules), Seed::from(number))
}

/// The same game played tick by tick: the definition of a table.
fn tick_by_tick((map, rules, seed): (Arc<Map>, Arc<Rules>, Seed)) -> (Session, usize) {
    let game = Game::new(map, rules, seed, 3).expect("three fit");
    let mut session = Session::new(game);
    let mut bots: Vec<_> = (0..)
        .zip(NAMES)
        .map(|(seat, name)| (by_name(name, seed.child(seat)).expect("shipped"), Tick(0), 0))
        .collect();
    let join = |seat| SystemOrder::Join { player: PlayerId(seat), bot: true, team: 0 };
    let mut orders: Vec<_> =
        (0..3).map(join).chain([SystemOrder::Start]).map(Order::System).collect();
    let mut visible = 0;
    while session.game().state().phase != Phase::Finished && session.game().tick() < UNTIL {
        visible += usize::from(session.step(std::mem::take(&mut orders)).is_visible());
        let now = session.game().tick();
        for (seat, (bot, wake, seq)) in (0..).zip(&mut bots) {
            let player = PlayerId(seat);
            let view = session.game().view(Some(player));
            if *wake <= now && view.is_playing(player) {
                let mut wishes = Vec::new();
                *wake = bot.wake(&view, &mut wishes);
                for command in wishes {
                    *seq += 1;
                    orders.push(Order::Bot { player, seq: *seq, command });
                }
            }
        }
    }
    (session, visible)
}

#[test]
fn skipping_idle_ticks_changes_nothing() {
    for number in 1..6 {
        let (map, rules, seed) = setting(number);
        let (session, visible) = tick_by_tick(setting(number));
        let mut table = Table::named(map, rules, seed, &NAMES).expect("three fit");
        let mut steps = 0;
        table.play(UNTIL, |_| steps += 1);
        assert_eq!(table.session().game().hash(), session.game().hash(), "map {number}");
        assert_eq!(steps, visible, "map {number}");
    }
}

#[test]
fn what_a_table_records_can_be_verified_and_mirrored() {
    let (map, rules, seed) = setting(9);
    let mut table = Table::named(map.clone(), rules.clone(), seed, &NAMES).expect("three fit");
    let replay = table.record(UNTIL);
    let verified = replay.verify(map.clone()).expect("what was played can be played again");
    assert_eq!(verified.state, table.session().game().state());

    let mut table = Table::named(map.clone(), rules.clone(), seed, &NAMES).expect("three fit");
    let mut mirror = Mirror::new(map, rules, 3, None);
    mirror.apply(&table.session().full_delta()).expect("a snapshot fits an empty mirror");
    while table.step(UNTIL).is_some() {
        mirror.apply(&table.news().delta).expect("no step is missing");
    }
}

#[test]
fn a_bot_nobody_knows_is_refused_by_name() {
    let (map, rules, seed) = setting(1);
    let refused = Table::named(map, rules, seed, &["expander", "oracle"]).err();
    assert_eq!(refused, Some(TableError::Unknown { name: "oracle".to_string() }));
}
