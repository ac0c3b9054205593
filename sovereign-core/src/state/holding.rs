//! The part of the index that tells what land means to those who hold it.
//!
//! Land stands in somebody's name, and counts for the lord of that name: the same player
//! until his capital falls, then whoever took it. The sums of each name are kept, so that
//! all of it passes on at once, however much land there is.

use super::index::{Index, Named, add, add_gold};
use super::row::TerritoryRow;
use super::{Setting, Structure};
use crate::id::{NOBODY, PlayerId, TerritoryId};
use crate::rules::Bonus;

impl Index {
    /// Adds or takes away what a territory means to its owner and to his lord.
    pub(super) fn holding(
        &mut self,
        setting: &Setting,
        id: TerritoryId,
        row: &TerritoryRow,
        lord: u16,
        gain: bool,
    ) {
        if row.owner == NOBODY {
            return;
        }
        let (name, lord) = (PlayerId(row.owner), PlayerId(lord));
        let worth = worth(setting, row);
        self.pass(lord, &worth, gain);
        self.owned.set(name.index(), id.index(), gain);
        let region = setting.map.region_of(id).map(|region| region.index());
        if let Some(region) = region {
            self.region(setting, lord, region, 1, gain);
        }
        if let Some(named) = self.named.get_mut(name.index()) {
            named.count(&worth, gain);
            let at = region.map(|region| name.index() * setting.map.regions().len() + region);
            at.into_iter().for_each(|at| add(&mut self.regions_named[at], 1, gain));
        }
    }

    /// Adds or takes away what is worth something to a lord.
    fn pass(&mut self, lord: PlayerId, worth: &Named, gain: bool) {
        let player = &mut self.players[lord.index()];
        add(&mut player.territories, worth.territories, gain);
        for (held, count) in player.structures.iter_mut().zip(worth.structures) {
            add(held, count, gain);
        }
        add_gold(&mut player.income, worth.income, gain);
        add_gold(&mut player.ports, worth.ports, gain);
    }

    /// Territories of a region come or go, and with the last of them its bonus.
    fn region(&mut self, setting: &Setting, lord: PlayerId, region: usize, by: u32, gain: bool) {
        let regions = setting.map.regions();
        let held = &mut self.region_held[lord.index() * regions.len() + region];
        let whole = regions[region].territories.len() as u32;
        let before = *held;
        add(held, by, gain);
        if (before == whole) != (*held == whole) {
            let (points, income) = (u64::from(regions[region].bonus), &setting.rules.income);
            let player = &mut self.players[lord.index()];
            match income.bonus {
                Bonus::Gold => {
                    add_gold(&mut player.income, points * u64::from(income.region), gain);
                }
                Bonus::Reserve => add_gold(&mut player.levy, points, gain),
            }
        }
    }

    /// All land in a player's name passes from one lord to another. O(regions).
    pub(super) fn player(&mut self, setting: &Setting, name: PlayerId, old: u16, new: u16) {
        if old == new {
            return;
        }
        for (heir, gain) in [(old, false), (new, true)] {
            let heir = PlayerId::from_raw(heir);
            if let Some(heir) = heir {
                add(&mut self.players[heir.index()].inherits, 1, gain);
            }
            self.inherit(setting, name, heir.unwrap_or(name), gain);
        }
    }

    fn inherit(&mut self, setting: &Setting, name: PlayerId, lord: PlayerId, gain: bool) {
        // Only a forged row has an heir where there are no capitals.
        let Some(worth) = self.named.get(name.index()).copied() else { return };
        self.pass(lord, &worth, gain);
        let regions = setting.map.regions().len();
        for region in 0..regions {
            let held = self.regions_named[name.index() * regions + region];
            if held > 0 {
                self.region(setting, lord, region, held, gain);
            }
        }
    }
}

impl Named {
    fn count(&mut self, worth: &Self, gain: bool) {
        add(&mut self.territories, worth.territories, gain);
        for (held, count) in self.structures.iter_mut().zip(worth.structures) {
            add(held, count, gain);
        }
        add_gold(&mut self.income, worth.income, gain);
        add_gold(&mut self.ports, worth.ports, gain);
    }
}

/// What one territory is worth to whoever holds it.
fn worth(setting: &Setting, row: &TerritoryRow) -> Named {
    let income = u64::from(setting.rules.income.territory);
    let mut worth = Named { territories: 1, income, ..Named::default() };
    if let Some(structure) = row.kind() {
        worth.structures[structure as usize] = row.levels_owned();
        let gold = setting.rules.structure(structure).gold_at(row.level());
        let rate = if structure == Structure::Port { &mut worth.ports } else { &mut worth.income };
        *rate += gold;
    }
    worth
}
