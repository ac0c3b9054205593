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
    fn any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..200)) {
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
    fn a_damaged_frame_is_read_or_refused(
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
fn what_follows_a_message_is_refused() {
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
fn huge_claims_are_refused_without_memory() {
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
fn what_is_nested_too_deeply_is_refused() {
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
