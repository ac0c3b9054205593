//! What a view does not show: land beyond the fog's radius, and what is there.

use alloc::vec::Vec;

use super::roster::Roster;
use super::{Territory, View};
use crate::event::Army;
use crate::id::{ArmyId, PlayerId, TerritoryId};
use crate::state::row::ArmyRow;
use crate::state::{State, public};

impl<'g> View<'g> {
    /// Whether the viewer sees a territory now. What he does not see is shown as if nobody
    /// had touched it. Without fog, before and after the playing phase, and for whoever is
    /// no player, that is all land. O(degree ^ radius).
    #[must_use]
    pub fn sees(&self, id: TerritoryId) -> bool {
        self.viewer.is_none_or(|viewer| self.state.sees(viewer, id))
    }

    /// Whether a territory must not be shown.
    #[inline]
    pub(super) fn hides(&self, id: TerritoryId) -> bool {
        self.veiled && !self.sees(id)
    }

    /// Whether the viewer knows all armies of a player, and by their numbers.
    pub(super) fn shows_numbers_of(&self, player: PlayerId) -> bool {
        !self.veiled || self.viewer == Some(player)
    }

    /// A territory that is not seen.
    pub(super) fn untouched(&self, id: TerritoryId) -> Territory {
        let setting = &self.state.setting;
        let row = State::untouched(setting, id);
        let terrain = setting.rules.terrain(setting.map.terrain(id));
        Territory {
            owner: None,
            troops: row.troops,
            structure: None,
            level: 0,
            ready: None,
            besieged: false,
            cap: self.state.growth(id, &row).room(),
            defence: terrain.map_or(crate::quantity::Permille::ONE, |terrain| terrain.defence),
        }
    }

    /// The armies that are shown, by rising number.
    pub(super) fn shown_armies(&self) -> impl Iterator<Item = (ArmyId, Army)> + 'g {
        let (state, viewer) = (self.state, self.viewer);
        let veil = viewer.filter(|_| self.veiled);
        let fresh = veil.map(|viewer| {
            let mut roster = Roster::default();
            roster.update(state.setting.seats, viewer, seen_armies(state, viewer));
            roster.known().collect::<Vec<_>>()
        });
        let all = state.armies().filter(move |_| veil.is_none());
        let all = all.filter_map(|(id, row)| Some((id, public::public_army(row)?)));
        all.chain(fresh.into_iter().flatten())
    }
}

/// The armies that a player sees, by the game's numbers. O(armies * degree ^ radius).
pub(crate) fn seen_armies(
    state: &State,
    viewer: PlayerId,
) -> impl Iterator<Item = (ArmyId, Army)> + '_ {
    let seen = state.armies().filter(move |(_, row)| sees_army(state, viewer, row));
    seen.filter_map(|(id, row)| Some((id, public::public_army(row)?)))
}

/// Own armies are seen; others' where they fight, or at an end of their march.
fn sees_army(state: &State, viewer: PlayerId, army: &ArmyRow) -> bool {
    let (from, to) = (TerritoryId(army.from), TerritoryId(army.to));
    army.owner == viewer.0
        || state.sees(viewer, to)
        || (army.fighting == 0 && state.sees(viewer, from))
}
