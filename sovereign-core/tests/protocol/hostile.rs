//! No bytes harm a reader: it refuses what it cannot read, says what and where, and
//! takes no memory that it was not sent.

use proptest::collection::vec;
use proptest::prelude::*;
use sovereign_core::wire::{
    CLIENT_FRAME_BYTES_MAX, Codec, DEPTH_MAX, DecodeError, Frame, FrameRef, FromClient, ToClient,
};

use crate::{samples, strategy};

fn order(bytes: &[u8]) -> Result<FromClient, DecodeError> {
    FromClient::decode(FrameRef::Binary(bytes), Codec::Msgpack)
}

fn text(text: &str) -> Result<FromClient, DecodeError> {
    FromClient::decode(FrameRef::Text(text), Codec::Json)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(800))]

    #[test]
    fn m8_any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..200)) {
        let _ = order(&bytes);
        for flag in [0, 1] {
            let frame = [&[flag], &bytes[..]].concat();
            let _ = ToClient::decode(FrameRef::Binary(&frame), Codec::Msgpack);
        }
        let garbled = String::from_utf8_lossy(&bytes);
        let _ = text(&garbled);
        let _ = ToClient::decode(FrameRef::Text(&garbled), Codec::Json);
    }

    /// Nearly right is the hardest: one byte of a good frame is another one.
    #[test]
    fn m8_a_damaged_frame_is_read_or_refused(
        message in strategy::to_client(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let Frame::Binary(mut bytes) = message.encode(Codec::Msgpack) else {
            panic!("MessagePack is binary");
        };
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let _ = ToClient::decode(FrameRef::Binary(&bytes), Codec::Msgpack);
    }

    #[test]
    fn a_frame_that_is_cut_short_is_refused(
        message in strategy::from_client(),
        at in any::<prop::sample::Index>(),
    ) {
        for codec in Codec::ALL {
            let frame = message.encode(codec);
            let at = at.index(frame.bytes().len());
            let cut = match &frame {
                Frame::Binary(bytes) => order(&bytes[..at]),
                Frame::Text(whole) => text(whole.get(..at).unwrap_or_default()),
            };
            prop_assert!(cut.is_err());
        }
    }
}

#[test]
fn m3_what_follows_a_message_is_refused() {
    for (name, message) in samples::from_client() {
        let Frame::Binary(mut bytes) = message.encode(Codec::Msgpack) else {
            panic!("MessagePack is binary");
        };
        let at = bytes.len();
        bytes.push(0xc0);
        assert_eq!(order(&bytes), Err(DecodeError::Trailing { at }), "{name}");
    }
    let error = text(r#"{"ping":{"nonce":1}} {}"#);
    assert!(matches!(error, Err(DecodeError::Trailing { .. })), "{error:?}");
}

#[test]
fn a_refusal_says_what_and_where() {
    let cases = [
        (
            r#"{"order":{"seq":1,"command":{"attack":{"from":-3}}}}"#,
            "byte 48: invalid value: integer `-3`",
        ),
        (r#"{"order":{"seq":1,"command":{"fly":{}}}}"#, "unknown variant `fly`"),
        (r#"{"ping":{"nonce":1,"more":2}}"#, "unknown field `more`"),
        (r#"{"ping":{}}"#, "missing field `nonce`"),
        (r#"{"dance":{}}"#, "unknown variant `dance`"),
        ("", "EOF"),
    ];
    for (frame, said) in cases {
        let error = text(frame).expect_err(frame).to_string();
        assert!(error.contains(said), "{frame}: {error}");
    }
}

#[test]
fn a_refusal_in_messagepack_names_the_byte() {
    // {"ping": ["no"]}
    let error = order(b"\x81\xa4ping\x91\xa2no").expect_err("no number");
    assert!(matches!(error, DecodeError::Shape { at: 7.., .. }), "{error:?}");
    // An array that is too long: {"ping": [1, 2]}.
    assert!(order(b"\x81\xa4ping\x92\x01\x02").is_err());
}

#[test]
fn m2_huge_claims_are_refused_without_memory() {
    // A string, an array, a map, bytes: of four thousand million each.
    for marker in [0xdb, 0xdd, 0xdf, 0xc6] {
        let claim = [b"\x81\xa5hello\x92", &[marker, 0xff, 0xff, 0xff, 0xff][..]].concat();
        assert!(order(&claim).is_err(), "{marker:x}");
        let claim = [b"\x00\x81\xa5names\x91", &[marker, 0xff, 0xff, 0xff, 0xff][..]].concat();
        let refused = ToClient::decode(FrameRef::Binary(&claim), Codec::Msgpack);
        assert!(refused.is_err(), "{marker:x}");
    }
}

#[test]
fn m1_what_is_nested_too_deeply_is_refused() {
    let deep = format!(r#"{{"order":{}"#, "[".repeat(DEPTH_MAX));
    assert_eq!(text(&deep), Err(DecodeError::TooDeep { at: deep.len() - 1 }));
    let quoted = format!(r#"{{"dance":"{}\"{}"}}"#, "[".repeat(40), "{".repeat(40));
    assert!(matches!(text(&quoted), Err(DecodeError::Shape { .. })));
    let deep = [&[0_u8, 0x81, 0xa7][..], b"welcome", &[0x91; 4000]].concat();
    assert!(ToClient::decode(FrameRef::Binary(&deep), Codec::Msgpack).is_err());
}

#[test]
fn a_frame_of_the_wrong_kind_length_or_flag_is_refused() {
    let binary = FromClient::decode(FrameRef::Binary(b"{}"), Codec::Json);
    assert_eq!(binary, Err(DecodeError::WrongKind { codec: Codec::Json }));
    let text = FromClient::decode(FrameRef::Text("{}"), Codec::Msgpack);
    assert_eq!(text, Err(DecodeError::WrongKind { codec: Codec::Msgpack }));
    let bytes = CLIENT_FRAME_BYTES_MAX + 1;
    let long = order(&vec![0xc0; bytes]);
    assert_eq!(long, Err(DecodeError::TooLong { bytes, max: CLIENT_FRAME_BYTES_MAX }));
    let flag = ToClient::decode(FrameRef::Binary(&[7]), Codec::Msgpack);
    assert_eq!(flag, Err(DecodeError::Flag { found: 7 }));
    let empty = ToClient::decode(FrameRef::Binary(&[]), Codec::Msgpack);
    assert_eq!(empty, Err(DecodeError::Empty));
}

#[test]
fn numbers_out_of_range_are_refused() {
    let cases = [
        r#"{"quick_chat":{"phrase":200,"to":null}}"#,
        r#"{"emoji":{"emoji":200,"to":null}}"#,
        r#"{"watch":{"from":null,"speed":64001}}"#,
    ];
    for frame in cases {
        assert!(matches!(text(frame), Err(DecodeError::Range { .. })), "{frame}");
    }
}

#[test]
fn a_bomb_is_refused() {
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;
    let mut bomb = GzEncoder::new(vec![1], Compression::best());
    for _ in 0..20 {
        bomb.write_all(&vec![0; 1024 * 1024]).expect("memory");
    }
    let bomb = bomb.finish().expect("memory");
    assert!(bomb.len() < 64 * 1024);
    let refused = ToClient::decode(FrameRef::Binary(&bomb), Codec::Msgpack);
    assert_eq!(refused, Err(DecodeError::Inflated));
}

#[test]
fn m4_doubled_and_unknown_keys_are_refused() {
    for frame in [
        r#"{"ping":{"nonce":1,"nonce":2}}"#,
        r#"{"ping":{"nonce":1,"extra":null}}"#,
        r#"{"ping":{"nonce":1},"ping":{"nonce":2}}"#,
        r#"{"ping":{"nonce":1},"emoji":{"emoji":1,"to":null}}"#,
        r#"{"":{}}"#,
    ] {
        assert!(text(frame).is_err(), "{frame}");
    }
    // {"ping": [1], "ping": [2]} and {"ping": {"nonce": 1, "nonce": 2}}.
    assert!(order(b"\x82\xa4ping\x91\x01\xa4ping\x91\x02").is_err());
    assert!(order(b"\x81\xa4ping\x82\xa5nonce\x01\xa5nonce\x02").is_err());
}

#[test]
fn g2_g6_an_order_names_neither_its_author_nor_its_time() {
    let whole = r#"{"order":{"seq":1,"command":{"surrender":{}}}}"#;
    assert!(text(whole).is_ok());
    for key in ["player", "seat", "you", "tick", "time", "at", "game", "epoch"] {
        let outside = whole.replace(r#""seq":1"#, &format!(r#""seq":1,"{key}":0"#));
        let inside = whole.replace("{}", &format!(r#"{{"{key}":0}}"#));
        assert!(text(&outside).is_err() && text(&inside).is_err(), "{key}");
    }
}

/// A number is what it says or nothing: no other one is made of it.
#[test]
fn m5_numbers_are_whole_and_in_range_in_every_spelling() {
    let ping = |number: &[u8]| order(&[b"\x81\xa4ping\x91", number].concat());
    for spelled in [&b"\x07"[..], b"\xcc\x07", b"\xcd\x00\x07", b"\xce\0\0\0\x07", b"\xd0\x07"] {
        let read = ping(spelled);
        assert!(read.is_err() || read == Ok(FromClient::Ping { nonce: 7 }), "{spelled:x?}");
    }
    for wrong in [
        &b"\xff"[..],                            // -1
        b"\xd3\x80\0\0\0\0\0\0\0",               // the least of 64 bits
        b"\xcf\xff\xff\xff\xff\xff\xff\xff\xff", // the most
        b"\xca\x40\xe0\0\0",                     // 7.0
        b"\xca\x7f\xc0\0\0",                     // no number
        b"\xca\x7f\x80\0\0",                     // without end
        b"\xcb\x80\0\0\0\0\0\0\0",               // -0.0
        b"\xc3",                                 // true
        b"\xa17",                                // "7"
    ] {
        assert!(ping(wrong).is_err(), "{wrong:x?}");
    }
    for wrong in ["-0", "7.0", "7e0", "1e400", "NaN", "Infinity", "4294967296", "\"7\"", "07"] {
        let read = text(&format!(r#"{{"ping":{{"nonce":{wrong}}}}}"#));
        assert!(read.is_err() || read == Ok(FromClient::Ping { nonce: 0 }), "{wrong}: {read:?}");
    }
}

#[test]
fn m6_strings_are_utf8() {
    let hello = |bytes: &[u8]| {
        let length = 0xa0 | bytes.len() as u8;
        order(&[b"\x81\xa5hello\x92", &[length][..], bytes, b"\xc0"].concat())
    };
    assert!(hello(b"token").is_ok());
    for bytes in [&b"\xff"[..], b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82"] {
        assert!(hello(bytes).is_err(), "{bytes:x?}");
    }
    assert!(text(r#"{"hello":{"token":"\ud800","resume":null}}"#).is_err(), "half of a pair");
}

#[test]
fn m7_extensions_such_as_timestamps_are_refused() {
    let stamps: [&[u8]; 4] = [
        b"\xd6\xff\0\0\0\x01",
        b"\xd7\xff\0\0\0\0\0\0\0\x01",
        b"\xc7\x0c\xff\0\0\0\0\0\0\0\0\0\0\0\x01",
        b"\xc9\xff\xff\xff\xff\xff",
    ];
    for stamp in stamps {
        assert!(order(&[b"\x81\xa4ping\x91", stamp].concat()).is_err(), "{stamp:x?}");
        assert!(order(stamp).is_err(), "{stamp:x?}");
    }
}
