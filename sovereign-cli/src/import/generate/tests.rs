//! Made-up maps are sound, drawn, of the size that was asked for, and always the same.

use sovereign_core::Map;

use super::*;

fn made(kind: Kind, territories: u32, seed: u64) -> MapDraft {
    generate(kind, territories, seed).expect("there is room")
}

#[test]
fn maps_are_sound_and_of_the_size_that_was_asked_for() {
    for (kind, sizes) in [(Kind::Voronoi, [4, 5, 30, 150]), (Kind::Islands, [4, 7, 40, 300])] {
        for territories in sizes {
            for seed in 0..6 {
                let draft = made(kind, territories, seed);
                assert_eq!(draft.check(), [], "{kind:?} {territories} {seed}");
                assert_eq!(draft.territories.len(), territories as usize);
                assert!(draft.territories.iter().all(|t| !t.outline.is_empty()));
                assert!(draft.territories.iter().all(|t| t.region.is_some()));
            }
        }
    }
    let grid = made(Kind::Grid, 101, 1);
    assert_eq!((grid.territories.len(), grid.check()), (100, Vec::new()));
}

#[test]
fn islands_have_crossings_and_maps_rough_land() {
    let islands = made(Kind::Islands, 200, 3);
    for kind in [EdgeKind::Land, EdgeKind::Strait, EdgeKind::Sea] {
        assert!(islands.edges.iter().any(|edge| edge.kind == kind), "{kind:?}");
    }
    for terrain in [Terrain::Plains, Terrain::Highland, Terrain::Mountain] {
        let count = islands.territories.iter().filter(|t| t.terrain == terrain).count();
        assert!(count >= 10, "{count} of {terrain:?}");
    }
}

/// The same on every machine: a change here is a change of every made-up map.
#[test]
fn hashes_stay_what_they_are() {
    let hash = |kind| Map::try_from(made(kind, 100, 1)).expect("sound").hash().to_string();
    let hashes = [Kind::Voronoi, Kind::Islands].map(hash);
    let golden = [
        "ad74bad191936a3c02f972e3ef2d7ec302214e5d0bde979376fd1e4931ddbe54",
        "d8e0ad841ce140eabf0539d7fcbcf6b4bb4758f37ab86a518aecb5d5f5787e16",
    ];
    assert_eq!(hashes, golden);
}

#[test]
fn other_seeds_make_other_maps() {
    assert_ne!(made(Kind::Voronoi, 50, 1), made(Kind::Voronoi, 50, 2));
}

#[test]
fn too_few_and_too_many_are_refused() {
    for (kind, territories) in
        [(Kind::Voronoi, 3), (Kind::Islands, DRAWN_MAX + 1), (Kind::Grid, u32::MAX)]
    {
        let error = generate(kind, territories, 1).expect_err("out of range").to_string();
        assert!(error.contains("this kind has 4 to"), "{error}");
    }
}
