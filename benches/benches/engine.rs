//! The engine: orders and their undoing, clones, ticks, whole games, views.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use sovereign_benches::{busy_game, classic, grid, grid_of, idle_game, rules, some_attack};
use sovereign_core::bot::Table;
use sovereign_core::quantity::Tick;
use sovereign_core::{Map, Phase, Seed};
use std::sync::Arc;

/// Validate, execute and roll back one attack, on maps of all sizes.
fn execute_and_rollback(c: &mut Criterion) {
    let mut group = c.benchmark_group("execute_rollback");
    for map in [classic(), grid(1_000)] {
        let mut game = idle_game(map);
        game.advance_to(Tick(game.tick().0 + 500));
        let order = some_attack(&game);
        let before = game.hash();
        group.bench_function(BenchmarkId::from_parameter(game.map().len()), |b| {
            b.iter(|| {
                let mark = game.mark();
                game.execute(&order).expect("validated before");
                game.rollback(mark).expect("just made");
            });
        });
        assert_eq!(game.hash(), before, "nothing is left of the orders");
    }
    group.finish();
}

/// A copy of a game in full swing, as a search makes it.
fn clone(c: &mut Criterion) {
    let game = busy_game();
    let mut copy = game.clone();
    assert_eq!(copy.hash(), game.hash());
    c.bench_function("clone/42", |b| {
        b.iter(|| {
            copy.clone_from(&game);
            black_box(&copy);
        });
    });
    let game = idle_game(grid_of(57, 57));
    let mut copy = game.clone();
    assert_eq!(copy.hash(), game.hash());
    c.bench_function("clone/3249", |b| {
        b.iter(|| {
            copy.clone_from(&game);
            black_box(&copy);
        });
    });
}

/// A tick in which nothing falls due: the same on any map.
fn idle_tick(c: &mut Criterion) {
    let mut group = c.benchmark_group("idle_tick");
    for map in [classic(), grid(1_000)] {
        let game = idle_game(map);
        let mut ticking = game.clone();
        ticking.advance();
        assert_eq!(ticking.tick().0, game.tick().0 + 1);
        group.bench_function(BenchmarkId::from_parameter(game.map().len()), |b| {
            b.iter(|| {
                if ticking.tick() > Tick(16_000_000) {
                    ticking.clone_from(&game);
                }
                ticking.advance();
            });
        });
    }
    group.finish();
}

fn play(map: &Arc<Map>, bot: &str, seed: u64) -> (u64, Tick) {
    let names = [bot; 4];
    let mut table =
        Table::named(map.clone(), rules(), Seed::from(seed), &names).expect("shipped bots");
    let mut orders = 0;
    table.keep_log(false);
    table.play(Tick(200_000), |step| orders += step.batch.orders.len() as u64);
    assert_eq!(table.session().game().state().phase, Phase::Finished);
    (orders, table.session().game().tick())
}

/// Whole games of four bots, one after the other; the throughput is in orders.
fn whole_games(c: &mut Criterion) {
    let mut group = c.benchmark_group("whole_game");
    group.sample_size(20);
    let map = classic();
    for bot in ["random", "expander"] {
        let (orders, _) = play(&map, bot, 1);
        assert!(orders > 100, "a game of {bot} has {orders} orders");
        group.throughput(Throughput::Elements(orders));
        group.bench_function(bot, |b| b.iter(|| play(&map, bot, 1)));
    }
    group.finish();
}

/// All garrisons of the board, read at the current tick.
fn read_view(c: &mut Criterion) {
    let game = busy_game();
    let read = || {
        let view = game.view(None);
        view.map().territories().map(|id| u64::from(view.troops(id))).sum::<u64>()
    };
    assert!(read() > 1_000);
    c.bench_function("view/troops_of_42", |b| b.iter(read));
}

criterion_group!(engine, execute_and_rollback, clone, idle_tick, whole_games, read_view);
criterion_main!(engine);
