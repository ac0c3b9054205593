//! From bytes to columns. Whatever the bytes say, every number read here is within the
//! bounds that the code after it relies on; whether they make a sound map is asked later.

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use super::bytes::{Reader, Runs};
use super::{
    BINARY_BYTES_MAX, BINARY_MAGIC, BINARY_VERSION, BinaryError, CHECKSUM_BYTES, HAS_NAMES,
    HAS_OUTLINES, HEAD_BYTES, checksum,
};
use crate::id::TerritoryId;
use crate::map::adjacency::Adjacency;
use crate::map::names::Names;
use crate::map::{
    About, Edge, EdgeKind, FRAME_MAX, Map, NAME_BYTES_MAX, NO_REGION, NOTE_BYTES_MAX,
    OUTLINE_POINTS_MAX, Parts, REGIONS_MAX, RINGS_MAX, Ring, TERRITORIES_MAX, Terrain,
};

/// What the columns say, which may be no sound map, and what its check wants to know.
pub(super) struct Found {
    pub(super) map: Map,
    /// Whether the names were read; numbers need no check.
    pub(super) named: bool,
    /// Whether all edges lead both ways alike.
    pub(super) symmetric: bool,
}

/// The numbers of the head.
struct Counts {
    territories: usize,
    regions: usize,
    two_way: usize,
    one_way: usize,
}

/// Reads the whole file.
pub(super) fn read(bytes: &[u8]) -> Result<Found, BinaryError> {
    let flags = envelope(bytes)?;
    let end = bytes.len() - CHECKSUM_BYTES;
    let mut file = Reader::new("head", &bytes[HEAD_BYTES..end], HEAD_BYTES);
    let (about, counts) = head(&mut file)?;
    let regions = regions(file.column("regions")?, counts.regions)?;
    let mut terrain_column = file.column("terrain")?;
    let mut region_column = file.column("membership")?;
    // Each territory takes two bytes here at least: from now on memory is bounded.
    let position = positions(file.column("positions")?, counts.territories)?;
    let terrain = run_column(&mut terrain_column, counts.territories, terrain)?;
    let member = |column: &mut Reader<'_>| membership(column, counts.regions);
    let region = run_column(&mut region_column, counts.territories, member)?;
    let neighbours = neighbours(file.column("neighbours")?, &counts)?;
    let ways = file.column("ways")?;
    let one_way = one_way(file.column("one-way edges")?, &counts)?;
    let adjacency = adjacency(&neighbours, ways, &one_way)?;
    let named = flags & HAS_NAMES != 0;
    let names = match named {
        true => names(file.column("names")?, counts.territories)?,
        false => Names::numbers(counts.territories),
    };
    let outlines = match flags & HAS_OUTLINES != 0 {
        true => outlines(file.column("outlines")?, &position)?,
        false => Vec::new(),
    };
    file.end()?;
    let parts = Parts { about, terrain, region, position, names, outlines, regions, adjacency };
    Ok(Found { map: Map::assemble(parts), named, symmetric: one_way.is_empty() })
}

/// Checks length, magic, version and checksum; returns the flags.
fn envelope(bytes: &[u8]) -> Result<u8, BinaryError> {
    if bytes.len() > BINARY_BYTES_MAX {
        return Err(BinaryError::TooLong { bytes: bytes.len() });
    }
    let Some((version, flags)) = bytes.strip_prefix(&BINARY_MAGIC).and_then(two_first) else {
        return Err(BinaryError::NoMap);
    };
    if version != BINARY_VERSION {
        return Err(BinaryError::Version { found: version });
    }
    match bytes.split_last_chunk::<CHECKSUM_BYTES>() {
        Some((before, sum)) if before.len() >= HEAD_BYTES && checksum(before) == *sum => {}
        _ => return Err(BinaryError::Checksum),
    }
    if flags & !(HAS_NAMES | HAS_OUTLINES) != 0 {
        return Err(BinaryError::Damaged { column: "head", at: HEAD_BYTES - 1 });
    }
    Ok(flags)
}

fn two_first(bytes: &[u8]) -> Option<(u8, u8)> {
    Some((*bytes.first()?, *bytes.get(1)?))
}

fn head(file: &mut Reader<'_>) -> Result<(About, Counts), BinaryError> {
    let territories = at_most(file, TERRITORIES_MAX)?;
    let regions = at_most(file, REGIONS_MAX)?;
    let width = at_most(file, FRAME_MAX as usize)? as u32;
    let height = at_most(file, FRAME_MAX as usize)? as u32;
    let two_way = file.number()? as usize;
    let one_way = file.number()? as usize;
    let about = About {
        width,
        height,
        name: file.text(NAME_BYTES_MAX)?.to_string(),
        title: file.text(NAME_BYTES_MAX)?.to_string(),
        source: file.text(NOTE_BYTES_MAX)?.to_string(),
        licence: file.text(NOTE_BYTES_MAX)?.to_string(),
    };
    Ok((about, Counts { territories, regions, two_way, one_way }))
}

fn at_most(file: &mut Reader<'_>, most: usize) -> Result<usize, BinaryError> {
    let number = file.number()? as usize;
    if number <= most { Ok(number) } else { Err(file.damaged()) }
}

type Regions = Vec<(Box<str>, u16)>;

fn regions(mut column: Reader<'_>, count: usize) -> Result<Regions, BinaryError> {
    let mut regions = Vec::new();
    for _ in 0..count {
        let bonus = at_most(&mut column, usize::from(u16::MAX))? as u16;
        regions.push((column.text(NAME_BYTES_MAX)?.into(), bonus));
    }
    column.end()?;
    Ok(regions)
}

/// One value for each territory, in runs.
fn run_column<T: Copy>(
    column: &mut Reader<'_>,
    count: usize,
    read: impl Fn(&mut Reader<'_>) -> Result<T, BinaryError>,
) -> Result<Vec<T>, BinaryError> {
    let mut runs = Runs::new();
    let mut values = Vec::with_capacity(count);
    for _ in 0..count {
        values.push(runs.next(column, &read)?);
    }
    if column.left() == 0 && runs.is_done() { Ok(values) } else { Err(column.damaged()) }
}

fn terrain(column: &mut Reader<'_>) -> Result<Terrain, BinaryError> {
    match column.byte()? {
        0 => Ok(Terrain::Plains),
        1 => Ok(Terrain::Highland),
        2 => Ok(Terrain::Mountain),
        3 => Ok(Terrain::Impassable),
        _ => Err(column.damaged()),
    }
}

/// 0 for none, else the region's number and one.
fn membership(column: &mut Reader<'_>, regions: usize) -> Result<u16, BinaryError> {
    match at_most(column, regions)? {
        0 => Ok(NO_REGION),
        number => Ok(number as u16 - 1),
    }
}

fn positions(mut column: Reader<'_>, count: usize) -> Result<Vec<[i32; 2]>, BinaryError> {
    if column.left() / 2 < count {
        return Err(column.damaged());
    }
    let mut positions = Vec::with_capacity(count);
    let mut at = [0, 0];
    for _ in 0..count {
        at = step(&mut column, at)?;
        positions.push(at);
    }
    column.end()?;
    Ok(positions)
}

#[inline]
fn step(column: &mut Reader<'_>, [x, y]: [i32; 2]) -> Result<[i32; 2], BinaryError> {
    let (dx, dy) = (column.signed()?, column.signed()?);
    match (x.checked_add(dx), y.checked_add(dy)) {
        (Some(x), Some(y)) => Ok([x, y]),
        _ => Err(column.damaged()),
    }
}

/// The two-way edges: how many each territory has to higher numbers, and where to.
struct Neighbours {
    counts: Vec<u32>,
    targets: Vec<u32>,
}

fn neighbours(mut column: Reader<'_>, counts: &Counts) -> Result<Neighbours, BinaryError> {
    // Each territory and each edge takes a byte at least.
    if column.left() < counts.territories || column.left() < counts.two_way {
        return Err(column.damaged());
    }
    let mut found = Neighbours {
        counts: Vec::with_capacity(counts.territories),
        targets: Vec::with_capacity(counts.two_way),
    };
    for from in 0..counts.territories as u32 {
        let count = column.number()?;
        found.counts.push(count);
        let mut to = from;
        for _ in 0..count {
            let step = column.number()?;
            to = to.checked_add(step).ok_or_else(|| column.damaged())?;
            if step == 0 || to as usize >= counts.territories {
                return Err(column.damaged());
            }
            found.targets.push(to);
        }
    }
    if found.targets.len() != counts.two_way {
        return Err(column.damaged());
    }
    column.end()?;
    Ok(found)
}

fn way(column: &mut Reader<'_>) -> Result<(EdgeKind, u16), BinaryError> {
    let kind = match column.byte()? {
        0 => EdgeKind::Land,
        1 => EdgeKind::Strait,
        2 => EdgeKind::Sea,
        _ => return Err(column.damaged()),
    };
    Ok((kind, at_most(column, usize::from(u16::MAX))? as u16))
}

type OneWay = Vec<(TerritoryId, Edge)>;

/// In ascending order of where they start and lead.
fn one_way(mut column: Reader<'_>, counts: &Counts) -> Result<OneWay, BinaryError> {
    if column.left() / 4 < counts.one_way {
        return Err(column.damaged());
    }
    let mut edges = OneWay::with_capacity(counts.one_way);
    let mut from = 0_u32;
    for _ in 0..counts.one_way {
        let step = column.number()?;
        from = from.checked_add(step).ok_or_else(|| column.damaged())?;
        let to = column.number()?;
        let (kind, length) = way(&mut column)?;
        let within = (from.max(to) as usize) < counts.territories;
        let after = edges.last().is_none_or(|(f, e)| (f.0, e.to.0) < (from, to));
        if !within || !after || from == to {
            return Err(column.damaged());
        }
        edges.push((TerritoryId(from), Edge { to: TerritoryId(to), length, kind }));
    }
    column.end()?;
    Ok(edges)
}

/// Puts both directions of every edge in its row. Territories come in ascending order, so
/// a row's lower neighbours are in it before its higher ones: no row needs sorting.
fn adjacency(
    neighbours: &Neighbours,
    mut ways: Reader<'_>,
    one_way: &OneWay,
) -> Result<Adjacency, BinaryError> {
    let starts = row_starts(neighbours, one_way);
    let mut next = starts.clone();
    let nowhere = Edge { to: TerritoryId(0), length: 0, kind: EdgeKind::Land };
    let mut edges = vec![nowhere; starts.last().map_or(0, |end| *end as usize)];
    let mut put = |from: u32, to: u32, (kind, length): (EdgeKind, u16)| {
        let slot = &mut next[from as usize];
        edges[*slot as usize] = Edge { to: TerritoryId(to), length, kind };
        *slot += 1;
    };
    let mut runs = Runs::new();
    let mut targets = neighbours.targets.iter();
    for (from, &count) in (0_u32..).zip(&neighbours.counts) {
        for &to in targets.by_ref().take(count as usize) {
            let how = runs.next(&mut ways, way)?;
            put(from, to, how);
            put(to, from, how);
        }
    }
    one_way.iter().for_each(|&(from, edge)| put(from.0, edge.to.0, (edge.kind, edge.length)));
    if !runs.is_done() || !sort_rows(&starts, &mut edges, one_way) {
        return Err(ways.damaged());
    }
    ways.end()?;
    Ok(Adjacency::from_rows(starts, &edges))
}

/// Where each row starts, and where the last one ends.
fn row_starts(neighbours: &Neighbours, one_way: &OneWay) -> Vec<u32> {
    let mut starts = vec![0_u32; neighbours.counts.len() + 1];
    for (at, &count) in neighbours.counts.iter().enumerate() {
        starts[at + 1] += count;
    }
    for &to in &neighbours.targets {
        starts[to as usize + 1] += 1;
    }
    for (from, _) in one_way {
        starts[from.index() + 1] += 1;
    }
    let mut sum = 0;
    for start in &mut starts {
        sum += *start;
        *start = sum;
    }
    starts
}

/// Sorts the rows that one-way edges were added to. False if such an edge repeats another.
fn sort_rows(starts: &[u32], edges: &mut [Edge], one_way: &OneWay) -> bool {
    one_way.chunk_by(|a, b| a.0 == b.0).all(|chunk| {
        let at = chunk[0].0.index();
        let row = &mut edges[starts[at] as usize..starts[at + 1] as usize];
        row.sort_unstable_by_key(|edge| edge.to);
        row.is_sorted_by(|a, b| a.to < b.to)
    })
}

fn names(mut column: Reader<'_>, count: usize) -> Result<Names, BinaryError> {
    // Each name takes two bytes at least.
    if column.left() / 2 < count {
        return Err(column.damaged());
    }
    let mut bytes: Vec<u8> = Vec::with_capacity(column.left());
    let mut ends = Vec::with_capacity(count);
    let mut last = 0..0;
    for _ in 0..count {
        let shared = at_most(&mut column, NAME_BYTES_MAX)?;
        let rest = at_most(&mut column, NAME_BYTES_MAX)?;
        if shared > last.len() || shared + rest > NAME_BYTES_MAX {
            return Err(column.damaged());
        }
        let start = bytes.len();
        bytes.extend_from_within(last.start..last.start + shared);
        bytes.extend_from_slice(column.take(rest)?);
        last = start..bytes.len();
        ends.push(bytes.len() as u32);
    }
    // One look at all names is many times quicker than one at each.
    let text = String::from_utf8(bytes).map_err(|_| column.damaged())?;
    if !ends.iter().all(|&end| text.is_char_boundary(end as usize)) {
        return Err(column.damaged());
    }
    column.end()?;
    Ok(Names::from_parts(text, ends))
}

fn outlines(mut column: Reader<'_>, position: &[[i32; 2]]) -> Result<Vec<Vec<Ring>>, BinaryError> {
    let mut outlines = Vec::with_capacity(position.len());
    for &start in position {
        outlines.push(outline(&mut column, start)?);
    }
    column.end()?;
    Ok(outlines)
}

fn outline(column: &mut Reader<'_>, start: [i32; 2]) -> Result<Vec<Ring>, BinaryError> {
    let count = at_most(column, RINGS_MAX)?;
    let mut at = start;
    let mut rings = Vec::new();
    for _ in 0..count {
        let corners = at_most(column, OUTLINE_POINTS_MAX.min(column.left() / 2))?;
        let mut ring = Ring::with_capacity(corners);
        for _ in 0..corners {
            at = step(column, at)?;
            ring.push(at);
        }
        rings.push(ring);
    }
    Ok(rings)
}
