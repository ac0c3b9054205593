//! The accept loop.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
#[cfg(target_os = "linux")]
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{debug, warn};

use super::connections::{Connections, Peer};
use super::tls::Tls;
use crate::config::Limits;
use crate::telemetry::metrics;

/// Wait after a failed accept, such as one for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// Connections the kernel holds for us.
const BACKLOG: u32 = 1_024;
/// Bytes of a request's headers; more are answered 431.
const HEADER_BYTES: usize = 16_384;
/// Headers of a request; more are answered 431.
const HEADERS: usize = 64;
/// Time that open requests get when the server stops.
const CLOSE_TIME: Duration = Duration::from_secs(2);

/// Opens a listening socket.
///
/// # Errors
/// When the address is taken or not ours.
pub fn bind(address: SocketAddr, limits: &Limits) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    // Accepted connections inherit it: a slow reader fills our queue, which we can
    // replace, and not the kernel's, which we cannot.
    let send_buffer = u32::try_from(limits.send_buffer_bytes).unwrap_or(u32::MAX);
    socket.set_send_buffer_size(send_buffer)?;
    // So is this: whoever takes nothing of an answer for so long is cut off by the kernel.
    #[cfg(target_os = "linux")]
    SockRef::from(&socket).set_tcp_user_timeout(Some(Duration::from_millis(limits.write_ms)))?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Serves `service` until `stop`, then lets open requests finish. With `tls` nobody is
/// heard in plain.
pub async fn serve<S, B>(
    listener: TcpListener,
    service: S,
    connections: Connections,
    tls: Option<Tls>,
    limits: Limits,
    stop: CancellationToken,
) where
    S: hyper::service::Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send + 'static,
    S::Error: std::error::Error + Send + Sync + 'static,
    B: hyper::body::Body + Send + 'static,
    B::Data: Send,
    B::Error: std::error::Error + Send + Sync + 'static,
{
    let open = TaskTracker::new();
    let builder = builder(&limits);
    let handshake = Duration::from_millis(limits.header_read_ms);
    while let Some((stream, peer)) = next(&listener, &connections, &stop).await {
        let service = service.clone();
        let with_peer = hyper::service::service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(peer.clone());
            service.call(request)
        });
        let (builder, stop) = (builder.clone(), stop.clone());
        match &tls {
            None => open.spawn(converse(builder, stream, with_peer, stop)),
            Some(tls) => {
                let accept = tls.acceptor().accept(stream);
                open.spawn(async move {
                    match timeout(handshake, accept).await {
                        Ok(Ok(stream)) => converse(builder, stream, with_peer, stop).await,
                        Ok(Err(error)) => debug!(%error, "a TLS handshake failed"),
                        Err(_) => metrics::limit_hit("header_read_ms"),
                    }
                })
            }
        };
    }
    drop(listener);
    open.close();
    let _ = timeout(CLOSE_TIME, open.wait()).await;
}

/// One connection, from its first request to its end.
async fn converse<I, S, B>(builder: http1::Builder, stream: I, service: S, stop: CancellationToken)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    S: hyper::service::Service<Request<Incoming>, Response = Response<B>> + Send,
    S::Future: Send + 'static,
    S::Error: std::error::Error + Send + Sync + 'static,
    B: hyper::body::Body + Send + 'static,
    B::Data: Send,
    B::Error: std::error::Error + Send + Sync + 'static,
{
    let connection = builder.serve_connection(TokioIo::new(stream), service).with_upgrades();
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        if error.is_timeout() {
            metrics::limit_hit("header_read_ms");
        }
        debug!(%error, "a connection ended early");
    }
}

fn builder(limits: &Limits) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_millis(limits.header_read_ms))
        .max_headers(HEADERS)
        .max_buf_size(HEADER_BYTES);
    builder
}

/// The next admitted connection, or nothing once `stop` is set.
async fn next(
    listener: &TcpListener,
    connections: &Connections,
    stop: &CancellationToken,
) -> Option<(TcpStream, Peer)> {
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return None,
            accepted = accept(listener, connections) => accepted?,
        };
        if accepted.is_some() {
            return accepted;
        }
    }
}

/// One accept: nothing when it failed or was refused.
async fn accept(
    listener: &TcpListener,
    connections: &Connections,
) -> Option<Option<(TcpStream, Peer)>> {
    let permit = connections.room().await?;
    match listener.accept().await {
        Ok((stream, address)) => {
            // Frames are small and wait for nobody; failing to say so is no reason to refuse.
            let _ = stream.set_nodelay(true);
            let peer = connections.admit(permit, address.ip());
            // Who is refused takes nobody's turn: one address cannot use up what there is for all.
            if peer.is_some() {
                connections.turn().await;
            }
            Some(peer.map(|peer| (stream, peer)))
        }
        Err(error) => {
            warn!(%error, "a connection could not be accepted");
            tokio::time::sleep(ACCEPT_PAUSE).await;
            Some(None)
        }
    }
}
