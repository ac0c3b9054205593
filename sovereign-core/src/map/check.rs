//! Finds everything that is wrong with a draft.
//!
//! Each check looks at what it can trust: edges with a wrong end are reported once and
//! left out of the checks that follow, so that one slip does not bring a hundred others.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::adjacency::Adjacency;
use super::defect::{MapDefect, Part, TextFault};
use super::{
    About, EDGES_PER_TERRITORY_MAX, Edge, EdgeDraft, FORMAT, FRAME_MAX, MapDraft, NAME_BYTES_MAX,
    NOTE_BYTES_MAX, OUTLINE_POINTS_MAX, PLAYABLE_MIN, REGIONS_MAX, RINGS_MAX, TERRITORIES_MAX,
    Terrain, TerritoryDraft,
};
use crate::id::TerritoryId;

/// How much of a wrong format is quoted, in bytes.
const QUOTE_BYTES_MAX: usize = 64;

impl MapDraft {
    /// Lists everything that is wrong, in the order of the file. Nothing, if a map can be
    /// built from it. The list is in proportion to the draft.
    #[must_use]
    pub fn check(&self) -> Vec<MapDefect> {
        let mut found = Vec::new();
        self.check_format(&mut found);
        check_head(&self.about(), &mut found);
        self.check_regions(&mut found);
        self.check_territories(&mut found);
        if self.territories.len() <= TERRITORIES_MAX {
            let sound = self.check_edges(&mut found);
            self.check_duplicate_edges(&sound, &mut found);
            self.check_graph(&sound, &mut found);
        }
        found
    }

    fn check_format(&self, found: &mut Vec<MapDefect>) {
        if self.format != FORMAT {
            let end = self.format.floor_char_boundary(QUOTE_BYTES_MAX);
            found.push(MapDefect::Format { found: String::from(&self.format[..end]) });
        }
    }

    fn check_regions(&self, found: &mut Vec<MapDefect>) {
        let count = self.regions.len();
        if count > REGIONS_MAX {
            found.push(MapDefect::TooManyRegions { count });
            return;
        }
        let names: Vec<&str> = self.regions.iter().map(|region| region.name.as_str()).collect();
        check_names(&names, Part::Region, found);
        let mut used = vec![false; count];
        for region in self.territories.iter().filter_map(|territory| territory.region) {
            if let Some(used) = used.get_mut(usize::from(region)) {
                *used = true;
            }
        }
        let empty = used.iter().enumerate().filter(|(_, used)| !**used);
        found.extend(empty.map(|(at, _)| MapDefect::EmptyRegion { region: at as u32 }));
    }

    fn check_territories(&self, found: &mut Vec<MapDefect>) {
        let count = self.territories.len();
        if count > TERRITORIES_MAX {
            found.push(MapDefect::TooManyTerritories { count });
            return;
        }
        let names: Vec<&str> = self.territories.iter().map(|t| t.name.as_str()).collect();
        check_names(&names, Part::Territory, found);
        for (at, territory) in self.territories.iter().enumerate() {
            self.check_membership(at as u32, territory, found);
            self.check_shape(at as u32, territory, found);
        }
        let passable = |t: &&TerritoryDraft| t.terrain != Terrain::Impassable;
        let playable = self.territories.iter().filter(passable).count() as u32;
        if playable < PLAYABLE_MIN {
            found.push(MapDefect::TooFewPlayable { playable });
        }
    }

    fn check_membership(&self, id: u32, draft: &TerritoryDraft, found: &mut Vec<MapDefect>) {
        let Some(region) = draft.region else { return };
        let regions = self.regions.len();
        if usize::from(region) >= regions {
            found.push(MapDefect::UnknownRegion { territory: id, region, regions });
        }
        if draft.terrain == Terrain::Impassable {
            found.push(MapDefect::ImpassableInRegion { territory: id, region });
        }
    }

    fn check_shape(&self, territory: u32, draft: &TerritoryDraft, found: &mut Vec<MapDefect>) {
        let (x, y) = (draft.x, draft.y);
        if !in_frame(self.width, self.height, [x, y]) {
            found.push(MapDefect::OutOfFrame { territory, x, y });
        }
        let rings = draft.outline.len();
        let points = draft.outline.iter().map(|ring| ring.len() / 2).sum();
        if rings > RINGS_MAX || points > OUTLINE_POINTS_MAX {
            found.push(MapDefect::OutlineTooLarge { territory, rings, points });
        }
        for (ring, numbers) in draft.outline.iter().enumerate() {
            self.check_ring(territory, ring, numbers, found);
        }
    }

    fn check_ring(&self, territory: u32, ring: usize, flat: &[i32], found: &mut Vec<MapDefect>) {
        if flat.len() < 6 || flat.len() % 2 == 1 {
            found.push(MapDefect::BadRing { territory, ring, numbers: flat.len() });
        }
        let within = |point: &&[i32]| in_frame(self.width, self.height, [point[0], point[1]]);
        let outside = flat.chunks_exact(2).find(|point| !within(point));
        if let Some(&[x, y]) = outside {
            found.push(MapDefect::RingOutOfFrame { territory, ring, x, y });
        }
    }

    /// Reports edges that are wrong by themselves; returns the others, with their place.
    fn check_edges(&self, found: &mut Vec<MapDefect>) -> Vec<(usize, EdgeDraft)> {
        let mut sound = Vec::with_capacity(self.edges.len());
        for (at, &edge) in self.edges.iter().enumerate() {
            match self.edge_defect(at, edge) {
                Some(defect) => found.push(defect),
                None => sound.push((at, edge)),
            }
        }
        sound
    }

    fn edge_defect(&self, edge: usize, draft: EdgeDraft) -> Option<MapDefect> {
        let EdgeDraft { a, b, length, .. } = draft;
        let territories = self.territories.len();
        for end in [a, b] {
            let Some(territory) = self.territories.get(end as usize) else {
                return Some(MapDefect::DanglingEdge { edge, end, territories });
            };
            if territory.terrain == Terrain::Impassable {
                return Some(MapDefect::ImpassableEdge { edge, territory: end });
            }
        }
        if a == b {
            return Some(MapDefect::SelfEdge { edge, territory: a });
        }
        (length == 0).then_some(MapDefect::ZeroLength { edge })
    }

    /// Reports each edge that repeats a direction which an earlier edge already gives.
    fn check_duplicate_edges(&self, sound: &[(usize, EdgeDraft)], found: &mut Vec<MapDefect>) {
        let ways = sound
            .iter()
            .flat_map(|&(at, edge)| edge.directed().map(move |(from, edge)| (from, edge.to, at)));
        let mut ways: Vec<_> = ways.collect();
        ways.sort_unstable();
        let same = |pair: &&[(TerritoryId, TerritoryId, usize)]| {
            (pair[0].0, pair[0].1) == (pair[1].0, pair[1].1)
        };
        let pairs = ways.windows(2).filter(same);
        let mut twice: Vec<(usize, usize)> = pairs.map(|pair| (pair[1].2, pair[0].2)).collect();
        twice.sort_unstable();
        twice.dedup();
        found.extend(twice.iter().map(|&(edge, first)| MapDefect::DuplicateEdge { edge, first }));
    }

    fn check_graph(&self, sound: &[(usize, EdgeDraft)], found: &mut Vec<MapDefect>) {
        let there: Vec<_> = sound.iter().flat_map(|(_, edge)| edge.directed()).collect();
        let back = there.iter().map(|&(from, edge)| (edge.to, Edge { to: from, ..edge }));
        let back: Vec<_> = back.collect();
        let count = self.territories.len();
        let (out, into) = (Adjacency::new(count, &there), Adjacency::new(count, &back));
        check_degrees(count, &out, found);
        let joined = self.check_isolated(&out, &into, found);
        let Some(main) = check_parts(&joined, &out, &into, found) else { return };
        let start = main[0];
        let (from, to) = (start.0, start.0);
        if let Some((territory, others)) = unreached(&main, start, &out) {
            found.push(MapDefect::Unreachable { territory, from, others });
        }
        if let Some((territory, others)) = unreached(&main, start, &into) {
            found.push(MapDefect::NoWayBack { territory, to, others });
        }
    }

    /// Reports playable territories without any edge; returns the others.
    fn check_isolated(
        &self,
        out: &Adjacency,
        into: &Adjacency,
        found: &mut Vec<MapDefect>,
    ) -> Vec<TerritoryId> {
        let ids = (0..self.territories.len()).map(TerritoryId::from_index);
        let playable = ids.filter(|id| self.territories[id.index()].terrain != Terrain::Impassable);
        let alone = |id: &TerritoryId| out.row(*id).is_empty() && into.row(*id).is_empty();
        let (alone, joined): (Vec<_>, Vec<_>) = playable.partition(alone);
        // A lone territory is already reported as too few to play on.
        if !joined.is_empty() || alone.len() > 1 {
            found.extend(alone.iter().map(|id| MapDefect::Isolated { territory: id.0 }));
        }
        joined
    }
}

/// Checks what a map says about itself.
pub(super) fn check_head(about: &About, found: &mut Vec<MapDefect>) {
    check_text(Part::Name, &about.name, NAME_BYTES_MAX, found);
    let simple = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !about.name.chars().all(simple) {
        found.push(MapDefect::Text { part: Part::Name, fault: TextFault::NotSimple });
    }
    check_text(Part::Title, &about.title, NAME_BYTES_MAX, found);
    check_text(Part::Source, &about.source, NOTE_BYTES_MAX, found);
    check_text(Part::Licence, &about.licence, NOTE_BYTES_MAX, found);
    let (width, height) = (about.width, about.height);
    if ![width, height].iter().all(|side| (1..=FRAME_MAX).contains(side)) {
        found.push(MapDefect::Frame { width, height });
    }
}

/// Whether a point lies in the frame, its border included.
pub(super) fn in_frame(width: u32, height: u32, [x, y]: [i32; 2]) -> bool {
    let within = |value: i32, most: u32| u32::try_from(value).is_ok_and(|v| v <= most);
    within(x, width) && within(y, height)
}

/// Reports each part that hangs together but not with the largest one, which is returned.
fn check_parts(
    joined: &[TerritoryId],
    out: &Adjacency,
    into: &Adjacency,
    found: &mut Vec<MapDefect>,
) -> Option<Vec<TerritoryId>> {
    let mut part_of = vec![usize::MAX; out.territories()];
    let mut parts: Vec<Vec<TerritoryId>> = Vec::new();
    for &start in joined {
        if part_of[start.index()] == usize::MAX {
            part_of[start.index()] = parts.len();
            let mut todo = vec![start];
            while let Some(at) = todo.pop() {
                for edge in out.row(at).iter().chain(into.row(at)) {
                    let part = &mut part_of[edge.to.index()];
                    if core::mem::replace(part, parts.len()) == usize::MAX {
                        todo.push(edge.to);
                    }
                }
            }
            parts.push(Vec::new());
        }
    }
    joined.iter().for_each(|&id| parts[part_of[id.index()]].push(id));
    let main = (0..parts.len()).max_by_key(|&at| (parts[at].len(), core::cmp::Reverse(at)))?;
    let apart = parts.iter().enumerate().filter(|(at, _)| *at != main);
    found.extend(
        apart.map(|(_, part)| MapDefect::Apart { territory: part[0].0, others: part.len() - 1 }),
    );
    Some(parts.swap_remove(main))
}

fn check_degrees(count: usize, out: &Adjacency, found: &mut Vec<MapDefect>) {
    for id in (0..count).map(TerritoryId::from_index) {
        let edges = out.row(id).len();
        if edges > EDGES_PER_TERRITORY_MAX {
            found.push(MapDefect::TooManyEdges { territory: id.0, edges });
        }
    }
}

/// The first territory of `wanted` that cannot be reached from `start`, and how many more.
pub(super) fn unreached(
    wanted: &[TerritoryId],
    start: TerritoryId,
    ways: &Adjacency,
) -> Option<(u32, usize)> {
    let mut seen = vec![false; ways.territories()];
    let mut todo = vec![start];
    seen[start.index()] = true;
    while let Some(at) = todo.pop() {
        for edge in ways.row(at) {
            if !core::mem::replace(&mut seen[edge.to.index()], true) {
                todo.push(edge.to);
            }
        }
    }
    let mut missed = wanted.iter().filter(|id| !seen[id.index()]);
    let first = missed.next()?;
    Some((first.0, missed.count()))
}

fn check_names(names: &[&str], part: impl Fn(u32) -> Part, found: &mut Vec<MapDefect>) {
    let mut order: Vec<usize> = (0..names.len()).collect();
    order.sort_unstable_by_key(|&at| (names[at], at));
    let mut first_of: Vec<usize> = (0..names.len()).collect();
    for pair in order.windows(2) {
        if names[pair[0]] == names[pair[1]] {
            first_of[pair[1]] = first_of[pair[0]];
        }
    }
    for (at, name) in names.iter().enumerate() {
        check_text(part(at as u32), name, NAME_BYTES_MAX, found);
        if first_of[at] != at && !name.is_empty() {
            let first = first_of[at] as u32;
            found.push(MapDefect::DuplicateName { part: part(at as u32), first });
        }
    }
}

pub(super) fn check_text(part: Part, text: &str, most: usize, found: &mut Vec<MapDefect>) {
    let bytes = text.len();
    let fault = if text.trim().is_empty() {
        TextFault::Empty
    } else if bytes > most {
        TextFault::TooLong { bytes, most }
    } else if text.chars().any(char::is_control) {
        TextFault::Control
    } else if text.trim() != text {
        TextFault::Untrimmed
    } else {
        return;
    };
    found.push(MapDefect::Text { part, fault });
}
