//! A client that keeps a mirror, checks every frame, and resends what is unanswered.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use futures_util::{SinkExt, StreamExt};
use sovereign_core::command::Command;
use sovereign_core::id::TerritoryId;
use sovereign_core::map::Terrain;
use sovereign_core::quantity::Tick;
use sovereign_core::wire::{
    CloseCode, Codec, Frame, FrameRef, FromClient, PauseReason, Resume, ToClient, Welcome,
};
use sovereign_core::{Answer, Delta, Map, Mirror, Rules};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{Request, StatusCode};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::http_client::PATIENCE;

pub(crate) type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// A request for a socket, to be changed at will.
pub(crate) fn request(address: SocketAddr, path: &str, protocol: Option<&str>) -> Request<()> {
    let mut request = format!("ws://{address}{path}").into_client_request().unwrap();
    if let Some(protocol) = protocol {
        request.headers_mut().insert("sec-websocket-protocol", protocol.parse().unwrap());
    }
    request
}

/// Opens a socket, or says with which status that was refused.
pub(crate) async fn open(request: Request<()>) -> Result<Socket, StatusCode> {
    match connect_async(request).await {
        Ok((socket, _)) => Ok(socket),
        Err(Error::Http(response)) => Err(response.status()),
        Err(error) => panic!("{error}"),
    }
}

pub(crate) fn message(frame: Frame) -> Message {
    match frame {
        Frame::Text(text) => Message::text(text),
        Frame::Binary(bytes) => Message::binary(bytes),
    }
}

/// One player, one tab.
pub(crate) struct Client {
    pub(crate) socket: Socket,
    codec: Codec,
    pub(crate) welcome: Option<Welcome>,
    mirror: Option<Mirror>,
    pub(crate) epoch: u64,
    pub(crate) tick: u32,
    pub(crate) frames: u64,
    pub(crate) snapshots: u32,
    pub(crate) answers: BTreeMap<u32, Answer>,
    pub(crate) paused: Option<PauseReason>,
    pub(crate) notices: Vec<String>,
    pub(crate) socials: u32,
    /// Words that were heard, of a seat or of nobody's.
    pub(crate) words: Vec<(Option<u16>, String)>,
    pub(crate) renewed: Option<u64>,
    /// What was said in JSON, word for word.
    pub(crate) texts: Vec<String>,
    pub(crate) closed: Option<u16>,
    pub(crate) close_reason: String,
    /// The check of every tick that was seen.
    pub(crate) seen: BTreeMap<u32, u32>,
}

impl Client {
    /// Connects and greets.
    pub(crate) async fn connect(
        address: SocketAddr,
        game: &str,
        token: Option<&str>,
        codec: Codec,
    ) -> Self {
        let path = format!("/v1/games/{game}/ws");
        Self::greet(address, &path, token, codec, None).await
    }

    pub(crate) async fn greet(
        address: SocketAddr,
        path: &str,
        token: Option<&str>,
        codec: Codec,
        resume: Option<Resume>,
    ) -> Self {
        let request = request(address, path, Some(codec.subprotocol()));
        let mut client = Self::of(open(request).await.unwrap(), codec);
        client.say(&FromClient::Hello { token: token.map(str::to_owned), resume }).await;
        client
    }

    pub(crate) fn of(socket: Socket, codec: Codec) -> Self {
        Self {
            socket,
            codec,
            welcome: None,
            mirror: None,
            epoch: 0,
            tick: 0,
            frames: 0,
            snapshots: 0,
            answers: BTreeMap::new(),
            paused: None,
            notices: Vec::new(),
            socials: 0,
            words: Vec::new(),
            renewed: None,
            texts: Vec::new(),
            closed: None,
            close_reason: String::new(),
            seen: BTreeMap::new(),
        }
    }

    /// The same player again, on a new socket, with what it knows.
    pub(crate) async fn reconnect(&mut self, address: SocketAddr, path: &str, token: &str) {
        let request = request(address, path, Some(self.codec.subprotocol()));
        self.socket = open(request).await.unwrap();
        self.closed = None;
        let resume = self.mirror.as_ref().map(|_| self.resume());
        self.say(&FromClient::Hello { token: Some(token.to_owned()), resume }).await;
    }

    pub(crate) fn resume(&self) -> Resume {
        Resume { epoch: self.epoch, tick: Tick(self.tick) }
    }

    pub(crate) async fn say(&mut self, words: &FromClient) {
        // A socket that was closed meanwhile says so on reading.
        let _ = self.socket.send(message(words.encode(self.codec))).await;
    }

    pub(crate) async fn order(&mut self, seq: u32, command: Command) {
        self.say(&FromClient::Order { seq, command }).await;
    }

    /// Reads until `done`, or the end of the socket.
    pub(crate) async fn until(&mut self, done: impl Fn(&Self) -> bool) {
        while !done(self) && self.closed.is_none() {
            let next = timeout(PATIENCE, self.socket.next()).await.expect("something comes");
            match next {
                None | Some(Err(_)) => self.closed = Some(1006),
                Some(Ok(Message::Close(frame))) => {
                    self.closed = Some(frame.as_ref().map_or(1005, |frame| frame.code.into()));
                    self.close_reason = frame.map_or_else(String::new, |f| f.reason.to_string());
                }
                Some(Ok(Message::Text(text))) => {
                    self.take(FrameRef::Text(&text));
                    self.texts.push(text.to_string());
                }
                Some(Ok(Message::Binary(bytes))) => self.take(FrameRef::Binary(&bytes)),
                Some(Ok(_)) => {}
            }
        }
    }

    /// Reads until this order is answered.
    pub(crate) async fn answer(&mut self, seq: u32) -> Answer {
        self.until(|client| client.answers.contains_key(&seq)).await;
        let (closed, notices) = (self.closed, &self.notices);
        let answer = self.answers.get(&seq).copied();
        answer.unwrap_or_else(|| panic!("order {seq} unanswered: {closed:?} {notices:?}"))
    }

    /// Reads until the mirror stands.
    pub(crate) async fn ready(&mut self) {
        self.until(|client| client.mirror.is_some()).await;
        assert_eq!(self.closed, None, "{:?}", self.notices);
    }

    pub(crate) async fn close_code(&mut self) -> Option<CloseCode> {
        self.until(|_| false).await;
        self.closed.and_then(CloseCode::from_code)
    }

    pub(crate) fn mirror(&self) -> &Mirror {
        self.mirror.as_ref().expect("a snapshot has come")
    }

    /// A territory where nobody has chosen to start.
    pub(crate) fn free_land(&self) -> u32 {
        let view = self.mirror().view();
        let free = |id: &TerritoryId| {
            view.owner(*id).is_none() && view.map().terrain(*id) != Terrain::Impassable
        };
        view.map().territories().find(free).expect("free land").0
    }

    fn take(&mut self, frame: FrameRef<'_>) {
        match ToClient::decode(frame, self.codec).unwrap() {
            ToClient::Welcome(welcome) => {
                self.answers.extend(welcome.answers.iter().map(|a| (a.seq, *a)));
                self.welcome = Some(*welcome);
            }
            ToClient::Snapshot { epoch, delta } => {
                self.mirror = Some(self.blank());
                self.snapshots += 1;
                if epoch > self.epoch {
                    self.tick = 0;
                }
                self.see(epoch, &delta);
            }
            ToClient::Delta { epoch, delta } => self.see(epoch, &delta),
            ToClient::Heartbeat { epoch, tick } => self.advance(epoch, tick),
            ToClient::Tail { answers, .. } => {
                for answer in answers {
                    let before = self.answers.insert(answer.seq, answer);
                    let kept = before.is_none_or(|b| b == answer || b.result.is_err());
                    assert!(kept, "an order is never answered in two ways");
                }
            }
            ToClient::Paused { reason, .. } => self.paused = Some(reason),
            ToClient::Resumed { .. } => self.paused = None,
            ToClient::Social { .. } => self.socials += 1,
            ToClient::Chat { from, text, .. } => {
                self.words.push((from.map(|seat| seat.0), text));
            }
            ToClient::Renewed { expires } => self.renewed = Some(expires),
            ToClient::Notice { code, .. } => self.notices.push(code),
            _ => {}
        }
    }

    fn blank(&self) -> Mirror {
        let welcome = self.welcome.as_ref().expect("the greeting comes first");
        let map = Map::shipped(&welcome.map).expect("a shipped map");
        assert_eq!(map.hash(), welcome.map_hash);
        let rules: Rules = welcome.rules.clone().try_into().unwrap();
        Mirror::new(Arc::new(map), Arc::new(rules), welcome.seats, welcome.you)
    }

    fn see(&mut self, epoch: u64, delta: &Delta) {
        let mirror = self.mirror.as_mut().expect("a snapshot comes first");
        mirror.apply(delta).expect("every frame fits the mirror");
        self.seen.insert(delta.tick.0, delta.check);
        self.advance(epoch, delta.tick);
    }

    fn advance(&mut self, epoch: u64, tick: Tick) {
        assert!(epoch >= self.epoch, "epochs never fall");
        assert!(tick.0 >= self.tick, "ticks never fall: {} then {}", self.tick, tick.0);
        self.epoch = epoch;
        self.tick = tick.0;
        self.frames += 1;
    }
}
