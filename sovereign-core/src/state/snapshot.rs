//! A state as bytes, and back.
//!
//! # Stability
//! The form is [postcard](https://docs.rs/postcard)'s of the tables in the order of
//! `Image`; it belongs to one [`RULES_VERSION`] and is refused by every other.

use alloc::sync::Arc;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::row::{
    ArmyRow, BattleRow, GameRow, PactRow, PlayerRow, StrikeRow, SupplyRow, TerritoryRow,
};
use super::{Index, RowSum, Setting, State};
use crate::id::TerritoryId;
use crate::quantity::{TICK_MAX, Tick};
use crate::rules::RULES_VERSION;

/// Why bytes are no snapshot of this game.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// The bytes are cut short, too long or garbage.
    #[error("the snapshot cannot be read: its bytes are damaged")]
    Damaged,
    /// It was written under other rules of the engine.
    #[error("the snapshot is of rules version {found}, but this engine runs {RULES_VERSION}")]
    Version {
        /// The version that was found.
        found: u32,
    },
    /// The tables do not fit the map, the seats or each other.
    #[error("the snapshot does not belong to this map, these rules and seats")]
    Foreign,
    /// The rows do not have the hash that they had when they were written.
    #[error("the snapshot's rows do not have the hash that it states")]
    Hash,
}

#[derive(Serialize, Deserialize)]
struct Image {
    version: u32,
    tick: Tick,
    unjudged: bool,
    rows_hash: u64,
    game: GameRow,
    territories: Vec<TerritoryRow>,
    players: Vec<PlayerRow>,
    armies: Vec<ArmyRow>,
    battles: Vec<(TerritoryId, BattleRow)>,
    pacts: Vec<PactRow>,
    strikes: Vec<(TerritoryId, StrikeRow)>,
    supplies: Vec<(TerritoryId, SupplyRow)>,
}

impl State {
    pub(crate) fn snapshot(&self) -> Vec<u8> {
        let image = Image {
            version: RULES_VERSION,
            tick: self.tick,
            unjudged: self.unjudged,
            rows_hash: self.rows_hash(),
            game: self.game,
            territories: self.territories.clone(),
            players: self.players.clone(),
            armies: self.armies.clone(),
            battles: self.battles().map(|(id, row)| (id, *row)).collect(),
            pacts: self.pacts.clone(),
            strikes: self.strikes().map(|(id, row)| (id, *row)).collect(),
            supplies: self.supplies().map(|(id, row)| (id, *row)).collect(),
        };
        postcard::to_allocvec(&image).expect("plain integers can always be written")
    }

    pub(crate) fn restore(setting: Arc<Setting>, bytes: &[u8]) -> Result<Self, SnapshotError> {
        let (image, rest) =
            postcard::take_from_bytes::<Image>(bytes).map_err(|_| SnapshotError::Damaged)?;
        if image.version != RULES_VERSION {
            return Err(SnapshotError::Version { found: image.version });
        }
        if !rest.is_empty() {
            return Err(SnapshotError::Damaged);
        }
        Self::from_image(setting, image)
    }

    fn from_image(setting: Arc<Setting>, image: Image) -> Result<Self, SnapshotError> {
        if !image.fits(&setting) {
            return Err(SnapshotError::Foreign);
        }
        let mut state = Self {
            tick: image.tick,
            game: image.game,
            territories: image.territories,
            players: image.players,
            armies: image.armies,
            battles: image.battles.into_iter().collect(),
            pacts: image.pacts,
            strikes: image.strikes.into_iter().collect(),
            supplies: image.supplies.into_iter().collect(),
            sum: RowSum::new(image.rows_hash),
            journal: super::Journal::default(),
            index: Index::new(&setting),
            unjudged: image.unjudged,
            searched: super::Met::default(),
            setting,
        };
        if state.hash_from_scratch() != state.rows_hash() {
            return Err(SnapshotError::Hash);
        }
        state.index = Index::rebuilt(&state);
        // The hash only guards against damage; a forged file must not break a rule either.
        state.check_invariants().map_err(|_| SnapshotError::Foreign)?;
        Ok(state)
    }
}

impl Image {
    /// Whether every number that indexes a table is in its range.
    fn fits(&self, setting: &Setting) -> bool {
        let seats = usize::from(setting.seats);
        let lands = setting.map.len() as u32;
        let owner = |raw: u16| usize::from(raw) < seats || raw == crate::id::NOBODY;
        let land = |id: u32| id < lands;
        let line = |row: &SupplyRow| usize::from(row.owner) < seats;
        let structure = |t: &TerritoryRow| t.structure == 0 || t.kind().is_some();
        self.tick.0 <= TICK_MAX
            && self.game.phase <= super::Phase::Finished.code()
            && owner(self.game.winner)
            && owner(self.game.turn)
            && self.territories.len() == setting.map.len()
            && self.territories.iter().all(|t| owner(t.owner) && structure(t))
            && self.players.len() == seats
            && self
                .players
                .iter()
                .all(|p| owner(p.heir) && p.seat <= 2 && p.standing <= 3 && p.presence <= 2)
            && self.pacts.len() == seats * seats.saturating_sub(1) / 2
            && self.armies.len() <= seats * setting.rules.march.armies_max as usize
            && self.armies.iter().all(|a| {
                owner(a.owner)
                    && land(a.origin)
                    && land(a.from)
                    && land(a.to)
                    && land(a.goal)
                    && a.fighting <= 1
            })
            && self.battles.iter().all(|(id, _)| land(id.0))
            && self.battles.is_sorted_by(|(a, _), (b, _)| a < b)
            && self.strikes.iter().all(|(id, row)| land(id.0) && *row != StrikeRow::BLANK)
            && self.strikes.is_sorted_by(|(a, _), (b, _)| a < b)
            && self.supplies.iter().all(|(id, row)| land(id.0) && land(row.to) && line(row))
            && self.supplies.is_sorted_by(|(a, _), (b, _)| a < b)
            && self.ticks().all(|tick| tick <= TICK_MAX)
    }

    fn ticks(&self) -> impl Iterator<Item = u32> + '_ {
        let lands = self.territories.iter().flat_map(|t| [t.since, t.ready]);
        let players =
            self.players.iter().flat_map(|p| [p.gold_since, p.ended, p.gives_at, p.draw_until]);
        let armies = self.armies.iter().flat_map(|a| [a.departed, a.arrives, a.meets_at]);
        let battles = self.battles.iter().flat_map(|(_, b)| [b.began, b.due]);
        let pacts = self.pacts.iter().map(|p| p.until);
        let game = [self.game.until, self.game.started, self.game.turn_until];
        let strikes = self.strikes.iter().flat_map(|(_, s)| [s.fallout, s.reload]);
        let supplies = self.supplies.iter().map(|(_, s)| s.after);
        let lands = lands.chain(strikes).chain(supplies);
        lands.chain(players).chain(armies).chain(battles).chain(pacts).chain(game)
    }
}
