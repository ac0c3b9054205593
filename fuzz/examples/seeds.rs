//! Writes the seeds that depend on the rules' version and on the protocol: snapshots, replays,
//! rules files, and frames of every message. Run it in `fuzz/` after a change of either:
//! `cargo run --example seeds`.

use std::fs;
use std::path::Path;

use serde_json::Value;
use sovereign_core::id::PlayerId;
use sovereign_core::testing::{Chaos, hectic_rules, random_game};
use sovereign_core::{Game, Order, Replay, ReplayHeader, Rules, Session, SystemOrder};

fn write(target: &str, name: &str, bytes: &[u8]) {
    let folder = Path::new("corpus").join(target);
    fs::create_dir_all(&folder).expect("the corpus can be written");
    fs::write(folder.join(name), bytes).expect("the corpus can be written");
}

/// A frame of every message in both codecs, from the vectors that clients are checked with.
fn frames() {
    let text = fs::read_to_string("../docs/protocol-vectors.json").expect("the vectors");
    let vectors: Value = serde_json::from_str(&text).expect("valid JSON");
    for (target, list, flag) in
        [("client_frame", "from_client", &[][..]), ("server_frame", "to_client", &[0])]
    {
        for sample in vectors[list].as_array().expect("a list") {
            let name = sample["name"].as_str().expect("a name");
            let packed = sample["msgpack"].as_str().expect("hexadecimal digits");
            write(target, &format!("{name}.json"), sample["json"].to_string().as_bytes());
            write(target, &format!("{name}.msgpack"), &[flag, &unhex(packed)].concat());
        }
    }
}

fn unhex(digits: &str) -> Vec<u8> {
    let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16).expect("hexadecimal digits");
    (0..digits.len()).step_by(2).map(byte).collect()
}

fn main() {
    frames();
    let begun = random_game(3);
    let (map, rules) = (begun.map().clone(), begun.rules().clone());
    let game = Game::new(map, rules, begun.seed(), begun.seats()).expect("begun before");
    let mut session = Session::new(game);
    let header = ReplayHeader::of(session.game());
    let joins =
        (0..begun.seats()).map(|seat| SystemOrder::Join { player: PlayerId(seat), bot: true, team: 0 });
    let start = joins.chain([SystemOrder::Start]).map(Order::System).collect();
    let mut batches = vec![session.step(start).batch];
    let mut chaos = Chaos::new(3);
    for tick in 0..240 {
        let orders = chaos.orders(session.game(), 2);
        batches.push(session.step(orders).batch);
        if tick % 80 == 40 {
            write("snapshot", &format!("game_{tick}"), &session.game().snapshot());
            write("snapshot", &format!("session_{tick}"), &session.snapshot());
        }
    }
    let replay = Replay { header, batches };
    replay.verify(begun.map().clone()).expect("just played");
    write("replay", "hectic", &replay.to_bytes());
    write("rules_draft", "hectic.toml", hectic_rules().to_toml().as_bytes());
    for name in Rules::PRESETS {
        let text = Rules::preset_text(name).expect("listed presets exist");
        write("rules_draft", &format!("{name}.toml"), text.as_bytes());
    }
}
