//! A quick look at a map that was read: is everything as [`MapDraft::check`] wants it?
//!
//! It asks the same questions of columns, without a list of strings, so that millions of
//! territories take a fraction of a second. Where it says no, the draft is asked.
//!
//! [`MapDraft::check`]: crate::map::MapDraft::check

use alloc::vec;
use alloc::vec::Vec;

use super::read::Found;
use crate::id::TerritoryId;
use crate::map::adjacency::Adjacency;
use crate::map::check::{check_head, check_text, in_frame, unreached};
use crate::map::{
    EDGES_PER_TERRITORY_MAX, Edge, Map, NAME_BYTES_MAX, OUTLINE_POINTS_MAX, PLAYABLE_MIN, Part,
    Ring, Terrain,
};

/// Whether the map has no defect.
pub(super) fn is_sound(found: &Found) -> bool {
    let map = &found.map;
    let mut defects = Vec::new();
    check_head(&map.about, &mut defects);
    defects.is_empty()
        && map.playable_count() >= PLAYABLE_MIN
        && regions_are_sound(map)
        && map.territories().all(|id| territory_is_sound(map, id))
        && (!found.named || names_are_sound(map))
        && is_connected(found)
}

fn regions_are_sound(map: &Map) -> bool {
    let mut names: Vec<&str> = map.regions().iter().map(|region| &*region.name).collect();
    let good = names.iter().all(|name| is_good(name))
        && map.regions().iter().all(|region| !region.territories.is_empty());
    names.sort_unstable();
    good && names.windows(2).all(|pair| pair[0] != pair[1])
}

fn territory_is_sound(map: &Map, id: TerritoryId) -> bool {
    let edges = map.edges(id);
    let barred = map.terrain(id) == Terrain::Impassable;
    let joined = if barred {
        edges.is_empty() && map.region_of(id).is_none()
    } else {
        !edges.is_empty()
            && edges.len() <= EDGES_PER_TERRITORY_MAX
            && edges.iter().all(|edge| edge.length > 0 && is_passable(map, edge.to))
    };
    joined
        && in_frame(map.width(), map.height(), map.position(id))
        && outline_is_sound(map, map.outline(id))
}

/// Whether land can be entered. A one-way edge may lead to land that has none itself.
fn is_passable(map: &Map, id: TerritoryId) -> bool {
    map.terrain(id) != Terrain::Impassable
}

fn outline_is_sound(map: &Map, rings: &[Ring]) -> bool {
    let points: usize = rings.iter().map(Vec::len).sum();
    let ring = |ring: &Ring| {
        ring.len() >= 3 && ring.iter().all(|&corner| in_frame(map.width(), map.height(), corner))
    };
    points <= OUTLINE_POINTS_MAX && rings.iter().all(ring)
}

/// Every name is readable, and no two have the same sum: sorting numbers is many times
/// quicker than sorting texts. Should two names share a sum, the draft's check tells them
/// apart.
fn names_are_sound(map: &Map) -> bool {
    let name = |id: TerritoryId| map.territory_name(id);
    if !map.territories().all(|id| is_good(name(id))) {
        return false;
    }
    let sum = |id: TerritoryId| xxhash_rust::xxh3::xxh3_64(name(id).as_bytes());
    let sums: Vec<u64> = map.territories().map(sum).collect();
    all_differ(&sums)
}

/// How many bits of a sum choose its bucket.
const BUCKET_BITS: u32 = 11;

/// Whether no two sums are the same. They are dealt into buckets by their highest bits, which
/// are even in sums, and sorted there: what is sorted fits into the processor's cache.
fn all_differ(sums: &[u64]) -> bool {
    let bucket = |sum: u64| (sum >> (u64::BITS - BUCKET_BITS)) as usize;
    let mut ends = vec![0; 1 << BUCKET_BITS];
    sums.iter().for_each(|&sum| ends[bucket(sum)] += 1);
    let mut total = 0;
    for end in &mut ends {
        total += *end;
        *end = total;
    }
    let mut dealt = vec![0; sums.len()];
    for &sum in sums {
        let end = &mut ends[bucket(sum)];
        *end -= 1;
        dealt[*end] = sum;
    }
    dealt.chunk_by_mut(|a, b| bucket(*a) == bucket(*b)).all(|same| {
        same.sort_unstable();
        same.windows(2).all(|pair| pair[0] != pair[1])
    })
}

fn is_good(name: &str) -> bool {
    let plain = name.bytes().all(|byte| byte.is_ascii_graphic());
    if plain && !name.is_empty() {
        return name.len() <= NAME_BYTES_MAX;
    }
    let mut faults = Vec::new();
    check_text(Part::Title, name, NAME_BYTES_MAX, &mut faults);
    faults.is_empty()
}

/// Whether every playable territory can be reached from every other.
fn is_connected(found: &Found) -> bool {
    let map = &found.map;
    let playable = |id: &TerritoryId| map.terrain(*id) != Terrain::Impassable;
    let all: Vec<TerritoryId> = map.territories().filter(playable).collect();
    let Some(&start) = all.first() else { return false };
    let out = unreached(&all, start, &map.adjacency).is_none();
    // Where every edge leads both ways, there is a way back as well.
    out && (found.symmetric || unreached(&all, start, &turned(map)).is_none())
}

/// All edges the other way round.
fn turned(map: &Map) -> Adjacency {
    let back = |from: TerritoryId, edge: Edge| (edge.to, Edge { to: from, ..edge });
    let mut edges = vec![];
    for from in map.territories() {
        edges.extend(map.edges(from).iter().map(|edge| back(from, edge)));
    }
    Adjacency::new(map.len(), &edges)
}
