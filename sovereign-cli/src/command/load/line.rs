//! One WebSocket to a server, with small buffers, so that thousands fit into one process.

use std::net::SocketAddr;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use sovereign_core::wire::{CloseCode, Codec, Frame, FromClient};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

/// Read buffer of one socket, in bytes.
const READ_BUFFER: usize = 4_096;
/// The same for one that reads slowly, and what the kernel holds for it.
const SMALL_BUFFER: u32 = 1_024;

/// Why a line ended, in a few words that are counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lost(pub(super) String);

impl From<Error> for Lost {
    fn from(error: Error) -> Self {
        match error {
            Error::Http(answer) => Self(format!("refused with {}", answer.status().as_u16())),
            Error::Io(error) => error.into(),
            other => Self(other.to_string()),
        }
    }
}

impl From<std::io::Error> for Lost {
    fn from(error: std::io::Error) -> Self {
        Self(format!("broken: {}", error.kind()))
    }
}

/// Where a server's socket is.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) address: SocketAddr,
    /// As in the request's `Host`.
    pub(super) authority: String,
    /// Such as `/v1/games/ABC/ws`.
    pub(super) path: String,
}

impl Place {
    /// The socket of a game.
    pub(super) fn of_game(address: SocketAddr, authority: &str, id: &str) -> Self {
        Self { address, authority: authority.to_owned(), path: format!("/v1/games/{id}/ws") }
    }
}

/// An open socket.
pub(super) struct Line(WebSocketStream<TcpStream>);

impl Line {
    /// Connects and switches protocols. `narrow` makes the kernel hold little for a slow reader.
    pub(super) async fn open(place: &Place, narrow: bool) -> Result<Self, Lost> {
        let address = place.address;
        let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        if narrow {
            socket.set_recv_buffer_size(SMALL_BUFFER)?;
        }
        let stream = socket.connect(address).await?;
        stream.set_nodelay(true)?;
        let url = format!("ws://{}{}", place.authority, place.path);
        let mut request = url.into_client_request()?;
        let protocol = HeaderValue::from_static(Codec::Msgpack.subprotocol());
        request.headers_mut().insert("sec-websocket-protocol", protocol);
        let buffer = if narrow { SMALL_BUFFER as usize } else { READ_BUFFER };
        let config = WebSocketConfig::default().read_buffer_size(buffer);
        let opened = client_async_with_config(request, stream, Some(config)).await;
        Ok(Self(opened?.0))
    }

    /// Says something.
    pub(super) async fn say(&mut self, message: &FromClient) -> Result<(), Lost> {
        let message = match message.encode(Codec::Msgpack) {
            Frame::Binary(bytes) => Message::Binary(bytes.into()),
            Frame::Text(text) => Message::Text(text.into()),
        };
        self.send(message).await
    }

    /// Sends any message.
    pub(super) async fn send(&mut self, message: Message) -> Result<(), Lost> {
        Ok(self.0.send(message).await?)
    }

    /// The next frame's payload. May be dropped while it waits.
    pub(super) async fn next(&mut self) -> Result<Bytes, Lost> {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Binary(bytes))) => return Ok(bytes),
                Some(Ok(Message::Close(frame))) => return Err(closed(frame.as_ref())),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error.into()),
                None => return Err(Lost("hung up".to_owned())),
            }
        }
    }
}

fn closed(frame: Option<&CloseFrame>) -> Lost {
    let Some(frame) = frame else { return Lost("closed without a code".to_owned()) };
    let number = u16::from(frame.code);
    let reason = CloseCode::from_code(number).map_or("unknown", CloseCode::reason);
    Lost(format!("closed {number} {reason}"))
}
