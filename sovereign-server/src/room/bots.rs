//! The bots that a room plays.

use std::collections::BTreeMap;

use sovereign_core::bot::{self, Bot};
use sovereign_core::id::PlayerId;
use sovereign_core::quantity::Tick;
use sovereign_core::{Game, Order};

/// The bot that plays on for a person who is away.
pub(super) const STAND_IN: &str = "expander";
/// Wishes of one bot carried out in one tick; numbers of its orders leave room for them.
const WISHES: usize = 256;

struct Driver {
    bot: Box<dyn Bot>,
    wake: Tick,
}

/// All bots of a room, by seat.
#[derive(Default)]
pub(super) struct Bots {
    drivers: BTreeMap<PlayerId, Driver>,
}

impl std::fmt::Debug for Bots {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.drivers.keys()).finish()
    }
}

impl Bots {
    /// Lets a bot of this name play a seat; an unknown name, as of a newer server's
    /// game, is played by the stand-in.
    pub(super) fn seat(&mut self, player: PlayerId, name: &str, game: &Game) {
        if self.drivers.contains_key(&player) {
            return;
        }
        // Its dice come from the secret seed, so nobody can foretell its moves.
        let seed = game.seed().child(u64::from(player.0) + 1);
        let made = bot::by_name(name, seed).or_else(|| bot::by_name(STAND_IN, seed));
        if let Some(bot) = made {
            self.drivers.insert(player, Driver { bot, wake: Tick(0) });
        }
    }

    /// A person plays this seat again.
    pub(super) fn unseat(&mut self, player: PlayerId) {
        self.drivers.remove(&player);
    }

    /// The orders of those who wanted to wake by now.
    pub(super) fn wake(&mut self, game: &Game, orders: &mut Vec<Order>) {
        let tick = game.tick();
        let mut wishes = Vec::new();
        for (player, driver) in &mut self.drivers {
            if driver.wake > tick {
                continue;
            }
            let view = game.view(Some(*player));
            // A bot that asks for the present or the past wakes at the next tick.
            driver.wake = driver.bot.wake(&view, &mut wishes).max(Tick(tick.0 + 1));
            let numbered = (first_number(tick)..).zip(wishes.drain(..).take(WISHES));
            orders.extend(numbered.map(|(seq, command)| Order::Bot {
                player: *player,
                seq,
                command,
            }));
        }
    }
}

/// Rising with time, also over restarts, without anything to remember.
const fn first_number(tick: Tick) -> u32 {
    tick.0.wrapping_mul(WISHES as u32)
}
