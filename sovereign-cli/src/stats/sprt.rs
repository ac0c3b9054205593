//! When to stop a match: the sequential probability ratio test.
//!
//! # Source
//! Wald (1945), in the generalised form for scores of unknown variance that chess engines
//! are tested with: the log-likelihood ratio of two normal means.

use serde::Serialize;

/// How sure a verdict is: it errs at most this often.
const ERROR: f64 = 0.05;
/// No verdict before so many blocks: the variance must be known somehow.
const BLOCKS_MIN: f64 = 8.0;

/// A match between two, told block by block.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sprt {
    /// The score of the hypothesis that the first is better: from a half to 1.
    better: f64,
    blocks: f64,
    sum: f64,
    squares: f64,
}

/// Who is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Better {
    /// The first.
    First,
    /// The second.
    Second,
    /// Nobody knows yet.
    Open,
}

impl Sprt {
    /// Tells whether the first is better or worse by `elo` points.
    pub(crate) fn new(elo: f64) -> Self {
        let better = 1.0 / (1.0 + 10.0_f64.powf(-elo / 400.0));
        // A block of each extreme to begin with: a variance of nothing would be too sure.
        Self { better, blocks: 2.0, sum: 1.0, squares: 1.0 }
    }

    /// Takes in the first one's share of the points of a block of games, 0 to 1.
    pub(crate) fn add(&mut self, score: f64) {
        self.blocks += 1.0;
        self.sum += score;
        self.squares += score * score;
    }

    /// The logarithm of how much likelier it is that the first is better than that the
    /// second is.
    pub(crate) fn log_ratio(&self) -> f64 {
        let mean = self.sum / self.blocks;
        let variance = self.squares / self.blocks - mean * mean;
        let worse = 1.0 - self.better;
        let distance = (self.better - worse) * (2.0 * mean - self.better - worse);
        self.blocks * distance / (2.0 * variance)
    }

    /// The verdict so far.
    pub(crate) fn verdict(&self) -> Better {
        let bound = ((1.0 - ERROR) / ERROR).ln();
        let ratio = if self.blocks < BLOCKS_MIN { 0.0 } else { self.log_ratio() };
        match ratio {
            ratio if ratio >= bound => Better::First,
            ratio if ratio <= -bound => Better::Second,
            _ => Better::Open,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sovereign_core::{Purpose, Seed, quantity::Tick};

    /// Plays blocks of two games until there is a verdict: the first wins each game with
    /// this many of 10,000 chances.
    fn run(seed: u64, chances: u64, elo: f64) -> (Better, u64) {
        let (seed, mut sprt) = (Seed::from(seed), Sprt::new(elo));
        for block in 0.. {
            let won = |k| seed.below(Tick(0), Purpose::Bot, block, k, 10_000) < chances;
            sprt.add(f64::from(u8::from(won(0)) + u8::from(won(1))) / 2.0);
            if sprt.verdict() != Better::Open {
                return (sprt.verdict(), block);
            }
        }
        unreachable!("a verdict comes")
    }

    #[test]
    fn verdicts_err_no_more_than_stated() {
        // 40 Elo points are 5,573 of 10,000 chances.
        let wrong = (0..2_000).filter(|seed| run(*seed, 10_000 - 5_573, 40.0).0 == Better::First);
        let count = wrong.count();
        assert!(count <= 120, "{count} of 2,000 are wrong, {ERROR} and 1 % more are allowed");
    }

    #[test]
    fn a_clear_case_is_short() {
        let (verdict, blocks) = run(1, 9_500, 20.0);
        assert_eq!(verdict, Better::First);
        assert!(blocks < 60, "{blocks}");
    }
}
