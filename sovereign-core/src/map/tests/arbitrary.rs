//! No draft and no text makes the map code panic, and what it accepts is sound.

use alloc::string::String;
use alloc::vec::Vec;

use proptest::prelude::*;

use super::super::*;
use super::assert_sound;

fn terrain() -> impl Strategy<Value = Terrain> {
    prop_oneof![
        6 => Just(Terrain::Plains),
        1 => Just(Terrain::Highland),
        1 => Just(Terrain::Mountain),
        1 => Just(Terrain::Impassable),
    ]
}

fn kind() -> impl Strategy<Value = EdgeKind> {
    prop_oneof![Just(EdgeKind::Land), Just(EdgeKind::Strait), Just(EdgeKind::Sea)]
}

/// Mostly small numbers, so that some drafts come out sound; sometimes any.
fn often(below: u32) -> impl Strategy<Value = u32> {
    prop_oneof![20 => 0..below, 1 => any::<u32>()]
}

fn edge(territories: u32) -> impl Strategy<Value = EdgeDraft> {
    (often(territories), often(territories), kind(), 0_u16..300, prop::bool::weighted(0.1))
        .prop_map(|(a, b, kind, length, one_way)| EdgeDraft { a, b, kind, length, one_way })
}

fn territory() -> impl Strategy<Value = TerritoryDraft> {
    let outline = prop::collection::vec(prop::collection::vec(-1..30_i32, 0..9), 0..2);
    let region = prop::option::weighted(0.5, 0..3_u16);
    ("[a-z]{1,6}|\\PC{0,3}", terrain(), region, -1..30_i32, often(30), outline).prop_map(
        |(name, terrain, region, x, y, outline)| TerritoryDraft {
            name,
            terrain,
            region,
            x,
            y: y as i32,
            outline,
        },
    )
}

prop_compose! {
    /// Any nonsense of the right shape.
    fn draft()(
        name in "[a-z0-9-]{1,8}|\\PC{0,9}",
        width in often(40),
        height in often(40),
        regions in prop::collection::vec(("[A-Z][a-z]{0,3}", any::<u16>()), 0..3),
        territories in prop::collection::vec(territory(), 0..7),
        edges in prop::collection::vec(edge(7), 0..24),
    ) -> MapDraft {
        let region = |(name, bonus): (String, u16)| RegionDraft { name, bonus };
        MapDraft {
            format: FORMAT.into(),
            title: name.clone(),
            name,
            source: "chance".into(),
            licence: "CC0".into(),
            width,
            height,
            regions: regions.into_iter().map(region).collect(),
            territories,
            edges,
        }
    }
}

prop_compose! {
    /// A sound draft with a few edges and territories replaced: close to the line.
    fn damaged()(
        seed in any::<u64>(),
        count in 4..40_u32,
        edges in prop::collection::vec((any::<prop::sample::Index>(), edge(40)), 0..3),
        territories in prop::collection::vec((any::<prop::sample::Index>(), terrain()), 0..2),
    ) -> MapDraft {
        let mut draft = MapDraft::from(&generate::random(seed, count));
        for (at, edge) in edges {
            *at.get_mut(&mut draft.edges) = edge;
        }
        for (at, terrain) in territories {
            at.get_mut(&mut draft.territories).terrain = terrain;
        }
        draft
    }
}

/// A draft is refused with reasons, or makes a sound map that is the draft.
fn check_draft(draft: &MapDraft) {
    assert_eq!(MapDraft::from_json(&draft.to_json()).as_ref(), Ok(draft));
    let found = draft.check();
    match Map::try_from(draft.clone()) {
        Ok(map) => {
            assert_eq!(found, []);
            assert_sound(&map);
            assert_eq!(map.len(), draft.territories.len());
            let one_way = draft.edges.iter().filter(|edge| edge.one_way).count();
            assert_eq!(map.edge_count(), 2 * draft.edges.len() - one_way);
        }
        Err(defects) => assert_eq!(defects.listed().len() + defects.more(), found.len()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn any_draft_is_refused_or_makes_a_sound_map(draft in draft()) {
        check_draft(&draft);
    }

    #[test]
    fn a_damaged_map_is_refused_or_still_sound(draft in damaged()) {
        check_draft(&draft);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,200}") {
        prop_assert!(MapDraft::from_json(&text).is_err());
    }

    #[test]
    fn a_file_with_a_changed_byte_is_read_or_refused(
        seed in any::<u64>(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut bytes = MapDraft::from(&generate::random(seed, 9)).to_json().into_bytes();
        *at.get_mut(&mut bytes) = byte;
        if let Ok(draft) = MapDraft::from_json(&String::from_utf8_lossy(&bytes)) {
            check_draft(&draft);
        }
    }

    #[test]
    fn generated_maps_are_sound(seed in any::<u64>(), territories in 0..400_u32) {
        let map = generate::random(seed, territories);
        assert_sound(&map);
        prop_assert_eq!(map.len() as u32, territories.max(generate::RANDOM_MIN));
    }
}

/// The strategies do reach both sides.
#[test]
fn some_damaged_maps_are_still_sound_and_some_are_not() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut drafts = Vec::new();
    for _ in 0..100 {
        drafts.push(damaged().new_tree(&mut runner).expect("nothing is rejected").current());
    }
    let sound = drafts.iter().filter(|draft| draft.check().is_empty()).count();
    assert!((10..90).contains(&sound), "{sound} of 100 are sound");
}
