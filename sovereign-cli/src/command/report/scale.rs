//! From numbers to places on a drawing.

/// A straight line from a range of numbers to a range of places.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

impl Scale {
    /// From the numbers `low` to `high` to the places `from` to `to`.
    pub(super) fn new([low, high]: [f64; 2], [from, to]: [f64; 2]) -> Self {
        let high = if high > low { high } else { low + 1.0 };
        Self { low, high, from, to }
    }

    /// The place of a number.
    pub(super) fn at(&self, number: f64) -> f64 {
        self.from + (number - self.low) / (self.high - self.low) * (self.to - self.from)
    }

    /// Round numbers within the range, a handful of them.
    pub(super) fn ticks(&self) -> Vec<f64> {
        let step = round_step((self.high - self.low) / 5.0);
        let first = (self.low / step).ceil() as i64;
        let all = (first..).map(|count| count as f64 * step);
        all.take_while(|number| *number <= self.high + step * 1e-9).collect()
    }
}

/// The least of 1, 2, 5, 10, 20, 50 ... that is not below `wish`.
fn round_step(wish: f64) -> f64 {
    let power = 10.0_f64.powf(wish.log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|step| step * power);
    steps.into_iter().find(|step| *step >= wish * 0.999_999).unwrap_or(steps[3])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_within_the_range() {
        assert_eq!(Scale::new([0.0, 1.0], [0.0, 1.0]).ticks().len(), 6);
        assert_eq!(Scale::new([0.0, 47.0], [0.0, 1.0]).ticks(), [0.0, 10.0, 20.0, 30.0, 40.0]);
        assert_eq!(Scale::new([3.0, 3.0], [0.0, 1.0]).ticks()[0], 3.0);
        let scale = Scale::new([0.0, 10.0], [100.0, 0.0]);
        assert_eq!([0.0, 5.0, 10.0].map(|number| scale.at(number)), [100.0, 50.0, 0.0]);
    }
}
