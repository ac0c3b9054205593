//! Random games of random orders: all invariants after each step, and exact undoing.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sovereign_core::testing::{Chaos, random_game};

fuzz_target!(|input: (u64, u64, Vec<u8>)| {
    let (number, chaos, script) = input;
    let mut game = random_game(number % 1024);
    let mut chaos = Chaos::new(chaos);
    for action in script.into_iter().take(400) {
        let (mark, before) = (game.mark(), game.hash());
        for order in chaos.orders(&game, u64::from(action % 4)) {
            let _ = game.execute(&order);
        }
        game.advance_to(game.tick().after(u32::from(action >> 3)));
        game.check_invariants().expect("true of every state");
        if action & 4 != 0 {
            game.rollback(mark).expect("just made");
            assert_eq!(game.hash(), before);
        }
    }
});
