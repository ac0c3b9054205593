//! Each defect is found, by itself, and nothing is found in a sound draft.

use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use super::super::*;

/// Three territories in a row, two of them a region.
fn sound() -> MapDraft {
    let territory = |name: &str, region, x| TerritoryDraft {
        name: name.to_string(),
        region,
        x,
        y: 5,
        ..TerritoryDraft::default()
    };
    MapDraft {
        format: FORMAT.to_string(),
        name: "row-3".to_string(),
        title: "A Row".to_string(),
        source: "made up".to_string(),
        licence: "CC0".to_string(),
        width: 30,
        height: 10,
        regions: vec![RegionDraft { name: "East".to_string(), bonus: 2 }],
        territories: vec![
            territory("Left", None, 5),
            territory("Middle", Some(0), 15),
            territory("Right", Some(0), 25),
        ],
        edges: vec![edge(0, 1), edge(1, 2)],
    }
}

fn edge(a: u32, b: u32) -> EdgeDraft {
    EdgeDraft { a, b, kind: EdgeKind::Land, length: 100, one_way: false }
}

fn one_way(a: u32, b: u32) -> EdgeDraft {
    EdgeDraft { one_way: true, ..edge(a, b) }
}

/// What is found after one change to the sound draft.
fn found(change: impl FnOnce(&mut MapDraft)) -> Vec<MapDefect> {
    let mut draft = sound();
    change(&mut draft);
    let found = draft.check();
    let built = Map::try_from(draft);
    match built {
        Ok(_) => assert_eq!(found, []),
        Err(defects) => assert_eq!(defects.listed(), &found[..found.len().min(100)]),
    }
    found
}

fn text(part: Part, fault: TextFault) -> Vec<MapDefect> {
    vec![MapDefect::Text { part, fault }]
}

#[test]
fn a_sound_draft_has_none() {
    assert_eq!(found(|_| ()), []);
}

#[test]
fn of_texts() {
    let long = "x".repeat(65);
    let too_long = TextFault::TooLong { bytes: 65, most: 64 };
    let cases: [(&str, TextFault); 5] = [
        ("", TextFault::Empty),
        (" \t", TextFault::Empty),
        (&long, too_long),
        ("a\nb", TextFault::Control),
        (" a", TextFault::Untrimmed),
    ];
    for (name, fault) in cases {
        let name = name.to_string();
        assert_eq!(found(|d| d.title = name.clone()), text(Part::Title, fault));
        assert_eq!(found(|d| d.regions[0].name = name.clone()), text(Part::Region(0), fault));
        let territory = found(|d| d.territories[2].name = name.clone());
        assert_eq!(territory, text(Part::Territory(2), fault));
    }
    let shouting = found(|d| d.name = "ROW".to_string());
    assert_eq!(shouting, text(Part::Name, TextFault::NotSimple));
    let odd = found(|d| d.format = "sovereign-map/9".to_string());
    assert_eq!(odd, [MapDefect::Format { found: "sovereign-map/9".to_string() }]);
}

#[test]
fn of_names_used_twice() {
    let twice = found(|d| d.territories[2].name = "Left".to_string());
    assert_eq!(twice, [MapDefect::DuplicateName { part: Part::Territory(2), first: 0 }]);
}

#[test]
fn of_regions() {
    let unknown = found(|d| d.territories[0].region = Some(1));
    assert_eq!(unknown, [MapDefect::UnknownRegion { territory: 0, region: 1, regions: 1 }]);
    let empty = found(|d| d.regions.push(RegionDraft { name: "West".to_string(), bonus: 1 }));
    assert_eq!(empty, [MapDefect::EmptyRegion { region: 1 }]);
}

#[test]
fn of_places_and_outlines() {
    let outside = found(|d| d.territories[0].x = 31);
    assert_eq!(outside, [MapDefect::OutOfFrame { territory: 0, x: 31, y: 5 }]);
    let above = found(|d| d.territories[0].y = -1);
    assert_eq!(above, [MapDefect::OutOfFrame { territory: 0, x: 5, y: -1 }]);
    for numbers in [4, 7] {
        let bad = found(|d| d.territories[1].outline = vec![vec![1; numbers]]);
        assert_eq!(bad, [MapDefect::BadRing { territory: 1, ring: 0, numbers }]);
    }
    let leaving = found(|d| d.territories[1].outline = vec![vec![1, 1, 2, 2, 3, 11]]);
    assert_eq!(leaving, [MapDefect::RingOutOfFrame { territory: 1, ring: 0, x: 3, y: 11 }]);
    let many = found(|d| d.territories[1].outline = vec![vec![1; 6]; 257]);
    assert_eq!(many, [MapDefect::OutlineTooLarge { territory: 1, rings: 257, points: 771 }]);
    let flat = found(|d| d.height = FRAME_MAX + 1);
    assert_eq!(flat, [MapDefect::Frame { width: 30, height: FRAME_MAX + 1 }]);
}

#[test]
fn of_single_edges() {
    let dangling = found(|d| d.edges.push(edge(0, 3)));
    assert_eq!(dangling, [MapDefect::DanglingEdge { edge: 2, end: 3, territories: 3 }]);
    let loops = found(|d| d.edges.push(edge(1, 1)));
    assert_eq!(loops, [MapDefect::SelfEdge { edge: 2, territory: 1 }]);
    let nothing = found(|d| d.edges.push(EdgeDraft { length: 0, ..edge(0, 2) }));
    assert_eq!(nothing, [MapDefect::ZeroLength { edge: 2 }]);
}

#[test]
fn of_edges_written_twice() {
    let again = [MapDefect::DuplicateEdge { edge: 2, first: 0 }];
    assert_eq!(found(|d| d.edges.push(edge(0, 1))), again);
    assert_eq!(found(|d| d.edges.push(edge(1, 0))), again);
    assert_eq!(found(|d| d.edges.push(one_way(1, 0))), again);
    let by_sea = EdgeDraft { kind: EdgeKind::Sea, ..edge(0, 1) };
    assert_eq!(found(|d| d.edges.push(by_sea)), again);
    // There and back may be two edges that differ.
    assert_eq!(found(|d| d.edges.extend([one_way(0, 2), one_way(2, 0)])), []);
}

#[test]
fn of_impassable_land() {
    let walled = found(|d| {
        d.territories[2].terrain = Terrain::Impassable;
    });
    let expected = [
        MapDefect::ImpassableInRegion { territory: 2, region: 0 },
        MapDefect::ImpassableEdge { edge: 1, territory: 2 },
    ];
    assert_eq!(walled, expected);
    let scenery = found(|d| {
        d.territories[2].terrain = Terrain::Impassable;
        d.territories[2].region = None;
        d.edges.pop();
    });
    assert_eq!(scenery, []);
}

#[test]
fn of_the_whole_graph() {
    let alone = found(|d| d.edges.truncate(1));
    assert_eq!(alone, [MapDefect::Isolated { territory: 2 }]);
    let two_parts = found(|d| {
        let twin = |place: &TerritoryDraft| TerritoryDraft {
            name: place.name.clone() + " again",
            ..place.clone()
        };
        d.territories.extend(d.territories[..2].iter().map(twin).collect::<Vec<_>>());
        d.edges.push(edge(4, 3));
    });
    assert_eq!(two_parts, [MapDefect::Apart { territory: 3, others: 1 }]);
    let no_way = found(|d| d.edges[1] = one_way(2, 1));
    assert_eq!(no_way, [MapDefect::Unreachable { territory: 2, from: 0, others: 0 }]);
    let no_way_back = found(|d| d.edges[1] = one_way(1, 2));
    assert_eq!(no_way_back, [MapDefect::NoWayBack { territory: 2, to: 0, others: 0 }]);
    let lonely = found(|d| {
        d.territories.truncate(1);
        d.regions.clear();
        d.edges.clear();
    });
    assert_eq!(lonely, [MapDefect::TooFewPlayable { playable: 1 }]);
    let nothing = found(|d| {
        d.territories.clear();
        d.regions.clear();
        d.edges.clear();
    });
    assert_eq!(nothing, [MapDefect::TooFewPlayable { playable: 0 }]);
}

#[test]
fn of_a_hub_with_too_many_edges() {
    let mut draft = sound();
    let spoke =
        |at: u32| TerritoryDraft { name: at.to_string(), x: 5, y: 5, ..TerritoryDraft::default() };
    draft.territories.extend((3..1_026).map(spoke));
    draft.edges.extend((2..1_026).map(|at| edge(0, at)));
    assert_eq!(draft.check(), [MapDefect::TooManyEdges { territory: 0, edges: 1_025 }]);
}

#[test]
fn are_listed_up_to_a_hundred_and_counted_beyond() {
    let mut draft = sound();
    draft.edges.extend([edge(1, 1); 250]);
    let defects = Map::try_from(draft).expect_err("it has self edges");
    assert_eq!((defects.listed().len(), defects.more()), (100, 150));
    assert!(defects.to_string().ends_with("\nand 150 more"));
}

#[test]
fn are_told_in_words_that_say_where() {
    let message = |change: fn(&mut MapDraft)| -> String { found(change)[0].to_string() };
    assert_eq!(
        message(|d| d.edges.push(edge(0, 9))),
        "edge 2 leads to territory 9, but there are only 3"
    );
    assert_eq!(message(|d| d.regions[0].name.clear()), "the name of region 0 is empty");
}
