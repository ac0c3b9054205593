//! Plays a whole game on a server, with the same bot that plays inside the engine:
//!
//! `cargo run -p sovereign-examples --bin play_over_wire -- http://localhost:8080 [RULES.toml]`

use std::error::Error;
use std::net::TcpStream;
use std::sync::Arc;

use serde_json::{Value, json};
use sovereign_core::bot::{Alarm, Bot, Expander};
use sovereign_core::wire::{Codec, FrameRef, FromClient, ToClient, Welcome};
use sovereign_core::{Delta, Map, Mirror, Phase, Rules, Seed};
use tungstenite::client::IntoClientRequest;
use tungstenite::http::HeaderValue;
use tungstenite::{Message, WebSocket};

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().unwrap_or_else(|| "http://localhost:8080".to_owned());
    let rules = arguments.next().map(std::fs::read_to_string).transpose()?;

    let guest = post(&url, "/v1/auth/guest", None, &json!({ "name": "Wire" }))?;
    let token = guest["token"].as_str().ok_or("no token")?;
    let wish = json!({ "map": "classic", "rules": rules, "bots": ["random"], "start": true });
    let game = post(&url, "/v1/games", Some(token), &wish)?;
    let game = game["id"].as_str().ok_or("no game")?;

    let mut socket = connect(&url, game)?;
    say(&mut socket, &FromClient::Hello { token: Some(token.to_owned()), resume: None })?;
    let ToClient::Welcome(welcome) = hear(&mut socket)? else { return Err("no welcome".into()) };
    let mut client = Client::new(&url, &welcome)?;
    while !client.is_over() {
        client.take(hear(&mut socket)?)?;
        for order in client.play() {
            say(&mut socket, &order)?;
        }
    }
    let end = client.mirror.view().game();
    println!("the winner is {:?} ({:?}); we were {:?}", end.winner, end.reason, welcome.you);
    Ok(())
}

/// A copy of what we may know, and a bot that looks at it.
struct Client {
    untouched: Mirror,
    mirror: Mirror,
    bot: Expander,
    alarm: Alarm,
    seq: u32,
}

impl Client {
    fn new(url: &str, welcome: &Welcome) -> Outcome<Self> {
        let file = format!("{url}/v1/maps/{}", welcome.map);
        let map = Map::from_json(&ureq::get(&file).call()?.body_mut().read_to_string()?)?;
        let rules = Arc::new(Rules::try_from(welcome.rules.clone())?);
        let untouched = Mirror::new(Arc::new(map), rules, welcome.seats, welcome.you);
        let (mirror, bot) = (untouched.clone(), Expander::new(Seed::from(1)));
        Ok(Self { untouched, mirror, bot, alarm: Alarm::default(), seq: welcome.last_seq })
    }

    fn is_over(&self) -> bool {
        self.mirror.view().game().phase == Phase::Finished
    }

    /// Takes in what the server says. A mirror checks itself after every delta.
    fn take(&mut self, message: ToClient) -> Outcome<()> {
        match message {
            ToClient::Snapshot { delta, .. } => {
                self.mirror = self.untouched.clone();
                self.apply(&delta)?;
            }
            ToClient::Delta { delta, .. } => self.apply(&delta)?,
            ToClient::Tail { answers, own, .. } => {
                let refused = answers.iter().filter_map(|answer| answer.result.err());
                refused.for_each(|reason| println!("refused: {reason}"));
                if let Some(own) = own {
                    self.mirror.apply_own(&own);
                }
            }
            ToClient::Heartbeat { tick, .. } => self.mirror.glide_to(tick),
            ToClient::Notice { code, message } => println!("{code}: {message}"),
            _ => {}
        }
        Ok(())
    }

    fn apply(&mut self, delta: &Delta) -> Outcome<()> {
        let tick = delta.tick;
        delta.events.iter().for_each(|event| println!("{tick:>6} {event:?}"));
        Ok(self.mirror.apply(delta)?)
    }

    /// What the bot wishes for, if it is time.
    fn play(&mut self) -> Vec<FromClient> {
        let view = self.mirror.view();
        let mut wishes = Vec::new();
        if view.viewer().is_some_and(|me| self.alarm.rings(&view, me)) {
            let wake = self.bot.wake(&view, &mut wishes);
            self.alarm.set(&view, wake);
        }
        let numbered = wishes.into_iter().zip(self.seq + 1..);
        let orders: Vec<_> =
            numbered.map(|(command, seq)| FromClient::Order { seq, command }).collect();
        self.seq += orders.len() as u32;
        orders
    }
}

fn post(url: &str, path: &str, token: Option<&str>, body: &Value) -> Outcome<Value> {
    let mut request = ureq::post(format!("{url}{path}"));
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let answer = request.send(body.to_string())?.body_mut().read_to_string()?;
    Ok(serde_json::from_str(&answer)?)
}

fn connect(url: &str, game: &str) -> Outcome<WebSocket<TcpStream>> {
    let server = url.strip_prefix("http://").ok_or("the address begins with http://")?;
    let mut request = format!("ws://{server}/v1/games/{game}/ws").into_client_request()?;
    let protocol = HeaderValue::from_static(Codec::Msgpack.subprotocol());
    request.headers_mut().insert("sec-websocket-protocol", protocol);
    let (socket, _) = tungstenite::client(request, TcpStream::connect(server)?)?;
    Ok(socket)
}

fn say(socket: &mut WebSocket<TcpStream>, message: &FromClient) -> Outcome<()> {
    let frame = message.encode(Codec::Msgpack);
    Ok(socket.send(Message::binary(frame.bytes().to_vec()))?)
}

fn hear(socket: &mut WebSocket<TcpStream>) -> Outcome<ToClient> {
    loop {
        match socket.read()? {
            Message::Binary(bytes) => {
                return Ok(ToClient::decode(FrameRef::Binary(&bytes), Codec::Msgpack)?);
            }
            Message::Close(frame) => return Err(format!("closed: {frame:?}").into()),
            _ => {}
        }
    }
}
