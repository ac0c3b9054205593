//! Panics planted in the engine of single games.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use sovereign_core::{Order, Session};

use crate::log::GameId;

/// Whether the step that is to come panics.
type Trap = Box<dyn Fn(&Session, &[Order]) -> bool + Send>;

static TRAPS: Mutex<Option<HashMap<GameId, Trap>>> = Mutex::new(None);

fn with<T>(act: impl FnOnce(&mut HashMap<GameId, Trap>) -> T) -> T {
    act(TRAPS.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_default())
}

/// From now on the engine of this game panics at the end of the steps that `trap` names.
pub(in crate::room) fn plant(
    game: GameId,
    trap: impl Fn(&Session, &[Order]) -> bool + Send + 'static,
) {
    with(|traps| traps.insert(game, Box::new(trap)));
}

pub(in crate::room) fn trap(game: GameId, session: &Session, orders: &[Order]) -> bool {
    with(|traps| traps.get(&game).is_some_and(|trap| trap(session, orders)))
}
