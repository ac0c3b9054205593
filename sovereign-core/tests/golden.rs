//! Golden games: their hashes are the same on every machine and in every build, and
//! change only together with `RULES_VERSION`.

use sovereign_core::testing::{Chaos, random_game};

/// The hash after 600 random orders, a tick after every third, of games 0 to 7.
const GOLDEN: [u64; 8] = [
    16744643692033206314,
    17272625686496300173,
    13384200224551335252,
    9600749574358098915,
    3651437047088223133,
    12248288405303304043,
    813814358849803266,
    5522615496509134054,
];

fn play(number: u64) -> u64 {
    let mut game = random_game(number);
    let mut chaos = Chaos::new(number);
    for round in 0..600 {
        let order = chaos.order(&game);
        let _ = game.execute(&order);
        if round % 3 == 0 {
            game.advance();
        }
        game.commit();
    }
    game.hash()
}

#[test]
fn golden_games_keep_their_hashes() {
    let hashes: Vec<_> = (0..8).map(play).collect();
    assert_eq!(hashes, GOLDEN, "rules changed? then raise RULES_VERSION");
}
