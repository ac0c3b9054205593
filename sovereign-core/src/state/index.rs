//! What is derived from the rows, kept up in the same call that changes them.
//!
//! All of it is a pure function of the rows: never hashed, never sent, and rebuilt
//! and compared by [`super::State::check_invariants`].

use alloc::vec;
use alloc::vec::Vec;

use super::agenda::{Agenda, Due, DueKind};
use super::row::{
    ArmyRow, BUILDING, BattleRow, GameRow, PactRow, StrikeRow, SupplyRow, TerritoryRow,
};
use super::set::SeatSets;
use super::sorted::{SortedKeys, key};
use super::{Setting, Structure, pact_players};
use crate::id::{ArmyId, NOBODY, PlayerId, TerritoryId};
use crate::quantity::Tick;
use crate::tick::victory;

/// What is derived of one player.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PlayerIndex {
    pub(crate) territories: u32,
    pub(crate) armies: u32,
    pub(crate) supplies: u32,
    /// Levels of structures owned, standing or being built.
    pub(crate) structures: [u32; Structure::COUNT],
    /// Millionths of a gold a tick, without what ports earn.
    pub(crate) income: u64,
    /// What ports earn while nothing hinders trade.
    pub(crate) ports: u64,
    /// Players with whom an embargo stands, of either side.
    pub(crate) embargoes: u32,
    /// Players whose land is this player's since he took their capitals.
    pub(crate) inherits: u32,
}

/// What of land in a player's name passes on when his capital falls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) territories: u32,
    pub(super) structures: [u32; Structure::COUNT],
    /// Millionths of a gold a tick, of territories and structures.
    pub(super) income: u64,
    pub(super) ports: u64,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Index {
    pub(super) players: Vec<PlayerIndex>,
    /// Each player's territories.
    pub(super) owned: SeatSets,
    /// Territories of each region held by each player: player * regions + region.
    pub(super) region_held: Vec<u32>,
    /// What stands in a player's own name, whoever holds it now. Nothing without capitals.
    pub(super) named: Vec<Named>,
    /// Likewise for each region.
    pub(super) regions_named: Vec<u32>,
    agenda: Agenda,
    /// Each player's armies, as the player counts them: see [`Index::army_number`].
    pub(super) armies: SeatSets,
    /// Armies in battle by territory.
    pub(super) fighters: SortedKeys,
    /// Armies on the march by the territory that they come from.
    pub(super) marchers: SortedKeys,
    /// Where supply lines lead from, by the territory that they lead to.
    pub(super) suppliers: SortedKeys,
}

impl Clone for Index {
    fn clone(&self) -> Self {
        Self {
            players: self.players.clone(),
            owned: self.owned.clone(),
            region_held: self.region_held.clone(),
            named: self.named.clone(),
            regions_named: self.regions_named.clone(),
            agenda: self.agenda.clone(),
            armies: self.armies.clone(),
            fighters: self.fighters.clone(),
            marchers: self.marchers.clone(),
            suppliers: self.suppliers.clone(),
        }
    }

    fn clone_from(&mut self, source: &Self) {
        let Self { players, owned, region_held, named, regions_named, .. } = source;
        let Self { agenda, armies, fighters, marchers, suppliers, .. } = source;
        self.players.clone_from(players);
        self.owned.clone_from(owned);
        self.region_held.clone_from(region_held);
        self.named.clone_from(named);
        self.regions_named.clone_from(regions_named);
        self.agenda.clone_from(agenda);
        self.armies.clone_from(armies);
        self.fighters.clone_from(fighters);
        self.marchers.clone_from(marchers);
        self.suppliers.clone_from(suppliers);
    }
}

impl Index {
    pub(super) fn new(setting: &Setting) -> Self {
        let seats = usize::from(setting.seats);
        let named = if setting.rules.victory.capitals { seats } else { 0 };
        Self {
            players: vec![PlayerIndex::default(); seats],
            owned: SeatSets::new(seats, setting.map.len()),
            region_held: vec![0; setting.map.regions().len() * seats],
            agenda: Agenda::default(),
            armies: SeatSets::new(seats, setting.rules.march.armies_max as usize),
            named: vec![Named::default(); named],
            regions_named: vec![0; setting.map.regions().len() * named],
            fighters: SortedKeys::default(),
            marchers: SortedKeys::default(),
            suppliers: SortedKeys::default(),
        }
    }

    pub(super) fn next_due(&self) -> Option<Due> {
        self.agenda.next()
    }

    /// A seat's `n`-th army is the army `n * seats + seat`: so numbers tell their owner
    /// nothing of how many armies others have. (In a mirror under fog, others' numbers are
    /// made up, and nobody asks whose they are by this.)
    pub(super) fn army_number(&self, owner: PlayerId, n: usize) -> ArmyId {
        ArmyId::from_index(n * self.players.len() + owner.index())
    }

    /// The lowest of a seat's numbers that no army bears.
    pub(super) fn free_army(&self, owner: PlayerId) -> ArmyId {
        self.army_number(owner, self.armies.least_missing(owner.index()))
    }

    pub(super) fn reschedule(
        &mut self,
        kind: DueKind,
        id: u32,
        old: Option<u32>,
        new: Option<u32>,
    ) {
        if old == new {
            return;
        }
        let due = |tick| Due { tick: Tick(tick), kind, id };
        if let Some(tick) = old {
            self.agenda.remove(due(tick));
        }
        if let Some(tick) = new {
            self.agenda.insert(due(tick));
        }
    }

    pub(super) fn game(&mut self, setting: &Setting, old: &GameRow, new: &GameRow) {
        let due = |row: &GameRow| (row.until != 0).then_some(row.until);
        self.reschedule(DueKind::Phase, 0, due(old), due(new));
        let lower = |row: &GameRow| victory::next_lowering(&setting.rules, row);
        self.reschedule(DueKind::Overtime, 0, lower(old), lower(new));
    }

    pub(super) fn pact(&mut self, index: u32, old: &PactRow, new: &PactRow) {
        let due = |row: &PactRow| (row.state != 0).then_some(row.until);
        self.reschedule(DueKind::Pact, index, due(old), due(new));
        if (old.embargo == 0) != (new.embargo == 0) {
            let (a, b) = pact_players(index as usize);
            for player in [a, b] {
                add(&mut self.players[player.index()].embargoes, 1, new.embargo != 0);
            }
        }
    }

    pub(super) fn battle(&mut self, id: TerritoryId, old: &BattleRow, new: &BattleRow) {
        let due = |row: &BattleRow| (row.due != 0).then_some(row.due);
        self.reschedule(DueKind::Round, id.0, due(old), due(new));
    }

    pub(super) fn strike(&mut self, id: TerritoryId, old: &StrikeRow, new: &StrikeRow) {
        self.reschedule(DueKind::Strike, id.0, old.due(), new.due());
    }

    /// A supply line changes; when its next batch falls due is scheduled apart from this.
    pub(super) fn supply(&mut self, from: TerritoryId, old: &SupplyRow, new: &SupplyRow) {
        for (row, there) in [(old, false), (new, true)] {
            let Some(owner) = PlayerId::from_raw(row.owner) else { continue };
            add(&mut self.players[owner.index()].supplies, 1, there);
            let key = key(row.to, from.0);
            if there { self.suppliers.insert(key) } else { self.suppliers.remove(key) }
        }
    }

    pub(super) fn army(&mut self, id: ArmyId, old: &ArmyRow, new: &ArmyRow) {
        let due = |row: &ArmyRow| (!row.is_free() && row.fighting == 0).then_some(row.arrives);
        self.reschedule(DueKind::Arrival, id.0, due(old), due(new));
        let fights = |row: &ArmyRow| (row.fighting == 1).then(|| key(row.to, id.0));
        if fights(old) != fights(new) {
            fights(old).into_iter().for_each(|key| self.fighters.remove(key));
            fights(new).into_iter().for_each(|key| self.fighters.insert(key));
        }
        let meeting = |row: &ArmyRow| (row.meets != 0).then_some(row.meets_at);
        self.reschedule(DueKind::Meeting, id.0, meeting(old), meeting(new));
        let marches =
            |row: &ArmyRow| (!row.is_free() && row.fighting == 0).then(|| key(row.from, id.0));
        if marches(old) != marches(new) {
            marches(old).into_iter().for_each(|key| self.marchers.remove(key));
            marches(new).into_iter().for_each(|key| self.marchers.insert(key));
        }
        if old.is_free() != new.is_free() {
            self.number_army(id, !new.is_free());
        }
    }

    fn number_army(&mut self, id: ArmyId, there: bool) {
        // In 32 bits: a division in 64 takes several times as long.
        let seats = self.players.len() as u32;
        let (n, seat) = ((id.0 / seats) as usize, (id.0 % seats) as usize);
        self.armies.set(seat, n, there);
        add(&mut self.players[seat].armies, 1, there);
    }

    /// A territory's row changes; `lords` are those who hold land in the names of the
    /// old and the new owner.
    pub(super) fn territory(
        &mut self,
        setting: &Setting,
        id: TerritoryId,
        [old, new]: [&TerritoryRow; 2],
        lords: [u16; 2],
    ) {
        let due = |row: &TerritoryRow| (row.flags & BUILDING != 0).then_some(row.ready);
        self.reschedule(DueKind::Build, id.0, due(old), due(new));
        let holding = |row: &TerritoryRow| (row.owner, row.structure, row.flags & BUILDING);
        if holding(old) == holding(new) {
            return;
        }
        self.holding(setting, id, old, lords[0], false);
        self.holding(setting, id, new, lords[1], true);
    }

    /// The index of these rows, built from nothing.
    pub(super) fn rebuilt(state: &super::State) -> Self {
        let mut index = Self::new(&state.setting);
        index.game(&state.setting, &GameRow::BLANK, &state.game);
        for (i, row) in state.players.iter().enumerate() {
            index.player(&state.setting, PlayerId::from_index(i), NOBODY, row.heir);
        }
        for (i, row) in state.territories.iter().enumerate() {
            let id = TerritoryId::from_index(i);
            let lords = [NOBODY, state.raw_lord(row.owner)];
            index.territory(&state.setting, id, [&TerritoryRow::BLANK, row], lords);
        }
        for (i, row) in state.armies.iter().enumerate() {
            index.army(ArmyId::from_index(i), &ArmyRow::BLANK, row);
        }
        for (id, row) in state.battles.iter() {
            index.battle(id, &BattleRow::BLANK, row);
        }
        for (i, row) in state.pacts.iter().enumerate() {
            index.pact(i as u32, &PactRow::BLANK, row);
        }
        for (id, row) in state.strikes() {
            index.strike(id, &StrikeRow::BLANK, row);
        }
        for (id, row) in state.supplies() {
            index.supply(id, &SupplyRow::BLANK, row);
            let due = state.supply_due(id, state.territory(id));
            index.reschedule(DueKind::Supply, id.0, None, due);
        }
        index
    }
}

pub(super) fn add_gold(rate: &mut u64, amount: u64, gain: bool) {
    *rate = if gain { *rate + amount } else { rate.saturating_sub(amount) };
}

pub(super) fn add(count: &mut u32, amount: u32, gain: bool) {
    *count = if gain { *count + amount } else { count.saturating_sub(amount) };
}
