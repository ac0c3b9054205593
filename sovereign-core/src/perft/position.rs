//! Positions that everybody can make: from a map, rules and plies that dice choose.

use alloc::sync::Arc;

use super::{mover, plies};
use crate::command::{Command, Order, SystemOrder};
use crate::game::Game;
use crate::id::PlayerId;
use crate::map::generate;
use crate::rng::{Purpose, Seed};
use crate::rules::Rules;

/// A position with the count of what can follow it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Its name.
    pub name: &'static str,
    /// Territories of its map, [`generate::random`] with `number`.
    pub territories: u32,
    /// Decides map and dice.
    pub number: u64,
    /// Players, all in the game.
    pub seats: u16,
    /// A preset of rules.
    pub rules: &'static str,
    /// Plies that were played from the beginning: see [`Position::game`].
    pub plies: u32,
    /// How deep it is counted.
    pub depth: u32,
    /// Ticks of a ply.
    pub ticks: u32,
    /// How many ways to play there are.
    pub leaves: u64,
}

/// The positions that ship with the engine. Their counts are held by a slow count that is
/// obviously right, in the tests.
pub const POSITIONS: [Position; 5] = [
    position("spawn", [8, 3, 3], "classic", 0, [3, 1], 767),
    position("war", [6, 2, 2], "classic", 8, [3, 20], 2242),
    position("opening", [8, 5, 2], "dice", 0, [3, 1], 2252),
    position("turn", [8, 7, 2], "dice", 12, [3, 3], 4059),
    position("three-turns", [9, 4, 3], "dice", 44, [3, 4], 866),
];

const fn position(
    name: &'static str,
    [territories, number, seats]: [u32; 3],
    rules: &'static str,
    plies: u32,
    [depth, ticks]: [u32; 2],
    leaves: u64,
) -> Position {
    let (number, seats) = (number as u64, seats as u16);
    Position { name, territories, number, seats, rules, plies, depth, ticks, leaves }
}

impl Position {
    /// A shipped position by name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        POSITIONS.iter().find(|position| position.name == name)
    }

    /// The game at this position. Everybody sits down and the game begins; then plies are
    /// played as when they are counted. In ply `n` the player's choices are numbered in their
    /// order, the one to order nothing last, and the throw of [`Purpose::Bot`] at tick 0 for
    /// entity 0 and count `n` says which is played; nobody surrenders or offers a draw.
    ///
    /// # Panics
    /// If the map has no room for the players, or there is no such preset.
    #[must_use]
    pub fn game(&self) -> Game {
        let map = Arc::new(generate::random(self.number, self.territories));
        let rules = Rules::preset(self.rules).expect("a position names shipped rules");
        let game = Game::new(map, Arc::new(rules), Seed::from(self.number), self.seats);
        let mut game = game.expect("the map of a position has room for its players");
        self.begin(&mut game);
        for ply in 0..self.plies {
            self.play(&mut game, ply);
        }
        game
    }

    fn begin(&self, game: &mut Game) {
        let joins = (0..self.seats).map(PlayerId).map(|player| {
            let team = game.rules().seats.team_of(player);
            SystemOrder::Join { player, bot: false, team }
        });
        let orders: alloc::vec::Vec<_> = joins.chain([SystemOrder::Start]).collect();
        for order in orders {
            game.execute(&Order::System(order)).expect("the seats are open, and enough sit");
        }
    }

    fn play(&self, game: &mut Game, ply: u32) {
        let player = mover(game, PlayerId((ply % u32::from(self.seats)) as u16));
        let mut choices = plies(game, player);
        choices.retain(|choice| {
            !matches!(choice, Some(Command::Surrender(_) | Command::OfferDraw(_)))
        });
        let tick = crate::quantity::Tick(0);
        let sides = choices.len() as u64;
        let at = game.seed().below(tick, Purpose::Bot, 0, u64::from(ply), sides);
        if let Some(command) = choices[at as usize] {
            let order = Order::Player { player, seq: 0, command };
            game.execute(&order).expect("every member of a shape is legal");
        }
        game.advance_to(game.tick().after(self.ticks));
    }
}
