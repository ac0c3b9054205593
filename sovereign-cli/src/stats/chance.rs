//! How likely something is by chance alone.

use serde::Serialize;

/// Terms below this share of the sum so far change nothing.
const NEGLIGIBLE: f64 = 1e-17;

/// A finding is called one if chance alone would bring it, or a greater one, in at most one
/// of a hundred runs: in any of the comparisons that the run makes.
pub(crate) const ALPHA: f64 = 0.01;

/// The probability of exactly `k` of `n`, each with probability `p`.
fn exactly(k: u64, n: u64, p: f64) -> f64 {
    let [k, n] = [k as f64, n as f64];
    let ways = libm::lgamma(n + 1.0) - libm::lgamma(k + 1.0) - libm::lgamma(n - k + 1.0);
    let of = |count: f64, p: f64| if count == 0.0 { 0.0 } else { count * p.ln() };
    (ways + of(k, p) + of(n - k, 1.0 - p)).exp()
}

/// The sum of probabilities from `k` on, away from the middle.
fn tail(numbers: impl Iterator<Item = u64>, n: u64, p: f64) -> f64 {
    let mut sum = 0.0;
    for k in numbers {
        let term = exactly(k, n, p);
        sum += term;
        if term <= sum * NEGLIGIBLE {
            break;
        }
    }
    sum
}

/// The exact two-sided probability that chance alone brings a count at least as far out as
/// `count` of `of`, if each has the probability `share`: twice the smaller tail of the
/// binomial distribution, at most 1.
pub(crate) fn two_sided(count: u64, of: u64, share: f64) -> f64 {
    if of == 0 || share <= 0.0 || share >= 1.0 {
        return 1.0;
    }
    let expected = share * of as f64;
    let side = if (count as f64) < expected {
        tail((0..=count).rev(), of, share)
    } else {
        tail(count..=of, of, share)
    };
    (2.0 * side).min(1.0)
}

/// The probabilities of several comparisons, corrected for their number so that all of
/// them together err with the stated probability: Holm (1979).
pub(crate) fn holm(probabilities: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..probabilities.len()).collect();
    order.sort_by(|a, b| probabilities[*a].total_cmp(&probabilities[*b]));
    let mut corrected = vec![1.0; probabilities.len()];
    let mut least = 0.0_f64;
    for (rank, at) in order.into_iter().enumerate() {
        let times = (probabilities.len() - rank) as f64;
        least = least.max((probabilities[at] * times).min(1.0));
        corrected[at] = least;
    }
    corrected
}

/// What a comparison found.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Verdict {
    /// The probability that chance alone brings this or more, in any of the comparisons.
    pub(crate) p: f64,
    /// Whether that is so small that it is called a finding.
    pub(crate) found: bool,
}

impl Verdict {
    /// By the corrected probability.
    pub(crate) fn of(p: f64) -> Self {
        let rounded = (p * 1e6).round() / 1e6;
        Self { p: rounded, found: p <= ALPHA }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-9
    }

    #[test]
    fn tails_are_those_of_the_textbook() {
        // 15 or more heads of 20: 0.0206947327, twice that on both sides.
        assert!(near(two_sided(15, 20, 0.5), 2.0 * 0.020_694_732_666_015_625));
        assert!(near(two_sided(5, 20, 0.5), two_sided(15, 20, 0.5)));
        assert!(near(two_sided(10, 20, 0.5), 1.0));
        // None of ten at a quarter: 0.75^10.
        assert!(near(two_sided(0, 10, 0.25), 2.0 * 0.75_f64.powi(10)));
        assert_eq!(two_sided(0, 0, 0.5), 1.0);
        assert!(two_sided(600_000, 1_000_000, 0.5) < 1e-300);
    }

    #[test]
    fn corrections_are_those_of_holm() {
        let corrected = holm(&[0.01, 0.04, 0.03, 0.005]);
        let expected = [0.03, 0.06, 0.06, 0.02];
        assert!(corrected.iter().zip(expected).all(|(a, b)| near(*a, b)), "{corrected:?}");
        assert_eq!(holm(&[]), Vec::<f64>::new());
    }
}
