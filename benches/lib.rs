//! Criterion benchmarks of Sovereign, and the positions that they measure.
//!
//! Each benchmark asserts its result before it times it. `cargo bench -p sovereign-benches`
//! runs them all; the figures are in `docs/performance.md`.

pub mod position;

use std::sync::Arc;

use sovereign_core::bot::Table;
use sovereign_core::command::{Attack, Command};
use sovereign_core::id::PlayerId;
use sovereign_core::quantity::Tick;
use sovereign_core::rules::RulesDraft;
use sovereign_core::{Game, Map, Order, Phase, Rules, Seed, SystemOrder, map};

/// The rules that benchmarks play by.
///
/// # Panics
/// Never: the preset ships with the engine.
#[must_use]
pub fn rules() -> Arc<Rules> {
    Arc::new(Rules::preset("classic").expect("shipped"))
}

/// The same rules without overtime, under which nothing falls due by itself.
///
/// # Panics
/// Never: a game may go on for ever.
#[must_use]
pub fn quiet_rules() -> Arc<Rules> {
    let mut draft = RulesDraft::clone(&rules());
    draft.victory.overtime_ticks = 0;
    Arc::new(Rules::try_from(draft).expect("there need be no overtime"))
}

/// The board of 42 territories.
///
/// # Panics
/// Never: the map ships with the engine.
#[must_use]
pub fn classic() -> Arc<Map> {
    Arc::new(Map::shipped("classic").expect("shipped"))
}

/// A square of territories, `side` on each side.
#[must_use]
pub fn grid(side: u32) -> Arc<Map> {
    grid_of(side, side)
}

/// A rectangle of territories.
#[must_use]
pub fn grid_of(width: u32, height: u32) -> Arc<Map> {
    Arc::new(map::generate::grid(width, height))
}

/// A game of two bots' seats in which everybody was placed and nothing is due.
///
/// # Panics
/// If the engine refuses to start such a game.
#[must_use]
pub fn idle_game(map: Arc<Map>) -> Game {
    let mut game = Game::new(map, quiet_rules(), Seed::from(1), 2).expect("room for two");
    for player in [PlayerId(0), PlayerId(1)] {
        let join = SystemOrder::Join { player, bot: true, team: 0 };
        game.execute(&Order::System(join)).expect("an open seat");
    }
    game.execute(&Order::System(SystemOrder::Start)).expect("two sit");
    game.advance_to(Tick(rules().spawn.ticks + 10));
    game.commit();
    assert_eq!(game.state().phase, Phase::Playing);
    assert_eq!(game.next_due(), None);
    game
}

/// A game in full swing: four expanders after two minutes on the board of 42.
///
/// # Panics
/// If the bots' names are unknown.
#[must_use]
pub fn busy_game() -> Game {
    let names = ["expander"; 4];
    let mut table = Table::named(classic(), rules(), Seed::from(5), &names).expect("shipped bots");
    table.play(Tick(2_400), |_| {});
    let mut game = table.session().game().clone();
    game.commit();
    game
}

/// An attack that can be carried out now.
///
/// # Panics
/// If nobody can attack anybody.
#[must_use]
pub fn some_attack(game: &Game) -> Order {
    let view = game.view(None);
    let fronts = view.players().flat_map(|player| {
        view.land_of(player).flat_map(move |from| {
            view.map().edges(from).iter().map(move |edge| (player, from, edge.to))
        })
    });
    let orders = fronts.map(|(player, from, to)| {
        let command = Command::Attack(Attack { from, to, troops: 10.into() });
        Order::Bot { player, seq: 1, command }
    });
    orders.into_iter().find(|order| game.validate(order).is_ok()).expect("somebody has a front")
}
