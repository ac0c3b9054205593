//! Any snapshot of a game or session: refused, or one that goes on without breaking a rule.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use sovereign_core::testing::random_game;
use sovereign_core::{Game, Session};

static GAME: LazyLock<Game> = LazyLock::new(|| random_game(3));

fuzz_target!(|bytes: &[u8]| {
    let game = &*GAME;
    let (map, rules) = (game.map().clone(), game.rules().clone());
    if let Ok(mut restored) = Game::restore(map, rules, game.seed(), game.seats(), bytes) {
        restored.advance_to(restored.tick().after(40));
        restored.check_invariants().expect("a restored game keeps the rules");
    }
    if let Ok(mut session) = Session::restore(game, bytes) {
        session.step(Vec::new());
    }
});
