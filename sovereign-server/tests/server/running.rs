//! A server in this process, in a folder of its own.

use std::net::SocketAddr;
use std::path::Path;

use serde_json::{Value, json};
use sovereign_server::app::Server;
use sovereign_server::config::{Config, Limits, PostgresConfig, Secret};
use sovereign_server::postgres::{Migrator, Postgres};

use crate::http_client::{Answer, call};
use crate::postgres;

/// A running server; it stops when it is told to.
pub(crate) struct Running {
    pub(crate) server: Server,
    pub(crate) folder: tempfile::TempDir,
    /// The address of its PostgreSQL, if it has one.
    pub(crate) postgres: Option<String>,
}

/// A person with a token.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) token: String,
    pub(crate) refresh: String,
    pub(crate) account: String,
}

impl Person {
    /// Who came in with this answer.
    pub(crate) fn of(grant: &Value) -> Self {
        let text = |key: &str| grant[key].as_str().unwrap().to_owned();
        Self { token: text("token"), refresh: text("refresh_token"), account: text("account") }
    }
}

pub(crate) fn config(folder: &Path, limits: Limits) -> Config {
    let mut config = Config { limits, ..Config::default() };
    config.server.port = 0;
    config.server.ops_port = 0;
    config.admin.port = 0;
    config.server.data_dir = folder.join("data");
    config
}

/// Brings a database to the present schema.
pub(crate) async fn migrate(url: &str) {
    let config = PostgresConfig { url: Secret::new(url), ..PostgresConfig::default() };
    let pool = Postgres::open(&config, &Limits::default()).await.unwrap();
    Migrator::default().up(&pool).await.unwrap();
}

impl Running {
    pub(crate) async fn start() -> Self {
        Self::with(Limits::default()).await
    }

    pub(crate) async fn with(limits: Limits) -> Self {
        Self::on(tempfile::tempdir().unwrap(), None, limits).await
    }

    /// One with a PostgreSQL of its own.
    pub(crate) async fn on_postgres(limits: Limits) -> Self {
        let url = postgres::Server::shared().database().await;
        migrate(&url).await;
        Self::on(tempfile::tempdir().unwrap(), Some(url), limits).await
    }

    pub(crate) async fn on(
        folder: tempfile::TempDir,
        postgres: Option<String>,
        limits: Limits,
    ) -> Self {
        let mut config = config(folder.path(), limits);
        config.postgres.url = Secret::new(postgres.clone().unwrap_or_default());
        let server = Server::start(config).await.unwrap();
        Self { server, folder, postgres }
    }

    /// Stops the server and starts another one on the same folder and database.
    pub(crate) async fn restart(self) -> Self {
        let Self { server, folder, postgres } = self;
        server.stop().await;
        Self::on(folder, postgres, Limits::default()).await
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.server.public
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        call(self.address(), "GET", path, &[], None).await
    }

    pub(crate) async fn guest(&self, name: &str) -> Person {
        guest(self.address(), name).await
    }

    pub(crate) async fn post(&self, path: &str, person: &Person, body: Value) -> Answer {
        post(self.address(), path, person, body).await
    }

    /// What somebody gets who asks with an empty body.
    pub(crate) async fn ask(&self, method: &str, path: &str, person: &Person) -> Answer {
        send(self.address(), method, path, person, None).await
    }

    /// A game that runs: one person against bots.
    pub(crate) async fn game(&self, person: &Person, bots: &[&str]) -> String {
        let wish = json!({ "map": "classic", "bots": bots, "start": true });
        let made = self.post("/v1/games", person, wish).await;
        assert_eq!(made.status, 201, "{}", made.text());
        made.json()["id"].as_str().unwrap().to_owned()
    }
}

pub(crate) async fn guest(address: SocketAddr, name: &str) -> Person {
    let body = json!({ "name": name }).to_string();
    let made = call(address, "POST", "/v1/auth/guest", &[], Some(&body)).await;
    assert_eq!(made.status, 201, "{}", made.text());
    Person::of(&made.json())
}

pub(crate) async fn post(address: SocketAddr, path: &str, person: &Person, body: Value) -> Answer {
    send(address, "POST", path, person, Some(body)).await
}

/// A request with somebody's token.
pub(crate) async fn send(
    address: SocketAddr,
    method: &str,
    path: &str,
    person: &Person,
    body: Option<Value>,
) -> Answer {
    let bearer = format!("Bearer {}", person.token);
    let body = body.map(|body| body.to_string());
    call(address, method, path, &[("authorization", &bearer)], body.as_deref()).await
}
