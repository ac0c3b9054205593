//! The file form and the hash of a map.

use alloc::format;
use alloc::string::{String, ToString};

use super::super::*;

#[test]
fn a_draft_survives_its_file() {
    for map in [generate::random(3, 60), Map::shipped("world").expect("it is shipped")] {
        let draft = MapDraft::from(&map);
        let text = draft.to_json();
        assert_eq!(MapDraft::from_json(&text).as_ref(), Ok(&draft));
        assert_eq!(Map::from_json(&text).expect("it is sound").hash(), map.hash());
    }
}

#[test]
fn a_file_error_says_where() {
    let error = |text: &str| MapDraft::from_json(text).expect_err("it is no map");
    let at =
        |line, column, what: &str| MapFileError::Syntax { line, column, what: what.to_string() };
    assert_eq!(
        error("{\n  \"format\": 7"),
        at(2, 13, "invalid type: integer `7`, expected a string")
    );
    assert_eq!(error("{\"size\": 1}").to_string().split(',').next(), Some("line 1"));
    assert!(error("{\"size\": 1}").to_string().contains("unknown field `size`"));
    let half = MapDraft::from(&generate::grid(2, 2)).to_json().replace("\"x\":10", "\"x\":10.5");
    assert!(error(&half).to_string().contains("expected i32"));
}

/// A complaint may quote the file; it stays short however long the file is.
#[test]
fn a_file_error_stays_short() {
    let long = format!("{{\"{}\": 1}}", "é".repeat(100_000));
    let error = MapDraft::from_json(&long).expect_err("it is no map");
    assert!(error.to_string().len() < 300);
}

#[test]
fn long_files_and_deep_files_are_refused() {
    let long = " ".repeat(FILE_BYTES_MAX + 1);
    let bytes = FILE_BYTES_MAX + 1;
    assert_eq!(MapDraft::from_json(&long), Err(MapFileError::TooLong { bytes }));
    let deep = "[".repeat(100_000);
    assert!(MapDraft::from_json(&deep).is_err());
}

#[test]
fn the_hash_sees_what_the_rules_see() {
    let base = MapDraft::from(&generate::random(5, 30));
    let hash = |change: fn(&mut MapDraft)| {
        let mut draft = base.clone();
        change(&mut draft);
        Map::try_from(draft).expect("it stays sound").hash()
    };
    let same = hash(|_| ());
    assert_eq!(hash(|d| d.territories[0].name.push('x')), same);
    assert_eq!(hash(|d| d.territories[0].outline.push([1, 1, 2, 1, 2, 2].to_vec())), same);
    assert_eq!(hash(|d| d.title.push('x')), same);
    assert_eq!(hash(|d| d.edges.reverse()), same);
    assert_ne!(hash(|d| d.edges[0].length += 1), same);
    assert_ne!(hash(|d| d.edges[0].kind = EdgeKind::Sea), same);
    assert_ne!(hash(|d| d.territories[0].terrain = Terrain::Mountain), same);
    assert_ne!(hash(|d| d.territories[0].x += 1), same);
    assert_ne!(hash(|d| d.regions[0].bonus += 1), same);
}

/// Replays name maps by these hashes: where one changes, old replays lose their map.
#[test]
fn hashes_stay_what_they_are() {
    let shipped = |name| Map::shipped(name).expect("it is shipped");
    let golden = [
        (generate::grid(3, 2), "2958da70121f55dc54d7d473229b4112deef4eec64c328eaacb56d1b3d252239"),
        (
            generate::random(1, 100),
            "4c789d5e0040ae5c11b7e7586e34b44eb1324961fdbfa876a8664ecbaecc6038",
        ),
        (shipped("classic"), "776a7a979b153613e675d56cb51ff5eeaeb7eeff79a3cc2090f06910b6f78daa"),
        (
            shipped("us-counties"),
            "4df37187a0b8a8a0abbf83f21a9fec635a2ea7d4a9a4f985914744ace868d576",
        ),
        (shipped("world"), "8c22c01fb76d157c71f897c4ce6f8549ddbc52591b3e83752693a2b53e4b23cc"),
    ];
    for (map, hash) in golden {
        assert_eq!(map.hash().to_string(), hash, "{}", map.name());
    }
}

/// The canonical bytes, written out by hand for the smallest grid.
#[test]
fn the_hash_is_over_the_documented_bytes() {
    use sha2::{Digest, Sha256};
    let mut bytes = b"sovereign-map/1\0".to_vec();
    for count in [40_u32, 20, 2, 1] {
        bytes.extend(count.to_le_bytes());
    }
    bytes.extend([2, 0]); // the bonus
    for (x, other) in [(10_u8, 1_u8), (30, 0)] {
        bytes.extend([0, 0, 0]); // plains, region 0
        bytes.extend([x, 0, 0, 0, 10, 0, 0, 0]);
        bytes.extend([1, 0]); // one edge:
        bytes.extend([other, 0, 0, 0, 100, 0, 0]);
    }
    let expected = MapHash(Sha256::digest(&bytes).into());
    assert_eq!(generate::grid(2, 1).hash(), expected);
}

#[test]
fn a_hash_survives_its_text() {
    let hash = generate::grid(4, 4).hash();
    assert_eq!(hash.to_string().parse(), Ok(hash));
    assert_eq!(serde_json::to_string(&hash).ok(), Some(format!("\"{hash}\"")));
    for bad in ["", "12", &"g".repeat(64), &"é".repeat(32), &String::from_utf8_lossy(&[b'0'; 63])]
    {
        assert_eq!(bad.parse::<MapHash>(), Err(MapHashError), "{bad:?}");
    }
}
