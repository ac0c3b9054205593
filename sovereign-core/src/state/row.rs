//! The rows that a game's state consists of: small, fixed-size, plain integers.

use serde::{Deserialize, Serialize};

use super::{Standing, Structure};
use crate::hash::row_hash;
use crate::id::NOBODY;

/// A row of a table. The default row stands for absence where a table is sparse,
/// and hashes to 0 there.
pub(crate) trait Row: Copy + PartialEq {
    /// The table's number, part of every row's hash.
    const TABLE: u8;
    /// The row's hash under its id.
    fn hash(&self, id: u32) -> u64;
}

/// Declares a row. Its canonical bytes are its fields in this order, little-endian.
macro_rules! row {
    ($(#[$doc:meta])* $table:literal $name:ident { $($(#[$fd:meta])* $field:ident: $ty:ty = $blank:expr,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub(crate) struct $name { $($(#[$fd])* pub(crate) $field: $ty,)* }

        impl $name {
            pub(crate) const BLANK: Self = Self { $($field: $blank,)* };
            const LEN: usize = 0 $(+ size_of::<$ty>())*;

            fn bytes(&self) -> [u8; Self::LEN] {
                let mut bytes = [0; Self::LEN];
                let mut rest = &mut bytes[..];
                $(
                    let (head, tail) = rest.split_at_mut(size_of::<$ty>());
                    head.copy_from_slice(&self.$field.to_le_bytes());
                    rest = tail;
                )*
                let _ = rest;
                bytes
            }
        }

        impl Row for $name {
            const TABLE: u8 = $table;

            fn hash(&self, id: u32) -> u64 {
                if *self == Self::BLANK { 0 } else { row_hash(Self::TABLE, id, &self.bytes()) }
            }
        }
    };
}

row! {
    /// What is true of the game as a whole.
    0 GameRow {
        /// A [`super::Phase`].
        phase: u8 = 0,
        /// Why it ended: an [`crate::event::EndReason`] + 1, or 0.
        end: u8 = 0,
        /// 1 while the host has stopped time.
        paused: u8 = 0,
        /// Who won, or nobody.
        winner: u16 = NOBODY,
        /// When the phase ends by itself; 0 if it does not.
        until: u32 = 0,
        /// When playing began.
        started: u32 = 0,
        /// How often overtime has lowered the share of land that wins.
        lowered: u16 = 0,
        /// Whose turn it is, or was last, where there are turns.
        turn: u16 = NOBODY,
        /// How often the turn has gone round; 0 in the opening round.
        round: u32 = 0,
        /// When the turn ends by itself; 0 once it has ended, and its armies finish.
        turn_until: u32 = 0,
        /// Moves made in this turn.
        moves: u32 = 0,
    }
}

/// A level is being built here; `ready` says when it stands.
pub(crate) const BUILDING: u8 = 1;
/// Troops do not grow here: a battle goes on, or the game has not begun.
pub(crate) const STILL: u8 = 2;
/// The capital of the player who first held it: whoever takes it takes everything.
pub(crate) const CAPITAL: u8 = 4;

/// A strike's fallout lies here and slows growth; its [`StrikeRow`] says until when.
pub(crate) const FALLOUT: u8 = 8;

row! {
    /// A territory.
    1 TerritoryRow {
        /// Who took it last; reads resolve those who are out to their heir or to nobody.
        owner: u16 = NOBODY,
        /// A [`super::Structure`] + 1 in the low four bits and the level that stands in
        /// the high four, 0 while the first is being built; or 0.
        structure: u8 = 0,
        /// [`BUILDING`], [`STILL`], [`CAPITAL`], [`FALLOUT`].
        flags: u8 = 0,
        /// The garrison at `since`.
        troops: u32 = 0,
        /// The tick that `troops` is true of.
        since: u32 = 0,
        /// Troops on the march from here, which count against the cap.
        away: u32 = 0,
        /// When the owner changed last: tells armies whether this is still their home.
        taken: u32 = 0,
        /// When what is being built stands.
        ready: u32 = 0,
    }
}

impl TerritoryRow {
    /// The stored form of a structure of which `level` levels stand.
    pub(crate) const fn pack(kind: Structure, level: u8) -> u8 {
        Structure::raw(Some(kind)) | level << 4
    }

    /// Whether it is the same to those who hold land.
    #[inline]
    pub(crate) const fn is_held_as(&self, other: &Self) -> bool {
        self.owner == other.owner
            && self.structure == other.structure
            && (self.flags ^ other.flags) & BUILDING == 0
    }

    /// Whether nothing stands, is being built or lies here that changes how land grows.
    #[inline]
    pub(crate) const fn is_bare(&self) -> bool {
        self.structure == 0 && self.flags & FALLOUT == 0
    }

    /// What stands here or is being built.
    pub(crate) const fn kind(&self) -> Option<Structure> {
        Structure::from_raw(self.structure & 0x0f)
    }

    /// How many levels of it stand.
    pub(crate) const fn level(&self) -> u8 {
        self.structure >> 4
    }

    /// The structure that works here, and its level: not one whose first level is being built.
    pub(crate) const fn standing(&self) -> Option<(Structure, u8)> {
        match (self.kind(), self.level()) {
            (Some(kind), level @ 1..) => Some((kind, level)),
            _ => None,
        }
    }

    /// How many levels it counts for, one that is being built included.
    pub(crate) const fn levels_owned(&self) -> u32 {
        self.level() as u32 + (self.flags & BUILDING) as u32
    }

    /// What is left when nobody goes on building.
    pub(crate) const fn unfinished_lost(&self) -> u8 {
        if self.level() == 0 { 0 } else { self.structure }
    }
}

row! {
    /// A player's seat.
    2 PlayerRow {
        /// A [`super::Seat`].
        seat: u8 = 0,
        /// A [`super::Standing`].
        standing: u8 = 0,
        /// A [`super::Presence`].
        presence: u8 = 0,
        /// The team, from 1; 0 is none.
        team: u8 = 0,
        /// The place reached when out, from 1; 0 while in.
        place: u16 = 0,
        /// Gold at `gold_since`.
        gold: u64 = 0,
        /// The tick that `gold` and `reserve` are true of.
        gold_since: u32 = 0,
        /// When the player went out; its land stands still from then on.
        ended: u32 = 0,
        /// A traitor until this tick.
        traitor_until: u32 = 0,
        /// May give gold away again from this tick on.
        gives_at: u32 = 0,
        /// Offers a draw until this tick.
        draw_until: u32 = 0,
        /// Who took the capital of this player, and with it the land; nobody while in.
        heir: u16 = NOBODY,
        /// The place in the order of turns, from 1; 0 without one.
        order: u16 = 0,
        /// Troops to be deployed, at `gold_since`.
        reserve: u32 = 0,
    }
}

/// An army's purpose: to attack.
pub(crate) const ATTACK: u8 = 1;
/// An army's purpose: to move to own or allied land.
pub(crate) const MOVE: u8 = 2;
/// An army's purpose: to come home.
pub(crate) const RETURN: u8 = 3;

row! {
    /// An army. A blank row is a free number.
    3 ArmyRow {
        /// Whose it is; nobody in a free row.
        owner: u16 = NOBODY,
        /// [`ATTACK`], [`MOVE`] or [`RETURN`].
        purpose: u8 = 0,
        /// 1 if it fights at `to`, 0 if it marches.
        fighting: u8 = 0,
        /// Its strength.
        troops: u32 = 0,
        /// Where its troops count against the cap.
        origin: u32 = 0,
        /// The `taken` of its origin when it left.
        origin_taken: u32 = 0,
        /// Where its march began.
        from: u32 = 0,
        /// Where its march ends.
        to: u32 = 0,
        /// When its march began.
        departed: u32 = 0,
        /// When its march ends.
        arrives: u32 = 0,
        /// Where a move leads in the end; else `to`.
        goal: u32 = 0,
        /// One more than the number of the army that it will meet; 0 if none.
        meets: u32 = 0,
        /// When it will.
        meets_at: u32 = 0,
    }
}

row! {
    /// A battle at a territory. A blank row is peace.
    4 BattleRow {
        /// When it began.
        began: u32 = 0,
        /// When the next round is fought; never 0 in a battle.
        due: u32 = 0,
    }
}

/// A pact's state: the player with the lower number has proposed.
pub(crate) const PROPOSED_BY_LOWER: u8 = 1;
/// A pact's state: the player with the higher number has proposed.
pub(crate) const PROPOSED_BY_HIGHER: u8 = 2;
/// A pact's state: allied; so are all higher states.
pub(crate) const ALLIED: u8 = 3;
/// A pact's state: allied, and the player with the lower number asks to extend it.
pub(crate) const LOWER_EXTENDS: u8 = 4;
/// A pact's state: allied, and the player with the higher number asks to extend it.
pub(crate) const HIGHER_EXTENDS: u8 = 5;

/// An embargo of the player with the lower number against the other.
pub(crate) const EMBARGO_BY_LOWER: u8 = 1;
/// An embargo of the player with the higher number against the other.
pub(crate) const EMBARGO_BY_HIGHER: u8 = 2;

row! {
    /// What stands between two players. Blank is nothing.
    5 PactRow {
        /// [`PROPOSED_BY_LOWER`], [`PROPOSED_BY_HIGHER`], [`ALLIED`] or above.
        state: u8 = 0,
        /// [`EMBARGO_BY_LOWER`], [`EMBARGO_BY_HIGHER`], both or none.
        embargo: u8 = 0,
        /// When the state lapses; 0 without one.
        until: u32 = 0,
    }
}

impl PactRow {
    /// What is left when the state has come to its end: embargoes stay.
    pub(crate) const fn without_state(self) -> Self {
        Self { state: 0, until: 0, ..self }
    }
}

impl PlayerRow {
    /// Whether the player was in the game and is no longer.
    pub(crate) const fn is_out(&self) -> bool {
        self.standing >= Standing::Eliminated.code()
    }
}

impl ArmyRow {
    /// Whether it is where another one is, as to all but its strength: same owner, same march.
    #[inline]
    pub(super) const fn is_as_placed(&self, other: &Self) -> bool {
        self.owner == other.owner
            && self.fighting == other.fighting
            && self.from == other.from
            && self.to == other.to
            && self.arrives == other.arrives
            && self.meets == other.meets
            && self.meets_at == other.meets_at
    }

    pub(crate) const fn is_free(&self) -> bool {
        self.owner == NOBODY
    }
}

row! {
    /// What strikes leave behind at a territory. A blank row is nothing.
    6 StrikeRow {
        /// When the fallout is gone; 0 if there is none.
        fallout: u32 = 0,
        /// When the silo is loaded again; 0 if it is.
        reload: u32 = 0,
    }
}

row! {
    /// A standing supply line, by the territory that it leads from. A blank row is none.
    7 SupplyRow {
        /// Whose it is, and who holds both its ends; nobody where there is none.
        owner: u16 = NOBODY,
        /// Where it leads.
        to: u32 = 0,
        /// The next batch leaves at this tick or later.
        after: u32 = 0,
    }
}

impl StrikeRow {
    /// When the first of the two falls due.
    pub(crate) fn due(&self) -> Option<u32> {
        [self.fallout, self.reload].into_iter().filter(|until| *until != 0).min()
    }
}
