//! Quick chat and signs: beside the game, its log and its replay.

use std::collections::BTreeMap;
use std::time::Duration;

use sovereign_core::id::PlayerId;
use tokio::time::Instant;

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
