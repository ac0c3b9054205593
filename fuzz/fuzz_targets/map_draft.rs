//! Any map file: refused with its defects, or a map that survives a round trip.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sovereign_core::Map;
use sovereign_core::map::MapDraft;

fuzz_target!(|text: &str| {
    let Ok(draft) = MapDraft::from_json(text) else { return };
    let _ = draft.check();
    if let Ok(map) = Map::try_from(draft) {
        let again = Map::from_json(&MapDraft::from(&map).to_json()).expect("a map's own draft");
        assert_eq!(again.hash(), map.hash());
    }
});
