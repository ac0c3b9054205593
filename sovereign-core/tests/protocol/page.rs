//! `docs/protocol.md` names everything there is.

use std::fs;

use serde_json::Value;
use sovereign_core::wire::{
    CLIENT_FRAME_BYTES_MAX, CloseCode, Codec, DEPTH_MAX, EMOJI, GZIP_BYTES_MIN, QUICK_CHAT,
    SPEED_MAX,
};

use crate::{samples, vectors::docs};

fn page() -> String {
    fs::read_to_string(docs().join("protocol.md")).expect("the page is there")
}

fn thousands(number: usize) -> String {
    let text = number.to_string();
    let (head, tail) = text.split_at(text.len().saturating_sub(3));
    if head.is_empty() { tail.to_owned() } else { format!("{head},{tail}") }
}

#[test]
fn every_close_code_is_explained() {
    let page = page();
    for code in CloseCode::ALL {
        let row = format!("| {} | `{}` |", code.code(), code.reason());
        assert!(page.contains(&row), "{row}");
    }
}

#[test]
fn phrases_signs_and_limits_are_those_of_the_code() {
    let page = page().replace('\n', " ");
    let phrases = QUICK_CHAT.iter().enumerate().map(|(n, text)| format!("{n} “{text}”"));
    let signs = EMOJI.iter().enumerate().map(|(n, sign)| format!("{n} {sign}"));
    let limits = [CLIENT_FRAME_BYTES_MAX, GZIP_BYTES_MIN, usize::from(SPEED_MAX)].map(thousands);
    let depth = format!("at most {DEPTH_MAX} deep");
    let protocols = Codec::ALL.map(|codec| codec.subprotocol().to_owned());
    for said in phrases.chain(signs).chain(limits).chain([depth]).chain(protocols) {
        assert!(page.contains(&said), "{said}");
    }
}

/// Every name that a sample holds stands on the page, in code.
#[test]
fn every_message_and_field_is_named() {
    let page = page();
    let client = samples::from_client().into_iter().map(|(_, m)| m.encode(Codec::Json));
    let server = samples::to_client().into_iter().map(|(_, m)| m.encode(Codec::Json));
    for frame in client.chain(server) {
        let text = frame.text().expect("JSON is text");
        let message: Value = serde_json::from_str(text).expect("valid JSON");
        let mut names = Vec::new();
        gather(&message, &mut names);
        for name in names {
            assert!(page.contains(&name), "{name} is nowhere explained");
        }
    }
}

/// The names in a message, without those of the rules, which have their own page.
fn gather(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields.iter().filter(|(name, _)| *name != "rules") {
                names.push(name.clone());
                gather(value, names);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| gather(value, names)),
        _ => {}
    }
}

#[test]
fn every_reason_is_listed() {
    let page = page();
    let source = include_str!("../../src/command/reject.rs");
    let codes: Vec<_> =
        source.split("=> \"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(codes.len() > 25, "the reasons were not found");
    for code in codes {
        assert!(page.contains(&format!("`{code}`")), "{code}");
    }
}
