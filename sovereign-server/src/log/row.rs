//! The bytes of one row of `log.db`: the entries of one flush, of all rooms, end to end.
//!
//! An entry: game (16), epoch (8), seq (8), tick (4), previous hash (8), length of the
//! batch (4), the batch, and a 64-bit checksum of all that; integers little-endian.

use bytes::Bytes;
use uuid::Uuid;
use xxhash_rust::xxh3::xxh3_64;

use super::{Entry, GameId};

/// Bytes before the batch.
const HEAD: usize = 48;
/// Bytes after it.
const TAIL: usize = 8;

/// Where an entry lies within its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Distance from the row's first byte.
    pub(super) offset: usize,
    /// Bytes of the whole entry.
    pub(super) len: usize,
}

/// What the index needs to know of an entry, read without its checksum.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    pub(super) game: GameId,
    pub(super) epoch: u64,
    pub(super) seq: u64,
    pub(super) place: Place,
}

/// Appends `entry` to `row` and says where it lies.
pub(super) fn push(row: &mut Vec<u8>, entry: &Entry) -> Place {
    let offset = row.len();
    row.extend_from_slice(entry.game.as_bytes());
    row.extend_from_slice(&entry.epoch.to_le_bytes());
    row.extend_from_slice(&entry.seq.to_le_bytes());
    row.extend_from_slice(&entry.tick.to_le_bytes());
    row.extend_from_slice(&entry.prev_hash.to_le_bytes());
    // A batch is bounded by the inbox's limits, far below 4 GiB.
    row.extend_from_slice(&(entry.batch.len() as u32).to_le_bytes());
    row.extend_from_slice(&entry.batch);
    let checksum = xxh3_64(&row[offset..]);
    row.extend_from_slice(&checksum.to_le_bytes());
    Place { offset, len: row.len() - offset }
}

/// The checksum that [`push`] appends, for where an entry's fields are kept one by one.
pub(super) fn checksum(entry: &Entry) -> u64 {
    let mut row = Vec::with_capacity(HEAD + entry.batch.len() + TAIL);
    let end = push(&mut row, entry).len;
    field(&row, end - TAIL).map_or(0, u64::from_le_bytes)
}

/// The heads of a row's entries; ends early where the lengths no longer fit.
pub(super) fn heads(row: &[u8]) -> impl Iterator<Item = Head> + '_ {
    let mut offset = 0;
    std::iter::from_fn(move || {
        let head = head(row.get(offset..)?, offset)?;
        offset += head.place.len;
        Some(head)
    })
}

fn head(bytes: &[u8], offset: usize) -> Option<Head> {
    let len = HEAD + u32::from_le_bytes(field(bytes, 44)?) as usize + TAIL;
    (bytes.len() >= len).then_some(Head {
        game: Uuid::from_bytes(field(bytes, 0)?),
        epoch: u64::from_le_bytes(field(bytes, 16)?),
        seq: u64::from_le_bytes(field(bytes, 24)?),
        place: Place { offset, len },
    })
}

/// The entry in exactly these bytes, or nothing when a bit of it has changed.
pub(super) fn entry(bytes: &[u8]) -> Option<Entry> {
    let head = head(bytes, 0).filter(|head| head.place.len == bytes.len())?;
    let (body, checksum) = bytes.split_at(bytes.len() - TAIL);
    if xxh3_64(body) != u64::from_le_bytes(field(checksum, 0)?) {
        return None;
    }
    Some(Entry {
        game: head.game,
        epoch: head.epoch,
        seq: head.seq,
        tick: u32::from_le_bytes(field(body, 32)?),
        prev_hash: u64::from_le_bytes(field(body, 36)?),
        batch: Bytes::copy_from_slice(&body[HEAD..]),
    })
}

/// The first entry in these bytes and what follows it, or nothing when a bit of it has changed.
pub(super) fn first(bytes: &[u8]) -> Option<(Entry, &[u8])> {
    let (first, rest) = bytes.split_at(head(bytes, 0)?.place.len);
    Some((entry(first)?, rest))
}

fn field<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at + N)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries() -> Vec<Entry> {
        (1..=3_u8)
            .map(|n| Entry {
                game: Uuid::from_u128(u128::from(n)),
                epoch: u64::from(n),
                seq: 7,
                tick: 9,
                batch: Bytes::from(vec![n; usize::from(n) * 10]),
                prev_hash: 11,
            })
            .collect()
    }

    #[test]
    fn a_row_gives_back_its_entries() {
        let mut row = Vec::new();
        let places: Vec<Place> = entries().iter().map(|e| push(&mut row, e)).collect();
        assert_eq!(heads(&row).map(|h| h.place).collect::<Vec<_>>(), places);
        let back = places.iter().map(|p| entry(&row[p.offset..p.offset + p.len]).unwrap());
        assert_eq!(back.collect::<Vec<_>>(), entries());
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let mut row = Vec::new();
        push(&mut row, &entries()[0]);
        for bit in 0..row.len() * 8 {
            row[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(entry(&row), None, "bit {bit}");
            row[bit / 8] ^= 1 << (bit % 8);
        }
        assert!(entry(&row).is_some());
    }

    #[test]
    fn a_cut_row_ends_at_the_cut() {
        let mut row = Vec::new();
        let places: Vec<Place> = entries().iter().map(|e| push(&mut row, e)).collect();
        for cut in 0..row.len() {
            let whole = places.iter().filter(|p| p.offset + p.len <= cut).count();
            assert_eq!(heads(&row[..cut]).count(), whole);
        }
    }
}
