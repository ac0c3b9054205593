//! Does one piece of work a number of times, for a profiler to watch: `work WHAT TIMES`.
//! `scripts/count` counts its instructions, which a busy machine does not change.

use std::sync::Arc;

use sovereign_benches::{busy_game, classic, grid, idle_game, rules, some_attack};
use sovereign_core::bot::Table;
use sovereign_core::quantity::Tick;
use sovereign_core::{Game, Map, Seed};

fn main() {
    let mut args = std::env::args().skip(1);
    let (what, times) = (args.next().unwrap_or_default(), args.next());
    let times = times.and_then(|times| times.parse().ok()).unwrap_or(1);
    match what.as_str() {
        "attack" => attacks(classic(), times),
        "attack_large" => attacks(grid(1_414), times),
        "clone" => clones(&busy_game(), times),
        "tick" => ticks(idle_game(classic()), times),
        "games" => games(times),
        _ => eprintln!("work attack|attack_large|clone|tick|games TIMES"),
    }
}

/// Validates, executes and rolls back.
fn attacks(map: Arc<Map>, times: u64) {
    let mut game = idle_game(map);
    game.advance_to(Tick(game.tick().0 + 500));
    let order = some_attack(&game);
    for _ in 0..times {
        let mark = game.mark();
        game.execute(&order).expect("validated before");
        game.rollback(mark).expect("just made");
    }
}

fn clones(game: &Game, times: u64) {
    let mut copy = game.clone();
    (0..times).for_each(|_| copy.clone_from(game));
}

fn ticks(mut game: Game, times: u64) {
    (0..times).for_each(|_| game.advance());
}

fn games(times: u64) {
    let (map, rules) = (classic(), rules());
    let mut orders = 0;
    for seed in 0..times {
        let (map, rules) = (Arc::clone(&map), Arc::clone(&rules));
        let mut table =
            Table::named(map, rules, Seed::from(seed), &["random"; 4]).expect("shipped bots");
        table.keep_log(false);
        table.play(Tick(200_000), |step| orders += step.batch.orders.len());
    }
    println!("{orders} orders");
}
