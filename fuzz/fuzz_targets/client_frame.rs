//! Any bytes from a client: refused or read, and what is read survives a round trip.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sovereign_core::wire::{Codec, FrameRef, FromClient};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(message) = FromClient::decode(FrameRef::Binary(bytes), Codec::Msgpack) {
        let frame = message.encode(Codec::Msgpack);
        assert_eq!(FromClient::decode(frame.as_ref(), Codec::Msgpack), Ok(message));
    }
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(message) = FromClient::decode(FrameRef::Text(text), Codec::Json)
    {
        let frame = message.encode(Codec::Json);
        assert_eq!(FromClient::decode(frame.as_ref(), Codec::Json), Ok(message));
    }
});
