//! What the operator does to a running game.

use sovereign_core::wire::{CloseCode, ToClient};
use tracing::info;

use super::task::{Output, Task};
use crate::log::CommandLog;

impl<L: CommandLog> Task<L> {
    /// Tells everybody here something that is no part of the game.
    pub(super) fn announce(&self, code: &str, message: &str) {
        let notice = ToClient::Notice { code: code.to_owned(), message: message.to_owned() };
        self.viewers.tell_all(&notice);
    }

    /// Ends the game as it stands: it becomes a replay, and its sockets are closed.
    pub(super) fn end_by_operator(&mut self) {
        if self.over {
            return;
        }
        info!(game = %self.id, "the operator ends this game");
        self.over = true;
        self.gate.hold(Output::Over);
        self.announce("ended", "the operator of this server has ended the game");
        self.viewers.close_all(CloseCode::Normal);
    }
}
