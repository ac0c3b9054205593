//! Quick chat, signs and marks: beside the game, its log and its replay.

use std::collections::BTreeMap;
use std::time::Duration;

use sovereign_core::id::{PlayerId, TerritoryId};
use sovereign_core::wire::{SocialKind, ToClient};
use tokio::time::Instant;

use super::SocketId;
use super::task::Task;
use crate::log::CommandLog;

/// Time between two things one player says; what comes sooner is dropped.
const PAUSE: Duration = Duration::from_millis(500);

/// When each player last said something.
#[derive(Debug, Default)]
pub(super) struct Talk {
    last: BTreeMap<PlayerId, Instant>,
}

impl Talk {
    /// May this player say something now?
    pub(super) fn may_speak(&mut self, player: PlayerId) -> bool {
        let now = Instant::now();
        let too_soon = self.last.get(&player).is_some_and(|last| now < *last + PAUSE);
        if !too_soon {
            self.last.insert(player, now);
        }
        !too_soon
    }
}

impl<L: CommandLog> Task<L> {
    /// Passes on what a seat says, unless it says too much.
    pub(super) fn take_talk(
        &mut self,
        socket: SocketId,
        to: Option<PlayerId>,
        kind: SocialKind,
        index: u32,
    ) {
        let Some(from) = self.viewers.seat_of(socket) else { return };
        let nowhere = !self.session.game().map().contains(TerritoryId(index));
        if (kind == SocialKind::Mark && nowhere) || !self.talk.may_speak(from) {
            return;
        }
        let message = ToClient::Social { from, to, kind, index };
        match to {
            Some(to) => self.tell_seats(&[from, to], &message),
            None if kind == SocialKind::Mark => {
                let side = self.side_of(from);
                self.tell_seats(&side, &message);
            }
            None => self.viewers.tell_all(&message),
        }
    }

    /// A player and those who are allied with him.
    fn side_of(&self, player: PlayerId) -> Vec<PlayerId> {
        let view = self.session.game().view(None);
        view.players().filter(|other| view.friendly(player, *other)).collect()
    }

    fn tell_seats(&mut self, seats: &[PlayerId], message: &ToClient) {
        for seat in seats {
            if let Some((_, viewer)) = self.viewers.at_seat(*seat) {
                // Talk is not worth a snapshot.
                let _ = viewer.send(message);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_flood_of_signs_is_thinned() {
        let mut talk = Talk::default();
        let mut said = 0;
        for _ in 0..100 {
            said += u32::from(talk.may_speak(PlayerId(1)));
            tokio::time::advance(Duration::from_millis(50)).await;
        }
        assert_eq!(said, 10);
        assert!(talk.may_speak(PlayerId(2)), "others are not affected");
    }
}
