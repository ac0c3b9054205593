//! When a bot is woken.

use crate::id::PlayerId;
use crate::quantity::Tick;
use crate::view::View;

/// When a bot is woken: at the tick that it named, and where there are turns also when its
/// own begins, which nobody can foretell. Every host keeps one for each of its bots.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Alarm {
    wake: Tick,
    /// When the last turn that it was woken for ends.
    turn: Option<Tick>,
}

impl Alarm {
    /// Whether it is time, as the bot's seat sees the game: once for each turn.
    pub fn rings(&mut self, view: &View<'_>, seat: PlayerId) -> bool {
        if !view.rules().turns.are_on() {
            return self.wake <= view.tick();
        }
        let mine = view.game().turn.filter(|turn| turn.player == seat);
        let turn = mine.and_then(|turn| turn.until);
        let begins = turn.is_some() && turn != self.turn;
        if begins {
            self.turn = turn;
        }
        begins || self.wake <= view.tick()
    }

    /// Sets it to the tick that the bot named, at the earliest the next.
    pub fn set(&mut self, view: &View<'_>, wake: Tick) {
        self.wake = wake.max(view.tick().after(1));
    }

    /// The tick to which it is set.
    #[must_use]
    pub const fn wake(&self) -> Tick {
        self.wake
    }
}
