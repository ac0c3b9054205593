//! Several rising sequences as one.

use alloc::vec::Vec;

/// The members of several disjoint rising sequences, in rising order.
pub(super) struct Merged<I: Iterator> {
    first: Part<I>,
    /// Mostly none: then nothing is allocated.
    others: Vec<Part<I>>,
}

/// A sequence, and its member that comes next.
struct Part<I: Iterator> {
    head: Option<I::Item>,
    rest: I,
}

impl<I: Iterator> Part<I> {
    fn new(mut rest: I) -> Self {
        Self { head: rest.next(), rest }
    }

    fn take(&mut self) -> Option<I::Item> {
        core::mem::replace(&mut self.head, self.rest.next())
    }
}

impl<I: Iterator> Merged<I> {
    pub(super) fn new(first: I, others: impl Iterator<Item = I>) -> Self {
        Self { first: Part::new(first), others: others.map(Part::new).collect() }
    }
}

impl<I: Iterator<Item: Ord + Copy>> Iterator for Merged<I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        let others = self.others.iter_mut().filter(|part| part.head.is_some());
        match others.min_by_key(|part| part.head) {
            Some(part) if self.first.head.is_none_or(|mine| part.head < Some(mine)) => part.take(),
            _ => self.first.take(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn all_members_come_in_order() {
        let parts = [vec![2, 9], vec![], vec![1, 3, 4], vec![7, 10]];
        let others = parts[1..].iter().map(|part| part.iter().copied());
        let merged: Vec<u32> = Merged::new(parts[0].iter().copied(), others).collect();
        assert_eq!(merged, [1, 2, 3, 4, 7, 9, 10]);
    }
}
