//! Every example runs.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use sovereign_core::quantity::Permille;
use sovereign_core::testing::hectic_rules;
use sovereign_core::{Rules, rules::RulesDraft};
use sovereign_server::app::Server;
use sovereign_server::config::Config;

fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    said(&output.unwrap_or_else(|error| panic!("{program}: {error}; install it")))
}

fn said(output: &Output) -> String {
    let (out, err) = [&output.stdout, &output.stderr].map(|s| String::from_utf8_lossy(s)).into();
    assert!(output.status.success(), "{out}{err}");
    out.into_owned()
}

#[test]
fn the_bot_wins_and_is_short() {
    let out = run(env!("CARGO_BIN_EXE_write_a_bot"), &[]);
    assert!(out.contains("the winner is Some(PlayerId(0))"), "{out}");
    let lines = include_str!("../write_a_bot.rs").lines().count();
    assert!(lines < 40, "{lines} lines");
}

#[test]
fn the_search_wins() {
    let out = run(env!("CARGO_BIN_EXE_search_bot"), &[]);
    assert!(out.contains("the winner is Some(PlayerId(0))"), "{out}");
}

#[test]
fn the_first_game_is_replayed() {
    let out = run(env!("CARGO_BIN_EXE_first_game"), &[]);
    for said in ["too_few_troops", "Captured", "replayed to hash"] {
        assert!(out.contains(said), "{said}: {out}");
    }
}

/// Rules under which a game over the wire is over in seconds: a fifth of the land wins.
fn quick_rules(folder: &Path) -> String {
    let mut draft = RulesDraft::clone(&hectic_rules());
    draft.victory.share = Permille(200);
    let rules = Rules::try_from(draft).expect("within its ranges");
    let path = folder.join("quick.toml");
    std::fs::write(&path, rules.to_toml()).expect("a folder of our own");
    path.to_str().expect("plain").to_owned()
}

/// A Python that has what the client needs: the first in the path, or Debian's own.
fn python_with_modules() -> &'static str {
    let has = |python: &&str| {
        let test = Command::new(python).args(["-c", "import msgpack, websockets"]).output();
        test.is_ok_and(|output| output.status.success())
    };
    let found = ["python3", "/usr/bin/python3"].into_iter().find(has);
    found.expect(
        "install python3-websockets and python3-msgpack (Debian's names), as scripts/test does",
    )
}

/// Runs a client against a server of its own until the game is over. Its token ends in the
/// middle of it.
async fn play(program: &str, script: Option<&Path>) -> String {
    let folder = tempfile::tempdir().expect("a folder of our own");
    let mut config = Config::default();
    config.server.port = 0;
    config.server.ops_port = 0;
    config.admin.port = 0;
    config.server.data_dir = folder.path().join("data");
    (config.auth.access_token_s, config.auth.leeway_s) = (4, 0);
    let server = Server::start(config).await.expect("the server starts");
    let url = format!("http://{}", server.public);
    let mut client = tokio::process::Command::new(program);
    let output = client.args(script).args([&url, &quick_rules(folder.path())]).output().await;
    let out = said(&output.unwrap_or_else(|error| panic!("{program}: {error}; install it")));
    server.stop().await;
    out
}

#[tokio::test(flavor = "multi_thread")]
async fn a_game_is_played_over_the_wire() {
    let out = play(env!("CARGO_BIN_EXE_play_over_wire"), None).await;
    assert!(out.contains("the winner is Some(PlayerId("), "{out}");
    assert!(out.contains("the token is renewed"), "{out}");
}

fn python(script: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("python").join(script)
}

/// A client that was written from the protocol's page alone, and loses its line once.
#[tokio::test(flavor = "multi_thread")]
async fn a_game_is_played_from_python() {
    let out = play(python_with_modules(), Some(&python("play.py"))).await;
    for said in ["the line is broken", "renewed", "the winner is "] {
        assert!(out.contains(said), "{said}: {out}");
    }
    let lines = include_str!("../python/play.py").lines().count();
    assert!(lines < 150, "{lines} lines");
}

#[test]
fn the_recorded_games_are_followed_in_python() {
    let games = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/protocol-games");
    let mut paths = vec![python("mirror.py")];
    let files = std::fs::read_dir(games).expect("the recorded games");
    paths.extend(files.flatten().map(|file| file.path()));
    let paths: Vec<_> = paths.iter().map(|path| path.to_str().expect("plain")).collect();
    let out = run("python3", &paths);
    assert_eq!(out.matches("the same in both codecs").count(), paths.len() - 1, "{out}");
}

/// Talks to a bot that is a program of its own, as docs/bot-programs.md says.
fn converse(program: &str, arguments: &[&str], lines: &[String]) -> Vec<serde_json::Value> {
    use std::io::Write;
    let pipe = std::process::Stdio::piped;
    let mut bot = Command::new(program).args(arguments).stdin(pipe()).stdout(pipe()).spawn();
    let bot = bot.as_mut().unwrap_or_else(|error| panic!("{program}: {error}; install it"));
    let mut stdin = bot.stdin.take().expect("it was asked for");
    for line in lines {
        writeln!(stdin, "{line}").expect("it listens");
    }
    // Its standard input stays open: it must leave when it is told that the game is over.
    let mut out = String::new();
    let mut stdout = bot.stdout.take().expect("it was asked for");
    std::io::Read::read_to_string(&mut stdout, &mut out).expect("it speaks UTF-8");
    assert!(bot.wait().expect("it ends").success());
    drop(stdin);
    out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// A host's lines: three territories in a row, the bot's in the middle.
fn host() -> Vec<String> {
    let rules = r#"{"march":{"garrison_min":1}}"#;
    let map = r#"{"territories":[{"name":"a"},{"name":"b"},{"name":"c"}],
        "edges":[{"a":0,"b":1},{"a":2,"b":1}]}"#;
    let start = format!(r#"{{"start":{{"you":1,"dice":5,"rules":{rules},"map":{map}}}}}"#);
    let land =
        |id, owner, troops| format!(r#"{{"id":{id},"owner":{owner},"troops":{troops},"cap":200}}"#);
    let wake = |kind, tick, phase, lands: &[String]| {
        let lands = lands.join(",");
        let game = format!(r#"{{"phase":"{phase}","turn":null}}"#);
        let board =
            format!(r#"{{"tick":{tick},"territories":[{lands}],"armies":[],"game":{game}}}"#);
        format!(r#"{{"wake":{{"{kind}":{board},"own":{{"reserve":0}},"refused":[]}}}}"#)
    };
    let all = [land(0, "0", 90), land(1, "null", 30), land(2, "null", 10)];
    let began = [land(1, "1", 150)];
    let lines = [
        r#"{"hello":{"protocol":1}}"#.to_owned(),
        start,
        wake("snapshot", 1, "spawn", &all),
        wake("delta", 41, "playing", &began),
        r#"{"end":{"tick":50}}"#.to_owned(),
    ];
    lines.map(|line| line.replace('\n', " ")).to_vec()
}

#[test]
fn the_starters_of_bots_play_and_are_short() {
    let starter = python("bot.py");
    let rust: (&str, &[&str]) = (env!("CARGO_BIN_EXE_stdio_bot"), &[]);
    let python: (&str, &[&str]) = ("python3", &[starter.to_str().expect("plain")]);
    for (program, arguments) in [rust, python] {
        let said = converse(program, arguments, &host());
        assert_eq!(said.len(), 4, "{said:?}");
        assert_eq!(said[0]["hello"]["protocol"], 1);
        assert_eq!(said[1], serde_json::json!({ "ready": {} }));
        let chosen = &said[2]["orders"]["commands"][0]["spawn"]["territory"];
        assert!(*chosen == 1 || *chosen == 2, "free land: {said:?}");
        assert_eq!(said[3]["orders"]["wake"], 61);
        let attack = &said[3]["orders"]["commands"][0]["attack"];
        assert_eq!((&attack["from"], &attack["to"]), (&1.into(), &2.into()), "{said:?}");
    }
    for text in [include_str!("../stdio_bot.rs"), include_str!("../python/bot.py")] {
        let lines = text.lines().count();
        assert!(lines < 60, "{lines} lines");
    }
}
