//! From an HTTP request to a WebSocket.
//!
//! Our own, because a socket here has a read buffer of 1 KiB instead of 128 KiB, and because
//! frames are written straight to the kernel where the connection is plain TCP.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{
    CONNECTION, HeaderMap, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY,
    SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use http::{Response, StatusCode};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use sovereign_core::wire::Codec;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf, ReadHalf, WriteHalf, split};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use crate::config::Limits;
use crate::error::ApiError;
use crate::room::{Framed, OutQueue};

/// Read buffer of one socket, in bytes: most of what clients say is far shorter.
const READ_BUFFER: usize = 1_024;

/// What a fragment of one byte takes on the wire: its header, its mask and itself.
const FRAGMENT: usize = 7;
/// What a control frame takes on the wire beside its payload.
const CONTROL: usize = 6;

/// A connection that has switched protocols.
#[derive(Debug)]
pub struct Socket {
    source: Source,
    sink: Sink,
    /// What was read behind the request.
    ahead: Bytes,
    config: WebSocketConfig,
}

#[derive(Debug)]
enum Source {
    Direct(OwnedReadHalf),
    Stream(ReadHalf<TokioIo<Upgraded>>),
}

/// The outgoing half, for the socket's writer.
#[derive(Debug)]
pub enum Sink {
    /// Plain TCP, which the queue writes to as well.
    Direct(Arc<OwnedWriteHalf>),
    /// Anything else, such as TLS: the writer alone writes to it.
    Stream(WriteHalf<TokioIo<Upgraded>>),
}

/// What the reader of messages reads from. What it writes, answers to pings and closes, goes
/// through the queue: there is one way out.
#[derive(Debug)]
pub struct Wire {
    source: Source,
    out: OutQueue,
    /// Bytes read since the last message was whole, without control frames.
    taken: usize,
    most: usize,
}

/// The incoming messages of a socket.
pub type Messages = WebSocketStream<Wire>;

impl Socket {
    /// Takes it apart: incoming messages, and the rest of the way out; `out` writes to the
    /// socket by itself where it can.
    pub async fn split(self, out: OutQueue) -> (Messages, Sink) {
        if let Sink::Direct(line) = &self.sink {
            out.connect(Some(Arc::clone(line)));
        }
        let message = self.config.max_message_size.unwrap_or(usize::MAX);
        let most = message.saturating_mul(FRAGMENT).saturating_add(READ_BUFFER);
        let wire = Wire { source: self.source, out, taken: self.ahead.len(), most };
        let ahead = self.ahead.to_vec();
        let config = Some(self.config);
        let messages = WebSocketStream::from_partially_read(wire, ahead, Role::Server, config);
        (messages.await, self.sink)
    }
}

impl Wire {
    /// Whether something of a next message has come.
    #[must_use]
    pub const fn is_within(&self) -> bool {
        self.taken > 0
    }

    /// Whether more was read than any one message can take, such as fragments without end.
    #[must_use]
    pub const fn is_overdrawn(&self) -> bool {
        self.taken > self.most
    }

    /// A message is whole: what is read from now on belongs to the next one.
    pub const fn settle(&mut self) {
        self.taken = 0;
    }

    /// What was read was a control frame with so long a payload.
    pub const fn forgive(&mut self, payload: usize) {
        self.taken = self.taken.saturating_sub(payload + CONTROL);
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.is_overdrawn() {
            return Poll::Ready(Err(io::ErrorKind::InvalidData.into()));
        }
        let before = buffer.filled().len();
        let read = match &mut self.source {
            Source::Direct(half) => Pin::new(half).poll_read(cx, buffer),
            Source::Stream(half) => Pin::new(half).poll_read(cx, buffer),
        };
        self.taken += buffer.filled().len() - before;
        read
    }
}

impl AsyncWrite for Wire {
    /// Takes whole frames, as the WebSocket layer writes them.
    fn poll_write(
        self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
        frames: &[u8],
    ) -> Poll<io::Result<usize>> {
        let queued = self.out.control(Framed::whole(frames));
        Poll::Ready(queued.map(|()| frames.len()).map_err(|_| io::ErrorKind::WouldBlock.into()))
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// The subprotocols that a client offers.
fn offers(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let lists = headers.get_all(SEC_WEBSOCKET_PROTOCOL).iter();
    lists.filter_map(|value| value.to_str().ok()).flat_map(|list| list.split(',')).map(str::trim)
}

/// What client and server agree on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Agreed {
    /// The first offered subprotocol that is spoken here.
    Codec(Codec),
    /// None, but the first offered one is of another version: the socket is opened under its
    /// name, since no browser shows a page why a socket was not opened, and closed at once.
    Never(HeaderValue),
}

impl Agreed {
    fn on(headers: &HeaderMap) -> Option<Self> {
        if let Some(codec) = offers(headers).find_map(Codec::from_subprotocol) {
            return Some(Self::Codec(codec));
        }
        let other = offers(headers).find(|offer| Codec::is_of_family(offer))?;
        HeaderValue::from_str(other).ok().map(Self::Never)
    }

    fn name(&self) -> HeaderValue {
        match self {
            Self::Codec(codec) => HeaderValue::from_static(codec.subprotocol()),
            Self::Never(name) => name.clone(),
        }
    }
}

/// A request that may become a socket.
#[derive(Debug)]
pub struct Handshake {
    /// The negotiated subprotocol.
    pub agreed: Agreed,
    accept: HeaderValue,
}

impl Handshake {
    /// Checks a request's headers.
    ///
    /// # Errors
    /// 426 without an upgrade of version 13, 400 without a subprotocol of ours or with a bad key.
    pub fn check(headers: &HeaderMap) -> Result<Self, ApiError> {
        let upgrades =
            has_token(headers, CONNECTION, "upgrade") && has_token(headers, UPGRADE, "websocket");
        let version = only(headers, SEC_WEBSOCKET_VERSION).is_some_and(|v| v == "13");
        if !upgrades || !version {
            return Err(ApiError::upgrade_required());
        }
        let Some(key) = only(headers, SEC_WEBSOCKET_KEY).filter(|key| is_key(key)) else {
            let message = "the WebSocket key is missing, repeated, or not 16 bytes in base64";
            return Err(ApiError::bad_request(message));
        };
        let Some(agreed) = Agreed::on(headers) else {
            return Err(ApiError::subprotocol());
        };
        let accept = HeaderValue::from_str(&derive_accept_key(key.as_bytes()))
            .map_err(|_| ApiError::bad_request("the WebSocket key is malformed"))?;
        Ok(Self { agreed, accept })
    }

    /// The answer that switches protocols.
    #[must_use]
    pub fn response<B: Default>(&self) -> Response<B> {
        let mut response = Response::new(B::default());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(SEC_WEBSOCKET_ACCEPT, self.accept.clone());
        headers.insert(SEC_WEBSOCKET_PROTOCOL, self.agreed.name());
        response
    }
}

/// Waits for the switch and opens the socket.
///
/// # Errors
/// When the connection ends first.
pub async fn open(on_upgrade: OnUpgrade, limits: &Limits) -> io::Result<Socket> {
    let upgraded = on_upgrade.await.map_err(io::Error::other)?;
    let message = Limits::count(limits.message_bytes);
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_message_size(Some(message))
        .max_frame_size(Some(message));
    Ok(match upgraded.downcast::<TokioIo<TcpStream>>() {
        Ok(parts) => {
            let (read, write) = moved(parts.io.into_inner())?.into_split();
            let (source, sink) = (Source::Direct(read), Sink::Direct(Arc::new(write)));
            Socket { source, sink, ahead: parts.read_buf, config }
        }
        Err(upgraded) => {
            let (read, write) = split(TokioIo::new(upgraded));
            let (source, sink) = (Source::Stream(read), Sink::Stream(write));
            Socket { source, sink, ahead: Bytes::new(), config }
        }
    })
}

/// The same connection, heard by the threads on which this runs.
fn moved(stream: TcpStream) -> io::Result<TcpStream> {
    TcpStream::from_std(stream.into_std()?)
}

/// The value of a header that comes once.
fn only(headers: &HeaderMap, name: http::header::HeaderName) -> Option<&HeaderValue> {
    let mut values = headers.get_all(name).iter();
    values.next().filter(|_| values.next().is_none())
}

/// Whether this is what RFC 6455 asks for: 16 bytes of the client's choice.
fn is_key(value: &HeaderValue) -> bool {
    STANDARD.decode(value.as_bytes()).is_ok_and(|key| key.len() == 16)
}

fn has_token(headers: &HeaderMap, name: http::header::HeaderName, token: &str) -> bool {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|list| list.split(','))
        .any(|part| part.trim().eq_ignore_ascii_case(token))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(protocol: Option<&str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(CONNECTION, HeaderValue::from_static("keep-alive, Upgrade"));
        headers.insert(UPGRADE, HeaderValue::from_static("WebSocket"));
        headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
        headers.insert(SEC_WEBSOCKET_KEY, HeaderValue::from_static("dGhlIHNhbXBsZSBub25jZQ=="));
        if let Some(protocol) = protocol {
            headers.insert(SEC_WEBSOCKET_PROTOCOL, protocol.parse().unwrap());
        }
        headers
    }

    #[test]
    fn the_first_known_subprotocol_is_chosen_and_echoed() {
        let headers = request(Some("graphql-ws, sovereign.v1.json, sovereign.v1.msgpack"));
        let handshake = Handshake::check(&headers).unwrap();
        assert_eq!(handshake.agreed, Agreed::Codec(Codec::Json));
        let response: Response<String> = handshake.response();
        assert_eq!(response.headers()[SEC_WEBSOCKET_PROTOCOL], "sovereign.v1.json");
        // The example of RFC 6455, section 1.3.
        assert_eq!(response.headers()[SEC_WEBSOCKET_ACCEPT], "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn h6_without_a_known_subprotocol_there_is_no_socket() {
        for protocol in [None, Some("graphql-ws"), Some("sovereign.v.json"), Some("")] {
            let refused = Handshake::check(&request(protocol)).unwrap_err();
            assert_eq!(refused.status, StatusCode::BAD_REQUEST);
        }
    }

    #[test]
    fn another_version_is_agreed_on_only_where_there_is_no_better() {
        let other = Handshake::check(&request(Some("chat, sovereign.v0.json"))).unwrap();
        assert_eq!(other.agreed, Agreed::Never(HeaderValue::from_static("sovereign.v0.json")));
        let response: Response<String> = other.response();
        assert_eq!(response.headers()[SEC_WEBSOCKET_PROTOCOL], "sovereign.v0.json");
        let both = Handshake::check(&request(Some("sovereign.v2.json, sovereign.v1.json")));
        assert_eq!(both.unwrap().agreed, Agreed::Codec(Codec::Json));
    }

    #[test]
    fn h5_a_half_upgrade_is_refused() {
        for name in [CONNECTION, UPGRADE, SEC_WEBSOCKET_VERSION, SEC_WEBSOCKET_KEY] {
            let mut headers = request(Some("sovereign.v1.json"));
            headers.remove(&name);
            assert!(Handshake::check(&headers).is_err(), "{name}");
        }
        let mut headers = request(Some("sovereign.v1.json"));
        headers.append(SEC_WEBSOCKET_KEY, HeaderValue::from_static("again"));
        assert!(Handshake::check(&headers).is_err());
    }
}
