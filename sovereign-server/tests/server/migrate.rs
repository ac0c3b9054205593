//! `sovereign-server migrate` on a real PostgreSQL, and what a server does with a schema that
//! is not its own.

use std::process::Output;

use tokio::process::Command;
use tokio::time::timeout;

use crate::http_client::PATIENCE;
use crate::postgres::Server;

struct Schema {
    url: String,
}

impl Schema {
    async fn new() -> Self {
        Self { url: Server::shared().database().await }
    }

    async fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sovereign-server"));
        command.env("SOVEREIGN_POSTGRES__URL", &self.url).args(arguments).kill_on_drop(true);
        timeout(PATIENCE, command.output()).await.expect("it ends by itself").unwrap()
    }

    /// What a command that succeeds says.
    async fn says(&self, arguments: &[&str]) -> String {
        let Output { status, stdout, stderr } = self.run(arguments).await;
        assert!(status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&stderr));
        String::from_utf8(stdout).unwrap()
    }
}

#[tokio::test]
async fn the_schema_is_planned_taken_shown_and_taken_back() {
    let schema = Schema::new().await;
    let behind = schema.run(&["migrate", "status"]).await;
    assert_eq!(behind.status.code(), Some(1));
    assert!(String::from_utf8(behind.stdout).unwrap().contains("0001 log              missing"));
    assert!(schema.says(&["migrate", "plan"]).await.contains("CREATE TABLE game_log"));
    assert!(schema.says(&["migrate", "up"]).await.contains("0001 log taken\n"));
    assert!(
        schema.says(&["migrate", "status"]).await.contains("0001 log              taken at 20")
    );
    assert_eq!(schema.says(&["migrate", "plan"]).await, "-- nothing is missing\n");
    assert_eq!(schema.says(&["migrate", "up"]).await, "nothing to do\n");
    assert!(schema.says(&["migrate", "down", "--to", "0"]).await.contains("0001 log taken back\n"));
    assert!(schema.says(&["migrate", "plan"]).await.contains("CREATE TABLE game_log"));
}

#[tokio::test]
async fn a_server_does_not_start_on_a_schema_that_is_behind() {
    let (schema, folder) = (Schema::new().await, tempfile::tempdir().unwrap());
    let data = folder.path().to_str().unwrap();
    let started = schema
        .run(&["--data-dir", data, "--port", "0", "--ops-port", "0", "--admin-port", "0"])
        .await;
    let said = String::from_utf8(started.stderr).unwrap();
    assert_eq!(started.status.code(), Some(1), "{said}");
    assert!(said.contains("sovereign-server migrate up"), "{said}");
}

#[tokio::test]
async fn without_a_database_there_is_nothing_to_migrate() {
    let schema = Schema { url: String::new() };
    let refused = schema.run(&["migrate", "up"]).await;
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8(refused.stderr).unwrap().contains("postgres.url"));
}
