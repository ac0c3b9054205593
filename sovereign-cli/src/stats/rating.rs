//! Ratings with their uncertainty: Weng and Lin (2011), which nobody has patented.

use serde::Serialize;
use skillratings::Outcomes;
use skillratings::weng_lin::{WengLinConfig, WengLinRating, weng_lin};

/// How many standard deviations hold 95 % of what a rating may truly be.
const DEVIATIONS_95: f64 = 1.96;

/// The ratings of some players.
#[derive(Clone, Debug)]
pub(crate) struct Ratings(Vec<WengLinRating>);

/// A rating.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Rating {
    /// 25 to begin with.
    pub(crate) rating: f64,
    /// The true one lies within this of it, with 95 % confidence.
    pub(crate) plus_minus: f64,
}

impl Ratings {
    /// So many players of whom nothing is known.
    pub(crate) fn new(players: usize) -> Self {
        Self(vec![WengLinRating::new(); players])
    }

    /// Takes in a game of two: the first one's points are 0, a half, or 1.
    pub(crate) fn play(&mut self, first: usize, second: usize, points: f64) {
        let outcome = match points {
            points if points > 0.5 => Outcomes::WIN,
            points if points < 0.5 => Outcomes::LOSS,
            _ => Outcomes::DRAW,
        };
        let config = WengLinConfig::new();
        let (a, b) = weng_lin(&self.0[first], &self.0[second], &outcome, &config);
        (self.0[first], self.0[second]) = (a, b);
    }

    /// A player's rating.
    pub(crate) fn of(&self, player: usize) -> Rating {
        let WengLinRating { rating, uncertainty } = self.0[player];
        let round = |number: f64| (number * 1_000.0).round() / 1_000.0;
        Rating { rating: round(rating), plus_minus: round(DEVIATIONS_95 * uncertainty) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: c² = 2 (25/3)² + 2 (25/6)², and (25/3)² / c / 2 = 2.6352 points change sides.
    #[test]
    fn a_win_moves_both_apart() {
        let mut ratings = Ratings::new(2);
        ratings.play(0, 1, 1.0);
        let [a, b] = [0, 1].map(|player| ratings.of(player));
        assert!(
            (a.rating - 27.635).abs() < 1e-3 && (b.rating - 22.365).abs() < 1e-3,
            "{a:?} {b:?}"
        );
        assert!(a.plus_minus < DEVIATIONS_95 * 25.0 / 3.0);
        ratings.play(0, 1, 0.5);
        assert!(ratings.of(0).rating < a.rating, "a draw with a weaker one costs");
    }
}
