//! Small tables in canonical order, each in one block of memory.
//!
//! Being canonical, they are pure functions of what they hold: undoing a change restores
//! them byte for byte. A change moves what comes after it.

use alloc::vec::Vec;

/// A set of 64-bit keys in rising order.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct SortedKeys(Vec<u64>);

impl Clone for SortedKeys {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }

    fn clone_from(&mut self, source: &Self) {
        self.0.clone_from(&source.0);
    }
}

impl SortedKeys {
    /// Puts a key in that is not there.
    pub(super) fn insert(&mut self, key: u64) {
        insert_late(&mut self.0, 0, key);
    }

    pub(super) fn remove(&mut self, key: u64) {
        remove(&mut self.0, 0, key);
    }

    /// The lower halves of the keys whose upper half is `high`, rising. O(log n + found).
    #[inline]
    pub(super) fn under(&self, high: u32) -> impl Iterator<Item = u32> + '_ {
        let start = first_not_below(&self.0, key(high, 0));
        let found = self.0[start..].iter().take_while(move |key| (**key >> 32) as u32 == high);
        found.map(|key| *key as u32)
    }
}

/// So few keys are looked at one by one, which is quicker than a search.
const FEW: usize = 8;

/// So many keys are moved all at once, not one by one.
pub(super) const MANY: usize = 64;

/// The place of the first of the sorted keys that is not below another. O(log n).
#[inline]
pub(super) fn first_not_below(keys: &[u64], key: u64) -> usize {
    if keys.len() > FEW {
        return keys.partition_point(|other| *other < key);
    }
    keys.iter().take_while(|other| **other < key).count()
}

/// Puts a key into its place among others, which are sorted: mostly near the end. O(log n),
/// besides the later keys that move.
#[inline]
pub(super) fn insert_late(keys: &mut Vec<u64>, start: usize, key: u64) {
    if keys.len() - start > MANY {
        let at = start + first_not_below(&keys[start..], key);
        return keys.insert(at, key);
    }
    keys.push(key);
    let Some((hole, others)) = keys[start..].split_last_mut() else { return };
    fill(hole, others.iter_mut().rev().take_while(|other| **other > key), key);
}

/// Takes a key from its place among others, which are sorted. O(log n), besides the later keys
/// that move.
pub(super) fn remove(keys: &mut Vec<u64>, start: usize, key: u64) {
    let at = start + first_not_below(&keys[start..], key);
    if keys.get(at) != Some(&key) {
        return;
    }
    if keys.len() - at > MANY {
        keys.remove(at);
        return;
    }
    if let Some(last) = keys.pop()
        && let Some((hole, others)) = keys[at..].split_first_mut()
    {
        fill(hole, others.iter_mut(), last);
    }
}

/// Moves each of the keys one place on, into the hole that the one before it leaves, and puts
/// a key into the last one.
#[inline]
pub(super) fn fill<'k>(mut hole: &'k mut u64, keys: impl Iterator<Item = &'k mut u64>, key: u64) {
    for next in keys {
        *hole = *next;
        hole = next;
    }
    *hole = key;
}

/// A key whose upper half groups and whose lower half orders.
pub(super) fn key(high: u32, low: u32) -> u64 {
    u64::from(high) << 32 | u64::from(low)
}

/// A sparse table: the rows that are there, by rising id.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SortedRows<I, R>(Vec<(I, R)>);

impl<I, R> Default for SortedRows<I, R> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<I: Copy, R: Copy> Clone for SortedRows<I, R> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }

    fn clone_from(&mut self, source: &Self) {
        self.0.clone_from(&source.0);
    }
}

impl<I: Ord + Copy, R> SortedRows<I, R> {
    #[inline]
    fn position(&self, id: I) -> Result<usize, usize> {
        if self.0.len() > FEW {
            return self.0.binary_search_by_key(&id, |(other, _)| *other);
        }
        let at = self.0.iter().take_while(|(other, _)| *other < id).count();
        if self.0.get(at).is_some_and(|(other, _)| *other == id) { Ok(at) } else { Err(at) }
    }

    /// O(log n).
    pub(super) fn get(&self, id: I) -> Option<&R> {
        self.position(id).ok().map(|at| &self.0[at].1)
    }

    /// The row that is there, to be changed. O(log n).
    pub(super) fn get_mut(&mut self, id: I) -> Option<&mut R> {
        self.position(id).ok().map(|at| &mut self.0[at].1)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Puts a row in (or, with `None`, takes it out) and returns the one that was there.
    pub(super) fn replace(&mut self, id: I, row: Option<R>) -> Option<R> {
        match (self.position(id), row) {
            (Ok(at), Some(row)) => Some(core::mem::replace(&mut self.0[at].1, row)),
            (Ok(at), None) => Some(self.0.remove(at).1),
            (Err(at), Some(row)) => {
                self.0.insert(at, (id, row));
                None
            }
            (Err(_), None) => None,
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (I, &R)> {
        self.0.iter().map(|(id, row)| (*id, row))
    }
}

impl<I: Ord + Copy, R> FromIterator<(I, R)> for SortedRows<I, R> {
    fn from_iter<T: IntoIterator<Item = (I, R)>>(rows: T) -> Self {
        let mut table = Self::default();
        for (id, row) in rows {
            table.replace(id, Some(row));
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_out_in_order_whatever_the_order_they_went_in() {
        let mut keys = SortedKeys::default();
        for k in [key(2, 1), key(1, 9), key(2, 0)] {
            keys.insert(k);
        }
        assert_eq!(keys.under(1).collect::<Vec<_>>(), [9]);
        assert_eq!(keys.under(2).collect::<Vec<_>>(), [0, 1]);
        keys.remove(key(1, 9));
        assert_eq!(keys.under(1).count(), 0);
        let mut many = SortedKeys::default();
        (0..100).for_each(|n| many.insert(key(7, n * 37 % 100)));
        (0..100).step_by(2).for_each(|n| many.remove(key(7, n)));
        assert!(many.under(7).eq((1..100).step_by(2)));
    }

    #[test]
    fn a_sparse_table_gives_back_what_was_there() {
        let mut rows: SortedRows<u32, char> = [(7, 'b'), (3, 'a')].into_iter().collect();
        assert_eq!(rows.replace(7, Some('c')), Some('b'));
        assert_eq!(rows.replace(5, None), None);
        assert_eq!(rows.iter().collect::<Vec<_>>(), [(3, &'a'), (7, &'c')]);
        assert_eq!(rows.replace(3, None), Some('a'));
        assert_eq!((rows.get(3), rows.get(7)), (None, Some(&'c')));
    }
}
