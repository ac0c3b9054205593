//! What is derived from the rows, kept up in the same call that changes them.
//!
//! All of it is a pure function of the rows: never hashed, never sent, and rebuilt
//! and compared by [`super::State::check_invariants`].

use alloc::vec;
use alloc::vec::Vec;

use super::row::{ArmyRow, BUILDING, BattleRow, GameRow, PactRow, TerritoryRow};
use super::set::TerritorySet;
use super::sorted::{SortedKeys, key};
use super::{Setting, Structure, pact_players};
use crate::id::{ArmyId, NOBODY, PlayerId, TerritoryId};
use crate::quantity::Tick;

/// What falls due, in the order in which a tick deals with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DueKind {
    Phase = 0,
    Build = 1,
    Pact = 2,
    Arrival = 3,
    Round = 4,
}

/// Something that falls due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Due {
    pub(crate) tick: Tick,
    pub(crate) kind: DueKind,
    pub(crate) id: u32,
}

impl Due {
    /// `tick << 36 | kind << 32 | id`: keys sort by tick, kind, id.
    fn key(self) -> u64 {
        key(self.tick.0 << 4 | self.kind as u32, self.id)
    }

    fn from_key(key: u64) -> Self {
        let kind = match (key >> 32) & 0xf {
            0 => DueKind::Phase,
            1 => DueKind::Build,
            2 => DueKind::Pact,
            3 => DueKind::Arrival,
            _ => DueKind::Round,
        };
        Self { tick: Tick((key >> 36) as u32), kind, id: key as u32 }
    }
}

/// What is derived of one player.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PlayerIndex {
    pub(crate) territories: u32,
    /// Levels of structures owned, standing or being built.
    pub(crate) structures: [u32; Structure::COUNT],
    /// Millionths of a gold a tick, without what ports earn.
    pub(crate) income: u64,
    /// What ports earn while nothing hinders trade.
    pub(crate) ports: u64,
    /// Players with whom an embargo stands, of either side.
    pub(crate) embargoes: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Index {
    pub(super) players: Vec<PlayerIndex>,
    pub(super) owned: Vec<TerritorySet>,
    /// Territories of each region held by each player: region * seats + player.
    pub(super) region_held: Vec<u32>,
    pub(super) agenda: SortedKeys,
    /// Armies by owner.
    pub(super) armies: SortedKeys,
    /// Armies in battle by territory.
    pub(super) fighters: SortedKeys,
    /// Free numbers below each seat's highest, counted as the seat counts them.
    pub(super) free_armies: SortedKeys,
    /// For each seat one more than its highest army, counted as the seat counts them.
    army_ends: Vec<u32>,
}

impl Index {
    pub(super) fn new(setting: &Setting) -> Self {
        let seats = usize::from(setting.seats);
        Self {
            players: vec![PlayerIndex::default(); seats],
            owned: vec![TerritorySet::new(setting.map.len()); seats],
            region_held: vec![0; setting.map.regions().len() * seats],
            agenda: SortedKeys::default(),
            armies: SortedKeys::default(),
            fighters: SortedKeys::default(),
            free_armies: SortedKeys::default(),
            army_ends: vec![0; seats],
        }
    }

    pub(super) fn next_due(&self) -> Option<Due> {
        self.agenda.least().map(Due::from_key)
    }

    /// The lowest of a seat's numbers that no army bears.
    pub(super) fn free_army(&self, owner: PlayerId) -> ArmyId {
        let seat = u32::from(owner.0);
        let free = self.free_armies.under(seat).next();
        let count = free.unwrap_or_else(|| self.army_ends[owner.index()]);
        ArmyId(count * self.army_ends.len() as u32 + seat)
    }

    fn reschedule(&mut self, kind: DueKind, id: u32, old: Option<u32>, new: Option<u32>) {
        if old == new {
            return;
        }
        let due = |tick| Due { tick: Tick(tick), kind, id }.key();
        if let Some(tick) = old {
            self.agenda.remove(due(tick));
        }
        if let Some(tick) = new {
            self.agenda.insert(due(tick));
        }
    }

    pub(super) fn game(&mut self, old: &GameRow, new: &GameRow) {
        let due = |row: &GameRow| (row.until != 0).then_some(row.until);
        self.reschedule(DueKind::Phase, 0, due(old), due(new));
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

    pub(super) fn army(&mut self, id: ArmyId, old: &ArmyRow, new: &ArmyRow) {
        let due = |row: &ArmyRow| (!row.is_free() && row.fighting == 0).then_some(row.arrives);
        self.reschedule(DueKind::Arrival, id.0, due(old), due(new));
        if !old.is_free() {
            self.armies.remove(key(u32::from(old.owner), id.0));
            self.fighters.remove(key(old.to, id.0));
        }
        if !new.is_free() {
            self.armies.insert(key(u32::from(new.owner), id.0));
        }
        if new.fighting == 1 {
            self.fighters.insert(key(new.to, id.0));
        }
        self.number_army(id, old.is_free(), new.is_free());
    }

    /// Keeps the free numbers of each seat, whose armies are its `n * seats + seat`: so
    /// they tell their owner nothing of how many armies others have.
    fn number_army(&mut self, id: ArmyId, was_free: bool, is_free: bool) {
        let seats = self.army_ends.len() as u32;
        let (count, seat) = (id.0 / seats, id.0 % seats);
        let end = &mut self.army_ends[seat as usize];
        if was_free && !is_free {
            for number in *end..count {
                self.free_armies.insert(key(seat, number));
            }
            self.free_armies.remove(key(seat, count));
            *end = (*end).max(count + 1);
        } else if !was_free && is_free {
            self.free_armies.insert(key(seat, count));
            while *end > 0 && self.free_armies.contains(key(seat, *end - 1)) {
                *end -= 1;
                self.free_armies.remove(key(seat, *end));
            }
        }
    }

    pub(super) fn territory(
        &mut self,
        setting: &Setting,
        id: TerritoryId,
        old: &TerritoryRow,
        new: &TerritoryRow,
    ) {
        let due = |row: &TerritoryRow| (row.flags & BUILDING != 0).then_some(row.ready);
        self.reschedule(DueKind::Build, id.0, due(old), due(new));
        let holding = |row: &TerritoryRow| (row.owner, row.structure, row.flags & BUILDING);
        if holding(old) == holding(new) {
            return;
        }
        self.holding(setting, id, old, false);
        self.holding(setting, id, new, true);
    }

    /// Adds or takes away what a territory means to its owner.
    fn holding(&mut self, setting: &Setting, id: TerritoryId, row: &TerritoryRow, gain: bool) {
        if row.owner == NOBODY {
            return;
        }
        let owner = PlayerId(row.owner);
        let player = &mut self.players[owner.index()];
        let mut income = u64::from(setting.rules.income.territory);
        let mut ports = 0;
        if let Some(structure) = row.kind() {
            add(&mut player.structures[structure as usize], row.levels_owned(), gain);
            let gold = setting.rules.structure(structure).gold_at(row.level());
            *(if structure == Structure::Port { &mut ports } else { &mut income }) += gold;
        }
        add(&mut player.territories, 1, gain);
        income += self.region_income(setting, id, owner, gain);
        let player = &mut self.players[owner.index()];
        add_gold(&mut player.income, income, gain);
        add_gold(&mut player.ports, ports, gain);
        let owned = &mut self.owned[owner.index()];
        if gain { owned.insert(id) } else { owned.remove(id) }
    }

    /// The bonus that comes or goes with this territory's region.
    fn region_income(
        &mut self,
        setting: &Setting,
        id: TerritoryId,
        owner: PlayerId,
        gain: bool,
    ) -> u64 {
        let Some(region_id) = setting.map.region_of(id) else { return 0 };
        let region = &setting.map.regions()[region_id.index()];
        let held = region_id.index() * usize::from(setting.seats) + owner.index();
        let held = &mut self.region_held[held];
        let before = *held;
        add(held, 1, gain);
        let whole = region.territories.len() as u32;
        let changes = if gain { *held == whole } else { before == whole };
        if changes { u64::from(region.bonus) * u64::from(setting.rules.income.region) } else { 0 }
    }

    /// The index of these rows, built from nothing.
    pub(super) fn rebuilt(state: &super::State) -> Self {
        let mut index = Self::new(&state.setting);
        index.game(&GameRow::BLANK, &state.game);
        for (i, row) in state.territories.iter().enumerate() {
            let id = TerritoryId::from_index(i);
            index.territory(&state.setting, id, &TerritoryRow::BLANK, row);
        }
        for (i, row) in state.armies.iter().enumerate() {
            index.army(ArmyId::from_index(i), &ArmyRow::BLANK, row);
        }
        for (id, row) in &state.battles {
            index.battle(*id, &BattleRow::BLANK, row);
        }
        for (i, row) in state.pacts.iter().enumerate() {
            index.pact(i as u32, &PactRow::BLANK, row);
        }
        index
    }
}

fn add_gold(rate: &mut u64, amount: u64, gain: bool) {
    *rate = if gain { *rate + amount } else { rate.saturating_sub(amount) };
}

fn add(count: &mut u32, amount: u32, gain: bool) {
    *count = if gain { *count + amount } else { count.saturating_sub(amount) };
}
