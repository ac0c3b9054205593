//! The binary form of a map.

use alloc::string::ToString;
use alloc::vec::Vec;

use proptest::prelude::*;

use super::super::*;
use super::assert_sound;

fn maps() -> Vec<Map> {
    let shipped = Map::SHIPPED.iter().map(|name| Map::shipped(name).expect("it is listed"));
    let made = [generate::grid(2, 1), generate::grid(40, 25), generate::random(7, 400)];
    shipped.chain(made).collect()
}

#[test]
fn a_map_survives_its_bytes() {
    for map in maps() {
        let bytes = map.to_binary(BinaryParts::ALL);
        let again = Map::from_binary(&bytes).expect("it was sound");
        assert_eq!(MapDraft::from(&again), MapDraft::from(&map));
        assert_eq!(again.hash(), map.hash());
        assert_eq!(again.to_binary(BinaryParts::ALL), bytes);
    }
}

#[test]
fn names_and_outlines_may_be_left_out() {
    for map in maps() {
        let bytes = map.to_binary(BinaryParts::LEAST);
        let again = Map::from_binary(&bytes).expect("it was sound");
        assert_eq!(again.hash(), map.hash());
        assert_eq!(again.territory_name(TerritoryId(1)), "2");
        assert!(again.territories().all(|id| again.outline(id).is_empty()));
        assert!(bytes.len() < map.to_binary(BinaryParts::ALL).len());
        assert_sound(&again);
    }
}

#[test]
fn a_large_map_takes_seven_bytes_a_territory() {
    let map = generate::grid(300, 300);
    let bytes = map.to_binary(BinaryParts::LEAST);
    assert!(bytes.len() < 7 * map.len(), "{} bytes", bytes.len());
}

/// Ends bytes with the sum that the format asks for.
fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let sum = xxhash_rust::xxh3::xxh3_64(&bytes);
    bytes.extend(sum.to_le_bytes());
    bytes
}

/// The bytes before the sum.
fn opened(map: &Map) -> Vec<u8> {
    let mut bytes = map.to_binary(BinaryParts::ALL);
    bytes.truncate(bytes.len() - 8);
    bytes
}

/// The format, written out by hand for the smallest grid.
#[test]
fn the_bytes_are_the_documented_ones() {
    let mut bytes = b"SOVMAP\x01\x01".to_vec();
    bytes.extend([2, 1, 40, 20, 1, 0]); // territories, regions, frame, edges, one-way edges
    for text in ["grid-2x1", "grid-2x1", "generated", "none needed: made by arithmetic"] {
        bytes.push(text.len() as u8);
        bytes.extend(text.as_bytes());
    }
    bytes.extend([10, 2, 8]); // regions: ten bytes; bonus 2, eight bytes of name
    bytes.extend(b"Region 1");
    bytes.extend([2, 2, 0]); // two bytes: two times plains
    bytes.extend([2, 2, 1]); // two bytes: two times region 0
    bytes.extend([4, 20, 20, 40, 0]); // +10 +10, +20 +0
    bytes.extend([3, 1, 1, 0]); // one neighbour, one further on; none
    bytes.extend([3, 1, 0, 100]); // one by land, 100 paces
    bytes.extend([0]); // no one-way edges
    bytes.extend([10, 0, 3]); // names: nothing shared, three bytes
    bytes.extend(b"1-1");
    bytes.extend([0, 3]);
    bytes.extend(b"2-1");
    assert_eq!(generate::grid(2, 1).to_binary(BinaryParts::ALL), sealed(bytes));
}

#[test]
fn what_is_no_binary_map_is_named() {
    let good = generate::grid(3, 3).to_binary(BinaryParts::ALL);
    let read = |bytes: &[u8]| Map::from_binary(bytes).expect_err("it is damaged");
    assert_eq!(read(b""), BinaryError::NoMap);
    assert_eq!(read(b"{\"format\""), BinaryError::NoMap);
    assert_eq!(read(&good[..good.len() - 1]), BinaryError::Checksum);
    assert_eq!(read(&good[..10]), BinaryError::Checksum);
    let mut newer = good.clone();
    newer[6] = 9;
    assert_eq!(read(&newer), BinaryError::Version { found: 9 });
    let mut changed = good.clone();
    changed[60] ^= 1;
    assert_eq!(read(&changed), BinaryError::Checksum);
}

#[test]
fn damage_under_a_sum_that_fits_is_placed() {
    let mut bytes = opened(&generate::grid(3, 3));
    bytes.push(0);
    let at = bytes.len() - 1;
    assert_eq!(
        Map::from_binary(&sealed(bytes)).expect_err("a byte too many"),
        BinaryError::Damaged { column: "names", at }
    );
    let flagged = |flags: u8| {
        let mut bytes = opened(&generate::grid(3, 3));
        bytes[7] = flags;
        Map::from_binary(&sealed(bytes)).expect_err("flags that do not fit")
    };
    assert_eq!(flagged(4), BinaryError::Damaged { column: "head", at: 7 });
    assert!(flagged(3).to_string().contains("outlines"));
}

#[test]
fn a_map_that_is_not_sound_is_told_its_defects() {
    let mut bytes = opened(&generate::grid(2, 1));
    let at = bytes.len() - 13;
    assert_eq!(bytes[at - 2..=at + 1], [1, 0, 100, 0], "one edge by land, 100 paces");
    bytes[at] = 0;
    let error = Map::from_binary(&sealed(bytes)).expect_err("it has no length");
    let BinaryError::Defects(defects) = error else { panic!("{error}") };
    assert_eq!(defects.listed()[0], MapDefect::ZeroLength { edge: 0 });
}

/// The impassable end of a one-way edge has no edge of its own that would tell.
#[test]
fn a_one_way_edge_into_impassable_land_is_a_defect() {
    let mut bytes = b"SOVMAP\x01\x00".to_vec();
    bytes.extend([3, 0, 9, 9, 1, 1, 1, b'm', 1, b'm', 1, b'm', 1, b'm']);
    bytes.extend([0, 4, 2, 0, 1, 3, 2, 3, 0]); // no regions; plains twice, impassable; no region
    bytes.extend([6, 2, 2, 2, 2, 2, 2, 4, 1, 1, 0, 0, 3, 1, 0, 100]); // places; 0 and 1 by land
    bytes.extend([4, 0, 2, 0, 100]); // from 0 to 2
    let error = Map::from_binary(&sealed(bytes)).expect_err("nobody can enter 2");
    let BinaryError::Defects(defects) = error else { panic!("{error}") };
    assert_eq!(defects.listed(), [MapDefect::ImpassableEdge { edge: 1, territory: 2 }]);
}

/// Two names that are the same, and one that ends inside of a character.
#[test]
fn names_are_looked_at_one_by_one() {
    let named = |names: &[u8]| {
        let mut bytes = opened(&generate::grid(2, 1));
        bytes.truncate(bytes.len() - 11);
        bytes.push(names.len() as u8);
        bytes.extend(names);
        Map::from_binary(&sealed(bytes))
    };
    assert!(named(b"\x00\x03one\x00\x03two").is_ok());
    let twice = named(b"\x00\x03one\x03\x00").expect_err("it is used twice");
    let expected = MapDefect::DuplicateName { part: Part::Territory(1), first: 0 };
    assert!(matches!(twice, BinaryError::Defects(found) if found.listed() == [expected]));
    // An o with a stroke takes two bytes: shared by half, it makes no text of its own.
    for names in [&b"\x00\x02\xc3\xb8\x01\x00"[..], b"\x00\x01\xc3\x00\x01\xb8"] {
        let error = named(names).expect_err("it is no text");
        assert!(matches!(error, BinaryError::Damaged { column: "names", .. }), "{error}");
    }
}

/// A few bytes cannot ask for the memory of millions of territories.
#[test]
fn counts_are_believed_only_with_the_bytes_to_show_for_them() {
    let mut bytes = b"SOVMAP\x01\x00".to_vec();
    bytes.extend([0xff, 0xff, 0xff, 1, 0, 40, 20, 0, 0]); // four million territories
    bytes.extend([1, b'm', 1, b'm', 1, b'm', 1, b'm', 0]);
    bytes.extend([5, 0xff, 0xff, 0xff, 1, 0, 5, 0xff, 0xff, 0xff, 1, 0, 0]);
    let error = Map::from_binary(&sealed(bytes)).expect_err("no positions");
    assert!(matches!(error, BinaryError::Damaged { column: "positions", .. }), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 600, ..ProptestConfig::default() })]

    /// The quick look and the draft's check agree on what is sound.
    #[test]
    fn changed_bytes_are_refused_or_make_a_sound_map(
        seed in 0..20_u64,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = opened(&generate::random(seed, 4 + seed as u32 * 3));
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = if byte < 128 { byte % 8 } else { bytes[at].wrapping_add(byte) };
        }
        match Map::from_binary(&sealed(bytes)) {
            Ok(map) => assert_sound(&map),
            Err(BinaryError::Defects(defects)) => assert!(!defects.listed().is_empty()),
            Err(_) => {}
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut bytes = bytes;
        prop_assert!(Map::from_binary(&bytes).is_err());
        bytes.splice(0..0, *b"SOVMAP\x01\x03");
        let _ = Map::from_binary(&sealed(bytes));
    }
}
