//! One small GET, bounded in bytes, following nothing.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{ACCEPT, HOST};
use http::{Request, StatusCode, Uri};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// Why nothing was fetched.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    /// The line broke, or never stood.
    #[error("the server cannot be reached: {0}")]
    Line(#[from] std::io::Error),
    /// What came is no HTTP.
    #[error("the server does not speak HTTP: {0}")]
    Http(#[from] hyper::Error),
    /// The answer is not a success.
    #[error("the server answered {0}")]
    Status(StatusCode),
    /// The answer is too long, or was cut.
    #[error("the answer is too long, or was cut")]
    Body,
    /// The answer is not what was asked for.
    #[error("the answer is no key set")]
    Strange,
    /// It took too long.
    #[error("the answer did not come in time")]
    Slow,
}

/// The body at an address of at most `most` bytes. No redirect is followed.
pub(super) async fn get(uri: &Uri, most: usize) -> Result<Bytes, FetchError> {
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    let secure = uri.scheme_str() == Some("https");
    let port = uri.port_u16().unwrap_or(if secure { 443 } else { 80 });
    let line = TcpStream::connect((host, port)).await?;
    if !secure {
        return ask(line, uri, most).await;
    }
    let name = ServerName::try_from(host.to_owned()).map_err(std::io::Error::other)?;
    let line = TlsConnector::from(Arc::new(tls()?)).connect(name, line).await?;
    ask(line, uri, most).await
}

fn tls() -> Result<rustls::ClientConfig, FetchError> {
    let roots = webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect::<rustls::RootCertStore>();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(std::io::Error::other)?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

async fn ask<L>(line: L, uri: &Uri, most: usize) -> Result<Bytes, FetchError>
where
    L: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(line)).await?;
    // It ends with the sender.
    let connection = tokio::spawn(connection);
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    let request = Request::get(path)
        .header(HOST, authority)
        .header(ACCEPT, "application/json, application/jwk-set+json")
        .body(Empty::<Bytes>::new())
        .map_err(std::io::Error::other)?;
    let response = sender.send_request(request).await?;
    if response.status() != StatusCode::OK {
        return Err(FetchError::Status(response.status()));
    }
    let body = Limited::new(response.into_body(), most).collect().await;
    connection.abort();
    Ok(body.map_err(|_| FetchError::Body)?.to_bytes())
}
