//! Measures of a graph: distances, parts, and the nodes that hold it together.

use std::collections::VecDeque;

use sovereign_core::id::TerritoryId;
use sovereign_core::map::{EdgeKind, Map};

/// Up to this many territories, the diameter is exact: every territory is tried.
const EXACT_MAX: usize = 4_096;
/// Beyond, this many sweeps go to and fro between the farthest ends found.
const SWEEPS: usize = 8;

/// A map's edges of some kinds, with one-way edges open both ways.
pub(super) struct Graph {
    neighbours: Vec<Vec<u32>>,
    nodes: Vec<u32>,
}

impl Graph {
    /// The playable territories, with the edges whose kind `takes` accepts.
    pub(super) fn new(map: &Map, takes: impl Fn(EdgeKind) -> bool) -> Self {
        let mut neighbours = vec![Vec::new(); map.len()];
        for from in map.territories() {
            for edge in map.edges(from).iter().filter(|edge| takes(edge.kind)) {
                neighbours[from.index()].push(edge.to.0);
                neighbours[edge.to.index()].push(from.0);
            }
        }
        for list in &mut neighbours {
            list.sort_unstable();
            list.dedup();
        }
        let playable = |id: &TerritoryId| !map.edges(*id).is_empty();
        let nodes = map.territories().filter(playable).map(|id| id.0).collect();
        Self { neighbours, nodes }
    }

    /// Steps from one node to every other; `u32::MAX` where there is no way.
    fn steps(&self, from: u32) -> Vec<u32> {
        let mut steps = vec![u32::MAX; self.neighbours.len()];
        let mut todo = VecDeque::from([from]);
        steps[from as usize] = 0;
        while let Some(at) = todo.pop_front() {
            for &next in &self.neighbours[at as usize] {
                if steps[next as usize] == u32::MAX {
                    steps[next as usize] = steps[at as usize] + 1;
                    todo.push_back(next);
                }
            }
        }
        steps
    }

    /// The node farthest from another, and how far it is.
    fn farthest(&self, from: u32) -> (u32, u32) {
        let steps = self.steps(from);
        let reached = self.nodes.iter().map(|&at| (steps[at as usize], at));
        let (far, at) = reached.filter(|&(far, _)| far != u32::MAX).max().unwrap_or((0, from));
        (at, far)
    }

    /// The most steps between two nodes, and whether that is exact or only a lower bound.
    pub(super) fn diameter(&self) -> (u32, bool) {
        if self.nodes.len() <= EXACT_MAX {
            let all = self.nodes.iter().map(|&from| self.farthest(from).1);
            return (all.max().unwrap_or(0), true);
        }
        let mut end = self.nodes[0];
        let mut most = 0;
        for _ in 0..SWEEPS {
            let (at, far) = self.farthest(end);
            (end, most) = (at, most.max(far));
        }
        (most, false)
    }

    /// How many parts there are without a way between them.
    pub(super) fn parts(&self) -> usize {
        let mut seen = vec![false; self.neighbours.len()];
        let mut parts = 0;
        for &start in &self.nodes {
            if !std::mem::replace(&mut seen[start as usize], true) {
                parts += 1;
                let mut todo = vec![start];
                while let Some(at) = todo.pop() {
                    for &next in &self.neighbours[at as usize] {
                        if !std::mem::replace(&mut seen[next as usize], true) {
                            todo.push(next);
                        }
                    }
                }
            }
        }
        parts
    }

    /// The nodes without which their part would fall apart, in ascending order.
    pub(super) fn choke_points(&self) -> Vec<TerritoryId> {
        let mut search = Search::new(self.neighbours.len());
        for &root in &self.nodes {
            if search.order[root as usize] == 0 {
                search.run(self, root);
            }
        }
        let chokes = search.choke.iter().enumerate().filter(|(_, choke)| **choke);
        chokes.map(|(at, _)| TerritoryId::from_index(at)).collect()
    }
}

/// A depth-first search that notes how far up each branch reaches back (Tarjan's way),
/// with its own stack, so that no map is too deep for it.
struct Search {
    /// When each node was met, from 1; 0 if not yet.
    order: Vec<u32>,
    /// The earliest node that a node's branch has an edge to.
    reach: Vec<u32>,
    choke: Vec<bool>,
    met: u32,
}

impl Search {
    fn new(count: usize) -> Self {
        Self { order: vec![0; count], reach: vec![0; count], choke: vec![false; count], met: 0 }
    }

    fn meet(&mut self, node: u32) {
        self.met += 1;
        self.order[node as usize] = self.met;
        self.reach[node as usize] = self.met;
    }

    fn run(&mut self, graph: &Graph, root: u32) {
        self.meet(root);
        let mut branches = 0;
        // Each node on the way down, with how many of its neighbours have been looked at.
        let mut way = vec![(root, 0)];
        while let Some((node, looked)) = way.last_mut() {
            let (node, next) = (*node, graph.neighbours[*node as usize].get(*looked).copied());
            *looked += 1;
            match next {
                Some(next) if self.order[next as usize] == 0 => {
                    branches += u32::from(node == root);
                    self.meet(next);
                    way.push((next, 0));
                }
                Some(next) => self.reach_back(node, self.order[next as usize]),
                None => {
                    way.pop();
                    if let Some(&(above, _)) = way.last() {
                        self.finish(node, above, above == root);
                    }
                }
            }
        }
        self.choke[root as usize] = branches > 1;
    }

    fn reach_back(&mut self, node: u32, order: u32) {
        let reach = &mut self.reach[node as usize];
        *reach = (*reach).min(order);
    }

    /// A node's branch is done: without an edge past the node above, it hangs on that node.
    fn finish(&mut self, node: u32, above: u32, above_is_root: bool) {
        let reach = self.reach[node as usize];
        self.reach_back(above, reach);
        if reach >= self.order[above as usize] && !above_is_root {
            self.choke[above as usize] = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(count: u32, edges: &[(u32, u32)]) -> Graph {
        let mut neighbours = vec![Vec::new(); count as usize];
        for &(a, b) in edges {
            neighbours[a as usize].push(b);
            neighbours[b as usize].push(a);
        }
        Graph { neighbours, nodes: (0..count).collect() }
    }

    /// The plain definition: removing the node makes more parts.
    fn choke_points_by_removal(graph: &Graph) -> Vec<TerritoryId> {
        let without = |gone: u32| {
            let keep = |list: &Vec<u32>| list.iter().copied().filter(|&at| at != gone).collect();
            let mut neighbours: Vec<Vec<u32>> = graph.neighbours.iter().map(keep).collect();
            neighbours[gone as usize].clear();
            let nodes = graph.nodes.iter().copied().filter(|&at| at != gone).collect();
            Graph { neighbours, nodes }
        };
        let falls_apart = |&node: &u32| without(node).parts() > graph.parts();
        graph.nodes.iter().copied().filter(falls_apart).map(TerritoryId).collect()
    }

    #[test]
    fn choke_points_are_those_whose_removal_parts_the_graph() {
        let path = graph(4, &[(0, 1), (1, 2), (2, 3)]);
        assert_eq!(path.choke_points(), [TerritoryId(1), TerritoryId(2)]);
        for seed in 0..60 {
            let map = sovereign_core::map::generate::random(seed, 10 + seed as u32);
            let land = Graph::new(&map, |kind| kind == EdgeKind::Land);
            assert_eq!(land.choke_points(), choke_points_by_removal(&land), "seed {seed}");
        }
    }

    #[test]
    fn diameter_and_parts_of_small_graphs() {
        let path = graph(5, &[(0, 1), (1, 2), (3, 4)]);
        assert_eq!((path.diameter(), path.parts()), ((2, true), 2));
        let ring = graph(6, &[(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 0)]);
        assert_eq!((ring.diameter(), ring.parts(), ring.choke_points()), ((3, true), 1, vec![]));
    }
}
