//! Edges in compressed rows: one array of edges, and where each territory's row starts.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

use super::{Edge, EdgeKind, TERRITORIES_MAX};
use crate::id::TerritoryId;

/// An edge in five bytes: where it leads in 22 bits, how it is crossed in 2, its length in 16.
///
/// The first four are read as one number, which is why the length is parted.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Packed {
    low: [u8; 4],
    high: u8,
}

/// The bits of an id: see [`TERRITORIES_MAX`]. Above them is the kind, above that the length.
const ID_BITS: u32 = 22;
const LENGTH_AT: u32 = ID_BITS + 2;
const _: () = assert!(TERRITORIES_MAX <= 1 << ID_BITS);

impl Packed {
    pub(super) const fn new(edge: Edge) -> Self {
        let [short, high] = edge.length.to_le_bytes();
        let low = edge.to.0 | (edge.kind as u32) << ID_BITS | (short as u32) << LENGTH_AT;
        Self { low: low.to_le_bytes(), high }
    }

    #[inline]
    const fn to(self) -> TerritoryId {
        TerritoryId(u32::from_le_bytes(self.low) & ((1 << ID_BITS) - 1))
    }

    #[inline]
    const fn edge(self) -> Edge {
        let low = u32::from_le_bytes(self.low);
        const KINDS: [EdgeKind; 4] =
            [EdgeKind::Land, EdgeKind::Strait, EdgeKind::Sea, EdgeKind::Sea];
        let kind = KINDS[(low >> ID_BITS & 3) as usize];
        let length = u16::from_le_bytes([(low >> LENGTH_AT) as u8, self.high]);
        Edge { to: self.to(), length, kind }
    }
}

/// The most edges that are looked through one by one.
const SHORT: usize = 8;

/// The edges that leave a territory, sorted by where they lead.
#[derive(Clone, Copy)]
pub struct Edges<'m>(&'m [Packed]);

impl<'m> Edges<'m> {
    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The one at a position. O(1).
    #[must_use]
    pub fn get(&self, at: usize) -> Option<Edge> {
        self.0.get(at).map(|packed| packed.edge())
    }

    /// The one that leads to the lowest id. O(1).
    #[must_use]
    pub fn first(&self) -> Option<Edge> {
        self.get(0)
    }

    /// The one that leads to a territory, if they are neighbours. O(log edges).
    #[must_use]
    #[inline]
    pub fn to(&self, territory: TerritoryId) -> Option<Edge> {
        // In a short row a look at each is quicker than a search.
        let at = match self.0.len() {
            0..=SHORT => self.0.iter().position(|packed| packed.to() == territory),
            _ => self.0.binary_search_by_key(&territory, |packed| packed.to()).ok(),
        };
        at.map(|at| self.0[at].edge())
    }

    /// Each of them.
    pub fn iter(&self) -> EdgesIter<'m> {
        EdgesIter(self.0.iter())
    }
}

impl core::fmt::Debug for Edges<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_list().entries(*self).finish()
    }
}

impl<'m> IntoIterator for Edges<'m> {
    type Item = Edge;
    type IntoIter = EdgesIter<'m>;

    fn into_iter(self) -> EdgesIter<'m> {
        self.iter()
    }
}

/// Iterates over the edges that leave a territory.
#[derive(Clone)]
pub struct EdgesIter<'m>(core::slice::Iter<'m, Packed>);

impl Iterator for EdgesIter<'_> {
    type Item = Edge;

    #[inline]
    fn next(&mut self) -> Option<Edge> {
        self.0.next().map(|packed| packed.edge())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl ExactSizeIterator for EdgesIter<'_> {}

/// The edges of all territories, row by row, each row sorted by where its edges lead.
pub(super) struct Adjacency {
    /// Row `i` is `edges[starts[i]..starts[i + 1]]`.
    starts: Box<[u32]>,
    edges: Box<[Packed]>,
}

impl Adjacency {
    /// Sorts directed edges into rows. O(edges), besides sorting each short row.
    ///
    /// Every id must be below `territories`.
    pub(super) fn new(territories: usize, directed: &[(TerritoryId, Edge)]) -> Self {
        let starts = row_starts(territories, directed);
        let mut edges = vec![Packed::default(); directed.len()];
        let mut next = starts.clone();
        for &(from, edge) in directed {
            edges[next[from.index()] as usize] = Packed::new(edge);
            next[from.index()] += 1;
        }
        for row in starts.windows(2) {
            edges[row[0] as usize..row[1] as usize].sort_unstable_by_key(|edge| edge.to());
        }
        Self { starts: starts.into(), edges: edges.into() }
    }

    /// Takes rows as they are: each must be sorted by where its edges lead, and there is one
    /// start more than there are rows.
    pub(super) fn from_rows(starts: Vec<u32>, edges: &[Edge]) -> Self {
        let edges = edges.iter().map(|edge| Packed::new(*edge)).collect();
        Self { starts: starts.into(), edges }
    }

    /// The row of one territory.
    #[inline]
    pub(super) fn row(&self, territory: TerritoryId) -> Edges<'_> {
        let at = territory.index();
        Edges(&self.edges[self.starts[at] as usize..self.starts[at + 1] as usize])
    }

    /// How many rows there are.
    pub(super) fn territories(&self) -> usize {
        self.starts.len() - 1
    }

    /// How many directed edges there are.
    pub(super) fn len(&self) -> usize {
        self.edges.len()
    }
}

/// Counts each row, then adds up: the start of every row, and the end of the last.
fn row_starts(territories: usize, directed: &[(TerritoryId, Edge)]) -> Vec<u32> {
    let mut starts = vec![0_u32; territories + 1];
    for &(from, _) in directed {
        starts[from.index() + 1] += 1;
    }
    for at in 0..territories {
        starts[at + 1] += starts[at];
    }
    starts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edge_fits_five_bytes_whatever_it_is() {
        assert_eq!(size_of::<Packed>(), 5);
        for to in [0, 1, 65_535, 65_536, TERRITORIES_MAX as u32 - 1].map(TerritoryId) {
            for kind in [EdgeKind::Land, EdgeKind::Strait, EdgeKind::Sea] {
                for length in [1, 100, u16::MAX] {
                    let edge = Edge { to, length, kind };
                    assert_eq!(Packed::new(edge).edge(), edge);
                }
            }
        }
    }
}
