//! What can be said of many games: shares with intervals, percentiles, tests that are
//! corrected for their number, ratings.

pub(crate) mod chance;
pub(crate) mod rating;
pub(crate) mod sprt;

use serde::Serialize;

/// The standard normal deviate that holds 95 % of the distribution between its negative
/// and itself.
const Z_95: f64 = 1.959_963_984_540_054;

/// How often something happened, with the interval that holds its true share with 95 %
/// confidence.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Share {
    /// How often.
    pub(crate) count: u64,
    /// Of how many.
    pub(crate) of: u64,
    /// The share; 0 of nothing.
    pub(crate) share: f64,
    /// The lower end of the 95 % interval.
    pub(crate) low: f64,
    /// The upper end of the 95 % interval.
    pub(crate) high: f64,
}

impl Share {
    /// By Wilson's score interval (1927), which stays within 0 and 1 and holds for few
    /// games too.
    pub(crate) fn of(count: u64, of: u64) -> Self {
        if of == 0 {
            return Self { count, of, share: 0.0, low: 0.0, high: 1.0 };
        }
        let (n, p) = (of as f64, count as f64 / of as f64);
        let scale = 1.0 + Z_95 * Z_95 / n;
        let centre = p + Z_95 * Z_95 / (2.0 * n);
        let spread = Z_95 * (p * (1.0 - p) / n + Z_95 * Z_95 / (4.0 * n * n)).sqrt();
        let [low, high] = [(centre - spread) / scale, (centre + spread) / scale];
        Self { count, of, share: round(p), low: round(low.max(0.0)), high: round(high.min(1.0)) }
    }

    /// In percent, such as `61.0 % (51.2 to 70.0)`.
    pub(crate) fn percent(&self) -> String {
        let [share, low, high] = [self.share, self.low, self.high].map(|part| part * 100.0);
        format!("{share:.1} % ({low:.1} to {high:.1})")
    }
}

/// Six decimals: more would be noise.
fn round(share: f64) -> f64 {
    (share * 1e6).round() / 1e6
}

/// How a number is spread over games.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Spread<T> {
    /// The least.
    pub(crate) min: T,
    /// Half the games have at most this.
    pub(crate) median: T,
    /// Nine in ten games have at most this.
    pub(crate) p90: T,
    /// 99 in 100 games have at most this.
    pub(crate) p99: T,
    /// The greatest.
    pub(crate) max: T,
}

impl Spread<u64> {
    /// By nearest rank; nothing of no games.
    pub(crate) fn of(numbers: impl Iterator<Item = u64>) -> Option<Self> {
        let mut sorted: Vec<u64> = numbers.collect();
        sorted.sort_unstable();
        let (min, max) = (*sorted.first()?, *sorted.last()?);
        let rank = |percent: usize| sorted[(sorted.len() * percent).div_ceil(100).max(1) - 1];
        Some(Self { min, median: rank(50), p90: rank(90), p99: rank(99), max })
    }

    /// The same in another unit.
    pub(crate) fn map<U>(self, unit: impl Fn(u64) -> U) -> Spread<U> {
        Spread {
            min: unit(self.min),
            median: unit(self.median),
            p90: unit(self.p90),
            p99: unit(self.p99),
            max: unit(self.max),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wilson_intervals_are_those_of_the_textbook() {
        let share = Share::of(61, 100);
        assert_eq!((share.share, share.low, share.high), (0.61, 0.512_030, 0.699_831));
        let none = Share::of(0, 10);
        assert_eq!((none.share, none.low, none.high), (0.0, 0.0, 0.277_533));
        let all = Share::of(10, 10);
        assert_eq!((all.share, all.low, all.high), (1.0, 0.722_467, 1.0));
    }

    #[test]
    fn of_no_games_nothing_is_known() {
        let share = Share::of(0, 0);
        assert_eq!((share.low, share.high), (0.0, 1.0));
        assert_eq!(Spread::of(std::iter::empty()), None);
    }

    #[test]
    fn percentiles_are_by_nearest_rank() {
        let spread = Spread::of((1..=200).rev()).expect("there are numbers");
        assert_eq!(spread, Spread { min: 1, median: 100, p90: 180, p99: 198, max: 200 });
        let one = Spread::of([7].into_iter()).expect("there is a number");
        assert_eq!(one, Spread { min: 7, median: 7, p90: 7, p99: 7, max: 7 });
    }
}
