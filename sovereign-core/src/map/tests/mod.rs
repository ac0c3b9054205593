//! What a map promises, whatever it was made from.

mod arbitrary;
mod binary;
mod defects;
mod identity;
mod shipped;

use alloc::vec::Vec;

use super::*;

/// Holds of every map that exists.
fn assert_sound(map: &Map) {
    let draft = MapDraft::from(map);
    assert_eq!(draft.check(), [], "{map:?}");
    for territory in map.territories() {
        let edges = map.edges(territory);
        assert!(edges.iter().is_sorted_by(|a, b| a.to < b.to), "{territory} has unsorted edges");
        assert!(edges.iter().all(|edge| map.edge(territory, edge.to) == Some(edge)));
        let region = map.region_of(territory);
        let listed = |r: RegionId| map.regions()[r.index()].territories.contains(&territory);
        assert!(region.is_none_or(listed), "{territory} is not listed in its region");
    }
    let again = Map::try_from(draft.clone()).expect("checked above");
    assert_eq!((again.hash(), MapDraft::from(&again)), (map.hash(), draft));
}

#[test]
fn generated_maps_are_sound() {
    for seed in 0..200 {
        assert_sound(&generate::random(seed, 4 + seed as u32 * 7));
    }
    assert_sound(&generate::random(1, 20_000));
    assert_sound(&generate::grid(1, 1));
    assert_sound(&generate::grid(57, 33));
}

#[test]
fn random_maps_have_each_kind_of_edge_and_a_region() {
    for seed in 0..50 {
        let map = generate::random(seed, 4);
        let edges: Vec<Edge> = map.territories().flat_map(|id| map.edges(id)).collect();
        for kind in [EdgeKind::Land, EdgeKind::Strait, EdgeKind::Sea] {
            assert!(edges.iter().any(|edge| edge.kind == kind), "seed {seed} has no {kind:?}");
        }
        assert!(!map.regions().is_empty());
    }
}

#[test]
fn a_grid_holds_a_million_territories() {
    let map = generate::grid(1_000, 1_000);
    assert_eq!(
        (map.len(), map.playable_count(), map.regions().len()),
        (1_000_000, 1_000_000, 10_000)
    );
    assert_eq!(map.edge_count(), 4 * 1_000 * 999);
    assert_eq!(map.territory_name(TerritoryId(1_001)), "2-2");
}
