//! How a garrison grows: a map iterated every tick, computed in closed form.

use alloc::borrow::Cow;

use smallvec::SmallVec;

use crate::quantity::{RATE_MAX, RATE_UNIT, TROOPS_MAX, Tick, phase};
use crate::rules::{GrowthBand, GrowthRules};

/// How a kind of land grows: the bands of the rules, worked out for its cap and its rate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Curve {
    cap: u32,
    decay: u32,
    bands: SmallVec<[Band; 4]>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Band {
    /// The fewest troops, those away included, that are no longer in the band.
    end: u32,
    /// Millionths of a troop a tick.
    rate: u32,
}

impl Curve {
    /// Of land with this cap, and so many millionths of a troop a tick in a band of rate 1000.
    pub(crate) fn new(rules: &GrowthRules, cap: u32, rate: u32) -> Self {
        let band = |band: &GrowthBand| Band {
            end: band.below.of_rounded_up(u64::from(cap)) as u32,
            rate: band.rate.of(u64::from(rate)).min(u64::from(RATE_MAX)) as u32,
        };
        Self { cap, decay: rules.decay, bands: rules.bands.iter().map(band).collect() }
    }

    /// Of land where nothing grows and everybody has room.
    pub(crate) fn still() -> Self {
        Self { cap: TROOPS_MAX, decay: 0, bands: SmallVec::new() }
    }

    /// [`Growth::at`] of such land, of which so many are away.
    pub(crate) fn at(&self, away: u32, mut troops: u32, mut since: Tick, to: Tick) -> u32 {
        let room = self.cap.saturating_sub(away);
        let gain = |rate, since| phase(rate, to) - phase(rate, since);
        if troops >= room {
            return shrunk(troops, gain(self.decay, since), room);
        }
        // Growing, a garrison passes the bands in their order.
        for Band { end, rate } in &self.bands {
            if troops + away >= *end {
                continue;
            }
            let (need, gain) = (u64::from(end - troops - away), gain(*rate, since));
            // Who is still in the band at the end never left it: no division is needed.
            let leaves = if gain < need { None } else { leaves_at(*rate, since, need) };
            let Some(next) = leaves.filter(|tick| *tick < to) else {
                return grown(troops, gain, room);
            };
            troops = grown(troops, phase(*rate, next) - phase(*rate, since), room);
            since = next;
        }
        troops
    }
}

#[inline]
fn grown(troops: u32, gain: u64, room: u32) -> u32 {
    (u64::from(troops) + gain).min(u64::from(room)) as u32
}

#[inline]
fn shrunk(troops: u32, loss: u64, room: u32) -> u32 {
    u64::from(troops).saturating_sub(loss).max(u64::from(room)) as u32
}

/// The growth of one territory: how its land grows, and who is away.
///
/// The definition is [`Growth::step`]: from one tick to the next a garrison below its
/// room gains what its band's phase gains, one above loses what the decay's phase gains,
/// and neither passes it. Troops that are away take up room and count for the band, so
/// that nothing is gained by sending them out and back. [`Growth::at`] gives the same
/// number for any tick at once.
#[derive(Clone, Debug)]
pub struct Growth<'c> {
    pub(crate) curve: Cow<'c, Curve>,
    pub(crate) away: u32,
}

impl Growth<'_> {
    /// The growth of land with a cap, of which so many troops are away on the march (with the
    /// garrison at most 2^32 - 1), and so many millionths of a troop a tick come in a band of
    /// rate 1000.
    #[must_use]
    pub fn new(rules: &GrowthRules, cap: u32, away: u32, rate: u32) -> Self {
        Self { curve: Cow::Owned(Curve::new(rules, cap, rate)), away }
    }

    /// Troops at which growth ends, those away included.
    #[must_use]
    pub fn cap(&self) -> u32 {
        self.curve.cap
    }

    /// The garrison at which growth ends: what those who are away leave of the cap.
    #[must_use]
    pub fn room(&self) -> u32 {
        self.curve.cap.saturating_sub(self.away)
    }

    /// The definition: the garrison at `t + 1` that had `troops` at `t`.
    #[must_use]
    pub fn step(&self, troops: u32, t: Tick) -> u32 {
        let gain = |rate| phase(rate, Tick(t.0 + 1)) - phase(rate, t);
        if troops > self.room() {
            return shrunk(troops, gain(self.curve.decay), self.room());
        }
        let band = self.band(troops);
        band.map_or(troops, |band| grown(troops, gain(band.rate), self.room()))
    }

    /// The garrison at `to` that had `troops` at `since`, in at most one step a band.
    #[must_use]
    pub fn at(&self, troops: u32, since: Tick, to: Tick) -> u32 {
        self.curve.at(self.away, troops, since, to)
    }

    /// The first tick, `after` or later, at which a garrison that had `troops` at `since`
    /// counts `wanted`, if it is left alone; `None` if it never does. In at most one step a
    /// band.
    #[must_use]
    pub fn reaches(&self, wanted: u32, troops: u32, since: Tick, after: Tick) -> Option<Tick> {
        let mut now = since.max(after);
        let mut troops = self.at(troops, since, now);
        while troops < wanted {
            let band = self.band(troops).filter(|_| wanted <= self.room())?;
            let goal = wanted.min(band.end - self.away);
            let next = leaves_at(band.rate, now, u64::from(goal - troops))?;
            troops = grown(troops, phase(band.rate, next) - phase(band.rate, now), self.room());
            now = next;
        }
        Some(now)
    }

    /// The band that a garrison with room to grow is in; none without.
    fn band(&self, troops: u32) -> Option<&Band> {
        let within = |band: &&Band| troops + self.away < band.end;
        self.curve.bands.iter().find(within).filter(|_| troops < self.room())
    }
}

/// The first tick at which a rate has brought in `need` since `since`; `None` if never.
fn leaves_at(rate: u32, since: Tick, need: u64) -> Option<Tick> {
    if rate == 0 {
        return None;
    }
    let target = phase(rate, since) + need;
    let tick = (target * RATE_UNIT).div_ceil(u64::from(rate));
    u32::try_from(tick).ok().map(Tick)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Rules;
    use proptest::prelude::*;

    /// The growth of land of the classic rules.
    fn growth(cap: u32, away: u32, rate: u32) -> Growth<'static> {
        static RULES: std::sync::LazyLock<Rules> =
            std::sync::LazyLock::new(|| Rules::preset("classic").expect("shipped"));
        Growth::new(&RULES.growth, cap, away, rate)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn the_closed_form_equals_the_iteration(
            troops in 0_u32..2000,
            cap in 0_u32..1500,
            away in prop_oneof![Just(0), 0_u32..1600],
            rate in 0_u32..3_000_000,
            since in 0_u32..1_000_000,
            ticks in 0_u32..2000,
        ) {
            let growth = growth(cap, away, rate);
            let end = since + ticks;
            let iterated = (since..end).fold(troops, |n, t| growth.step(n, Tick(t)));
            prop_assert_eq!(growth.at(troops, Tick(since), Tick(end)), iterated);
        }

        #[test]
        fn a_number_is_reached_when_the_iteration_first_counts_it(
            (troops, wanted) in (0_u32..400, 1_u32..400),
            (away, cap) in (prop_oneof![Just(0), 0_u32..300], 0_u32..300),
            rate in 0_u32..400_000,
            since in 0_u32..1_000_000,
            wait in 0_u32..300,
        ) {
            let growth = growth(cap, away, rate);
            let counts = |t: &u32| growth.at(troops, Tick(since), Tick(*t)) >= wanted;
            let reached = growth.reaches(wanted, troops, Tick(since), Tick(since + wait));
            let first = (since + wait..since + 5000).find(counts);
            prop_assert_eq!(reached.filter(|tick| tick.0 < since + 5000).map(|t| t.0), first);
        }

        #[test]
        fn rebasing_on_the_way_changes_nothing(
            troops in 0_u32..500,
            away in 0_u32..250,
            since in 0_u32..1_000_000,
            (half, whole) in (0_u32..1000).prop_flat_map(|h| (Just(h), h..3000)),
        ) {
            let growth = growth(200, away, 130_001);
            let [half, whole] = [Tick(since + half), Tick(since + whole)];
            let midway = growth.at(troops, Tick(since), half);
            let direct = growth.at(troops, Tick(since), whole);
            prop_assert_eq!(growth.at(midway, half, whole), direct);
        }

        /// Those who leave grow with those who stay, and no more: while they are out, all
        /// together are exactly as many as if nobody had left.
        #[test]
        fn out_and_back_is_worth_no_more_than_staying(
            cap in 1_u32..1500,
            (troops, leave) in (0_u32..3000).prop_flat_map(|n| (Just(n), 0..=n)),
            rate in 0_u32..3_000_000,
            since in 0_u32..1_000_000,
            (out, ticks) in (0_u32..1000).prop_flat_map(|out| (Just(out), out..2000)),
        ) {
            let whole = growth(cap, 0, rate);
            let [since, back, end] = [since, since + out, since + ticks].map(Tick);
            let stayed = whole.at(troops, since, back);
            let home = Growth { away: leave, ..whole.clone() }.at(troops - leave, since, back);
            prop_assert!(home + leave == stayed || (leave > cap && home == 0));
            if leave <= cap {
                prop_assert_eq!(whole.at(home + leave, back, end), whole.at(troops, since, end));
            }
        }
    }
}
