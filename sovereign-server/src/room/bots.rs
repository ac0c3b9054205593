//! The bots that a room plays.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use sovereign_core::bot::{self, Alarm, Bot};
use sovereign_core::id::PlayerId;
use sovereign_core::quantity::Tick;
use sovereign_core::{Game, Order};
use tracing::error;

/// The bot that plays on for a person who is away.
pub(super) const STAND_IN: &str = "expander";
/// Wishes of one bot carried out in one tick; numbers of its orders leave room for them.
const WISHES: usize = 256;

struct Driver {
    bot: Box<dyn Bot>,
    alarm: Alarm,
}

/// All bots of a room, by seat.
#[derive(Default)]
pub(super) struct Bots {
    drivers: BTreeMap<PlayerId, Driver>,
    /// Seats of which the bot panicked; they are played no more.
    failed: BTreeSet<PlayerId>,
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
        if self.drivers.contains_key(&player) || self.failed.contains(&player) {
            return;
        }
        // Its dice come from the secret seed, so nobody can foretell its moves.
        let seed = game.seed().child(u64::from(player.0) + 1);
        let made = bot::by_name(name, seed).or_else(|| bot::by_name(STAND_IN, seed));
        if let Some(bot) = made {
            self.drivers.insert(player, Driver { bot, alarm: Alarm::default() });
        }
    }

    /// A person plays this seat again.
    pub(super) fn unseat(&mut self, player: PlayerId) {
        self.drivers.remove(&player);
    }

    /// The orders of those who wanted to wake by now, or whose turn has begun. A bot that panics
    /// plays no more; its game goes on.
    pub(super) fn wake(&mut self, game: &Game, orders: &mut Vec<Order>) {
        let tick = game.tick();
        let mut wishes = Vec::new();
        for (player, driver) in &mut self.drivers {
            let view = game.view(Some(*player));
            if !driver.alarm.rings(&view, *player) {
                continue;
            }
            // A bot that failed is thrown away, so nobody sees it half-done.
            let woken = catch_unwind(AssertUnwindSafe(|| driver.bot.wake(&view, &mut wishes)));
            let Ok(wake) = woken else {
                error!(seat = player.0, tick = tick.0, "a bot panicked; it plays no more");
                self.failed.insert(*player);
                wishes.clear();
                continue;
            };
            driver.alarm.set(&view, wake);
            let numbered = (first_number(tick)..).zip(wishes.drain(..).take(WISHES));
            orders.extend(numbered.map(|(seq, command)| Order::Bot {
                player: *player,
                seq,
                command,
            }));
        }
        self.drivers.retain(|player, _| !self.failed.contains(player));
    }
}

/// Rising with time, also over restarts, without anything to remember.
const fn first_number(tick: Tick) -> u32 {
    tick.0.wrapping_mul(WISHES as u32)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use sovereign_core::{Command, Map, Rules, Seed, View};

    use super::*;

    struct Broken;

    impl Bot for Broken {
        fn wake(&mut self, _: &View<'_>, _: &mut Vec<Command>) -> Tick {
            panic!("a test asked for this")
        }
    }

    #[test]
    fn a_bot_that_panics_plays_no_more_and_the_others_do() {
        let (map, rules) = (Map::shipped("classic").unwrap(), Rules::preset("classic").unwrap());
        let game = Game::new(Arc::new(map), Arc::new(rules), Seed([1; 16]), 2).unwrap();
        let mut bots = Bots::default();
        bots.drivers.insert(PlayerId(0), Driver { bot: Box::new(Broken), alarm: Alarm::default() });
        bots.seat(PlayerId(1), STAND_IN, &game);
        bots.wake(&game, &mut Vec::new());
        bots.seat(PlayerId(0), STAND_IN, &game);
        assert_eq!(bots.drivers.keys().collect::<Vec<_>>(), [&PlayerId(1)]);
    }
}
