//! Stateless dice: a throw is a function of what it is thrown for.
//!
//! There is no generator to store, restore or call in the right order, so undoing
//! a tick and playing it again throws the same dice, and two events of one tick
//! never share a throw.
//!
//! # Source
//! SipHash-2-4 (Aumasson and Bernstein, 2012), keyed with the game's 128-bit
//! [`Seed`], over five 64-bit little-endian words: tick, purpose, entity, `k`, 0.

use core::hash::Hasher;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use siphasher::sip::SipHasher24;

use crate::quantity::Tick;

/// The key of a game's dice. It stays secret until the game has ended;
/// [`Seed::commitment`] is published at the start, so that nobody can choose it later.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seed(pub [u8; 16]);

impl core::fmt::Debug for Seed {
    /// Does not tell the seed: whoever knows it knows every throw.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Seed(..)")
    }
}

impl From<u64> for Seed {
    /// A seed for simulations: `number` in little-endian order, then zeros.
    fn from(number: u64) -> Self {
        let mut key = [0; 16];
        key[..8].copy_from_slice(&number.to_le_bytes());
        Self(key)
    }
}

impl Seed {
    /// SHA-256 of the seed, in hexadecimal: what a server publishes at the start.
    #[must_use]
    pub fn commitment(&self) -> alloc::string::String {
        use core::fmt::Write;
        let mut text = alloc::string::String::new();
        for byte in Sha256::digest(self.0) {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        text
    }

    /// An independent seed for the `number`-th game or bot of a batch.
    #[must_use]
    pub fn child(&self, number: u64) -> Self {
        let mut key = [0; 16];
        for (k, half) in key.chunks_exact_mut(8).enumerate() {
            let throw = self.throw(Tick(0), Purpose::Child, number, k as u64);
            half.copy_from_slice(&throw.to_le_bytes());
        }
        Self(key)
    }

    /// The throw for this tick, purpose, entity and count: 64 bits.
    #[must_use]
    pub fn throw(&self, tick: Tick, purpose: Purpose, entity: u64, k: u64) -> u64 {
        let mut hasher = SipHasher24::new_with_key(&self.0);
        for word in [u64::from(tick.0), purpose as u64, entity, k, 0] {
            hasher.write(&word.to_le_bytes());
        }
        hasher.finish()
    }

    /// A throw from 0 to `sides - 1` (0 if there are no sides): the 64-bit throw
    /// times `sides`, shifted right by 64. Its bias is under `sides / 2^64`.
    #[must_use]
    pub fn below(&self, tick: Tick, purpose: Purpose, entity: u64, k: u64, sides: u64) -> u64 {
        let wide = u128::from(self.throw(tick, purpose, entity, k)) * u128::from(sides);
        (wide >> 64) as u64
    }
}

/// What dice are thrown for. The numbers are part of the rules: see `docs/rules.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Purpose {
    /// A seed made from another.
    Child = 0,
    /// The order of players within a tick.
    Turn = 1,
    /// Where an undecided player starts.
    Spawn = 2,
    /// What a bot does.
    Bot = 3,
    /// The luck of a round of a battle.
    Battle = 4,
    /// Whether an interceptor stops a strike.
    Intercept = 5,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn throws_differ_by_every_part_of_their_name() {
        let seed = Seed::from(7);
        let base = seed.throw(Tick(1), Purpose::Turn, 2, 3);
        assert_eq!(base, seed.throw(Tick(1), Purpose::Turn, 2, 3));
        assert_ne!(base, seed.throw(Tick(2), Purpose::Turn, 2, 3));
        assert_ne!(base, seed.throw(Tick(1), Purpose::Spawn, 2, 3));
        assert_ne!(base, seed.throw(Tick(1), Purpose::Turn, 3, 3));
        assert_ne!(base, seed.throw(Tick(1), Purpose::Turn, 2, 4));
        assert_ne!(base, Seed::from(8).throw(Tick(1), Purpose::Turn, 2, 3));
    }

    #[test]
    fn a_throw_is_siphash_of_its_words() {
        // The value an independent implementation must reach: key 01 00 .. 00.
        let throw = Seed::from(1).throw(Tick(2), Purpose::Spawn, 3, 4);
        assert_eq!(throw, GOLDEN_THROW);
        assert!(Seed::from(1).below(Tick(2), Purpose::Spawn, 3, 4, 10) < 10);
    }

    /// Computed by an independent implementation of SipHash-2-4.
    const GOLDEN_THROW: u64 = 15_684_323_879_594_966_580;
}
