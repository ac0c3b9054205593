//! Everything that changes in a game, as rows behind one door.
//!
//! Rows change in `write` alone, which keeps the index; what a change replaces goes into the
//! journal. From there come rollback, changes and the state's hash.

mod agenda;
mod holding;
mod index;
mod invariant;
mod journal;
mod kind;
mod merged;
pub(crate) mod public;
mod read;
mod reserve;
pub(crate) mod row;
mod set;
mod sight;
mod snapshot;
mod sorted;
mod sum;
mod supply;
mod write;

pub use journal::{DeadMark, Mark};
pub use kind::{LEVEL_MAX, Phase, Presence, Seat, Standing, Structure};
pub use public::Changes;
pub use snapshot::SnapshotError;

pub(crate) use agenda::{Due, DueKind};

use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

use crate::id::{PlayerId, TerritoryId};
use crate::map::{Map, Terrain};
use crate::quantity::Tick;
use crate::rng::Seed;
use crate::rules::Rules;
use crate::search::Met;
use crate::tick::growth::Curve;
use index::Index;
use journal::Journal;
use row::{
    ArmyRow, BattleRow, GameRow, PactRow, PlayerRow, Row, StrikeRow, SupplyRow, TerritoryRow,
};
use sight::Inbound;
use sorted::SortedRows;
use sum::RowSum;

/// What a game is played with; the same from start to end.
#[derive(Debug)]
pub(crate) struct Setting {
    pub(crate) map: Arc<Map>,
    pub(crate) rules: Arc<Rules>,
    pub(crate) seed: Seed,
    pub(crate) seats: u16,
    /// How bare land of each terrain grows.
    lands: [Curve; Terrain::COUNT],
    /// For fog alone; without it, empty.
    inbound: Inbound,
}

impl Setting {
    /// O(1); with fog O(edges).
    pub(crate) fn new(map: Arc<Map>, rules: Arc<Rules>, seed: Seed, seats: u16) -> Self {
        let inbound = if rules.fog.radius > 0 { Inbound::of(&map) } else { Inbound::default() };
        let lands = Terrain::ALL.map(|terrain| Self::land(&rules, terrain));
        Self { map, rules, seed, seats, lands, inbound }
    }

    fn land(rules: &Rules, terrain: Terrain) -> Curve {
        if rules.turns.are_on() {
            return Curve::still();
        }
        let (cap, rate) = rules.terrain(terrain).map_or((0, 0), |land| (land.cap, land.growth));
        Curve::new(&rules.growth, cap, rate)
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
    sum: RowSum,
    pub(crate) journal: Journal,
    index: Index,
    /// Whether something happened that may end a player or the game.
    pub(crate) unjudged: bool,
    /// Memory of searches, for those to come.
    pub(crate) searched: Met,
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
            sum: self.sum.without(&self.journal),
            journal: self.journal.clone(),
            index: self.index.clone(),
            unjudged: self.unjudged,
            searched: Met::default(),
        }
    }

    fn clone_from(&mut self, source: &Self) {
        let Self { setting, tick, game, territories, players, armies, .. } = source;
        let Self { battles, pacts, strikes, supplies, .. } = source;
        let Self { sum, journal, index, unjudged, .. } = source;
        if !Arc::ptr_eq(&self.setting, setting) {
            self.setting = Arc::clone(setting);
        }
        (self.tick, self.game, self.unjudged) = (*tick, *game, *unjudged);
        self.territories.clone_from(territories);
        self.players.clone_from(players);
        self.armies.clone_from(armies);
        self.battles.clone_from(battles);
        self.pacts.clone_from(pacts);
        self.strikes.clone_from(strikes);
        self.supplies.clone_from(supplies);
        self.sum = sum.without(journal);
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
            sum: RowSum::new(0),
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
            searched: Met::default(),
            setting,
        };
        state.sum = RowSum::new(state.hash_from_scratch());
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

    pub(crate) fn mark(&mut self) -> Mark {
        self.journal.mark(self.tick, self.unjudged)
    }

    /// Lets all marks die.
    pub(crate) fn unmark(&mut self) {
        self.journal.unmark();
    }

    /// Forgets history: all marks die. What was written and not yet hashed loses the hash's sum.
    pub(crate) fn forget(&mut self) {
        self.sum = self.sum.without(&self.journal);
        self.journal.commit();
    }

    /// Undoes everything since `mark`, last in first out, ticks included.
    pub(crate) fn rollback(&mut self, mark: Mark) -> Result<(), DeadMark> {
        let point = self.journal.take(mark)?;
        while let Some(undo) = self.journal.pop_above(point.position) {
            self.put(&undo);
        }
        self.tick = point.tick;
        self.unjudged = point.unjudged;
        Ok(())
    }
}
