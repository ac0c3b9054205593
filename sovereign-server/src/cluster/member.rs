//! What nodes know of each other.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

/// How much a node has to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Load {
    /// Its games, lobbies included.
    pub rooms: u64,
    /// How many it takes.
    pub most: u64,
}

impl Load {
    /// Games of those it takes, in thousandths.
    #[must_use]
    pub fn used_permille(self) -> u64 {
        self.rooms.saturating_mul(1_000) / self.most.max(1)
    }

    /// Whether it takes no more games.
    #[must_use]
    pub const fn is_full(self) -> bool {
        self.rooms >= self.most
    }
}

impl Member {
    /// Whether it can play a game of these rules; one that has not begun, any.
    #[must_use]
    pub fn can_run(&self, rules: Option<u32>) -> bool {
        let (least, most) = self.rules;
        rules.is_none_or(|version| (least..=most).contains(&version))
    }
}

/// One node, as it tells the others of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Its name, unlike any other's.
    pub name: String,
    /// Which of its lives this is: two processes never have the same.
    pub incarnation: i64,
    /// Where other nodes reach it.
    pub address: SocketAddr,
    /// Where players reach it alone, if they do.
    pub public_url: Option<String>,
    /// The oldest and the newest version of the rules that it can play.
    pub rules: (u32, u32),
    /// How much it has to do.
    pub load: Load,
    /// It is about to stop, and takes nothing any more.
    pub leaving: bool,
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A node of this name, with room for a thousand games.
    pub(crate) fn node(name: &str) -> Member {
        Member {
            name: name.to_owned(),
            incarnation: 1,
            address: ([127, 0, 0, 1], 9466).into(),
            public_url: None,
            rules: (1, 1),
            load: Load { rooms: 0, most: 1_000 },
            leaving: false,
        }
    }
}
