//! The kinds of things that rows tell apart.

use serde::{Deserialize, Serialize};

/// Declares an enum that rows store as a small number.
macro_rules! kind {
    ($(#[$doc:meta])* $name:ident { $($(#[$vd:meta])* $variant:ident = $number:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[repr(u8)]
        pub enum $name { $($(#[$vd])* $variant = $number,)* }

        impl $name {
            /// The number that stands for this in rows and on the wire.
            #[must_use]
            pub const fn code(self) -> u8 {
                self as u8
            }

            /// What a number stands for.
            #[must_use]
            pub const fn from_code(code: u8) -> Option<Self> {
                match code {
                    $($number => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

kind! {
    /// Where a game is between its lobby and its end.
    Phase {
        /// Players take their seats.
        Lobby = 0,
        /// Players choose where to start.
        Spawn = 1,
        /// The game is being played.
        Playing = 2,
        /// The game is over; nothing moves any more.
        Finished = 3,
    }
}

kind! {
    /// Who sits in a seat.
    Seat {
        /// Nobody.
        Open = 0,
        /// A person.
        Person = 1,
        /// A bot.
        Bot = 2,
    }
}

kind! {
    /// Whether a player is in the game.
    Standing {
        /// Not yet, or never: the game has not begun, or nobody took the seat.
        Waiting = 0,
        /// In the game.
        Playing = 1,
        /// Out: lost all land and every army.
        Eliminated = 2,
        /// Out by own wish.
        Surrendered = 3,
    }
}

kind! {
    /// Whether a person is at the table.
    Presence {
        /// Present.
        Here = 0,
        /// Disconnected.
        Away = 1,
        /// Disconnected, and played by a bot until the return.
        TakenOver = 2,
    }
}

kind! {
    /// What can stand in a territory.
    Structure {
        /// Raises the cap and brings gold.
        City = 0,
        /// Helps the defender.
        Fort = 1,
        /// Opens sea routes and brings gold.
        Port = 2,
        /// Lets the garrison grow faster.
        Barracks = 3,
        /// Strikes from afar.
        Silo = 4,
        /// Stops strikes near it.
        Interceptor = 5,
    }
}

/// The highest level that a structure can have: a row keeps it in four bits.
pub const LEVEL_MAX: u8 = 15;

impl Structure {
    /// How many kinds there are.
    pub(crate) const COUNT: usize = 6;

    /// All of them.
    pub const ALL: [Self; Self::COUNT] =
        [Self::City, Self::Fort, Self::Port, Self::Barracks, Self::Silo, Self::Interceptor];

    /// The stored form of a kind: 0 is no structure.
    pub(crate) const fn raw(structure: Option<Self>) -> u8 {
        match structure {
            Some(structure) => structure as u8 + 1,
            None => 0,
        }
    }

    /// What the stored form of a kind stands for.
    pub(crate) const fn from_raw(raw: u8) -> Option<Self> {
        match raw {
            0 => None,
            code => Self::from_code(code - 1),
        }
    }
}
