//! What a view shows of turns and the reserve.

use super::View;
use crate::id::PlayerId;

impl View<'_> {
    /// Whose turn it is, in which it may still be ordered; `None` where there are no turns,
    /// and while the armies of a turn that has ended finish.
    #[must_use]
    pub fn turn(&self) -> Option<PlayerId> {
        self.state.turn()
    }

    /// Whether the viewer may order what troops do: it is his turn, or there are none.
    #[must_use]
    pub fn may_order(&self) -> bool {
        let turns = self.rules().turns.are_on();
        self.viewer.is_some() && (!turns || self.state.turn() == self.viewer)
    }

    /// The troops in the viewer's reserve now; 0 for a spectator. O(1).
    #[must_use]
    pub fn reserve(&self) -> u32 {
        self.viewer.map_or(0, |viewer| self.state.reserve(viewer))
    }
}
