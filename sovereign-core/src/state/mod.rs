//! Everything that changes in a game, as rows behind one door.
//!
//! Every change to a row goes through [`State::put`]: it journals the old row,
//! moves the hash and keeps the index. From that one place come rollback,
//! changes and the state's hash.

mod agenda;
mod holding;
mod index;
mod invariant;
mod journal;
mod kind;
mod merged;
pub(crate) mod public;
mod read;
pub(crate) mod row;
mod set;
mod sight;
mod snapshot;
mod sorted;
mod supply;

pub use journal::{DeadMark, Mark};
pub use kind::{LEVEL_MAX, Phase, Presence, Seat, Standing, Structure};
pub use public::Changes;
pub use snapshot::SnapshotError;

pub(crate) use agenda::{Due, DueKind};

use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

use crate::event::Event;
use crate::id::{ArmyId, PlayerId, TerritoryId};
use crate::map::Map;
use crate::quantity::Tick;
use crate::rng::Seed;
use crate::rules::Rules;
use index::Index;
use journal::{Journal, Undo};
use row::{
    ArmyRow, BattleRow, GameRow, PactRow, PlayerRow, Row, StrikeRow, SupplyRow, TerritoryRow,
};
use sight::Inbound;
use sorted::SortedRows;

/// What a game is played with; the same from start to end.
#[derive(Debug)]
pub(crate) struct Setting {
    pub(crate) map: Arc<Map>,
    pub(crate) rules: Arc<Rules>,
    pub(crate) seed: Seed,
    pub(crate) seats: u16,
    /// For fog alone; without it, empty.
    inbound: Inbound,
}

impl Setting {
    /// O(1); with fog O(edges).
    pub(crate) fn new(map: Arc<Map>, rules: Arc<Rules>, seed: Seed, seats: u16) -> Self {
        let inbound = if rules.fog.radius > 0 { Inbound::of(&map) } else { Inbound::default() };
        Self { map, rules, seed, seats, inbound }
    }
}

/// The tables, their journal, their hash and their index.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) setting: Arc<Setting>,
    pub(crate) tick: Tick,
    game: GameRow,
    territories: Vec<TerritoryRow>,
    players: Vec<PlayerRow>,
    armies: Vec<ArmyRow>,
    battles: SortedRows<TerritoryId, BattleRow>,
    pacts: Vec<PactRow>,
    strikes: SortedRows<TerritoryId, StrikeRow>,
    supplies: SortedRows<TerritoryId, SupplyRow>,
    /// The wrapping sum of the hashes of all rows.
    rows_hash: u64,
    pub(crate) journal: Journal,
    index: Index,
    /// Whether something happened that may end a player or the game.
    pub(crate) unjudged: bool,
}

/// The position of the pact between two players in its table.
pub(crate) fn pact_index(a: PlayerId, b: PlayerId) -> usize {
    let (low, high) = if a < b { (a, b) } else { (b, a) };
    high.index() * (high.index() - 1) / 2 + low.index()
}

/// The two players of the pact at a position: lower first.
pub(crate) fn pact_players(index: usize) -> (PlayerId, PlayerId) {
    let mut high = 1;
    while high * (high + 1) / 2 <= index {
        high += 1;
    }
    (PlayerId::from_index(index - high * (high - 1) / 2), PlayerId::from_index(high))
}

impl Clone for State {
    fn clone(&self) -> Self {
        Self {
            setting: Arc::clone(&self.setting),
            tick: self.tick,
            game: self.game,
            territories: self.territories.clone(),
            players: self.players.clone(),
            armies: self.armies.clone(),
            battles: self.battles.clone(),
            pacts: self.pacts.clone(),
            strikes: self.strikes.clone(),
            supplies: self.supplies.clone(),
            rows_hash: self.rows_hash,
            journal: self.journal.clone(),
            index: self.index.clone(),
            unjudged: self.unjudged,
        }
    }

    fn clone_from(&mut self, source: &Self) {
        let Self { setting, tick, game, territories, players, armies, .. } = source;
        let Self { battles, pacts, strikes, supplies, .. } = source;
        let Self { rows_hash, journal, index, unjudged, .. } = source;
        if !Arc::ptr_eq(&self.setting, setting) {
            self.setting = Arc::clone(setting);
        }
        (self.tick, self.game) = (*tick, *game);
        (self.rows_hash, self.unjudged) = (*rows_hash, *unjudged);
        self.territories.clone_from(territories);
        self.players.clone_from(players);
        self.armies.clone_from(armies);
        self.battles.clone_from(battles);
        self.pacts.clone_from(pacts);
        self.strikes.clone_from(strikes);
        self.supplies.clone_from(supplies);
        self.journal.clone_from(journal);
        self.index.clone_from(index);
    }
}

impl State {
    /// The state before anybody has taken a seat. O(territories).
    pub(crate) fn new(setting: Arc<Setting>) -> Self {
        let territories: Vec<_> =
            setting.map.territories().map(|id| Self::untouched(&setting, id)).collect();
        let seats = usize::from(setting.seats);
        let pacts = vec![PactRow::BLANK; seats * seats.saturating_sub(1) / 2];
        let mut state = Self {
            tick: Tick(0),
            game: GameRow::BLANK,
            rows_hash: 0,
            journal: Journal::default(),
            index: Index::new(&setting),
            territories,
            players: vec![PlayerRow::BLANK; seats],
            armies: Vec::new(),
            battles: SortedRows::default(),
            pacts,
            strikes: SortedRows::default(),
            supplies: SortedRows::default(),
            unjudged: false,
            setting,
        };
        state.rows_hash = state.hash_from_scratch();
        state
    }

    /// The row of a territory that nobody has touched: neutral, with its terrain's garrison.
    pub(crate) fn untouched(setting: &Setting, id: TerritoryId) -> TerritoryRow {
        let terrain = setting.rules.terrain(setting.map.terrain(id));
        TerritoryRow { troops: terrain.map_or(0, |t| t.garrison), ..TerritoryRow::BLANK }
    }

    /// The sum of row hashes, computed anew: what [`State::rows_hash`] must equal.
    pub(crate) fn hash_from_scratch(&self) -> u64 {
        fn sum<R: Row>(rows: &[R]) -> u64 {
            let hashes = rows.iter().enumerate().map(|(id, row)| row.hash(id as u32));
            hashes.fold(0, u64::wrapping_add)
        }
        let battles = self.battles.iter().map(|(id, row)| row.hash(id.0));
        let strikes = self.strikes.iter().map(|(id, row)| row.hash(id.0));
        let supplies = self.supplies.iter().map(|(id, row)| row.hash(id.0));
        battles
            .chain(strikes)
            .chain(supplies)
            .fold(self.game.hash(0), u64::wrapping_add)
            .wrapping_add(sum(&self.territories))
            .wrapping_add(sum(&self.players))
            .wrapping_add(sum(&self.armies))
            .wrapping_add(sum(&self.pacts))
    }

    pub(crate) fn rows_hash(&self) -> u64 {
        self.rows_hash
    }

    /// The one door: swaps a row in and keeps the index. Returns how to undo it.
    ///
    /// Inlined, so that each caller pays for the one table that it writes.
    #[inline(always)]
    fn put(&mut self, change: Undo) -> Undo {
        match change {
            Undo::Game(new) => {
                let old = core::mem::replace(&mut self.game, new);
                self.index.game(&self.setting, &old, &new);
                Undo::Game(old)
            }
            Undo::Territory(id, new) => {
                let old = core::mem::replace(&mut self.territories[id.index()], new);
                let lords = [self.raw_lord(old.owner), self.raw_lord(new.owner)];
                self.index.territory(&self.setting, id, [&old, &new], lords);
                self.reschedule_supply(id, &old);
                Undo::Territory(id, old)
            }
            Undo::Player(id, new) => {
                let old = core::mem::replace(&mut self.players[id.index()], new);
                self.index.player(&self.setting, id, old.heir, new.heir);
                Undo::Player(id, old)
            }
            Undo::Army(id, new) => Undo::Army(id, self.put_army(id, new)),
            Undo::Battle(id, new) => Undo::Battle(id, self.put_battle(id, new)),
            Undo::Pact(index, new) => {
                let old = core::mem::replace(&mut self.pacts[index as usize], new);
                self.index.pact(index, &old, &new);
                Undo::Pact(index, old)
            }
            Undo::Strike(id, new) => Undo::Strike(id, self.put_strike(id, new)),
            Undo::Supply(id, new) => Undo::Supply(id, self.put_supply(id, new)),
            Undo::Event(_) => change,
        }
    }

    fn put_army(&mut self, id: ArmyId, new: ArmyRow) -> ArmyRow {
        if id.index() >= self.armies.len() {
            self.armies.resize(id.index() + 1, ArmyRow::BLANK);
        }
        let old = core::mem::replace(&mut self.armies[id.index()], new);
        self.index.army(id, &old, &new);
        while self.armies.last().is_some_and(ArmyRow::is_free) {
            self.armies.pop();
        }
        old
    }

    fn put_strike(&mut self, id: TerritoryId, new: StrikeRow) -> StrikeRow {
        let row = (new != StrikeRow::BLANK).then_some(new);
        let old = self.strikes.replace(id, row).unwrap_or(StrikeRow::BLANK);
        self.index.strike(id, &old, &new);
        old
    }

    fn put_battle(&mut self, id: TerritoryId, new: BattleRow) -> BattleRow {
        let row = (new != BattleRow::BLANK).then_some(new);
        let old = self.battles.replace(id, row).unwrap_or(BattleRow::BLANK);
        self.index.battle(id, &old, &new);
        old
    }

    /// Puts a row, moves the hash and journals the old row.
    #[inline(always)]
    fn change(&mut self, change: Undo) {
        let undo = self.put(change);
        self.rows_hash =
            self.rows_hash.wrapping_sub(undo.row_hash()).wrapping_add(change.row_hash());
        self.journal.push(undo);
    }

    pub(crate) fn set_game(&mut self, row: GameRow) {
        self.change(Undo::Game(row));
    }

    /// Writes a territory. Where its owner or structure changes, the gold of those
    /// whose income changes is settled first, so that the past stays as it was.
    pub(crate) fn set_territory(&mut self, id: TerritoryId, row: TerritoryRow) {
        let old = *self.territory(id);
        let holding = |row: &TerritoryRow| (row.owner, row.structure, row.flags & row::BUILDING);
        if holding(&old) != holding(&row) {
            for owner in [old.owner, row.owner] {
                self.settle_gold(PlayerId::from_raw(self.raw_lord(owner)));
            }
        }
        self.change(Undo::Territory(id, row));
    }

    /// [`State::lord`] of an owner as rows store him.
    fn raw_lord(&self, owner: u16) -> u16 {
        PlayerId::from_raw(owner).map_or(owner, |owner| self.lord(owner).0)
    }

    pub(crate) fn settle_gold(&mut self, player: Option<PlayerId>) {
        let Some(player) = player else { return };
        let row = *self.player(player);
        let settled =
            PlayerRow { gold: self.gold(player), gold_since: self.effective_tick(&row).0, ..row };
        if settled != row {
            self.set_player(player, settled);
        }
    }

    pub(crate) fn set_player(&mut self, id: PlayerId, row: PlayerRow) {
        self.change(Undo::Player(id, row));
    }

    pub(crate) fn set_army(&mut self, id: ArmyId, row: ArmyRow) {
        self.change(Undo::Army(id, row));
    }

    pub(crate) fn set_battle(&mut self, id: TerritoryId, row: BattleRow) {
        self.change(Undo::Battle(id, row));
    }

    pub(crate) fn set_strike(&mut self, id: TerritoryId, row: StrikeRow) {
        self.change(Undo::Strike(id, row));
    }

    pub(crate) fn set_supply(&mut self, from: TerritoryId, row: SupplyRow) {
        self.change(Undo::Supply(from, row));
    }

    /// Writes a pact. Where an embargo begins or ends, the gold of both is settled first.
    pub(crate) fn set_pact(&mut self, a: PlayerId, b: PlayerId, row: PactRow) {
        if (self.pact(a, b).embargo == 0) != (row.embargo == 0) {
            self.settle_gold(Some(a));
            self.settle_gold(Some(b));
        }
        self.change(Undo::Pact(pact_index(a, b) as u32, row));
    }

    pub(crate) fn emit(&mut self, event: Event) {
        self.journal.push(Undo::Event(event));
    }

    pub(crate) fn mark(&mut self) -> Mark {
        self.journal.mark(self.tick, self.rows_hash, self.unjudged)
    }

    /// Undoes everything since `mark`, last in first out, ticks included.
    pub(crate) fn rollback(&mut self, mark: Mark) -> Result<(), DeadMark> {
        let point = self.journal.take(mark)?;
        while let Some(undo) = self.journal.pop_above(point.position) {
            self.put(undo);
        }
        self.tick = point.tick;
        self.rows_hash = point.rows_hash;
        self.unjudged = point.unjudged;
        Ok(())
    }
}
