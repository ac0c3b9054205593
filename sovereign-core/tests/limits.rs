//! The engine at the ends of its ranges.

use std::sync::Arc;

use sovereign_core::command::{Attack, Command, ProposeAlliance};
use sovereign_core::id::PlayerId;
use sovereign_core::quantity::{TICK_MAX, Tick};
use sovereign_core::testing::hectic_rules;
use sovereign_core::{Game, Order, Phase, Rules, Seed, SystemOrder, map};

fn started(rules: Rules) -> Game {
    let map = Arc::new(map::generate::grid(4, 4));
    let mut game = Game::new(map, Arc::new(rules), Seed::from(1), 2).expect("room for two");
    for player in [PlayerId(0), PlayerId(1)] {
        let join = SystemOrder::Join { player, bot: true, team: 0 };
        game.execute(&Order::System(join)).expect("an open seat");
    }
    game.execute(&Order::System(SystemOrder::Start)).expect("two sit");
    game
}

/// Battles and marches that reach the last tick do not go on there for ever.
#[test]
fn time_stops_at_the_last_tick() {
    let mut game = started(hectic_rules());
    game.advance_to(Tick(TICK_MAX - 8));
    assert_eq!(game.state().phase, Phase::Playing);
    let from = game.view(None).land_of(PlayerId(0)).next().expect("a start");
    let to = game.map().edges(from).first().expect("it has neighbours").to;
    let command = Command::Attack(Attack { from, to, troops: 90.into() });
    game.execute(&Order::Bot { player: PlayerId(0), seq: 1, command }).expect("a neighbour");
    game.advance_to(Tick(TICK_MAX));
    game.advance();
    assert_eq!(game.tick(), Tick(TICK_MAX));
    game.check_invariants().expect("invariants");
}

/// A proposal at the last moment is no trouble either.
#[test]
fn what_lapses_after_the_last_tick_never_does() {
    let mut game = started(hectic_rules());
    game.advance_to(Tick(TICK_MAX));
    let command = Command::ProposeAlliance(ProposeAlliance { to: PlayerId(1) });
    game.execute(&Order::Bot { player: PlayerId(0), seq: 1, command }).expect("a proposal");
    game.advance();
    assert_eq!(game.view(Some(PlayerId(1))).proposals().count(), 1);
}

/// Games need two seats, and as much land as seats.
#[test]
fn impossible_games_are_refused() {
    let map = Arc::new(map::generate::grid(2, 2));
    let rules = Arc::new(hectic_rules());
    for seats in [0, 1, 5, 257, u16::MAX] {
        let game = Game::new(map.clone(), rules.clone(), Seed::from(1), seats);
        assert!(game.is_err(), "{seats} seats on four territories");
    }
}
