//! A set of territories as bits, in the order of their ids.

use alloc::vec;
use alloc::vec::Vec;

use crate::id::TerritoryId;

/// A set of territories: one bit each, so that it is the same whatever the history.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TerritorySet(Vec<u64>);

impl Clone for TerritorySet {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }

    fn clone_from(&mut self, source: &Self) {
        self.0.clone_from(&source.0);
    }
}

impl TerritorySet {
    pub(crate) fn new(territories: usize) -> Self {
        Self(vec![0; territories.div_ceil(64)])
    }

    pub(crate) fn insert(&mut self, id: TerritoryId) {
        self.0[id.index() / 64] |= 1 << (id.index() % 64);
    }

    pub(crate) fn remove(&mut self, id: TerritoryId) {
        self.0[id.index() / 64] &= !(1 << (id.index() % 64));
    }

    /// Its members in rising order. O(territories / 64 + members).
    pub(crate) fn iter(&self) -> impl Iterator<Item = TerritoryId> + '_ {
        self.0.iter().enumerate().flat_map(|(word, bits)| {
            Bits(*bits).map(move |bit| TerritoryId::from_index(word * 64 + bit as usize))
        })
    }
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
