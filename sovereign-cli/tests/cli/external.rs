//! Bots that are programs of their own: good ones, and all kinds of bad ones.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::{TempDir, tempdir};

use crate::harness::{Run, sovereign_in};

/// The beginning of every bot here: it says hello, is ready, and answers a wake by `act()`.
const BOT: &str = r#"
import json, sys, time
def say(value): print(json.dumps(value), flush=True)
def idle(tick): say({"orders": {"commands": [], "wake": tick + 20}})
for line in sys.stdin:
    ((kind, body),) = json.loads(line).items()
    if kind == "hello": say({"hello": {"protocol": 1, "name": "test"}})
    elif kind == "start": say({"ready": {}})
    elif kind == "wake":
        tick = (body.get("snapshot") or body["delta"])["tick"]
        ACT
    else: break
"#;

/// A folder with `bot.py`, which does this when it is asked.
fn bot(act: &str) -> TempDir {
    let folder = tempdir().expect("a folder");
    fs::write(folder.path().join("bot.py"), BOT.replace("ACT", act)).expect("writable");
    folder
}

/// Runs the binary with each argument as it stands.
fn run(folder: &Path, arguments: &[&str]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sovereign"));
    let output = command.args(arguments).current_dir(folder).output();
    Run::from(output.expect("the binary was built with the tests"))
}

/// Plays three games of the bot against the random one.
fn games(folder: &Path, more: &[&str]) -> Value {
    let mut arguments =
        vec!["simulate", "--bots", "cmd:python3 bot.py,random", "--games", "3", "--json"];
    arguments.extend(["--ticks-max", "2000"]);
    arguments.extend(more);
    run(folder, &arguments).leaves(0).json()
}

fn starter() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/python/bot.py");
    path.to_str().expect("plain").to_owned()
}

#[test]
fn a_program_plays_like_any_bot() {
    let bots = format!("cmd:python3 {},random", starter());
    let play = |threads: &str| {
        let arguments =
            ["--bots", &bots, "--games", "6", "--rotate", "--threads", threads, "--json"];
        run(Path::new("."), &[&["simulate"], &arguments[..]].concat()).leaves(0).out
    };
    let one = play("1");
    assert_eq!(one, play("3"), "the number of threads changes no byte");
    let report: Value = serde_json::from_str(&one).expect("JSON");
    assert_eq!(report.get("forfeits"), None);
    let wins = report["by_bot"][0]["wins"]["count"].as_u64().expect("a count");
    assert!(wins >= 5, "the starter beats the random bot: {report}");
}

#[test]
fn a_bad_program_loses_its_seat_and_the_batch_goes_on() {
    let crash = "idle(tick) if tick < 500 else sys.exit(3)";
    for (act, why) in [
        (crash, "ended"),
        ("print('oops', flush=True)", "no answer: expected value"),
        ("say({'orders': {'commands': [{'fly': {}}], 'wake': 1}})", "unknown variant `fly`"),
        ("say({'orders': {'commands': [], 'wake': -1}})", "no answer"),
        ("say({'ready': {}})", "instead of `orders`"),
        ("print('x' * 70000, flush=True)", "longer than"),
        ("say({'orders': {'commands': [{'surrender': {}}] * 2000, 'wake': 1}})", "at most 1024"),
        ("sys.stdout.buffer.write(b'\\xff\\n'); sys.stdout.flush()", "no answer"),
    ] {
        let report = games(bot(act).path(), &[]);
        let forfeits = report["forfeits"].as_array().expect("a list");
        assert_eq!(forfeits.len(), 3, "{act}: {report}");
        for (game, forfeit) in forfeits.iter().enumerate() {
            assert_eq!((&forfeit["game"], &forfeit["seat"]), (&game.into(), &0.into()));
            assert!(forfeit["why"].as_str().expect("a text").contains(why), "{act}: {forfeit}");
        }
        assert_eq!(report["by_seat"][1]["wins"]["count"], 3, "the other seat wins: {report}");
    }
}

#[test]
fn a_program_that_does_not_answer_misses_its_deadline() {
    let folder = bot("time.sleep(60)");
    let report = games(folder.path(), &["--deadline-ms", "50"]);
    assert_eq!(report["forfeits"][0]["why"], "no answer within 50 ms");
    let text = run(
        folder.path(),
        &["simulate", "--bots", "cmd:python3 bot.py,random", "--games", "1", "--deadline-ms", "50"],
    );
    assert!(text.leaves(0).out.contains("1 seats were forfeited"));
}

#[test]
fn refusals_come_back_with_their_reasons() {
    let act = "open('seen', 'a').write(json.dumps(body['refused']) + '\\n'); \
               say({'orders': {'commands': [{'attack': {'from': 0, 'to': 99999, 'troops': 1}}], \
               'wake': tick + 500}})";
    let folder = bot(act);
    games(folder.path(), &["--threads", "1"]);
    let seen = fs::read_to_string(folder.path().join("seen")).expect("it was written");
    let second: Value = serde_json::from_str(seen.lines().nth(1).expect("a wake")).expect("JSON");
    assert_eq!(second[0]["index"], 0);
    assert!(second[0]["refused"]["wrong_phase"].is_object(), "{second}");
    assert!(second[0]["message"].as_str().expect("a text").contains("phase"), "{second}");
}

#[test]
fn a_program_that_cannot_be_run_is_bad_input() {
    for (bots, said) in [
        ("cmd:./nowhere,random", "cannot run './nowhere'"),
        ("cmd:false,random", "ended without an answer"),
        ("cmd:,random", "names no program"),
        ("cmd:python3 'open,random", "quote"),
    ] {
        let run = run(Path::new("."), &["simulate", "--bots", bots]).leaves(2);
        assert!(run.err.contains(said), "{bots}: {}", run.err);
    }
}

#[test]
fn the_starter_conforms() {
    let arguments = ["--json", "conform", "python3", &starter()];
    let report = run(Path::new("."), &arguments).leaves(0).json();
    assert_eq!(report["failed"], 0, "{report}");
    assert!(report["passed"].as_u64() >= Some(30), "{report}");
    let lines = fs::read_to_string(starter()).expect("the starter").lines().count();
    assert!(lines < 60, "{lines} lines");
}

#[test]
fn what_does_not_conform_is_named() {
    let failed = |act: &str| {
        let folder = bot(act);
        let report =
            run(folder.path(), &["--json", "conform", "python3", "bot.py"]).leaves(1).json();
        let checks = report["checks"].as_array().expect("a list").iter();
        let failed = checks.filter(|check| check["passed"] == false);
        failed.map(|check| check["check"].as_str().expect("a name").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(failed("idle(tick)"), ["chooses a start", "plays", "takes turns"]);
    let rude = failed(
        "say({'orders': {'commands': [{'build': {'territory': 9999, 'structure': 'city'}}], 'wake': 0}})",
    );
    for check in ["territories exist", "few refusals", "wakes later", "plays"] {
        assert!(rude.iter().any(|failed| failed == check), "{check}: {rude:?}");
    }
    let text = sovereign_in(Path::new("."), "conform cat").leaves(1);
    assert!(text.out.contains("FAILED") && text.err.contains("checks failed"), "{}", text.out);
}
