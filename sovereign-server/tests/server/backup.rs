//! The restore drill: a copy of a running server becomes another server.

use std::path::Path;

use sovereign_core::wire::Codec;
use sovereign_server::app::Server;
use sovereign_server::backup::{self, BackupError};
use sovereign_server::config::Limits;

use crate::client::Client;
use crate::postgres;
use crate::running::{Person, Running, config};

fn flip_a_bit(path: &Path) {
    let mut bytes = std::fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(path, bytes).unwrap();
}

/// Somebody in a game against a bot that has gone on for a while.
async fn a_game_that_runs(running: &Running) -> (Person, String, Client) {
    let ada = running.guest("Ada").await;
    let game = running.game(&ada, &["random"]).await;
    let token = Some(ada.token.as_str());
    let mut client = Client::connect(running.address(), &game, token, Codec::Msgpack).await;
    client.until(|client| client.tick > 30).await;
    (ada, game, client)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_a_running_server_goes_on_elsewhere() {
    let running = Running::start().await;
    let (ada, game, mut client) = a_game_that_runs(&running).await;
    let seen = client.tick;

    let (data, copy) = (running.folder.path().join("data"), running.folder.path().join("copy"));
    let scratch = running.folder.path().join("scratch");
    let manifest = backup::create(&data, &copy).unwrap();
    let names: Vec<&str> = manifest.files.iter().map(|file| file.name.as_str()).collect();
    assert!(["log.db", "main.db"].iter().all(|name| names.contains(name)), "{names:?}");
    assert!(!names.iter().any(|name| *name == "lock" || name.ends_with("-wal")), "{names:?}");
    let report = backup::verify(&copy, &scratch, None).await.unwrap();
    assert_eq!((report.games, report.faults.len()), (1, 0), "{:?}", report.faults);

    // The server goes on meanwhile, and is then lost with its folder.
    client.until(|client| client.tick > seen + 20).await;
    let epoch = client.epoch;
    running.server.stop().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let new = config(elsewhere.path(), Limits::default());
    backup::restore(&copy, &new.server.data_dir).unwrap();
    let server = Server::start(new).await.unwrap();
    let mut back = Client::connect(server.public, &game, Some(&ada.token), Codec::Msgpack).await;
    back.until(|client| client.tick > seen + 30).await;
    assert!(back.epoch > epoch, "no client takes it for the lost server's game");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_backup_is_neither_trusted_nor_restored() {
    let running = Running::start().await;
    running.guest("Ada").await;
    let folder = running.folder.path();
    let (data, copy) = (folder.join("data"), folder.join("copy"));
    backup::create(&data, &copy).unwrap();
    let again = backup::create(&data, &copy).unwrap_err();
    assert!(matches!(again, BackupError::Taken(_)), "{again}");
    let onto = backup::restore(&copy, &data).unwrap_err();
    assert!(matches!(onto, BackupError::DataDir(_)), "{onto}");
    flip_a_bit(&copy.join("main.db"));
    let verified = backup::verify(&copy, &folder.join("scratch"), None).await.unwrap_err();
    assert!(matches!(verified, BackupError::Damaged(_)), "{verified}");
    let restored = backup::restore(&copy, &folder.join("new")).unwrap_err();
    assert!(matches!(restored, BackupError::Damaged(_)), "{restored}");
    running.server.stop().await;
}

/// A copy of the data folder would hold neither games nor people.
#[test]
fn a_server_on_postgresql_is_backed_up_by_its_own_tools() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy");
    let made = std::process::Command::new(env!("CARGO_BIN_EXE_sovereign-server"))
        .args(["backup", "create"])
        .arg(&copy)
        .env("SOVEREIGN_POSTGRES__URL", "postgres://sovereign@db.example/sovereign")
        .output()
        .unwrap();
    let told = String::from_utf8(made.stderr).unwrap();
    assert_eq!(made.status.code(), Some(1));
    assert!(told.contains("pg_dump") && told.contains("docs/operations.md"), "{told}");
    assert!(!copy.exists());
}

/// One of PostgreSQL's tools, which does what it is told.
fn tool(name: &str, arguments: &[&str]) {
    let done =
        std::process::Command::new(postgres::program(name)).args(arguments).output().unwrap();
    assert!(done.status.success(), "{name}: {}", String::from_utf8_lossy(&done.stderr));
}

/// As docs/operations.md says it: a dump of a running server, put back after all was lost.
#[tokio::test(flavor = "multi_thread")]
async fn a_dump_of_a_running_server_goes_on_elsewhere() {
    let running = Running::on_postgres(Limits::default()).await;
    let (ada, game, mut client) = a_game_that_runs(&running).await;
    let seen = client.tick;

    let dump = running.folder.path().join("monday.dump");
    let (file, url) = (dump.to_str().unwrap(), running.postgres.clone().unwrap());
    tool("pg_dump", &["--format=custom", &format!("--file={file}"), &url]);
    client.until(|client| client.tick > seen + 20).await;
    let epoch = client.epoch;
    running.server.stop().await;

    let elsewhere = postgres::Server::shared().database().await;
    let into = format!("--dbname={elsewhere}");
    tool("pg_restore", &["--clean", "--if-exists", &into, file]);
    tool("psql", &[&elsewhere, "-c", "UPDATE game_owner SET epoch = epoch + 1000"]);
    let back = Running::on(running.folder, Some(elsewhere), Limits::default()).await;
    let mut client = Client::connect(back.address(), &game, Some(&ada.token), Codec::Msgpack).await;
    client.until(|client| client.tick > seen + 30).await;
    assert!(client.epoch > epoch, "no client takes it for the lost server's game");
    back.server.stop().await;
}
