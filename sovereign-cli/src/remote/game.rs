//! A game played over a socket: a mirror kept up by what the server says.

use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use sovereign_core::command::Command;
use sovereign_core::id::PlayerId;
use sovereign_core::wire::{CloseCode, Codec, Frame, FrameRef, FromClient, ToClient, Welcome};
use sovereign_core::{Delta, Map, Mirror, Phase, Rules, View};
use tungstenite::client::IntoClientRequest;
use tungstenite::http::HeaderValue;
use tungstenite::protocol::CloseFrame;
use tungstenite::{Message, WebSocket};

use super::{Guest, Remote};
use crate::error::CliError;

/// How long the server may be silent: it says something every second.
const SILENCE_MAX: Duration = Duration::from_secs(30);

/// Why a connection ended before its game did.
#[derive(Debug)]
pub(crate) enum Lost {
    /// Connecting anew may help.
    Retry(String),
    /// Connecting anew with another token may help.
    Expired(String),
    /// It will not.
    Final(CliError),
}

/// A seat in a game on a server.
pub(crate) struct RemoteGame {
    socket: WebSocket<TcpStream>,
    you: PlayerId,
    seats: u16,
    map: Arc<Map>,
    rules: Arc<Rules>,
    mirror: Mirror,
    /// The number of the last order that was sent.
    seq: u32,
    /// Orders that the server refused.
    refused: u32,
}

impl RemoteGame {
    /// Connects a guest to a running game.
    pub(crate) fn join(remote: &Remote, guest: &Guest, game: &str) -> Result<Self, Lost> {
        let mut socket = connect(&remote.authority, game)?;
        let hello = FromClient::Hello { token: Some(guest.token.clone()), resume: None };
        send(&mut socket, &hello)?;
        loop {
            if let ToClient::Welcome(welcome) = receive(&mut socket)? {
                return Self::welcomed(remote, socket, &welcome);
            }
        }
    }

    fn welcomed(
        remote: &Remote,
        socket: WebSocket<TcpStream>,
        welcome: &Welcome,
    ) -> Result<Self, Lost> {
        let you = welcome.you.ok_or_else(|| last("this account has no seat in the game"))?;
        let map = Arc::new(map(remote, welcome).map_err(Lost::Final)?);
        let rules = Rules::try_from(welcome.rules.clone()).map_err(last)?;
        let rules = Arc::new(rules);
        let mirror = Mirror::new(map.clone(), rules.clone(), welcome.seats, Some(you));
        let (seats, seq) = (welcome.seats, welcome.last_seq);
        Ok(Self { socket, you, seats, map, rules, mirror, seq, refused: 0 })
    }

    /// The seat.
    pub(crate) const fn you(&self) -> PlayerId {
        self.you
    }

    /// The number of the last order, and how many were refused.
    pub(crate) const fn orders(&self) -> (u32, u32) {
        (self.seq, self.refused)
    }

    /// What the seat may know.
    pub(crate) const fn view(&self) -> View<'_> {
        self.mirror.view()
    }

    /// Whether the game is over.
    pub(crate) fn is_over(&self) -> bool {
        self.view().game().phase == Phase::Finished
    }

    /// Orders something.
    pub(crate) fn order(&mut self, command: Command) -> Result<(), Lost> {
        self.seq += 1;
        send(&mut self.socket, &FromClient::Order { seq: self.seq, command })
    }

    /// Waits for the server to say something, and takes it in.
    pub(crate) fn listen(&mut self) -> Result<(), Lost> {
        match receive(&mut self.socket)? {
            ToClient::Snapshot { delta, .. } => {
                let (map, rules) = (self.map.clone(), self.rules.clone());
                self.mirror = Mirror::new(map, rules, self.seats, Some(self.you));
                self.take(&delta)?;
            }
            ToClient::Delta { delta, .. } => self.take(&delta)?,
            ToClient::Tail { answers, own, .. } => {
                self.refused += answers.iter().filter(|a| a.result.is_err()).count() as u32;
                if let Some(own) = own {
                    self.mirror.apply_own(&own);
                }
            }
            ToClient::Heartbeat { tick, .. } | ToClient::Resumed { tick, .. } => {
                self.mirror.glide_to(tick);
            }
            _ => {}
        }
        Ok(())
    }

    fn take(&mut self, delta: &Delta) -> Result<(), Lost> {
        self.mirror.apply(delta).map_err(|error| Lost::Retry(error.to_string()))
    }
}

/// The map of the game: the shipped one if it is the same, else the server's.
fn map(remote: &Remote, welcome: &Welcome) -> Result<Map, CliError> {
    let same = |map: &Map| map.hash() == welcome.map_hash;
    if let Some(map) = Map::shipped(&welcome.map).filter(same) {
        return Ok(map);
    }
    let map = Map::from_json(&remote.map(&welcome.map)?).map_err(CliError::input)?;
    let wrong = || format!("the server's map '{}' is not the one it plays", welcome.map);
    Some(map).filter(same).ok_or_else(|| CliError::input(wrong()))
}

fn connect(authority: &str, game: &str) -> Result<WebSocket<TcpStream>, Lost> {
    let url = format!("ws://{authority}/v1/games/{game}/ws");
    let mut request = url.into_client_request().map_err(last)?;
    let protocol = HeaderValue::from_static(Codec::Msgpack.subprotocol());
    request.headers_mut().insert("sec-websocket-protocol", protocol);
    let retry = |error: std::io::Error| Lost::Retry(error.to_string());
    let stream = TcpStream::connect(authority).map_err(retry)?;
    stream.set_read_timeout(Some(SILENCE_MAX)).map_err(retry)?;
    stream.set_nodelay(true).map_err(retry)?;
    let opened = tungstenite::client(request, stream);
    opened.map(|(socket, _)| socket).map_err(|error| Lost::Retry(error.to_string()))
}

fn send(socket: &mut WebSocket<TcpStream>, message: &FromClient) -> Result<(), Lost> {
    let message = match message.encode(Codec::Msgpack) {
        Frame::Binary(bytes) => Message::Binary(bytes.into()),
        Frame::Text(text) => Message::Text(text.into()),
    };
    socket.send(message).map_err(|error| Lost::Retry(error.to_string()))
}

fn receive(socket: &mut WebSocket<TcpStream>) -> Result<ToClient, Lost> {
    loop {
        match socket.read().map_err(|error| Lost::Retry(error.to_string()))? {
            Message::Binary(bytes) => {
                let frame = FrameRef::Binary(&bytes);
                return ToClient::decode(frame, Codec::Msgpack).map_err(last);
            }
            Message::Close(frame) => return Err(closed(frame.as_ref())),
            _ => {}
        }
    }
}

/// What a close frame means: see `CloseCode` for which of them invite to come back.
fn closed(frame: Option<&CloseFrame>) -> Lost {
    let Some(frame) = frame else { return Lost::Retry("the server hung up".to_owned()) };
    let number = u16::from(frame.code);
    let text = format!("the server closed with {number} {}", frame.reason);
    match CloseCode::from_code(number) {
        Some(
            CloseCode::Internal
            | CloseCode::Restart
            | CloseCode::TryLater
            | CloseCode::TooSlow
            | CloseCode::Silent
            | CloseCode::Migrate,
        ) => Lost::Retry(text),
        Some(CloseCode::Auth) => Lost::Expired(text),
        _ => last(text),
    }
}

fn last(what: impl ToString) -> Lost {
    Lost::Final(CliError::input(what))
}
