//! Ratings with their uncertainty: Weng and Lin (2011), which nobody has patented.
//!
//! A rating is the mean of what somebody's strength may be, with its standard deviation.
//! What callers are told is in points: sixty to one of Weng and Lin's.

use serde::Serialize;
use skillratings::MultiTeamOutcome;
use skillratings::weng_lin::{WengLinConfig, WengLinRating, weng_lin_multi_team};

/// Points that are shown for one of the method's.
const POINTS: f64 = 60.0;
/// How many standard deviations hold 95 % of what a rating may truly be.
const DEVIATIONS_95: f64 = 1.96;
/// A rating never becomes more certain than this, so that it can follow somebody who learns.
const DEVIATION_MIN: f64 = 1.0;

/// How good somebody is, as far as that is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rating {
    /// The middle of what may be; 25 to begin with.
    pub mean: f64,
    /// The standard deviation; 25/3 to begin with.
    pub deviation: f64,
}

/// A rating as it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Points {
    /// 1500 to begin with.
    pub points: i32,
    /// The true one lies within this of it, with 95 % confidence.
    pub plus_minus: i32,
}

/// A side of a game that is over.
#[derive(Clone, Debug, PartialEq)]
pub struct Side {
    /// What it reached, from 1.
    pub place: u16,
    /// Who was on it.
    pub members: Vec<Rating>,
}

impl Default for Rating {
    /// Of whom nothing is known.
    fn default() -> Self {
        WengLinRating::new().into()
    }
}

impl Rating {
    /// As it is shown.
    #[must_use]
    pub fn shown(self) -> Points {
        // Far within the range of an i32: ratings stay within a few hundred.
        let round = |number: f64| (number * POINTS).round() as i32;
        Points { points: round(self.mean), plus_minus: round(self.deviation * DEVIATIONS_95) }
    }
}

impl From<WengLinRating> for Rating {
    fn from(WengLinRating { rating, uncertainty }: WengLinRating) -> Self {
        Self { mean: rating, deviation: uncertainty.max(DEVIATION_MIN) }
    }
}

impl From<&Rating> for WengLinRating {
    fn from(rating: &Rating) -> Self {
        Self { rating: rating.mean, uncertainty: rating.deviation }
    }
}

/// The ratings after a game, in the order of its sides and their members. A team stands and
/// falls together; sides that reached the same place have drawn.
#[must_use]
pub fn rate(sides: &[Side]) -> Vec<Vec<Rating>> {
    let of = |side: &Side| side.members.iter().map(WengLinRating::from).collect();
    let members: Vec<Vec<WengLinRating>> = sides.iter().map(of).collect();
    let places = sides.iter().map(|side| MultiTeamOutcome::new(side.place.into()));
    let game: Vec<(&[WengLinRating], MultiTeamOutcome)> =
        members.iter().map(Vec::as_slice).zip(places).collect();
    let rated = weng_lin_multi_team(&game, &WengLinConfig::new());
    rated.into_iter().map(|side| side.into_iter().map(Rating::from).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn duel(first: u16, second: u16) -> [Rating; 2] {
        let side = |place| Side { place, members: vec![Rating::default()] };
        let rated = rate(&[side(first), side(second)]);
        [rated[0][0], rated[1][0]]
    }

    /// By hand: c² = 2 (25/3)² + 2 (25/6)², and (25/3)² / c / 2 = 2.6352 change sides.
    #[test]
    fn a_win_moves_both_apart() {
        let [winner, loser] = duel(1, 2);
        assert!((winner.mean - 27.635).abs() < 1e-3 && (loser.mean - 22.365).abs() < 1e-3);
        assert_eq!(winner.shown(), Points { points: 1_658, plus_minus: 949 });
        assert_eq!(Rating::default().shown(), Points { points: 1_500, plus_minus: 980 });
        let [one, other] = duel(1, 1);
        assert!((one.mean - 25.0).abs() < 1e-9 && (other.mean - 25.0).abs() < 1e-9, "a draw");
        assert!(one.deviation < Rating::default().deviation, "more is known even so");
    }

    proptest! {
        #[test]
        fn who_wins_never_falls_and_who_is_last_never_rises(
            sides in prop::collection::vec((0.0..50.0_f64, 1.0..9.0_f64, 1..4_usize), 2..6),
        ) {
            let sides: Vec<Side> = sides.into_iter().zip(1..).map(|((mean, deviation, people), place)| {
                Side { place, members: vec![Rating { mean, deviation }; people] }
            }).collect();
            let rated = rate(&sides);
            for (side, after) in sides.iter().zip(&rated) {
                for (before, after) in side.members.iter().zip(after) {
                    prop_assert!(after.mean.is_finite() && after.deviation >= DEVIATION_MIN);
                    prop_assert!(after.deviation <= before.deviation + 1e-9);
                }
            }
            prop_assert!(rated[0][0].mean >= sides[0].members[0].mean);
            let last = sides.len() - 1;
            prop_assert!(rated[last][0].mean <= sides[last].members[0].mean);
        }
    }
}
