//! Sets of small numbers as bits: the same whatever their history.

use alloc::vec;
use alloc::vec::Vec;

/// One set of numbers for each seat, in one block of memory.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SeatSets {
    bits: Vec<u64>,
    /// Words of each set.
    words: usize,
}

impl Clone for SeatSets {
    fn clone(&self) -> Self {
        Self { bits: self.bits.clone(), words: self.words }
    }

    fn clone_from(&mut self, source: &Self) {
        self.bits.clone_from(&source.bits);
        self.words = source.words;
    }
}

impl SeatSets {
    /// Empty sets with room for the numbers below `end`.
    pub(super) fn new(seats: usize, end: usize) -> Self {
        let words = end.div_ceil(64);
        Self { bits: vec![0; words * seats], words }
    }

    fn of(&self, seat: usize) -> &[u64] {
        &self.bits[seat * self.words..(seat + 1) * self.words]
    }

    /// Puts a number into a seat's set or takes it out.
    pub(super) fn set(&mut self, seat: usize, number: usize, there: bool) {
        let word = &mut self.bits[seat * self.words + number / 64];
        let bit = 1 << (number % 64);
        *word = if there { *word | bit } else { *word & !bit };
    }

    /// A seat's numbers in rising order. O(room / 64 + members).
    pub(super) fn members(&self, seat: usize) -> impl Iterator<Item = usize> + '_ {
        let words = self.of(seat).iter().enumerate();
        words.flat_map(|(word, bits)| Bits(*bits).map(move |bit| word * 64 + bit as usize))
    }

    /// The number of a seat's that `n` smaller ones come before. O(room / 64).
    #[inline]
    pub(super) fn nth(&self, seat: usize, n: u32) -> Option<usize> {
        match self.of(seat) {
            [only] => nth_bit(*only, n),
            words => nth_among(words, n),
        }
    }

    /// The smallest number that is not in a seat's set. O(room / 64).
    pub(super) fn least_missing(&self, seat: usize) -> usize {
        let words = self.of(seat);
        let at = words.iter().position(|bits| *bits != u64::MAX).unwrap_or(words.len());
        at * 64 + words.get(at).map_or(0, |bits| bits.trailing_ones() as usize)
    }
}

#[inline(never)]
fn nth_among(words: &[u64], n: u32) -> Option<usize> {
    let mut left = n;
    for (word, bits) in words.iter().enumerate() {
        let here = bits.count_ones();
        if left < here {
            return Some(word * 64 + nth_bit(*bits, left)?);
        }
        left -= here;
    }
    None
}

/// The bit of a word that `n` lower ones come before.
#[inline]
fn nth_bit(word: u64, n: u32) -> Option<usize> {
    let rest = (0..n.min(u64::BITS)).fold(word, |bits, _| bits & bits.wrapping_sub(1));
    (rest != 0).then(|| rest.trailing_zeros() as usize)
}

struct Bits(u64);

impl Iterator for Bits {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        if self.0 == 0 {
            return None;
        }
        let bit = self.0.trailing_zeros();
        self.0 &= self.0 - 1;
        Some(bit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_tells_its_members_in_order_and_what_is_missing() {
        let mut sets = SeatSets::new(2, 200);
        for number in [3, 63, 64, 130, 199, 5, 0] {
            sets.set(1, number, true);
        }
        sets.set(1, 5, false);
        let members: Vec<_> = sets.members(1).collect();
        assert_eq!(members, [0, 3, 63, 64, 130, 199]);
        for n in 0..7 {
            assert_eq!(sets.nth(1, n), members.get(n as usize).copied());
        }
        assert_eq!([7, 70, u32::MAX].map(|n| sets.nth(1, n)), [None; 3]);
        assert_eq!(sets.nth(0, 0), None);
        assert_eq!((sets.least_missing(0), sets.least_missing(1)), (0, 1));
        (0..130).for_each(|number| sets.set(1, number, true));
        assert_eq!(sets.least_missing(1), 131);
        assert_eq!(sets.members(0).count(), 0);
    }
}
