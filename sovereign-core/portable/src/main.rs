//! Prints the hashes of the first golden games, one a line.

use sovereign_core::testing::{GOLDEN_GAMES, golden_game};

fn main() {
    for number in 0..GOLDEN_GAMES {
        println!("{}", golden_game(number));
    }
}
