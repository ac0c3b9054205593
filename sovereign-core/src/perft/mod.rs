//! Counting what can happen: the test of a move generator and of undo.
//!
//! A **ply** is one order of the player whose turn it is, or none, and then a number of
//! ticks. Where the rules have turns it is that player's, as long as he may order; else the
//! turn goes round the seats, beginning with seat 0 at the root. A player who is out has the
//! one choice of ordering nothing. Amounts are **discretised**: of a range only the least,
//! the middle (rounded down) and the greatest are tried, each once.

mod position;

pub use position::{POSITIONS, Position};

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

impl Perft {
    const fn add(&mut self, other: Self) {
        self.leaves += other.leaves;
        self.hash = self.hash.wrapping_add(other.hash);
    }
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

/// The same, told apart by the first ply: each order of the player who begins, at last none
/// (`None`), with what can follow it. Of depth 0 there is no first ply. O(leaves * orders).
pub fn divide(game: &mut Game, depth: u32, ticks: u32) -> Vec<(Option<Command>, Perft)> {
    let mut parts = Vec::new();
    if depth > 0 {
        each_ply(game, PlayerId(0), ticks, |game, choice, next| {
            parts.push((choice, count(game, next, depth - 1, ticks)));
        });
    }
    parts
}

fn count(game: &mut Game, turn: PlayerId, depth: u32, ticks: u32) -> Perft {
    if depth == 0 {
        return Perft { leaves: 1, hash: game.hash() };
    }
    let mut sum = Perft::default();
    each_ply(game, turn, ticks, |game, _, next| sum.add(count(game, next, depth - 1, ticks)));
    sum
}

/// Plays each ply that there is, shows the game after it, and takes it back.
fn each_ply(
    game: &mut Game,
    turn: PlayerId,
    ticks: u32,
    mut show: impl FnMut(&mut Game, Option<Command>, PlayerId),
) {
    let (player, next) = (mover(game, turn), PlayerId((turn.0 + 1) % game.seats()));
    for choice in plies(game, player) {
        let mark = game.mark();
        if let Some(command) = choice {
            let order = Order::Player { player, seq: 0, command };
            game.execute(&order).expect("every member of a shape is legal");
        }
        game.advance_to(game.tick().after(ticks));
        show(game, choice, next);
        game.rollback(mark).expect("nothing commits between here and the mark");
    }
}

/// Whose ply it is.
fn mover(game: &Game, turn: PlayerId) -> PlayerId {
    game.view(None).turn().unwrap_or(turn)
}

/// What a player can do in a ply, at last nothing.
fn plies(game: &Game, player: PlayerId) -> Vec<Option<Command>> {
    let shapes: Vec<_> = game.legal(player).collect();
    shapes.iter().flat_map(choices).map(Some).chain([None]).collect()
}

/// The commands of a shape that are tried.
fn choices(shape: &Shape) -> Vec<Command> {
    let Some(amounts) = shape.amounts() else { return Vec::from([shape.least()]) };
    let (low, high) = (*amounts.start(), *amounts.end());
    let tried = BTreeSet::from([low, low.midpoint(high), high]);
    tried.into_iter().map(|amount| shape.with_amount(amount)).collect()
}
