//! Every example runs.

use std::path::Path;
use std::process::{Command, Output};

use sovereign_core::quantity::Permille;
use sovereign_core::testing::hectic_rules;
use sovereign_core::{Rules, rules::RulesDraft};
use sovereign_server::app::Server;
use sovereign_server::config::Config;

fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    said(&output.unwrap_or_else(|error| panic!("{program}: {error}")))
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
fn the_first_game_is_replayed() {
    let out = run(env!("CARGO_BIN_EXE_first_game"), &[]);
    for said in ["too_few_troops", "Captured", "replayed to hash"] {
        assert!(out.contains(said), "{said}: {out}");
    }
}

/// Rules under which a game over the wire is over in seconds: a tenth of the land wins.
fn quick_rules(folder: &Path) -> String {
    let mut draft = RulesDraft::clone(&hectic_rules());
    draft.victory.share = Permille(100);
    let rules = Rules::try_from(draft).expect("within its ranges");
    let path = folder.join("quick.toml");
    std::fs::write(&path, rules.to_toml()).expect("a folder of our own");
    path.to_str().expect("plain").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_game_is_played_over_the_wire() {
    let folder = tempfile::tempdir().expect("a folder of our own");
    let mut config = Config::default();
    config.server.port = 0;
    config.server.ops_port = 0;
    config.server.data_dir = folder.path().join("data");
    let server = Server::start(config).await.expect("the server starts");
    let url = format!("http://{}", server.public);
    let rules = quick_rules(folder.path());
    let client = env!("CARGO_BIN_EXE_play_over_wire");
    let output = tokio::process::Command::new(client).args([&url, &rules]).output().await;
    let out = said(&output.expect("the client runs"));
    assert!(out.contains("the winner is Some(PlayerId("), "{out}");
    server.stop().await;
}
