//! A game played over a socket: the engine's own client, and the socket that it lacks.

use std::net::TcpStream;
use std::thread::sleep;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sovereign_core::client::{Client, ClientError, Next, Token};
use sovereign_core::command::Command;
use sovereign_core::wire::{Codec, Frame, FrameRef, FromClient, ToClient};
use sovereign_core::{Map, View};
use tungstenite::client::IntoClientRequest;
use tungstenite::http::HeaderValue;
use tungstenite::{Message, WebSocket};

use super::{GameInfo, Guest, Remote};
use crate::error::CliError;

/// How long the server may be silent: it says something every second.
const SILENCE_MAX: Duration = Duration::from_secs(30);
/// How often it connects in vain before it gives up.
const TRIES_MAX: u32 = 20;

/// A seat in a game on a server, over as many connections and tokens as it takes.
pub(crate) struct RemoteGame<'r> {
    remote: &'r Remote,
    guest: Guest,
    game: String,
    client: Client,
    socket: Option<WebSocket<TcpStream>>,
    /// Connections in a row that were lost before anything was heard.
    vain: u32,
    /// Orders that the server refused.
    refused: u32,
    /// The number of the last order.
    orders: u32,
}

/// Why a connection ended.
enum Lost {
    /// It broke, or was closed with this code and reason.
    Line(Option<u16>, String),
    /// Something that another connection does not mend.
    Final(CliError),
}

impl<'r> RemoteGame<'r> {
    /// A guest's seat in a running game. Nothing is connected yet.
    pub(crate) fn new(
        remote: &'r Remote,
        guest: Guest,
        game: &GameInfo,
        dice: u64,
    ) -> Result<Self, CliError> {
        let map = match Map::shipped(&game.map) {
            Some(map) => map,
            None => Map::from_json(&remote.map(&game.map)?).map_err(CliError::input)?,
        };
        let client = Client::new(map.into(), Some(token(&guest)), dice);
        let (game, socket) = (game.id.clone(), None);
        Ok(Self { remote, guest, game, client, socket, vain: 0, refused: 0, orders: 0 })
    }

    /// The number of the last order, and how many were refused.
    pub(crate) const fn orders(&self) -> (u32, u32) {
        (self.orders, self.refused)
    }

    /// What the seat may know, once it has been told something.
    pub(crate) fn view(&self) -> Option<View<'_>> {
        self.client.view()
    }

    /// Whether the game is over.
    pub(crate) fn is_over(&self) -> bool {
        self.client.is_over()
    }

    /// Orders something.
    pub(crate) fn order(&mut self, command: Command) {
        self.orders = self.client.order(command);
    }

    /// Says what there is to say, waits for an answer, and takes it in. A connection that is
    /// lost is replaced by the next one.
    pub(crate) fn listen(&mut self) -> Result<(), CliError> {
        if self.client.renew_at().is_some_and(|at| at <= now()) {
            self.renew()?;
        }
        match self.exchange() {
            Ok(()) => self.vain = 0,
            Err(Lost::Final(error)) => return Err(error),
            Err(Lost::Line(code, reason)) => self.come_back(code, &reason)?,
        }
        let answers = self.client.answered();
        self.refused += answers.iter().filter(|answer| answer.result.is_err()).count() as u32;
        Ok(())
    }

    fn exchange(&mut self) -> Result<(), Lost> {
        let socket = match &mut self.socket {
            Some(socket) => socket,
            None => {
                let socket = connect(self.remote.authority(), &self.game)?;
                self.client.connected();
                self.socket.insert(socket)
            }
        };
        while let Some(message) = self.client.say() {
            send(socket, &message)?;
        }
        let message = receive(socket)?;
        self.client.hear(&message).map_err(unfit)?;
        // The first socket goes on if there is no second one yet; what is unread in it comes again.
        if self.client.migrate().is_some_and(|to| to.closes_s.is_some())
            && let Ok(second) = self.second()
        {
            self.socket = Some(second);
        }
        Ok(())
    }

    /// A second socket that has been welcomed.
    fn second(&mut self) -> Result<WebSocket<TcpStream>, Lost> {
        let mut socket = connect(self.remote.authority(), &self.game)?;
        send(&mut socket, &self.client.hello())?;
        let message = receive(&mut socket)?;
        if !self.client.moved(&message) {
            return Err(Lost::Line(None, "the second socket was not welcome".to_owned()));
        }
        self.client.hear(&message).map_err(unfit)?;
        Ok(socket)
    }

    /// Waits as long as it should before the next connection, if there is to be one.
    fn come_back(&mut self, code: Option<u16>, reason: &str) -> Result<(), CliError> {
        self.socket = None;
        self.vain += 1;
        let code_text = code.map_or_else(String::new, |code| format!("{code} "));
        let next = self.client.lost(code, reason);
        let after_ms = match next {
            Next::Reconnect { after_ms } | Next::Renew { after_ms } if self.vain <= TRIES_MAX => {
                after_ms
            }
            _ => return Err(CliError::input(format!("the connection ended: {code_text}{reason}"))),
        };
        sleep(Duration::from_millis(after_ms));
        if matches!(next, Next::Renew { .. }) { self.renew() } else { Ok(()) }
    }

    fn renew(&mut self) -> Result<(), CliError> {
        self.guest = self.remote.renew(&self.guest)?;
        self.client.renew(token(&self.guest));
        Ok(())
    }
}

fn token(guest: &Guest) -> Token {
    Token { text: guest.token.clone(), issued: now(), expires: guest.expires }
}

fn now() -> u64 {
    // A clock that stands before 1970 renews at every message, which does no harm.
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(u64::MAX, |since| since.as_secs())
}

fn connect(authority: &str, game: &str) -> Result<WebSocket<TcpStream>, Lost> {
    let url = format!("ws://{authority}/v1/games/{game}/ws");
    let mut request = url.into_client_request().map_err(last)?;
    let protocol = HeaderValue::from_static(Codec::Msgpack.subprotocol());
    request.headers_mut().insert("sec-websocket-protocol", protocol);
    let broken = |error: std::io::Error| Lost::Line(None, error.to_string());
    let stream = TcpStream::connect(authority).map_err(broken)?;
    stream.set_read_timeout(Some(SILENCE_MAX)).map_err(broken)?;
    stream.set_nodelay(true).map_err(broken)?;
    let opened = tungstenite::client(request, stream);
    opened.map(|(socket, _)| socket).map_err(|error| Lost::Line(None, error.to_string()))
}

fn send(socket: &mut WebSocket<TcpStream>, message: &FromClient) -> Result<(), Lost> {
    let message = match message.encode(Codec::Msgpack) {
        Frame::Binary(bytes) => Message::Binary(bytes.into()),
        Frame::Text(text) => Message::Text(text.into()),
    };
    socket.send(message).map_err(|error| Lost::Line(None, error.to_string()))
}

fn receive(socket: &mut WebSocket<TcpStream>) -> Result<ToClient, Lost> {
    loop {
        match socket.read().map_err(|error| Lost::Line(None, error.to_string()))? {
            Message::Binary(bytes) => {
                let frame = FrameRef::Binary(&bytes);
                return ToClient::decode(frame, Codec::Msgpack).map_err(last);
            }
            Message::Close(frame) => {
                let code = frame.as_ref().map(|frame| frame.code.into());
                let reason = frame.map_or_else(String::new, |frame| frame.reason.to_string());
                return Err(Lost::Line(code, reason));
            }
            _ => {}
        }
    }
}

fn unfit(error: ClientError) -> Lost {
    match error {
        ClientError::Mirror(_) => Lost::Line(None, error.to_string()),
        _ => last(error),
    }
}

fn last(what: impl ToString) -> Lost {
    Lost::Final(CliError::input(what))
}
