//! A WebSocket byte by byte: frames as nobody should send them.

use std::net::SocketAddr;

use sovereign_core::wire::{Codec, Frame, FromClient};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::http_client::PATIENCE;

/// The mask of every frame here: a client may choose any.
const MASK: [u8; 4] = [0x5a, 0xc3, 0x01, 0xfe];

pub(crate) const TEXT: u8 = 0x81;
pub(crate) const BINARY: u8 = 0x82;
pub(crate) const CLOSE: u8 = 0x88;
pub(crate) const PING: u8 = 0x89;
pub(crate) const PONG: u8 = 0x8a;
/// A first frame of several, and those that follow it.
pub(crate) const FIRST_TEXT: u8 = 0x01;
pub(crate) const MORE: u8 = 0x00;
pub(crate) const LAST: u8 = 0x80;

/// A connection that has switched protocols.
pub(crate) struct RawSocket {
    stream: TcpStream,
    /// The head of the answer to its request.
    pub(crate) head: String,
}

/// A frame as a client should mask it.
pub(crate) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = header(first, payload.len() as u64, true);
    bytes.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    bytes
}

/// A header that claims this length.
pub(crate) fn header(first: u8, length: u64, masked: bool) -> Vec<u8> {
    let bit = if masked { 0x80 } else { 0 };
    let mut bytes = match length {
        0..=125 => vec![first, bit | length as u8],
        126..=0xffff => [&[first, bit | 126], &(length as u16).to_be_bytes()[..]].concat(),
        _ => [&[first, bit | 127], &length.to_be_bytes()[..]].concat(),
    };
    if masked {
        bytes.extend(MASK);
    }
    bytes
}

/// A message as a client that behaves would send it.
pub(crate) fn said(message: &FromClient, codec: Codec) -> Vec<u8> {
    match message.encode(codec) {
        Frame::Text(text) => frame(TEXT, text.as_bytes()),
        Frame::Binary(bytes) => frame(BINARY, &bytes),
    }
}

impl RawSocket {
    /// Asks for a socket with more headers than are needed.
    pub(crate) async fn open(address: SocketAddr, path: &str, codec: Codec, more: &str) -> Self {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let protocol = codec.subprotocol();
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             sec-websocket-protocol: {protocol}\r\n{more}\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(timeout(PATIENCE, stream.read_u8()).await.expect("an answer").unwrap());
        }
        let head = String::from_utf8(head).unwrap();
        assert!(head.starts_with("HTTP/1.1 101"), "{head}");
        Self { stream, head }
    }

    /// Sends bytes; a server that has hung up meanwhile is not minded.
    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes).await;
    }

    /// Says that nothing more will come.
    pub(crate) async fn send_no_more(&mut self) {
        let _ = self.stream.shutdown().await;
    }

    /// The next frame: its first byte and what is in it; nothing at the end.
    pub(crate) async fn next(&mut self) -> Option<(u8, Vec<u8>)> {
        timeout(PATIENCE, self.read()).await.expect("something comes")
    }

    async fn read(&mut self) -> Option<(u8, Vec<u8>)> {
        let (first, second) =
            (self.stream.read_u8().await.ok()?, self.stream.read_u8().await.ok()?);
        let length = match second {
            126 => usize::from(self.stream.read_u16().await.ok()?),
            127 => self.stream.read_u64().await.ok()? as usize,
            short => usize::from(short),
        };
        let mut payload = vec![0; length];
        self.stream.read_exact(&mut payload).await.ok()?;
        Some((first, payload))
    }

    /// The code with which the server closes; nothing if it just hangs up.
    pub(crate) async fn close_code(&mut self) -> Option<u16> {
        while let Some((first, payload)) = self.next().await {
            if first == CLOSE {
                return Some(payload.first_chunk().map_or(1005, |code| u16::from_be_bytes(*code)));
            }
        }
        None
    }

    /// Reads until a frame of this kind comes; what is in it.
    pub(crate) async fn until(&mut self, kind: u8) -> Vec<u8> {
        loop {
            let (first, payload) = self.next().await.expect("the socket is open");
            if first == kind {
                return payload;
            }
        }
    }
}
