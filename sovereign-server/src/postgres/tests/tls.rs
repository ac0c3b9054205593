//! TLS to a PostgreSQL that offers it, with certificates made here.

use std::path::{Path, PathBuf};
use std::process::Command;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

use super::super::testing::Server;
use super::*;

/// An authority of our own, which says who `name` is.
struct Authority {
    folder: tempfile::TempDir,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        std::fs::write(folder.path().join("ca.pem"), certificate.pem()).unwrap();
        Self { folder, issuer: Issuer::new(params, key) }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// Gives the server a certificate for `name`, and restarts it with TLS.
    fn vouch(&self, name: &str, server: &mut Server) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new([name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        give(&server.data(), "server.crt", &certificate.pem());
        give(&server.data(), "server.key", &key.serialize_pem());
        server.restart_with(&["ssl=on"]);
    }
}

/// Writes a file that only the server's user can read: it insists.
fn give(folder: &Path, name: &str, text: &str) {
    let file = folder.join(name);
    std::fs::write(&file, text).unwrap();
    let mut owner = Command::new("chown");
    owner.arg("--reference").args([folder, &file]);
    assert!(owner.status().unwrap().success());
    assert!(Command::new("chmod").arg("600").arg(&file).status().unwrap().success());
}

async fn open(url: &str, ca: Option<PathBuf>) -> Result<Postgres, PostgresError> {
    let config = PostgresConfig { url: Secret::new(url), ca, ..PostgresConfig::default() };
    Postgres::open(&config, &Limits::default()).await
}

async fn is_secret(pool: &Postgres) -> bool {
    let query = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    pool.connection().await.unwrap().query_one(query, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn the_line_is_secret_and_the_certificate_is_checked() {
    let (authority, mut server) = (Authority::new(), Server::start(&["fsync=off"]));
    let url = server.database().await;
    let require = format!("{url}?sslmode=require");
    let plain = open(&require, Some(authority.file())).await.unwrap_err().to_string();
    assert!(plain.contains("TLS"), "a server without TLS is refused: {plain}");
    assert!(!is_secret(&open(&url, None).await.unwrap()).await);

    authority.vouch("127.0.0.1", &mut server);
    for mode in ["require", "verify-ca", "verify-full", "prefer"] {
        let url = format!("{url}?sslmode={mode}");
        assert!(is_secret(&open(&url, Some(authority.file())).await.unwrap()).await, "{mode}");
    }
    let log = PostgresConfig {
        url: Secret::new(&*require),
        ca: Some(authority.file()),
        ..PostgresConfig::default()
    };
    assert!(is_secret(&Postgres::open_for_log(&log, &Limits::default()).await.unwrap()).await);
    assert!(!is_secret(&open(&format!("{url}?sslmode=disable"), None).await.unwrap()).await);
    for (ca, why) in [(None, "UnknownIssuer"), (Some(Authority::new().file()), "")] {
        let refused = open(&require, ca).await.unwrap_err().to_string();
        assert!(refused.contains(why) && refused.contains("cannot be"), "{refused}");
    }

    authority.vouch("elsewhere.example", &mut server);
    let foreign = open(&require, Some(authority.file())).await.unwrap_err().to_string();
    assert!(foreign.contains("not valid for name"), "another's certificate: {foreign}");
}

#[tokio::test]
async fn a_file_without_certificates_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    for text in ["", "not a certificate"] {
        std::fs::write(&file, text).unwrap();
        let error = open("postgres://u@127.0.0.1/db", Some(file.clone())).await.unwrap_err();
        assert!(matches!(&error, PostgresError::Ca { path, .. } if *path == file), "{error}");
    }
}
