//! From one socket to another without missing anything.

use alloc::string::String;

use super::Client;
use crate::quantity::Tick;
use crate::wire::{FromClient, ToClient};

/// The game is better reached by a second socket.
///
/// Open it, say [`Client::hello`] on it, and go on with the first until [`Client::moved`] says
/// that the second has brought its welcome: then that is the connection, and the first is closed.
/// If the second comes to nothing, nothing has happened; whatever the first ends with meanwhile,
/// wait for what becomes of the second before [`Client::lost`] is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// Where, such as `https://n2.play.example`; where the first one is if not said.
    pub url: Option<String>,
    /// After how many seconds the first one is closed; it stays if not said, and so may we.
    pub closes_s: Option<u16>,
}

impl Client {
    /// Where to open a second socket, if the server has said so since this was last asked.
    pub const fn migrate(&mut self) -> Option<Move> {
        self.to.take()
    }

    /// What a new connection begins with.
    #[must_use]
    pub fn hello(&self) -> FromClient {
        let token = self.token.as_ref().map(|token| token.text.clone());
        FromClient::Hello { token, resume: self.heard }
    }

    /// Looks at a message of the second socket before it is heard. Whether it is the welcome:
    /// from then on only the second one is heard and spoken to.
    pub fn moved(&mut self, message: &ToClient) -> bool {
        let moved = matches!(message, ToClient::Welcome(_));
        if moved {
            self.out.clear();
            (self.connected, self.welcomed, self.overlaps) = (true, false, true);
        }
        moved
    }

    /// Whether a message tells of something new: not of an older owner, and not what was heard
    /// before this socket was greeted, by another one or of a server that did not know of it.
    pub(super) fn is_next(&mut self, epoch: u64, tick: Tick) -> bool {
        let known = self.heard.is_some_and(|heard| (heard.epoch, heard.tick) >= (epoch, tick));
        self.overlaps &= known;
        self.is_new(epoch) && !self.overlaps
    }
}
