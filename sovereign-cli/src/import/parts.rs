//! Which things hang together: a union-find forest.

use std::collections::BTreeMap;

/// A forest over the numbers below a count; each tree is a part.
pub(super) struct Parts(Vec<usize>);

impl Parts {
    /// Each by itself.
    pub(super) fn new(count: usize) -> Self {
        Self((0..count).collect())
    }

    fn root(&mut self, mut at: usize) -> usize {
        while self.0[at] != at {
            let above = self.0[at];
            self.0[at] = self.0[above];
            at = above;
        }
        at
    }

    /// Whether two were apart until now.
    pub(super) fn unite(&mut self, a: usize, b: usize) -> bool {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a.max(b)] = a.min(b);
        a != b
    }

    /// Whether two belong to the same part.
    pub(super) fn same(&mut self, a: usize, b: usize) -> bool {
        self.root(a) == self.root(b)
    }

    /// The parts that some of the numbers make, each in ascending order.
    pub(super) fn members(&mut self, of: &[usize]) -> Vec<Vec<usize>> {
        let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for &at in of {
            members.entry(self.root(at)).or_default().push(at);
        }
        members.into_values().collect()
    }
}
