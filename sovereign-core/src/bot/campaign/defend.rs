//! Help for land that would fall.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use super::Campaign;
use crate::command::{Command, Move};
use crate::id::TerritoryId;
use crate::quantity::Permille;

impl Campaign<'_, '_> {
    /// Sends neighbours' troops to own land that armies under way would take, where that
    /// saves it.
    pub(super) fn rescue(&mut self, land: &[TerritoryId]) {
        let own: BTreeSet<_> = land.iter().copied().collect();
        let hostile = |owner| !self.view.friendly(self.me, owner);
        let armies = self.view.armies().map(|(_, army)| army);
        let bound = armies.filter(|army| hostile(army.owner) && own.contains(&army.to));
        let threatened: BTreeSet<_> = bound.map(|army| army.to).collect();
        for at in threatened {
            let falls = self.view.preview_together(at, &[]).ok().and_then(|p| p.outcome);
            if falls.is_some_and(|outcome| outcome.odds < Permille(500)) {
                self.help(at);
            }
        }
    }

    /// The first neighbour whose troops are enough goes alone; else nobody does.
    fn help(&mut self, at: TerritoryId) {
        let mut helpers: Vec<_> =
            self.own_neighbours(at).map(|from| (self.spare(from), from)).collect();
        helpers.sort_by_key(|(troops, from)| (core::cmp::Reverse(*troops), *from));
        for (troops, from) in helpers.into_iter().filter(|(troops, _)| *troops > 0) {
            let wish = Command::Move(Move { from, to: at, troops: troops.into() });
            let outcome = self.view.preview(wish).ok().and_then(|preview| preview.outcome);
            if outcome.is_some_and(|outcome| outcome.odds > Permille(500)) {
                return self.send(from, troops, wish);
            }
        }
    }
}
