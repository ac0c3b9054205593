//! No frame makes its reader take more memory than a small multiple of the frame: a
//! binary of its own, since it counts all that is allocated.

use peak_alloc::PeakAlloc;
use sovereign_core::wire::{
    CLIENT_FRAME_BYTES_MAX, Codec, DecodeError, FrameRef, FromClient, SERVER_FRAME_BYTES_MAX,
    ToClient,
};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const MIB: usize = 1024 * 1024;

/// The most bytes held on the way, above what was held before.
fn peak(read: impl FnOnce()) -> usize {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    read();
    MEMORY.peak_usage().saturating_sub(before)
}

fn client(frame: &[u8]) -> usize {
    peak(|| {
        let refused = FromClient::decode(FrameRef::Binary(frame), Codec::Msgpack);
        assert!(refused.is_err(), "{refused:?}");
    })
}

fn server(frame: &[u8]) -> usize {
    peak(|| {
        let read = ToClient::decode(FrameRef::Binary(frame), Codec::Msgpack);
        assert!(read.is_err(), "a forged frame is refused");
    })
}

/// Claims of four thousand million bytes, characters, items and entries.
fn claims(start: &[u8]) -> Vec<Vec<u8>> {
    let claim = |marker: u8| [start, &[marker, 0xff, 0xff, 0xff, 0xff]].concat();
    [0xc6, 0xdb, 0xdd, 0xdf].map(claim).to_vec()
}

/// A delta of as many territories as there are bytes in a column.
fn wide_columns(bytes: usize) -> Vec<u8> {
    let column = [&[0xc6][..], &(bytes as u32).to_be_bytes(), &vec![0; bytes]].concat();
    let empty: &[u8] = &[0xc4, 0];
    // {"delta": [1, [1, [ids, troops, owners, sites, ages], [], [], [], [], nil, [], 1]]}
    let head: &[u8] = b"\x00\x81\xa5delta\x92\x01\x99\x01\x95";
    let tail: &[u8] = b"\x90\x90\x90\x90\xc0\x90\x01";
    [head, &column, &column, empty, empty, empty, tail].concat()
}

/// All in one test: what runs beside it would be counted too.
#[test]
fn m8_memory_is_bounded_by_the_frame() {
    for frame in claims(b"\x81\xa5hello\x92").iter().chain(&claims(b"\x81\xa4ping\x91")) {
        assert!(client(frame) < 64 * 1024, "{frame:02x?}");
    }
    let longest = vec![0x91; CLIENT_FRAME_BYTES_MAX];
    assert!(client(&longest) < 64 * 1024);
    let starts: [&[u8]; 3] = [
        b"\x00\x81\xa5names\x91",
        b"\x00\x81\xa4tail\x95\x01\x01",
        b"\x00\x81\xa5delta\x92\x01\x99\x01",
    ];
    for frame in starts.iter().flat_map(|start| claims(start)) {
        assert!(server(&frame) < 2 * MIB, "{frame:02x?}");
    }
    let frame = wide_columns(MIB);
    let read = peak(|| {
        let read = ToClient::decode(FrameRef::Binary(&frame), Codec::Msgpack);
        assert!(
            matches!(read, Ok(ToClient::Delta { delta, .. }) if delta.territories.len() == MIB)
        );
    });
    assert!(read < 32 * frame.len(), "{read} bytes for a frame of {}", frame.len());
    // Longer than may be: not even looked at.
    let long = vec![0; SERVER_FRAME_BYTES_MAX + 1];
    let refused = peak(|| {
        let read = ToClient::decode(FrameRef::Binary(&long), Codec::Msgpack);
        assert!(matches!(read, Err(DecodeError::TooLong { .. })));
    });
    assert!(refused < 1024);
}
