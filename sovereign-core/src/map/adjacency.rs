//! Edges in compressed rows: one array of edges, and where each territory's row starts.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

use super::Edge;
use crate::id::TerritoryId;

/// The edges of all territories, row by row, each row sorted by where its edges lead.
pub(super) struct Adjacency {
    /// Row `i` is `edges[starts[i]..starts[i + 1]]`.
    starts: Box<[u32]>,
    edges: Box<[Edge]>,
}

impl Adjacency {
    /// Sorts directed edges into rows. O(edges), besides sorting each short row.
    ///
    /// Every id must be below `territories`.
    pub(super) fn new(territories: usize, directed: &[(TerritoryId, Edge)]) -> Self {
        let starts = row_starts(territories, directed);
        let mut edges: Vec<Edge> = directed.iter().map(|&(_, edge)| edge).collect();
        let mut next = starts.clone();
        for &(from, edge) in directed {
            edges[next[from.index()] as usize] = edge;
            next[from.index()] += 1;
        }
        for row in starts.windows(2) {
            edges[row[0] as usize..row[1] as usize].sort_unstable_by_key(|edge| edge.to);
        }
        Self { starts: starts.into(), edges: edges.into() }
    }

    /// Takes rows as they are: each must be sorted by where its edges lead, and there is one
    /// start more than there are rows.
    pub(super) fn from_rows(starts: Vec<u32>, edges: Vec<Edge>) -> Self {
        Self { starts: starts.into(), edges: edges.into() }
    }

    /// The row of one territory.
    pub(super) fn row(&self, territory: TerritoryId) -> &[Edge] {
        let at = territory.index();
        &self.edges[self.starts[at] as usize..self.starts[at + 1] as usize]
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
