//! Rows as everybody may know them, and back: the two directions of a [`Delta`].
//!
//! [`gather`] makes deltas of what changed, [`apply`] puts them into a mirror's rows,
//! [`told`] sieves them for a player under fog, [`convert`] has the public form of each
//! row; here is what a row adds to a mirror's hash.

mod apply;
mod convert;
mod gather;
mod imagine;
mod told;

pub use told::Changes;

pub(crate) use convert::{game_state, public_army, public_battle, public_player};

use super::row::{ALLIED, ArmyRow, BattleRow, GameRow, PactRow, PlayerRow, TerritoryRow};
use super::{State, pact_players};
use crate::hash::mirror_row_hash;
use crate::id::PlayerId;

/// A row's share of a mirror's hash. The words are listed in `docs/protocol.md`.
pub(crate) trait PublicRow {
    fn check(&self, id: u32) -> u32;
}

impl PublicRow for GameRow {
    fn check(&self, _: u32) -> u32 {
        let kind = u32::from(self.phase) | u32::from(self.end) << 8 | u32::from(self.paused) << 16;
        let lowered = u32::from(self.lowered);
        let phase = [kind, owner_word(self.winner), self.until, self.started, lowered];
        let turn = [owner_word(self.turn), self.round, self.turn_until, self.moves];
        let mut words = [0; 9];
        words[..5].copy_from_slice(&phase);
        words[5..].copy_from_slice(&turn);
        mirror_row_hash(0, &words)
    }
}

impl PublicRow for TerritoryRow {
    fn check(&self, id: u32) -> u32 {
        let kind = u32::from(self.structure) | u32::from(self.flags) << 8;
        let words =
            [id, owner_word(self.owner), kind, self.troops, self.since, self.away, self.ready];
        mirror_row_hash(1, &words)
    }
}

impl PublicRow for PlayerRow {
    fn check(&self, id: u32) -> u32 {
        let kind = u32::from_le_bytes([self.seat, self.standing, self.presence, self.team]);
        let place = u32::from(self.place);
        let heir = owner_word(self.heir);
        let place = place | u32::from(self.order) << 16;
        let words = [id, kind, place, self.ended, self.traitor_until, self.draw_until, heir];
        mirror_row_hash(2, &words)
    }
}

impl PublicRow for ArmyRow {
    fn check(&self, id: u32) -> u32 {
        if self.is_free() {
            return 0;
        }
        let kind = u32::from(self.purpose) | u32::from(self.fighting) << 8;
        let owner = u32::from(self.owner);
        let march = [self.from, self.to, self.departed, self.arrives];
        let [from, to, departed, arrives] = march;
        mirror_row_hash(3, &[id, owner, kind, self.troops, from, to, departed, arrives])
    }
}

impl PublicRow for BattleRow {
    fn check(&self, id: u32) -> u32 {
        if *self == Self::BLANK { 0 } else { mirror_row_hash(4, &[id, self.began, self.due]) }
    }
}

impl PublicRow for PactRow {
    fn check(&self, id: u32) -> u32 {
        let (a, b) = pact_players(id as usize);
        let until = if self.state >= ALLIED { self.until } else { 0 };
        let words = [u32::from(a.0), u32::from(b.0), until, u32::from(self.embargo)];
        if until != 0 || self.embargo != 0 { mirror_row_hash(5, &words) } else { 0 }
    }
}

fn owner_word(raw: u16) -> u32 {
    PlayerId::from_raw(raw).map_or(0, |owner| u32::from(owner.0) + 1)
}

/// What is public of rows, gathered from what they replaced.
impl State {
    /// The hash of a mirror of this state, from scratch. O(rows).
    pub(crate) fn public_check(&self) -> u32 {
        fn sum<R: PublicRow>(rows: &[R]) -> u32 {
            let hashes = rows.iter().enumerate().map(|(id, row)| row.check(id as u32));
            hashes.fold(0, u32::wrapping_add)
        }
        let battles = self.battles.iter().map(|(id, row)| row.check(id.0));
        battles
            .fold(self.game.check(0), u32::wrapping_add)
            .wrapping_add(sum(&self.territories))
            .wrapping_add(sum(&self.players))
            .wrapping_add(sum(&self.armies))
            .wrapping_add(sum(&self.pacts))
    }
}
