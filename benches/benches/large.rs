//! The engine on two million territories: what happens costs, not how much there is.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use sovereign_benches::position::{Position, SIDES};
use sovereign_benches::{grid_of, some_attack};
use sovereign_core::command::{Command, Surrender};
use sovereign_core::id::PlayerId;
use sovereign_core::{Event, Game, Order};

/// Two halves of a million territories each, at peace.
fn halves() -> Game {
    Position::halves(grid_of(2_000, 1_000)).game()
}

/// An attack that is validated, carried out and taken back; then one that is only carried
/// out, each time on another copy of the moment.
fn orders(c: &mut Criterion) {
    let mut game = halves();
    let order = some_attack(&game);
    let before = game.hash();
    c.bench_function("execute_rollback/2000000", |b| {
        b.iter(|| {
            let mark = game.mark();
            game.execute(&order).expect("validated before");
            game.rollback(mark).expect("just made");
        });
    });
    assert_eq!(game.hash(), before, "nothing is left of the orders");
    c.bench_function("idle_tick/2000000", |b| b.iter(|| game.advance()));
    assert_eq!(game.next_due(), None, "nothing fell due");
}

/// A player who holds a million territories gives them up.
fn surrender(c: &mut Criterion) {
    let mut game = halves();
    let player = PlayerId(1);
    assert_eq!(game.view(None).territory_count(player), 1_000_000);
    let order = Order::Bot { player, seq: 1, command: Command::Surrender(Surrender {}) };
    c.bench_function("surrender/1000000", |b| {
        b.iter(|| {
            let mark = game.mark();
            game.execute(&order).expect("in the game");
            black_box(game.view(None).territory_count(player));
            game.rollback(mark).expect("just made");
        });
    });
    game.execute(&order).expect("in the game");
    assert_eq!(game.view(None).territory_count(player), 0);
}

/// One tick in which 500 of 1,000 armies take land and 200 battles go on.
fn busy_tick(c: &mut Criterion) {
    let mut game = Position::front(grid_of(2_000, 1_000)).game();
    let before = game.hash();
    let tick = |game: &mut Game| {
        let mark = game.mark();
        game.advance();
        mark
    };
    let mark = tick(&mut game);
    let captures = game.events().filter(|event| matches!(event, Event::Captured { .. })).count();
    assert_eq!((captures, game.view(None).battles().count()), (500, 200));
    assert_eq!(game.view(None).armies().count(), 500);
    game.rollback(mark).expect("just made");
    assert_eq!(game.hash(), before);
    c.bench_function("busy_tick/2000000", |b| {
        b.iter_batched(
            || (),
            |()| {
                let mark = tick(&mut game);
                game.rollback(mark).expect("just made");
            },
            BatchSize::PerIteration,
        );
    });
}

/// Building the map, and a game on it.
fn build(c: &mut Criterion) {
    let mut group = c.benchmark_group("build_2000000");
    group.sample_size(10);
    group.bench_function("map", |b| b.iter(|| black_box(grid_of(2_000, 1_000))));
    let map = grid_of(2_000, 1_000);
    assert_eq!(map.len(), 2_000_000);
    let rules = sovereign_benches::rules();
    let build = || Game::new(Arc::clone(&map), Arc::clone(&rules), 1.into(), SIDES);
    group.bench_function("game", |b| b.iter(|| black_box(build().expect("two fit"))));
    group.finish();
}

criterion_group!(large, orders, surrender, busy_tick, build);
criterion_main!(large);
