//! TLS in the binary.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ProtocolVersion, RootCertStore, SupportedProtocolVersion, version};
use sovereign_core::wire::Codec;
use sovereign_server::app::Server;
use sovereign_server::config::Limits;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::client::request;
use crate::http_client::{PATIENCE, raw};
use crate::running::config;

struct House {
    server: Server,
    config: sovereign_server::config::Config,
    folder: tempfile::TempDir,
}

/// Writes a new certificate for a name and its key; the certificate.
pub(crate) fn certify(folder: &Path, name: &str) -> (PathBuf, PathBuf, CertificateDer<'static>) {
    let made = rcgen::generate_simple_self_signed(vec![name.to_owned()]).unwrap();
    let (certificate, key) = (folder.join("cert.pem"), folder.join("key.pem"));
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    (certificate, key, made.cert.der().clone())
}

async fn house() -> (House, CertificateDer<'static>) {
    house_with(Limits::default()).await
}

async fn house_with(limits: Limits) -> (House, CertificateDer<'static>) {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key, trusted) = certify(folder.path(), "localhost");
    let mut config = config(folder.path(), limits);
    config.tls.certificate = Some(certificate);
    config.tls.key = Some(key);
    let server = Server::start(config.clone()).await.unwrap();
    (House { server, config, folder }, trusted)
}

/// A client's side that trusts this certificate alone.
pub(crate) fn connector(
    trusted: &CertificateDer<'static>,
    versions: &[&'static SupportedProtocolVersion],
) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

async fn connect(
    address: SocketAddr,
    trusted: &CertificateDer<'static>,
    versions: &[&'static SupportedProtocolVersion],
) -> std::io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    connector(trusted, versions).connect(name, stream).await
}

#[tokio::test]
async fn p9_pages_come_by_tls_1_2_and_1_3_and_browsers_are_told_to_insist() {
    let (house, trusted) = house().await;
    for (version, known) in
        [(&version::TLS12, ProtocolVersion::TLSv1_2), (&version::TLS13, ProtocolVersion::TLSv1_3)]
    {
        let mut stream = connect(house.server.public, &trusted, &[version]).await.unwrap();
        assert_eq!(stream.get_ref().1.protocol_version(), Some(known));
        let get = b"GET /v1/games HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
        stream.write_all(get).await.unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        assert!(text.starts_with("HTTP/1.1 200"), "{text}");
        assert!(text.contains("strict-transport-security: max-age=31536000"), "{text}");
    }
    let plain = raw(house.server.public, b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    assert!(plain.is_none(), "nothing is said in plain");
    house.server.stop().await;
}

#[tokio::test]
async fn a_socket_opens_over_tls() {
    let (house, trusted) = house().await;
    let stream = connect(house.server.public, &trusted, rustls::ALL_VERSIONS).await.unwrap();
    let wanted = request(house.server.public, "/v1/games/none/ws", Some(Codec::Json.subprotocol()));
    let (_, answer) = tokio_tungstenite::client_async(wanted, stream).await.unwrap();
    assert_eq!(answer.status().as_u16(), 101);
    house.server.stop().await;
}

/// Nothing, the beginning of a greeting, and plain HTTP where TLS belongs.
#[tokio::test]
async fn a4_whoever_is_slow_in_the_tls_handshake_is_cut() {
    let limits = Limits { header_read_ms: 300, ..Limits::default() };
    let (house, trusted) = house_with(limits).await;
    for begun in [&b""[..], b"\x16\x03\x01\x02\x00\x01", b"GET / HTTP/1.1\r\n\r\n"] {
        let mut stream = TcpStream::connect(house.server.public).await.unwrap();
        stream.write_all(begun).await.unwrap();
        let mut said = Vec::new();
        let end = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut said)).await;
        let _ = end.expect("the server hangs up");
        assert!(!said.starts_with(b"HTTP"), "nobody is heard in plain");
    }
    assert!(connect(house.server.public, &trusted, rustls::ALL_VERSIONS).await.is_ok());
    house.server.stop().await;
}

/// A close is answered before the connection ends, over TLS too.
#[tokio::test]
async fn a_close_over_tls_is_answered() {
    use std::future::ready;

    use futures_util::{SinkExt, StreamExt};
    use tokio_tungstenite::tungstenite::Message;
    let (house, trusted) = house().await;
    let stream = connect(house.server.public, &trusted, rustls::ALL_VERSIONS).await.unwrap();
    let wanted = request(house.server.public, "/v1/games/none/ws", Some(Codec::Json.subprotocol()));
    let (mut socket, _) = tokio_tungstenite::client_async(wanted, stream).await.unwrap();
    socket.send(Message::Close(None)).await.unwrap();
    // A ping may be on its way before it.
    let mut answers = socket.filter(|answer| ready(!matches!(answer, Ok(Message::Ping(_)))));
    let answer = tokio::time::timeout(PATIENCE, answers.next()).await.unwrap();
    assert!(matches!(answer, Some(Ok(Message::Close(_)))), "{answer:?}");
    house.server.stop().await;
}

#[tokio::test]
async fn p9_a_new_certificate_is_in_force_after_a_reload() {
    let (house, old) = house().await;
    let (_, _, new) = certify(house.folder.path(), "localhost");
    let all = rustls::ALL_VERSIONS;
    assert!(connect(house.server.public, &old, all).await.is_ok());
    house.server.reload(&house.config).unwrap();
    while connect(house.server.public, &new, all).await.is_err() {
        tokio::task::yield_now().await;
    }
    assert!(connect(house.server.public, &old, all).await.is_err());
    // What cannot be used changes nothing.
    std::fs::write(house.folder.path().join("key.pem"), "no key").unwrap();
    house.server.reload(&house.config).unwrap();
    assert!(connect(house.server.public, &new, all).await.is_ok());
    house.server.stop().await;
}

#[test]
fn a_changed_file_is_noticed_and_a_broken_one_is_not_taken() {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key, _) = certify(folder.path(), "localhost");
    let config = sovereign_server::config::TlsConfig {
        certificate: Some(certificate),
        key: Some(key.clone()),
        ..Default::default()
    };
    let tls = sovereign_server::gateway::tls::Tls::open(&config).unwrap().unwrap();
    assert!(!tls.reload_if_changed().unwrap());
    std::fs::write(&key, "no key").unwrap();
    let later = std::time::SystemTime::now() + std::time::Duration::from_secs(5);
    std::fs::File::options().write(true).open(&key).unwrap().set_modified(later).unwrap();
    assert!(tls.reload_if_changed().unwrap_err().to_string().contains("tls.key"));
    certify(folder.path(), "localhost");
    std::fs::File::options().write(true).open(&key).unwrap().set_modified(later).unwrap();
    assert!(tls.reload_if_changed().unwrap());
}
