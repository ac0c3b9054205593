//! Any bytes from a server: refused or read, and what is read fits a mirror or is refused by it.
#![no_main]

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use sovereign_core::testing::hectic_rules;
use sovereign_core::wire::{Codec, FrameRef, ToClient};
use sovereign_core::{Mirror, map};

static MIRROR: LazyLock<Mirror> = LazyLock::new(|| {
    let map = Arc::new(map::generate::random(1, 40));
    Mirror::new(map, Arc::new(hectic_rules()), 4, None)
});

fuzz_target!(|bytes: &[u8]| {
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    let binary = ToClient::decode(FrameRef::Binary(bytes), Codec::Msgpack);
    let json = ToClient::decode(FrameRef::Text(text), Codec::Json);
    for message in [binary, json].into_iter().flatten() {
        if let ToClient::Delta { delta, .. } | ToClient::Snapshot { delta, .. } = message {
            let mut mirror = MIRROR.clone();
            let _ = mirror.apply(&delta);
            let view = mirror.view();
            let _ = view.map().territories().map(|id| view.territory(id)).count();
        }
    }
});
