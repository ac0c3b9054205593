//! Counting what can happen: the test of a move generator and of undo.
//!
//! A **ply** is one order of the player whose turn it is, or none, and then a number of
//! ticks. The turn goes round the seats, beginning with seat 0 at the root; a player who is
//! out has the one choice of ordering nothing. Amounts are **discretised**: of a range only
//! the least, the middle (rounded down) and the greatest are tried, each once.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use crate::command::{Command, Order};
use crate::game::Game;
use crate::id::PlayerId;
use crate::legal::Shape;

/// What was counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Perft {
    /// Ways to play so many plies.
    pub leaves: u64,
    /// The wrapping sum of the hashes of the games that they lead to.
    pub hash: u64,
}

/// Counts the ways to play `depth` plies of `ticks` ticks each, going back and forth in this
/// one game, which is left as it was. O(leaves * orders).
///
/// ```
/// use sovereign_core::perft::perft;
/// use sovereign_core::testing::random_game;
///
/// let mut game = random_game(3);
/// let hash = game.hash();
/// assert!(perft(&mut game, 1, 10).leaves > 1, "one can choose where to start");
/// assert_eq!(game.hash(), hash);
/// ```
pub fn perft(game: &mut Game, depth: u32, ticks: u32) -> Perft {
    count(game, PlayerId(0), depth, ticks)
}

fn count(game: &mut Game, turn: PlayerId, depth: u32, ticks: u32) -> Perft {
    if depth == 0 {
        return Perft { leaves: 1, hash: game.hash() };
    }
    let mut sum = Perft::default();
    let next = PlayerId((turn.0 + 1) % game.seats());
    let shapes: Vec<_> = game.legal(turn).collect();
    let orders = shapes.iter().flat_map(choices).map(Some).chain([None]);
    for choice in orders {
        let mark = game.mark();
        if let Some(command) = choice {
            let order = Order::Player { player: turn, seq: 0, command };
            game.execute(&order).expect("every member of a shape is legal");
        }
        game.advance_to(game.tick().after(ticks));
        let below = count(game, next, depth - 1, ticks);
        sum.leaves += below.leaves;
        sum.hash = sum.hash.wrapping_add(below.hash);
        game.rollback(mark).expect("nothing commits between here and the mark");
    }
    sum
}

/// The commands of a shape that are tried.
fn choices(shape: &Shape) -> Vec<Command> {
    let Some(amounts) = shape.amounts() else { return Vec::from([shape.least()]) };
    let (low, high) = (*amounts.start(), *amounts.end());
    let tried = BTreeSet::from([low, low.midpoint(high), high]);
    tried.into_iter().map(|amount| shape.with_amount(amount)).collect()
}
