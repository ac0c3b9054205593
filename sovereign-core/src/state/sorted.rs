//! A set of 64-bit keys in canonical order.

use alloc::vec::Vec;
use core::ops::Range;

/// Keys in falling order, in one block of memory.
///
/// Being canonical, it is a pure function of what it holds: undoing a change
/// restores it byte for byte. The earliest key is the last, so that taking what is
/// due costs O(1); an insertion moves the keys below it (8 bytes each).
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct SortedKeys(Vec<u64>);

impl Clone for SortedKeys {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }

    fn clone_from(&mut self, source: &Self) {
        self.0.clone_from(&source.0);
    }
}

impl SortedKeys {
    fn position(&self, key: u64) -> Result<usize, usize> {
        self.0.binary_search_by(|probe| key.cmp(probe))
    }

    pub(crate) fn insert(&mut self, key: u64) {
        if let Err(at) = self.position(key) {
            self.0.insert(at, key);
        }
    }

    pub(crate) fn remove(&mut self, key: u64) {
        if let Ok(at) = self.position(key) {
            self.0.remove(at);
        }
    }

    pub(crate) fn contains(&self, key: u64) -> bool {
        self.position(key).is_ok()
    }

    pub(crate) fn least(&self) -> Option<u64> {
        self.0.last().copied()
    }

    /// The keys whose upper half is `high`, in rising order of their lower half.
    pub(crate) fn under(&self, high: u32) -> impl DoubleEndedIterator<Item = u32> + '_ {
        self.0[self.span(high)].iter().rev().map(|key| *key as u32)
    }

    /// How many keys have the upper half `high`. O(log n).
    pub(crate) fn count_under(&self, high: u32) -> usize {
        self.span(high).len()
    }

    fn span(&self, high: u32) -> Range<usize> {
        let start = self.0.partition_point(|key| (*key >> 32) as u32 > high);
        let end = self.0.partition_point(|key| (*key >> 32) as u32 >= high);
        start..end
    }
}

/// A key whose upper half groups and whose lower half orders.
pub(crate) fn key(high: u32, low: u32) -> u64 {
    u64::from(high) << 32 | u64::from(low)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_out_in_order_whatever_the_order_they_went_in() {
        let mut keys = SortedKeys::default();
        for k in [key(2, 1), key(1, 9), key(2, 0), key(1, 9)] {
            keys.insert(k);
        }
        assert_eq!(keys.least(), Some(key(1, 9)));
        assert_eq!(keys.under(2).collect::<Vec<_>>(), [0, 1]);
        keys.remove(key(1, 9));
        assert_eq!(keys.least(), Some(key(2, 0)));
        assert_eq!(keys.count_under(1), 0);
    }
}
