//! From a map to its bytes.

use alloc::vec::Vec;

use super::bytes::{put_runs, put_signed, put_text};
use super::{BINARY_MAGIC, BINARY_VERSION, BinaryParts, HAS_NAMES, HAS_OUTLINES, checksum};
use crate::id::TerritoryId;
use crate::leb128;
use crate::map::draft::edge_drafts;
use crate::map::{EdgeDraft, Map};

/// The whole file.
pub(super) fn write(map: &Map, keep: BinaryParts) -> Vec<u8> {
    let outlines = keep.outlines && !map.outlines.is_empty();
    let flags = if keep.names { HAS_NAMES } else { 0 } | if outlines { HAS_OUTLINES } else { 0 };
    let mut out = Vec::from(BINARY_MAGIC);
    out.extend([BINARY_VERSION, flags]);
    let edges: Vec<EdgeDraft> = map.territories().flat_map(|id| edge_drafts(map, id)).collect();
    let (one_way, two_way): (Vec<_>, Vec<_>) = edges.into_iter().partition(|edge| edge.one_way);
    put_head(&mut out, map, [two_way.len(), one_way.len()]);
    put_column(&mut out, |out| put_regions(out, map));
    put_column(&mut out, |out| put_terrain(out, map));
    put_column(&mut out, |out| put_membership(out, map));
    put_column(&mut out, |out| put_positions(out, map));
    put_column(&mut out, |out| put_neighbours(out, map.len(), &two_way));
    put_column(&mut out, |out| put_ways(out, &two_way));
    put_column(&mut out, |out| put_one_way(out, &one_way));
    if keep.names {
        put_column(&mut out, |out| put_names(out, map));
    }
    if outlines {
        put_column(&mut out, |out| put_outlines(out, map));
    }
    let sum = checksum(&out);
    out.extend(sum);
    out
}

fn put_head(out: &mut Vec<u8>, map: &Map, edges: [usize; 2]) {
    let counts = [map.len() as u32, map.regions().len() as u32, map.width(), map.height()];
    counts.into_iter().for_each(|count| leb128::put(out, count));
    edges.into_iter().for_each(|count| leb128::put(out, count as u32));
    [map.name(), map.title(), map.source(), map.licence()]
        .into_iter()
        .for_each(|text| put_text(out, text));
}

fn put_column(out: &mut Vec<u8>, fill: impl FnOnce(&mut Vec<u8>)) {
    let mut column = Vec::new();
    fill(&mut column);
    leb128::put(out, column.len() as u32);
    out.append(&mut column);
}

fn put_regions(out: &mut Vec<u8>, map: &Map) {
    for region in map.regions() {
        leb128::put(out, region.bonus.into());
        put_text(out, &region.name);
    }
}

fn put_terrain(out: &mut Vec<u8>, map: &Map) {
    put_runs(out, map.territories().map(|id| map.terrain(id)), |out, terrain| {
        out.push(terrain as u8);
    });
}

fn put_membership(out: &mut Vec<u8>, map: &Map) {
    let numbered = |id| map.region_of(id).map_or(0, |region| u32::from(region.0) + 1);
    put_runs(out, map.territories().map(numbered), leb128::put);
}

fn put_positions(out: &mut Vec<u8>, map: &Map) {
    let mut last = [0, 0];
    for position in map.territories().map(|id| map.position(id)) {
        put_signed(out, position[0] - last[0]);
        put_signed(out, position[1] - last[1]);
        last = position;
    }
}

/// For each territory its neighbours of higher number, by edges that lead both ways alike.
fn put_neighbours(out: &mut Vec<u8>, territories: usize, edges: &[EdgeDraft]) {
    let mut rest = edges;
    for from in 0..territories as u32 {
        let (own, others) = rest.split_at(rest.iter().take_while(|edge| edge.a == from).count());
        leb128::put(out, own.len() as u32);
        let mut last = from;
        for edge in own {
            leb128::put(out, edge.b - last);
            last = edge.b;
        }
        rest = others;
    }
}

fn put_ways(out: &mut Vec<u8>, edges: &[EdgeDraft]) {
    put_runs(out, edges.iter().map(|edge| (edge.kind, edge.length)), |out, (kind, length)| {
        out.push(kind as u8);
        leb128::put(out, length.into());
    });
}

fn put_one_way(out: &mut Vec<u8>, edges: &[EdgeDraft]) {
    let mut last = 0;
    for edge in edges {
        leb128::put(out, edge.a - last);
        leb128::put(out, edge.b);
        out.push(edge.kind as u8);
        leb128::put(out, edge.length.into());
        last = edge.a;
    }
}

/// Each name as what it shares with the one before it, and what is new.
fn put_names(out: &mut Vec<u8>, map: &Map) {
    let mut last = "";
    for name in map.territories().map(|id| map.territory_name(id)) {
        let same = |(a, b): &(u8, u8)| a == b;
        let shared = last.bytes().zip(name.bytes()).take_while(same).count();
        let shared = name.floor_char_boundary(shared);
        leb128::put(out, shared as u32);
        put_text(out, &name[shared..]);
        last = name;
    }
}

fn put_outlines(out: &mut Vec<u8>, map: &Map) {
    for id in map.territories() {
        leb128::put(out, map.outline(id).len() as u32);
        put_rings(out, map, id);
    }
}

/// Corners as steps, the first from the territory's position.
fn put_rings(out: &mut Vec<u8>, map: &Map, id: TerritoryId) {
    let mut last = map.position(id);
    for ring in map.outline(id) {
        leb128::put(out, ring.len() as u32);
        for &corner in ring {
            put_signed(out, corner[0] - last[0]);
            put_signed(out, corner[1] - last[1]);
            last = corner;
        }
    }
}
