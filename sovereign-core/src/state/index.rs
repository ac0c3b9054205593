//! What is derived from the rows, kept up in the same call that changes them.
//!
//! All of it is a pure function of the rows: never hashed, never sent, and rebuilt
//! and compared by [`super::State::check_invariants`].

use alloc::vec;
use alloc::vec::Vec;

use super::agenda::{Agenda, Due, DueKind};
use super::row::{
    ArmyRow, BUILDING, BattleRow, GameRow, PactRow, PlayerRow, StrikeRow, SupplyRow, TerritoryRow,
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
    /// Players with whom a proposal or an alliance stands.
    pub(crate) pacts: u32,
    /// Players with whom an embargo stands, of either side.
    pub(crate) embargoes: u32,
    /// Players whose land is this player's since he took their capitals.
    pub(crate) inherits: u32,
    /// The bonuses of all regions that are wholly held, where these bring a reserve.
    pub(crate) levy: u64,
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
    /// Who holds the land in each player's name: he, his heir, or nobody.
    holders: Vec<u16>,
    /// Who are each player's friends, he among them: player * players + other.
    friends: Vec<bool>,
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
            holders: self.holders.clone(),
            friends: self.friends.clone(),
            agenda: self.agenda.clone(),
            armies: self.armies.clone(),
            fighters: self.fighters.clone(),
            marchers: self.marchers.clone(),
            suppliers: self.suppliers.clone(),
        }
    }

    fn clone_from(&mut self, source: &Self) {
        let Self { players, owned, region_held, named, regions_named, .. } = source;
        let Self { holders, friends, agenda, armies, fighters, marchers, suppliers, .. } = source;
        self.players.clone_from(players);
        self.owned.clone_from(owned);
        self.region_held.clone_from(region_held);
        self.named.clone_from(named);
        self.regions_named.clone_from(regions_named);
        self.holders.clone_from(holders);
        self.friends.clone_from(friends);
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
            holders: (0..setting.seats).collect(),
            friends: (0..seats * seats).map(|at| at % (seats + 1) == 0).collect(),
            fighters: SortedKeys::default(),
            marchers: SortedKeys::default(),
            suppliers: SortedKeys::default(),
        }
    }

    pub(super) fn next_due(&self) -> Option<Due> {
        self.agenda.next()
    }

    #[inline]
    pub(super) fn due_by(&self, tick: Tick) -> Option<Due> {
        self.agenda.due_by(tick)
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

    /// Who holds land that stands in the name of `owner`, as rows store him: nobody's is
    /// nobody's. O(1).
    #[inline]
    pub(super) fn holder(&self, owner: u16) -> Option<PlayerId> {
        self.holders.get(usize::from(owner)).copied().and_then(PlayerId::from_raw)
    }

    /// Whether two players are one side: the same player, allies or teammates. O(1).
    #[inline]
    pub(super) fn friendly(&self, a: PlayerId, b: PlayerId) -> bool {
        self.friends[a.index() * self.players.len() + b.index()]
    }

    pub(super) fn befriend(&mut self, a: PlayerId, b: PlayerId, friends: bool) {
        for (a, b) in [(a, b), (b, a)] {
            self.friends[a.index() * self.players.len() + b.index()] = friends;
        }
    }

    /// Finds the holders anew: somebody went out, or has an heir. O(players).
    #[cold]
    pub(super) fn resolve(&mut self, players: &[PlayerRow]) {
        for (name, holder) in self.holders.iter_mut().enumerate() {
            let heir = PlayerId::from_raw(players[name].heir);
            let lord = heir.unwrap_or_else(|| PlayerId::from_index(name));
            *holder = if players[lord.index()].is_out() { NOBODY } else { lord.0 };
        }
    }

    #[inline(always)]
    pub(super) fn reschedule(
        &mut self,
        kind: DueKind,
        id: u32,
        old: Option<u32>,
        new: Option<u32>,
    ) {
        if old != new {
            self.put_off(kind, id, old, new);
        }
    }

    #[inline(never)]
    fn put_off(&mut self, kind: DueKind, id: u32, old: Option<u32>, new: Option<u32>) {
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
        let turn = |row: &GameRow| (row.turn_until != 0).then_some(row.turn_until);
        self.reschedule(DueKind::Turn, 0, turn(old), turn(new));
    }

    pub(super) fn pact(&mut self, index: u32, old: &PactRow, new: &PactRow) {
        let due = |row: &PactRow| (row.state != 0).then_some(row.until);
        self.reschedule(DueKind::Pact, index, due(old), due(new));
        let (a, b) = pact_players(index as usize);
        for player in [a, b] {
            let player = &mut self.players[player.index()];
            if (old.state == 0) != (new.state == 0) {
                add(&mut player.pacts, 1, new.state != 0);
            }
            if (old.embargo == 0) != (new.embargo == 0) {
                add(&mut player.embargoes, 1, new.embargo != 0);
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

    #[inline]
    pub(super) fn army(&mut self, id: ArmyId, old: &ArmyRow, new: &ArmyRow) {
        if !old.is_as_placed(new) {
            self.place_army(id, old, new);
        }
    }

    fn place_army(&mut self, id: ArmyId, old: &ArmyRow, new: &ArmyRow) {
        self.lift_army(id, old);
        self.lay_army(id, new);
        if old.is_free() != new.is_free() {
            self.number_army(id, !new.is_free());
        }
    }

    fn lift_army(&mut self, id: ArmyId, row: &ArmyRow) {
        if row.fighting != 0 {
            self.fighters.remove(key(row.to, id.0));
        } else if !row.is_free() {
            self.agenda.remove(arrival(id, row));
            self.marchers.remove(key(row.from, id.0));
        }
        if row.meets != 0 {
            self.agenda.remove(meeting(id, row));
        }
    }

    fn lay_army(&mut self, id: ArmyId, row: &ArmyRow) {
        if row.fighting != 0 {
            self.fighters.insert(key(row.to, id.0));
        } else if !row.is_free() {
            self.agenda.insert(arrival(id, row));
            self.marchers.insert(key(row.from, id.0));
        }
        if row.meets != 0 {
            self.agenda.insert(meeting(id, row));
        }
    }

    fn number_army(&mut self, id: ArmyId, there: bool) {
        // In 32 bits: a division in 64 takes several times as long.
        let seats = self.players.len() as u32;
        let (n, seat) = ((id.0 / seats) as usize, (id.0 % seats) as usize);
        self.armies.set(seat, n, there);
        add(&mut self.players[seat].armies, 1, there);
    }

    /// Something is or was being built in a territory.
    #[inline]
    pub(super) fn building(&mut self, id: TerritoryId, old: &TerritoryRow, new: &TerritoryRow) {
        let due = |row: &TerritoryRow| (row.flags & BUILDING != 0).then_some(row.ready);
        self.reschedule(DueKind::Build, id.0, due(old), due(new));
    }

    /// What a territory means to those who hold land changes; `lords` are those in whose
    /// hands land in the names of the old and the new owner is.
    pub(super) fn territory(
        &mut self,
        setting: &Setting,
        id: TerritoryId,
        [old, new]: [&TerritoryRow; 2],
        lords: [u16; 2],
    ) {
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
        index.resolve(&state.players);
        for (i, row) in state.territories.iter().enumerate() {
            let id = TerritoryId::from_index(i);
            let lords = [NOBODY, state.raw_lord(row.owner)];
            index.building(id, &TerritoryRow::BLANK, row);
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
            let (a, b) = pact_players(i);
            index.befriend(a, b, state.are_friends(a, b));
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

fn arrival(id: ArmyId, row: &ArmyRow) -> Due {
    Due { tick: Tick(row.arrives), kind: DueKind::Arrival, id: id.0 }
}

fn meeting(id: ArmyId, row: &ArmyRow) -> Due {
    Due { tick: Tick(row.meets_at), kind: DueKind::Meeting, id: id.0 }
}

pub(super) fn add_gold(rate: &mut u64, amount: u64, gain: bool) {
    *rate = if gain { *rate + amount } else { rate.saturating_sub(amount) };
}

pub(super) fn add(count: &mut u32, amount: u32, gain: bool) {
    *count = if gain { *count + amount } else { count.saturating_sub(amount) };
}
