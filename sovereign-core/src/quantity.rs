//! Amounts with a unit: ticks, troops, gold, thousandths.

use serde::{Deserialize, Serialize};

/// The last tick a game can reach: 2^24 - 1, nearly ten days at 20 ticks a second.
/// With [`RATE_MAX`] it keeps every growth product under 2^53.
pub const TICK_MAX: u32 = (1 << 24) - 1;
/// The largest rate, in millionths of a unit a tick (about 268 units a tick).
pub const RATE_MAX: u32 = (1 << 28) - 1;
/// The most troops that one territory or army can hold; what is above is lost.
pub const TROOPS_MAX: u32 = 1_000_000_000;
/// The most gold a player can hold: the largest integer that a page in plain
/// JavaScript counts exactly.
pub const GOLD_MAX: u64 = (1 << 53) - 1;
/// Rates are counted in this many parts of a unit a tick.
pub const RATE_UNIT: u64 = 1_000_000;

/// A moment in a game: the number of ticks since its start, at most [`TICK_MAX`].
/// A real-time server plays 20 ticks a second.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Tick(pub u32);

impl Tick {
    /// The moment `ticks` later, held at [`TICK_MAX`].
    #[must_use]
    pub const fn after(self, ticks: u32) -> Self {
        let sum = self.0.saturating_add(ticks);
        Self(if sum > TICK_MAX { TICK_MAX } else { sum })
    }

    /// How many ticks have passed since `earlier`; 0 if it lies ahead.
    #[must_use]
    pub const fn since(self, earlier: Self) -> u32 {
        self.0.saturating_sub(earlier.0)
    }
}

impl core::fmt::Display for Tick {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        core::fmt::Display::fmt(&self.0, f)
    }
}

/// A share in thousandths: 250 is a quarter. May exceed 1000 where it multiplies.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Permille(pub u32);

impl Permille {
    /// The whole: 1000 thousandths.
    pub const ONE: Self = Self(1000);

    /// This share of `amount`, rounded down. Exact for every amount; fast where the
    /// product fits 64 bits, as it does for all that the game counts.
    #[must_use]
    #[inline]
    pub const fn of(self, amount: u64) -> u64 {
        match amount.checked_mul(self.0 as u64) {
            Some(product) => product / 1000,
            None => (amount as u128 * self.0 as u128 / 1000) as u64,
        }
    }

    /// This share of `amount`, rounded up.
    #[must_use]
    #[inline]
    pub const fn of_rounded_up(self, amount: u64) -> u64 {
        match amount.checked_mul(self.0 as u64) {
            Some(product) => product.div_ceil(1000),
            None => (amount as u128 * self.0 as u128).div_ceil(1000) as u64,
        }
    }
}

/// `a * b / c`, rounded down and held at 2^64 - 1: fast where the product fits 64 bits.
#[inline]
pub(crate) fn mul_div(a: u128, b: u64, c: u64) -> u64 {
    match u64::try_from(a).ok().and_then(|a| a.checked_mul(b)) {
        Some(product) => product / c,
        None => wide_mul_div(a, b, c),
    }
}

#[cold]
fn wide_mul_div(a: u128, b: u64, c: u64) -> u64 {
    u64::try_from(a * u128::from(b) / u128::from(c)).unwrap_or(u64::MAX)
}

/// How much a rate has brought in all by tick `t`: `floor(rate * t / 1,000,000)`.
///
/// Growth between two ticks is a difference of phases, so rebasing an amount at
/// any tick in between neither loses nor gains a unit. `rate` is in millionths a
/// tick, at most [`RATE_MAX`]; the product stays under 2^53.
#[must_use]
pub const fn phase(rate: u32, t: Tick) -> u64 {
    rate as u64 * t.0 as u64 / RATE_UNIT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quotient_is_exact_where_its_product_fits_64_bits_and_where_not() {
        for a in [0, 7, u64::MAX / 3, u64::MAX / 3 + 1, u64::MAX] {
            assert_eq!(u128::from(mul_div(a.into(), 3, 7)), u128::from(a) * 3 / 7);
            let wide = (u128::from(a) << 32) * 3 / 7;
            let held = wide.min(u64::MAX.into());
            assert_eq!(u128::from(mul_div(u128::from(a) << 32, 3, 7)), held);
        }
    }

    #[test]
    fn a_share_is_exact_where_its_product_fits_64_bits_and_where_not() {
        let last = u64::MAX / 1001;
        for amount in [0, 1, 999, last, last + 1, u64::MAX / 4] {
            let wide = u128::from(amount) * 1001;
            assert_eq!(u128::from(Permille(1001).of(amount)), wide / 1000);
            assert_eq!(u128::from(Permille(1001).of_rounded_up(amount)), wide.div_ceil(1000));
        }
    }
}
