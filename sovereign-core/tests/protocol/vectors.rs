//! What `docs/` shows of the protocol is what the codecs write.
//!
//! `SOVEREIGN_WRITE_VECTORS=1 cargo test -p sovereign-core --test protocol` writes it anew.

use std::fs;
use std::io::Read;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sovereign_core::quantity::{GOLD_MAX, Permille, Tick, phase};
use sovereign_core::rules::{GrowthBand, GrowthRules};
use sovereign_core::wire::{Codec, FrameRef, FromClient, ToClient};
use sovereign_core::{Growth, mirror_row_hash};

use crate::samples;

/// The content of `docs/protocol-vectors.json`.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Vectors {
    from_client: Vec<Message>,
    to_client: Vec<Message>,
    compressed: Compressed,
    refused: Vec<Refused>,
    mirror_row_hash: Vec<RowHash>,
    growth: Vec<Grown>,
    gold: Vec<Earned>,
}

/// A message in both codecs; `msgpack` without the flag that a server puts before it.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Message {
    name: String,
    json: Value,
    msgpack: String,
}

/// A whole frame with its flag; other compressors give other bytes for the same message.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Compressed {
    message: String,
    frame: String,
}

/// A client's MessagePack frame that a server refuses, and why.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Refused {
    frame: String,
    code: String,
    message: String,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct RowHash {
    row: String,
    table: u32,
    words: Vec<u32>,
    hash: u32,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Grown {
    /// The bands of the rules: `below` and `rate` of each.
    bands: Vec<(u32, u32)>,
    decay: u32,
    cap: u32,
    away: u32,
    rate: u32,
    troops: u32,
    since: u32,
    at: u32,
    becomes: u32,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Earned {
    gold: u64,
    gold_since: u32,
    income: u32,
    at: u32,
    becomes: u64,
}

pub(crate) fn docs() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs")
}

pub(crate) fn writing() -> bool {
    std::env::var_os("SOVEREIGN_WRITE_VECTORS").is_some()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn unhex(text: &str) -> Vec<u8> {
    let byte = |at| u8::from_str_radix(&text[at..at + 2], 16).expect("hexadecimal digits");
    (0..text.len()).step_by(2).map(byte).collect()
}

/// A text as it is committed; written first, if asked for.
pub(crate) fn committed(path: &str, text: impl FnOnce() -> String) -> String {
    let path = docs().join(path);
    if writing() {
        fs::create_dir_all(path.parent().expect("a folder")).expect("docs is writable");
        fs::write(&path, text()).expect("docs is writable");
    }
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn client_message((name, message): (&str, FromClient)) -> Message {
    let json = message.encode(Codec::Json);
    let json = serde_json::from_str(json.text().expect("JSON is text")).expect("valid JSON");
    let msgpack = hex(message.encode(Codec::Msgpack).bytes());
    Message { name: name.into(), json, msgpack }
}

fn server_message((name, message): (&str, ToClient)) -> Message {
    let json = message.encode(Codec::Json);
    let json = serde_json::from_str(json.text().expect("JSON is text")).expect("valid JSON");
    Message {
        name: name.into(),
        json,
        msgpack: hex(&plain(message.encode(Codec::Msgpack).bytes())),
    }
}

/// What a server's frame holds behind its flag.
pub(crate) fn plain(frame: &[u8]) -> Vec<u8> {
    let (flag, rest) = frame.split_first().expect("no frame is empty");
    if *flag == 0 {
        return rest.to_vec();
    }
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(rest).read_to_end(&mut plain).expect("our own gzip");
    plain
}

fn compressed() -> Compressed {
    let (name, message) = samples::to_client().swap_remove(0);
    Compressed { message: name.into(), frame: hex(message.encode(Codec::Msgpack).bytes()) }
}

fn refused() -> Vec<Refused> {
    let frames: [&[u8]; 8] = [
        b"",
        b"\xc0",
        b"\x81\xa4ping",
        b"\x81\xa4ping\x91\xa2no",
        b"\x81\xa4ping\x92\x01\x02",
        b"\x81\xa4ping\x91\x01\xc0",
        b"\x81\xa5dance\x90",
        b"\x81\xa5watch\x92\xc0\xcd\xff\xff",
    ];
    let refusal = |frame: &&[u8]| {
        let error = FromClient::decode(FrameRef::Binary(frame), Codec::Msgpack);
        let error = error.expect_err("each of them is wrong");
        Refused { frame: hex(frame), code: error.code().into(), message: error.to_string() }
    };
    frames.iter().map(refusal).collect()
}

fn row_hashes() -> Vec<RowHash> {
    let rows: [(&str, u32, &[u32]); 10] = [
        ("no words", 0, &[]),
        ("one word", 0, &[0xffff_ffff]),
        ("a table as seed", 0x9747_b28c, &[0x6161_6161]),
        ("the game: playing since 400", 0, &[2, 0, 0, 400]),
        ("neutral territory 5 with 30 troops", 1, &[5, 0, 0, 30, 0, 0, 0]),
        ("territory 3 of player 0: a city, 60 away", 1, &[3, 1, 1, 145, 1190, 60, 0]),
        ("player 1: a bot, eliminated at 1214, second", 2, &[1, 0x0202, 2, 1214, 1800]),
        ("army 0 of player 0: attacks", 3, &[0, 0, 1, 60, 3, 4, 1190, 1214]),
        ("a battle at territory 20", 4, &[20, 1188, 1204]),
        ("players 0 and 1 are allies until 4800", 5, &[0, 1, 4800]),
    ];
    let vector = |(row, table, words): (&str, u32, &[u32])| {
        let hash = mirror_row_hash(table, words);
        RowHash { row: row.into(), table, words: words.to_vec(), hash }
    };
    rows.into_iter().map(vector).collect()
}

fn grown() -> Vec<Grown> {
    let bands = vec![(100, 600), (500, 1000), (850, 500), (1000, 200)];
    let decay = 200_000;
    let band =
        |(below, rate): &(u32, u32)| GrowthBand { below: Permille(*below), rate: Permille(*rate) };
    let rules = GrowthRules { bands: bands.iter().map(band).collect(), decay };
    // cap, away, rate, troops, since, at
    let cases: [[u32; 6]; 15] = [
        [200, 0, 100_000, 0, 0, 0],
        [200, 0, 100_000, 0, 0, 1],
        [200, 0, 100_000, 1, 7, 100],
        [200, 0, 100_000, 19, 123, 124],
        [200, 0, 100_000, 19, 123, 1_000],
        [200, 0, 100_000, 150, 400, 1_214],
        [200, 0, 100_000, 150, 400, 100_000],
        [200, 0, 100_000, 200, 400, 5_000],
        [200, 0, 100_000, 300, 400, 450],
        [200, 0, 100_000, 300, 400, 5_000],
        [0, 0, 80_000, 3, 10, 20],
        [200, 190, 100_000, 1, 400, 1_214],
        [200, 60, 100_000, 100, 400, 5_000],
        [200, 500, 100_000, 30, 400, 450],
        [1_000_000, 0, 10_000_000, 5, 16_000_000, 16_777_215],
    ];
    let vector = |[cap, away, rate, troops, since, at]: [u32; 6]| {
        let growth = Growth::new(&rules, cap, away, rate);
        let becomes = growth.at(troops, Tick(since), Tick(at));
        Grown { bands: bands.clone(), decay, cap, away, rate, troops, since, at, becomes }
    };
    cases.into_iter().map(vector).collect()
}

fn earned() -> Vec<Earned> {
    let cases = [
        (100, 400, 0, 5_000),
        (100, 400, 40_000, 424),
        (100, 400, 40_000, 425),
        (100, 401, 40_000, 425),
        (7, 1, (1 << 28) - 1, (1 << 24) - 1),
        (GOLD_MAX - 5, 0, 1_000_000, 100),
    ];
    let vector = |(gold, gold_since, income, at)| {
        let gained = phase(income, Tick(at)) - phase(income, Tick(gold_since));
        Earned { gold, gold_since, income, at, becomes: (gold + gained).min(GOLD_MAX) }
    };
    cases.into_iter().map(vector).collect()
}

/// One entry a line, so that a change shows where it is.
fn lines(vectors: &Vectors) -> String {
    let Value::Object(sections) = serde_json::to_value(vectors).expect("plain data") else {
        panic!("a struct is an object");
    };
    let section = |(name, value): (&String, &Value)| match value {
        Value::Array(entries) => {
            let entries: Vec<_> = entries.iter().map(Value::to_string).collect();
            format!("\"{name}\":[\n{}\n]", entries.join(",\n"))
        }
        other => format!("\"{name}\":{other}"),
    };
    let sections: Vec<_> = sections.iter().map(section).collect();
    format!("{{\n{}\n}}\n", sections.join(",\n"))
}

#[test]
fn the_vectors_are_what_the_codecs_write() {
    let mut vectors = Vectors {
        from_client: samples::from_client().into_iter().map(client_message).collect(),
        to_client: samples::to_client().into_iter().map(server_message).collect(),
        compressed: compressed(),
        refused: refused(),
        mirror_row_hash: row_hashes(),
        growth: grown(),
        gold: earned(),
    };
    let text = committed("protocol-vectors.json", || lines(&vectors));
    let shown: Vectors = serde_json::from_str(&text).expect("as written");
    // Another compressor may pack otherwise: what counts is what comes out.
    let frame = unhex(&shown.compressed.frame);
    let message = ToClient::decode(FrameRef::Binary(&frame), Codec::Msgpack);
    assert_eq!(message, Ok(samples::to_client().swap_remove(0).1));
    assert_eq!(frame[0], 1);
    vectors.compressed.frame.clone_from(&shown.compressed.frame);
    assert_eq!(shown, vectors);
}

#[test]
fn every_message_has_a_sample() {
    let client = samples::from_client().into_iter().map(client_message);
    let server = samples::to_client().into_iter().map(server_message);
    let client = client.map(|message| ("from-client", message));
    let server = server.map(|message| ("to-client", message));
    for (side, Message { name, json, .. }) in client.chain(server) {
        let pretty = serde_json::to_string_pretty(&json).expect("plain data") + "\n";
        let path = format!("protocol-samples/{side}/{name}.json");
        assert_eq!(committed(&path, || pretty.clone()), pretty, "{path}");
    }
}
