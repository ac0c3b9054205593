//! Numbers that name things: territories, regions, players, armies.

use serde::{Deserialize, Serialize};

/// Declares an id: a small integer that can only index the table it belongs to.
macro_rules! id {
    ($(#[$doc:meta])* $name:ident($int:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $int);

        impl $name {
            /// The position of this id's row in its table.
            #[must_use]
            pub const fn index(self) -> usize {
                self.0 as usize
            }

            /// The id of the row at `index`, which must fit the id's width.
            #[must_use]
            pub const fn from_index(index: usize) -> Self {
                Self(index as $int)
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                core::fmt::Display::fmt(&self.0, f)
            }
        }
    };
}

id! {
    /// A territory: its position in the map's list, from 0.
    TerritoryId(u32)
}
id! {
    /// A region: its position in the map's list, from 0.
    RegionId(u16)
}
id! {
    /// A player's seat at the table, from 0. Never an account: names and accounts
    /// are kept outside of the game, so that erasing a person changes no hash.
    PlayerId(u16)
}
id! {
    /// An army on the march or in a battle. Numbers are used again once an army is gone.
    ArmyId(u32)
}

/// The stored form of "no player": the owner of neutral land.
pub(crate) const NOBODY: u16 = u16::MAX;

impl PlayerId {
    /// The stored form of an owner who may be nobody.
    pub(crate) const fn raw(owner: Option<Self>) -> u16 {
        match owner {
            Some(Self(seat)) => seat,
            None => NOBODY,
        }
    }

    /// The owner that a stored form stands for.
    pub(crate) const fn from_raw(raw: u16) -> Option<Self> {
        if raw == NOBODY { None } else { Some(Self(raw)) }
    }
}
