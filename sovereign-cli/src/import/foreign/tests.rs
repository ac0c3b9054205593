//! What each format says, what is wrong with it, and that no bytes bring a reader down.

use proptest::prelude::*;
use sovereign_core::map::{EdgeKind, MapDefect, MapDraft};

use super::*;
use crate::import::fix::fix;

/// Two squares side by side that share an arc, and one apart that uses an arc twice.
const TOPOLOGY: &str = r#"{"type":"Topology",
"transform":{"scale":[1,1],"translate":[200,200]},
"objects":{"land":{"type":"GeometryCollection","geometries":[
{"type":"Polygon","id":"a","arcs":[[0,1]],"properties":{"name":"West","region":"Twins"}},
{"type":"Polygon","id":"b","arcs":[[-1,2]],"properties":{"name":"East","region":"Twins"}},
{"type":"MultiPolygon","id":"c","arcs":[[[3,4]],[[-5,5]]],"properties":{"name":"Isle"}}]},
"other":{"type":"Polygon","arcs":[[0,1]]}},
"arcs":[[[10,0],[0,10]],[[10,10],[-10,0],[0,-10],[10,0]],[[10,0],[10,0],[0,10],[-10,0]],
[[50,0],[0,10],[10,0]],[[60,10],[0,-10],[-10,0]],[[60,10],[5,0],[0,-10],[-5,0],[-10,0]]]}"#;

/// The same two squares; the east one has a corner in the middle of the shared side.
const FEATURES: &str = r#"{"type":"FeatureCollection","name":"Two","features":[
{"type":"Feature","properties":{"name":"West"},"geometry":{"type":"Polygon","coordinates":
[[[200,200],[210,200],[210,210],[200,210],[200,200]]]}},
{"type":"Feature","properties":{"name":"North"},"geometry":{"type":"Polygon","coordinates":
[[[210,200,7],[220,200],[220,205],[210,205],[210,200,7]]]}},
{"type":"Feature","properties":{"name":"South"},"geometry":{"type":"MultiPolygon","coordinates":
[[[[210,205],[220,205],[220,210],[210,210],[210,205]]]]}},
{"type":"Feature","properties":{"name":"Corner"},"geometry":{"type":"Polygon","coordinates":
[[[190,190],[200,190],[200,200],[190,200],[190,190]]]}}]}"#;

const DOMINATION: &str = "; a comment\nname Three Lands\n\n[files]\npic a.jpg\n\n[continents]\n\
North 3 red\nSouth 2 blue\n\n[countries]\n1 Up_There 1 10 10\n2 Middle 1 20 20\n3 Down 2 30 30\n\n\
[borders]\n1 2\n2 1 3\n3 2\n";

const RECORDS: &str = r#"[
{"name":{"common":"Aland"},"cca3":"AAA","borders":["BBB"],"latlng":[10,20],"region":"R"},
{"name":{"common":"Bland"},"cca3":"BBB","borders":["AAA","CCC"],"latlng":[11,21],"region":"R"},
{"name":{"common":"Cland"},"cca3":"CCC","borders":["BBB"],"latlng":[12,22],"region":"S"}]"#;

fn of(text: &str) -> Foreign {
    read(text.as_bytes(), None, &Hints::default()).expect("it can be read")
}

/// The borders of a draft, by name.
fn borders(draft: &MapDraft) -> Vec<String> {
    let name = |at: u32| draft.territories[at as usize].name.as_str();
    let way = |one_way: bool| if one_way { ">" } else { "-" };
    let tell = |e: &sovereign_core::map::EdgeDraft| {
        format!("{}{}{}", name(e.a), way(e.one_way), name(e.b))
    };
    let mut all: Vec<String> = draft.edges.iter().map(tell).collect();
    all.sort_unstable();
    all
}

#[test]
fn formats_are_told_by_their_looks() {
    let own = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../maps/classic.json"));
    let classic = Map::shipped("classic").expect("shipped");
    let binary = classic.to_binary(sovereign_core::map::BinaryParts::ALL);
    let looks = [
        (TOPOLOGY.as_bytes(), Format::Topojson),
        (FEATURES.as_bytes(), Format::Geojson),
        (DOMINATION.as_bytes(), Format::Domination),
        (RECORDS.as_bytes(), Format::Borders),
        (b"# made\nrecipe = \"atlas\"\n", Format::Recipe),
        (&own.expect("shipped"), Format::Sovereign),
        (&binary, Format::Binary),
    ];
    for (bytes, format) in looks {
        assert_eq!(Format::detect(bytes), Some(format));
    }
    assert_eq!(Format::detect(b"once upon a time"), None);
    assert_eq!(Format::detect(&[0xff, 0xfe]), None);
}

#[test]
fn shared_arcs_are_borders_and_an_arc_used_twice_is_one_with_oneself() {
    let Foreign { draft, defects } = of(TOPOLOGY);
    assert_eq!(defects, []);
    assert_eq!(borders(&draft), ["Isle-Isle", "West-East"]);
    let found = draft.check();
    assert!(found.contains(&MapDefect::SelfEdge { edge: 1, territory: 2 }), "{found:?}");
    assert!(found.contains(&MapDefect::Isolated { territory: 2 }), "{found:?}");
    assert_eq!(draft.regions.iter().map(|r| r.name.as_str()).collect::<Vec<_>>(), ["Twins"]);
    let fixed = fix(of(TOPOLOGY));
    assert_eq!(fixed.draft.check(), []);
    assert!(fixed.done.iter().any(|what| what.contains("leads from territory 2 to itself")));
    assert!(fixed.done.iter().any(|what| what.contains("Isle and East joined by sea")));
    assert_eq!(fixed.draft.edges[1].kind, EdgeKind::Sea);
}

#[test]
fn the_object_of_a_topology_can_be_named() {
    let hints = Hints { object: Some("other".to_owned()), ..Hints::default() };
    let found = read(TOPOLOGY.as_bytes(), None, &hints).expect("it is there");
    assert_eq!(found.draft.territories.len(), 1);
    let hints = Hints { object: Some("moon".to_owned()), ..Hints::default() };
    let error = read(TOPOLOGY.as_bytes(), None, &hints).expect_err("there is no moon");
    assert!(error.to_string().contains("it has: land, other"), "{error}");
}

#[test]
fn sides_that_run_along_each_other_are_borders_and_corners_are_not() {
    let Foreign { draft, defects } = of(FEATURES);
    assert_eq!((defects, draft.title.as_str()), (Vec::new(), "Two"));
    assert_eq!(borders(&draft), ["North-South", "West-North", "West-South"]);
    assert_eq!(draft.check(), [MapDefect::Isolated { territory: 3 }]);
}

#[test]
fn a_domination_map_is_read_as_it_is() {
    let Foreign { draft, defects } = of(DOMINATION);
    assert_eq!((defects, draft.check()), (Vec::new(), Vec::new()));
    assert_eq!((draft.name.as_str(), draft.title.as_str()), ("three-lands", "Three Lands"));
    assert_eq!(borders(&draft), ["Middle-Down", "Up There-Middle"]);
    assert_eq!((draft.regions[0].bonus, draft.territories[2].region), (3, Some(1)));
}

#[test]
fn every_defect_of_a_listing_is_named_with_its_line() {
    let cases = [
        ("1 2\n2 1 3\n", "3 2\n", "", "line 18: asymmetric: Middle borders on Down"),
        ("1 2\n", "1 2 9\n", "", "line 17: dangling: Up There borders on \"9\""),
        ("1 2\n", "1 2 2\n", "", "line 17: duplicate: Up There lists Middle again"),
        (
            "3 Down",
            "2 Down",
            "3 2\n",
            "line 14: duplicate: the code \"2\" is already that of Middle",
        ),
        ("3 Down 2", "3 Down 7", "", "line 14: dangling: Down is in region \"7\""),
    ];
    for (from, to, without, complaint) in cases {
        let text = DOMINATION.replacen(
            from,
            if from.contains('\n') && to == "3 2\n" { from } else { to },
            1,
        );
        let text =
            if to == "3 2\n" { text.replace("\n3 2\n", "\n") } else { text.replace(without, "") };
        let found = of(&text);
        let told: Vec<String> = found.defects.iter().map(ToString::to_string).collect();
        assert!(told.iter().any(|defect| defect.starts_with(complaint)), "{complaint}: {told:?}");
        let fixed = fix(found);
        assert!(fixed.done.iter().any(|what| what.starts_with(complaint)), "{:?}", fixed.done);
        assert_eq!(fixed.draft.check(), [], "{complaint}");
    }
}

#[test]
fn records_border_on_whom_they_list() {
    let Foreign { draft, defects } = of(RECORDS);
    assert_eq!((defects, draft.check()), (Vec::new(), Vec::new()));
    assert_eq!(borders(&draft), ["Aland-Bland", "Bland-Cland"]);
    // North is up and east is right.
    let [a, b] = [&draft.territories[0], &draft.territories[1]];
    assert!(a.x < b.x && a.y > b.y, "{draft:?}");
    let one_sided = RECORDS.replace("[\"AAA\",\"CCC\"]", "[\"CCC\",\"BBB\"]");
    let Foreign { draft, defects } = of(&one_sided);
    assert_eq!(borders(&draft), ["Aland>Bland", "Bland-Bland", "Bland-Cland"]);
    assert!(defects[0].to_string().starts_with("record 1: asymmetric: Aland borders on Bland"));
    assert_eq!(fix(of(&one_sided)).draft.check(), []);
}

#[test]
fn what_cannot_be_read_is_placed() {
    let topology = |from: &str, to: &str| TOPOLOGY.replacen(from, to, 1);
    let cases = [
        (topology("[[0,1]]", "[[0,9]]"), "feature 1: arc 9 is not in the file"),
        (topology("[[0,1]]", "[[0,1.5]]"), "feature 1: an arc is no number"),
        (
            topology("\"Polygon\",\"id\":\"b\"", "\"Point\",\"id\":\"b\""),
            "feature 2: Some(\"Point\")",
        ),
        (topology("\"arcs\":[[[10", "\"arcs\":[[[x"), "not TopoJSON: line 8, column 11"),
        (
            FEATURES.replace("[200,200],[210", "[200],[210"),
            "feature 1: a corner is not two numbers",
        ),
        (FEATURES.replace("\"MultiPolygon\"", "\"Line\""), "feature 3: \"Line\" is no polygon"),
        (FEATURES.replace("190,190", "1e99,190"), "beyond all bounds"),
        (DOMINATION.replace("North 3", "North x"), "line 8: the bonus is \"x\""),
        (DOMINATION.replace("3 2\n", "8 2\n"), "line 19: there is no country 8"),
        (RECORDS.replace("\"cca3\":\"BBB\",", ""), "record 2 has no code"),
        (RECORDS.replace("[\"AAA\",\"CCC\"]", "7"), "not a list of borders: line 3"),
        ("nothing".to_owned(), "say which it is with --format"),
    ];
    for (text, complaint) in cases {
        let error = read(text.as_bytes(), None, &Hints::default()).expect_err(complaint);
        assert!(error.to_string().contains(complaint), "{complaint}: {error}");
    }
}

/// Whatever a reader makes of a damaged file, it and the mending end well.
fn survive(bytes: &[u8], format: Format) {
    if let Ok(found) = read(bytes, Some(format), &Hints::default()) {
        let _ = found.draft.check();
        let fixed = fix(found);
        let again = fix(Foreign { draft: fixed.draft.clone(), defects: Vec::new() });
        assert_eq!(again.done, Vec::<String>::new(), "nothing is left to mend");
        assert_eq!(again.draft, fixed.draft);
    }
}

const SAMPLES: [(&str, Format); 4] = [
    (TOPOLOGY, Format::Topojson),
    (FEATURES, Format::Geojson),
    (DOMINATION, Format::Domination),
    (RECORDS, Format::Borders),
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 1_500, ..ProptestConfig::default() })]

    #[test]
    fn damaged_files_are_read_or_refused(
        which in 0..SAMPLES.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), "[0-9\\-\\.e,\\[\\]\" a-c]"), 1..5),
        cut in prop::option::weighted(0.1, any::<prop::sample::Index>()),
    ) {
        let (text, format) = SAMPLES[which];
        let mut bytes = text.as_bytes().to_vec();
        for (at, character) in changes {
            *at.get_mut(&mut bytes) = character.as_bytes()[0];
        }
        bytes.truncate(cut.map_or(text.len(), |cut| cut.index(text.len())));
        survive(&bytes, format);
    }

    /// Numbers are what shapes and borders are made of: change them to any others.
    #[test]
    fn files_of_other_numbers_are_read_or_refused(
        which in 0..SAMPLES.len(),
        numbers in prop::collection::vec(prop_oneof![
            4 => (-3..12_i64).prop_map(|n| n.to_string()),
            2 => (0..300_i64).prop_map(|n| n.to_string()),
            1 => any::<i64>().prop_map(|n| n.to_string()),
            1 => (-1e12..1e12).prop_map(|n: f64| n.to_string()),
        ], 90),
    ) {
        let (text, format) = SAMPLES[which];
        let mut changed = String::new();
        let mut numbers = numbers.iter().cycle();
        let mut rest = text;
        while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
            let end = rest[at..].find(|c: char| !c.is_ascii_digit()).map_or(rest.len(), |end| at + end);
            changed.push_str(&rest[..at]);
            let keep = !changed.len().is_multiple_of(3);
            changed.push_str(if keep { &rest[at..end] } else { numbers.next().map_or("0", |n| n) });
            rest = &rest[end..];
        }
        changed.push_str(rest);
        survive(changed.as_bytes(), format);
    }
}
