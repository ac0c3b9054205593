//! Two bots that meet again and again.

use crate::stats::sprt::{Better, Sprt};

/// Two bots and their games.
#[derive(Debug)]
pub(super) struct Pairing {
    /// The first one's place in the list of bots.
    pub(super) first: usize,
    /// The second one's.
    pub(super) second: usize,
    /// The blocks that count, in their order.
    pub(super) blocks: Vec<Block>,
    /// The test that may end it early.
    pub(super) sprt: Option<Sprt>,
}

/// The games of a seed: one for each way of seating two bots.
#[derive(Debug, Default)]
pub(super) struct Block {
    /// The first one's points in each game: 1, 0, or a half if nobody won.
    pub(super) points: Vec<f64>,
    /// How long the games were together, in ticks.
    pub(super) ticks: u64,
    /// Seats that were lost by faults of programs.
    pub(super) forfeits: usize,
}

/// Every bot with every other.
pub(super) fn pairings(bots: usize, sprt: Option<f64>) -> Vec<Pairing> {
    let pair = |(first, second)| {
        let sprt = sprt.map(Sprt::new);
        Pairing { first, second, blocks: Vec::new(), sprt }
    };
    let seconds = |first| (first + 1..bots).map(move |second| (first, second));
    (0..bots).flat_map(seconds).map(pair).collect()
}

/// Every way of giving half of the seats to the second of two.
pub(super) fn seatings(seats: usize) -> Vec<Vec<bool>> {
    let half = |mask: &u32| mask.count_ones() as usize * 2 == seats;
    let seating = |mask: u32| (0..seats).map(|seat| mask >> seat & 1 == 1).collect();
    (0..1_u32 << seats).filter(half).map(seating).collect()
}

impl Block {
    /// Takes in a game: whether the second one won it, if anybody did.
    pub(super) fn add(&mut self, second_won: Option<bool>, ticks: u32, forfeits: usize) {
        self.points.push(second_won.map_or(0.5, |second| if second { 0.0 } else { 1.0 }));
        self.ticks += u64::from(ticks);
        self.forfeits += forfeits;
    }

    fn score(&self) -> f64 {
        self.points.iter().sum::<f64>() / self.points.len().max(1) as f64
    }
}

impl Pairing {
    /// Takes in a block, unless it is known already who is better: what was played beyond
    /// that does not count, so that nothing depends on how many are played at once.
    pub(super) fn add(&mut self, block: Block) {
        if self.is_decided() {
            return;
        }
        if let Some(sprt) = &mut self.sprt {
            sprt.add(block.score());
        }
        self.blocks.push(block);
    }

    /// Whether it is known who is better.
    pub(super) fn is_decided(&self) -> bool {
        self.better() != Better::Open
    }

    /// Who is better, as far as the test can tell.
    pub(super) fn better(&self) -> Better {
        self.sprt.map_or(Better::Open, |sprt| sprt.verdict())
    }

    /// The first one's points in every game.
    pub(super) fn points(&self) -> impl Iterator<Item = f64> + '_ {
        self.blocks.iter().flat_map(|block| &block.points).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seats_are_shared_in_every_way() {
        assert_eq!(seatings(2), [[true, false], [false, true]]);
        let four = seatings(4);
        assert_eq!(four.len(), 6);
        assert!((0..4).all(|seat| four.iter().filter(|way| way[seat]).count() == 3), "{four:?}");
    }

    #[test]
    fn everybody_meets_everybody_once() {
        let pairs: Vec<_> = pairings(3, None).iter().map(|p| (p.first, p.second)).collect();
        assert_eq!(pairs, [(0, 1), (0, 2), (1, 2)]);
    }

    #[test]
    fn what_is_played_after_the_verdict_does_not_count() {
        let mut pairing = pairings(2, Some(50.0)).remove(0);
        for _ in 0..1_000 {
            let mut block = Block::default();
            block.add(Some(false), 1, 0);
            pairing.add(block);
        }
        assert_eq!(pairing.better(), Better::First);
        assert!(pairing.blocks.len() < 100, "{}", pairing.blocks.len());
    }
}
