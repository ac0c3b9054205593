//! Writing rows: the only place where they change, and where they change back.
//!
//! A change notes the row that stands and puts the new one in its place; undoing it puts the
//! old one back. `put_*` keeps the index, whichever way it goes.

use super::State;
use super::journal::Undo;
use super::row::{
    ALLIED, ArmyRow, BUILDING, BattleRow, GameRow, PactRow, PlayerRow, StrikeRow, SupplyRow,
    TerritoryRow,
};
use super::{pact_index, pact_players};
use crate::event::Event;
use crate::id::{ArmyId, PlayerId, TerritoryId};

/// What is to be written of it: nothing where a sparse table has a blank row.
fn present<R: PartialEq>(row: R, blank: &R) -> Option<R> {
    (row != *blank).then_some(row)
}

impl State {
    /// Puts a row of any table into its place.
    pub(super) fn put(&mut self, row: &Undo) {
        match row {
            Undo::Game(row) => self.put_game(row),
            Undo::Territory(id, row) => self.put_territory(*id, row),
            Undo::Player(id, row) => self.put_player(*id, row),
            Undo::Army(id, row) => self.put_army(*id, row),
            Undo::Battle(id, row) => self.put_battle(*id, row),
            Undo::Pact(index, row) => self.put_pact(*index, row),
            Undo::Strike(id, row) => self.put_strike(*id, row),
            Undo::Supply(id, row) => self.put_supply(*id, *row),
            Undo::Event(_) => {}
        }
    }

    /// Writes a row of any table as it is told, without settling anybody's gold.
    pub(super) fn change(&mut self, row: &Undo) {
        let old = self.current(row);
        *self.journal.next() = old;
        self.put(row);
    }

    /// The row that stands where another one stood.
    pub(super) fn current(&self, old: &Undo) -> Undo {
        match *old {
            Undo::Game(_) => Undo::Game(self.game),
            Undo::Territory(id, _) => Undo::Territory(id, *self.territory(id)),
            Undo::Player(id, _) => Undo::Player(id, *self.player(id)),
            Undo::Army(id, _) => Undo::Army(id, *self.army(id).unwrap_or(&ArmyRow::BLANK)),
            Undo::Battle(id, _) => Undo::Battle(id, *self.battle_row(id)),
            Undo::Pact(index, _) => Undo::Pact(index, self.pacts[index as usize]),
            Undo::Strike(id, _) => Undo::Strike(id, self.strike(id)),
            Undo::Supply(id, _) => Undo::Supply(id, self.supply_row(id)),
            Undo::Event(event) => Undo::Event(event),
        }
    }

    #[inline]
    pub(super) fn battle_row(&self, at: TerritoryId) -> &BattleRow {
        self.battle(at).unwrap_or(&BattleRow::BLANK)
    }

    fn supply_row(&self, id: TerritoryId) -> SupplyRow {
        self.supply(id).copied().unwrap_or(SupplyRow::BLANK)
    }

    pub(crate) fn set_game(&mut self, row: GameRow) {
        *self.journal.next() = Undo::Game(self.game);
        self.put_game(&row);
    }

    fn put_game(&mut self, new: &GameRow) {
        self.index.game(&self.setting, &self.game, new);
        self.game = *new;
    }

    /// Writes a territory. Where its owner or structure changes, the gold of those
    /// whose income changes is settled first, so that the past stays as it was.
    pub(crate) fn set_territory(&mut self, id: TerritoryId, row: TerritoryRow) {
        if !self.territory(id).is_held_as(&row) {
            self.settle_owners([self.territory(id).owner, row.owner]);
        }
        let entry = self.journal.next();
        *entry = Undo::Territory(id, self.territories[id.index()]);
        self.put_territory(id, &row);
    }

    /// Changes of a territory what no index knows of: troops, and whether they grow.
    #[inline]
    pub(crate) fn edit_territory(&mut self, id: TerritoryId, edit: impl FnOnce(&mut TerritoryRow)) {
        if !self.supplies.is_empty() {
            let mut row = *self.territory(id);
            edit(&mut row);
            return self.set_territory(id, row);
        }
        let (row, entry) = (&mut self.territories[id.index()], self.journal.next());
        *entry = Undo::Territory(id, *row);
        edit(row);
    }

    #[inline]
    fn put_territory(&mut self, id: TerritoryId, new: &TerritoryRow) {
        // Mostly only troops come or go, which no index knows of.
        let same = self.territory(id).is_held_as(new);
        if !same || new.flags & BUILDING != 0 || !self.supplies.is_empty() {
            self.index_territory(id, new);
        }
        self.territories[id.index()] = *new;
    }

    #[inline(never)]
    fn index_territory(&mut self, id: TerritoryId, new: &TerritoryRow) {
        let old = *self.territory(id);
        self.index.building(id, &old, new);
        if !old.is_held_as(new) {
            let lords = [self.raw_lord(old.owner), self.raw_lord(new.owner)];
            self.index.territory(&self.setting, id, [&old, new], lords);
        }
        self.reschedule_supply(id, [&old, new]);
    }

    #[inline(never)]
    fn settle_owners(&mut self, owners: [u16; 2]) {
        for owner in owners {
            self.settle_gold(PlayerId::from_raw(self.raw_lord(owner)));
        }
    }

    /// [`State::lord`] of an owner as rows store him.
    pub(super) fn raw_lord(&self, owner: u16) -> u16 {
        PlayerId::from_raw(owner).map_or(owner, |owner| self.lord(owner).0)
    }

    pub(crate) fn settle_gold(&mut self, player: Option<PlayerId>) {
        let Some(player) = player else { return };
        let settled = self.settled(player);
        if settled != *self.player(player) {
            self.set_player(player, settled);
        }
    }

    pub(crate) fn set_player(&mut self, id: PlayerId, row: PlayerRow) {
        let entry = self.journal.next();
        *entry = Undo::Player(id, self.players[id.index()]);
        self.put_player(id, &row);
    }

    fn put_player(&mut self, id: PlayerId, new: &PlayerRow) {
        let old = core::mem::replace(&mut self.players[id.index()], *new);
        if (old.heir, old.is_out()) != (new.heir, new.is_out()) {
            self.index.player(&self.setting, id, old.heir, new.heir);
            self.index.resolve(&self.players);
        }
        if old.team != new.team {
            self.players().for_each(|other| self.befriend(id, other));
        }
    }

    /// Whether two players are friends, as their rows say.
    pub(super) fn are_friends(&self, a: PlayerId, b: PlayerId) -> bool {
        self.pact(a, b).state >= ALLIED || self.same_side(a, b)
    }

    /// Notes whether they are.
    fn befriend(&mut self, a: PlayerId, b: PlayerId) {
        let friends = self.are_friends(a, b);
        self.index.befriend(a, b, friends);
    }

    pub(crate) fn set_army(&mut self, id: ArmyId, row: ArmyRow) {
        let entry = self.journal.next();
        *entry = Undo::Army(id, *self.armies.get(id.index()).unwrap_or(&ArmyRow::BLANK));
        self.put_army(id, &row);
    }

    /// Changes of an army what no index knows of: its strength.
    #[inline]
    pub(crate) fn edit_army(&mut self, id: ArmyId, edit: impl FnOnce(&mut ArmyRow)) {
        let Some(row) = self.armies.get_mut(id.index()) else { return };
        let entry = self.journal.next();
        *entry = Undo::Army(id, *row);
        edit(row);
    }

    /// The table has no free rows at its end.
    #[inline]
    fn put_army(&mut self, id: ArmyId, new: &ArmyRow) {
        let Some(row) = self.armies.get_mut(id.index()) else { return self.add_army(id, new) };
        self.index.army(id, row, new);
        *row = *new;
        if new.is_free() {
            while self.armies.last().is_some_and(ArmyRow::is_free) {
                self.armies.pop();
            }
        }
    }

    #[inline(never)]
    fn add_army(&mut self, id: ArmyId, new: &ArmyRow) {
        if !new.is_free() {
            self.armies.resize(id.index(), ArmyRow::BLANK);
            self.armies.push(*new);
            self.index.army(id, &ArmyRow::BLANK, new);
        }
    }

    pub(crate) fn set_battle(&mut self, id: TerritoryId, row: BattleRow) {
        let entry = self.journal.next();
        *entry = Undo::Battle(id, *self.battles.get(id).unwrap_or(&BattleRow::BLANK));
        self.put_battle(id, &row);
    }

    /// Sets when the next round of a battle is fought.
    pub(crate) fn put_off_round(&mut self, at: TerritoryId, due: u32) {
        let Some(row) = self.battles.get_mut(at) else { return };
        let (old, entry) = (*row, self.journal.next());
        *entry = Undo::Battle(at, old);
        row.due = due;
        self.index.battle(at, &old, &BattleRow { due, ..old });
    }

    fn put_battle(&mut self, id: TerritoryId, new: &BattleRow) {
        let old = self.battles.replace(id, present(*new, &BattleRow::BLANK));
        self.index.battle(id, &old.unwrap_or(BattleRow::BLANK), new);
    }

    /// Writes a pact. Where an embargo begins or ends, the gold of both is settled first.
    pub(crate) fn set_pact(&mut self, a: PlayerId, b: PlayerId, row: PactRow) {
        if (self.pact(a, b).embargo == 0) != (row.embargo == 0) {
            self.settle_gold(Some(a));
            self.settle_gold(Some(b));
        }
        let index = pact_index(a, b) as u32;
        let old = Undo::Pact(index, *self.pact(a, b));
        *self.journal.next() = old;
        self.put_pact(index, &row);
    }

    fn put_pact(&mut self, index: u32, new: &PactRow) {
        let old = core::mem::replace(&mut self.pacts[index as usize], *new);
        self.index.pact(index, &old, new);
        let (a, b) = pact_players(index as usize);
        self.befriend(a, b);
    }

    pub(crate) fn set_strike(&mut self, id: TerritoryId, row: StrikeRow) {
        let old = Undo::Strike(id, self.strike(id));
        *self.journal.next() = old;
        self.put_strike(id, &row);
    }

    fn put_strike(&mut self, id: TerritoryId, new: &StrikeRow) {
        let old = self.strikes.replace(id, present(*new, &StrikeRow::BLANK));
        self.index.strike(id, &old.unwrap_or(StrikeRow::BLANK), new);
    }

    pub(crate) fn set_supply(&mut self, from: TerritoryId, row: SupplyRow) {
        let old = Undo::Supply(from, self.supply_row(from));
        *self.journal.next() = old;
        self.put_supply(from, row);
    }

    pub(crate) fn emit(&mut self, event: Event) {
        *self.journal.next() = Undo::Event(event);
    }
}
