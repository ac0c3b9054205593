//! Supply lines as rows, and when their next batches fall due.
//!
//! A batch falls due when the garrison has grown enough: that follows from the line's row
//! and from its origin's, so it is worked out anew whenever one of the two changes, and by
//! nothing that passes with time.

use super::State;
use super::agenda::DueKind;
use super::row::{STILL, SupplyRow, TerritoryRow};
use crate::id::{PlayerId, TerritoryId};
use crate::quantity::{TICK_MAX, Tick};
use crate::tick::growth::Growth;

impl State {
    /// The line that leads from a territory.
    pub(crate) fn supply(&self, from: TerritoryId) -> Option<&SupplyRow> {
        self.supplies.get(from)
    }

    /// All lines, by the territories that they lead from.
    pub(crate) fn supplies(&self) -> impl Iterator<Item = (TerritoryId, &SupplyRow)> {
        self.supplies.iter()
    }

    /// The lines of a player, by the territories that they lead from. O(lines of all).
    pub(crate) fn supplies_of(
        &self,
        owner: PlayerId,
    ) -> impl Iterator<Item = (TerritoryId, TerritoryId)> + '_ {
        let mine = self.supplies.iter().filter(move |(_, line)| line.owner == owner.0);
        mine.map(|(from, line)| (from, TerritoryId(line.to)))
    }

    /// Where lines lead from that lead to a territory, by rising number. O(log n + found).
    pub(crate) fn suppliers(&self, to: TerritoryId) -> impl Iterator<Item = TerritoryId> + '_ {
        self.index.suppliers.under(to.0).map(TerritoryId)
    }

    /// How many lines a player has. O(1).
    pub(crate) fn supply_count(&self, owner: PlayerId) -> u32 {
        self.index.players[owner.index()].supplies
    }

    /// The troops that a supply line leaves in a garrison of this growth.
    pub(crate) fn supply_keeps(&self, growth: &Growth<'_>) -> u32 {
        let rules = &self.setting.rules;
        let share = rules.supply.keep.of(growth.cap().into()) as u32;
        share.max(rules.march.garrison_min)
    }

    /// When the next batch of a line falls due, if nothing happens to its origin: the first
    /// tick at which there is one to spare. None in a battle, and where growth ends before.
    pub(super) fn supply_due(&self, from: TerritoryId, row: &TerritoryRow) -> Option<u32> {
        let line = self.supply(from)?;
        if row.flags & STILL != 0 {
            return None;
        }
        let growth = self.growth(from, row);
        let wanted = self.supply_keeps(&growth);
        let wanted = wanted.saturating_add(self.setting.rules.supply.batch_min);
        let due = growth.reaches(wanted, row.troops, Tick(row.since), Tick(line.after))?;
        Some(due.0).filter(|due| *due <= TICK_MAX)
    }

    /// A territory's row changes from the first to the second: so does the due tick of the
    /// line from it.
    pub(super) fn reschedule_supply(&mut self, from: TerritoryId, rows: [&TerritoryRow; 2]) {
        if self.supply(from).is_none() {
            return;
        }
        let due = rows.map(|row| self.supply_due(from, row));
        self.index.reschedule(DueKind::Supply, from.0, due[0], due[1]);
    }

    pub(super) fn put_supply(&mut self, from: TerritoryId, new: SupplyRow) {
        let before = self.supply_due(from, self.territory(from));
        let row = (new != SupplyRow::BLANK).then_some(new);
        let old = self.supplies.replace(from, row).unwrap_or(SupplyRow::BLANK);
        let after = self.supply_due(from, self.territory(from));
        self.index.reschedule(DueKind::Supply, from.0, before, after);
        self.index.supply(from, &old, &new);
    }
}
