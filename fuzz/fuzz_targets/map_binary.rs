//! Any binary map: refused, or a sound map that survives a round trip. The checksum is made
//! to fit, so that what lies behind it is reached.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sovereign_core::Map;
use sovereign_core::map::{BinaryParts, MapDraft};
use xxhash_rust::xxh3::xxh3_64;

fuzz_target!(|bytes: &[u8]| {
    let mut sealed = bytes.to_vec();
    sealed.extend(xxh3_64(bytes).to_le_bytes());
    let Ok(map) = Map::from_binary(&sealed) else { return };
    assert_eq!(MapDraft::from(&map).check(), []);
    let again = Map::from_binary(&map.to_binary(BinaryParts::ALL)).expect("a map's own bytes");
    assert_eq!(MapDraft::from(&again), MapDraft::from(&map));
});
