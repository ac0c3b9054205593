//! What is derived from the rows, kept up in the same call that changes them.
//!
//! All of it is a pure function of the rows: never hashed, never sent, and rebuilt
//! and compared by [`super::State::check_invariants`].

use alloc::vec;
use alloc::vec::Vec;

use super::agenda::{Agenda, Due, DueKind};
use super::row::{ArmyRow, BUILDING, BattleRow, GameRow, PactRow, TerritoryRow};
use super::set::SeatSets;
use super::sorted::{SortedKeys, key};
use super::{Setting, Structure, pact_players};
use crate::id::{ArmyId, NOBODY, PlayerId, TerritoryId};
use crate::quantity::Tick;

/// What is derived of one player.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PlayerIndex {
    pub(crate) territories: u32,
    pub(crate) armies: u32,
    /// Levels of structures owned, standing or being built.
    pub(crate) structures: [u32; Structure::COUNT],
    /// Millionths of a gold a tick, without what ports earn.
    pub(crate) income: u64,
    /// What ports earn while nothing hinders trade.
    pub(crate) ports: u64,
    /// Players with whom an embargo stands, of either side.
    pub(crate) embargoes: u32,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Index {
    pub(super) players: Vec<PlayerIndex>,
    /// Each player's territories.
    pub(super) owned: SeatSets,
    /// Territories of each region held by each player: region * seats + player.
    pub(super) region_held: Vec<u32>,
    agenda: Agenda,
    /// Each player's armies, as the player counts them: see [`Index::army_number`].
    pub(super) armies: SeatSets,
    /// Armies in battle by territory.
    pub(super) fighters: SortedKeys,
}

impl Clone for Index {
    fn clone(&self) -> Self {
        Self {
            players: self.players.clone(),
            owned: self.owned.clone(),
            region_held: self.region_held.clone(),
            agenda: self.agenda.clone(),
            armies: self.armies.clone(),
            fighters: self.fighters.clone(),
        }
    }

    fn clone_from(&mut self, source: &Self) {
        let Self { players, owned, region_held, agenda, armies, fighters } = source;
        self.players.clone_from(players);
        self.owned.clone_from(owned);
        self.region_held.clone_from(region_held);
        self.agenda.clone_from(agenda);
        self.armies.clone_from(armies);
        self.fighters.clone_from(fighters);
    }
}

impl Index {
    pub(super) fn new(setting: &Setting) -> Self {
        let seats = usize::from(setting.seats);
        Self {
            players: vec![PlayerIndex::default(); seats],
            owned: SeatSets::new(seats, setting.map.len()),
            region_held: vec![0; setting.map.regions().len() * seats],
            agenda: Agenda::default(),
            armies: SeatSets::new(seats, setting.rules.march.armies_max as usize),
            fighters: SortedKeys::default(),
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

    fn reschedule(&mut self, kind: DueKind, id: u32, old: Option<u32>, new: Option<u32>) {
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
        let fights = |row: &ArmyRow| (row.fighting == 1).then(|| key(row.to, id.0));
        if fights(old) != fights(new) {
            fights(old).into_iter().for_each(|key| self.fighters.remove(key));
            fights(new).into_iter().for_each(|key| self.fighters.insert(key));
        }
        if old.is_free() != new.is_free() {
            self.number_army(id, !new.is_free());
        }
    }

    fn number_army(&mut self, id: ArmyId, there: bool) {
        let seats = self.players.len();
        let (n, seat) = (id.index() / seats, id.index() % seats);
        self.armies.set(seat, n, there);
        add(&mut self.players[seat].armies, 1, there);
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
        self.owned.set(owner.index(), id.index(), gain);
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
        for (id, row) in state.battles.iter() {
            index.battle(id, &BattleRow::BLANK, row);
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
