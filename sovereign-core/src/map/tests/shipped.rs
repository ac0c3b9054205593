//! The maps that come with the engine.

use alloc::vec::Vec;

use super::super::*;
use super::assert_sound;

fn id_of(map: &Map, name: &str) -> TerritoryId {
    let found = map.territories().find(|&id| map.territory_name(id) == name);
    found.unwrap_or_else(|| panic!("{} has no {name}", map.title()))
}

fn kind_between(map: &Map, a: &str, b: &str) -> Option<EdgeKind> {
    let edge = map.edge(id_of(map, a), id_of(map, b));
    let back = map.edge(id_of(map, b), id_of(map, a));
    assert_eq!(edge.map(|e| (e.kind, e.length)), back.map(|e| (e.kind, e.length)));
    edge.map(|edge| edge.kind)
}

#[test]
fn shipped_maps_are_sound_and_drawn() {
    for &name in Map::SHIPPED {
        let map = Map::shipped(name).expect("it is listed");
        assert_eq!(map.name(), name);
        assert_sound(&map);
        assert!(!map.source().is_empty() && !map.licence().is_empty());
        assert!(map.territories().all(|id| !map.outline(id).is_empty()), "{name} has outlines");
        assert!(map.territories().all(|id| map.region_of(id).is_some()), "{name} has regions");
    }
    assert!(Map::shipped("atlantis").is_none());
}

#[test]
fn the_world_has_the_crossings_one_expects() {
    let world = Map::shipped("world").expect("it is shipped");
    let expected = [
        ("France", "Germany", Some(EdgeKind::Land)),
        ("France", "Brazil", Some(EdgeKind::Land)),
        ("United Kingdom", "Ireland", Some(EdgeKind::Land)),
        ("United Kingdom", "France", Some(EdgeKind::Strait)),
        ("Spain", "Morocco", Some(EdgeKind::Strait)),
        ("Denmark", "Sweden", Some(EdgeKind::Strait)),
        ("United States", "Russia", Some(EdgeKind::Strait)),
        ("Japan", "South Korea", Some(EdgeKind::Strait)),
        ("Mozambique", "Madagascar", Some(EdgeKind::Sea)),
        ("Greenland", "Iceland", Some(EdgeKind::Sea)),
        ("Brazil", "Sierra Leone", Some(EdgeKind::Sea)),
        ("Spain", "Brazil", None),
        ("Ghana", "Nigeria", None),
    ];
    for (a, b, kind) in expected {
        assert_eq!(kind_between(&world, a, b), kind, "between {a} and {b}");
    }
    assert_eq!((world.len(), world.regions().len()), (175, 21));
}

/// Nothing is so far apart on the map that it wraps around: a part is drawn where it lies.
#[test]
fn no_country_is_torn_across_the_frame() {
    let world = Map::shipped("world").expect("it is shipped");
    for name in ["Russia", "Fiji", "United States", "New Zealand"] {
        let rings = world.outline(id_of(&world, name));
        let sides = rings.iter().flat_map(|ring| ring.iter().zip(ring.iter().cycle().skip(1)));
        let longest = sides.map(|(a, b)| (a[0] - b[0]).abs()).max().expect("it has an outline");
        assert!(longest < 400, "{name} has a side {longest} units wide");
    }
}

#[test]
fn the_classic_board_has_its_numbers() {
    let classic = Map::shipped("classic").expect("it is shipped");
    let worth: Vec<_> = classic.regions().iter().map(|r| (&*r.name, r.bonus)).collect();
    let expected = [
        ("North America", 5),
        ("South America", 2),
        ("Europe", 5),
        ("Africa", 3),
        ("Asia", 7),
        ("Australia", 2),
    ];
    assert_eq!(worth, expected);
    let sizes: Vec<_> = classic.regions().iter().map(|r| r.territories.len()).collect();
    assert_eq!(sizes, [9, 4, 7, 6, 12, 4]);
    assert_eq!((classic.len(), classic.edge_count()), (42, 2 * 83));
}

#[test]
fn the_classic_board_is_the_variant_it_says() {
    let classic = Map::shipped("classic").expect("it is shipped");
    let expected = [
        ("East Africa", "Middle East", Some(EdgeKind::Strait)),
        ("Alaska", "Kamchatka", Some(EdgeKind::Strait)),
        ("Brazil", "North Africa", Some(EdgeKind::Strait)),
        ("Egypt", "Middle East", Some(EdgeKind::Land)),
        ("China", "Ural", Some(EdgeKind::Land)),
        ("China", "Middle East", None),
        ("Japan", "China", None),
    ];
    for (a, b, kind) in expected {
        assert_eq!(kind_between(&classic, a, b), kind, "between {a} and {b}");
    }
}

#[test]
fn the_counties_are_all_there_and_joined() {
    let counties = Map::shipped("us-counties").expect("it is shipped");
    assert_eq!((counties.len(), counties.regions().len()), (3_231, 56));
    let kinds = |kind| {
        let edges = counties.territories().flat_map(|id| counties.edges(id));
        edges.filter(|edge| edge.kind == kind).count() / 2
    };
    assert_eq!(kinds(EdgeKind::Land), 8_944);
    assert!(kinds(EdgeKind::Strait) > 10 && kinds(EdgeKind::Sea) > 20);
    let expected = [
        ("San Francisco", "San Mateo", Some(EdgeKind::Land)),
        ("Baltimore City, MD", "Baltimore, MD", Some(EdgeKind::Land)),
        ("Emmet, MI", "Mackinac", Some(EdgeKind::Strait)),
        ("Los Angeles", "Honolulu", Some(EdgeKind::Sea)),
        ("Los Angeles", "San Francisco", None),
    ];
    for (a, b, kind) in expected {
        assert_eq!(kind_between(&counties, a, b), kind, "between {a} and {b}");
    }
}
