//! Plays a whole game on a server, with the same bot that plays inside the engine. Whenever the line
//! breaks it comes back, and it renews its token on the way:
//!
//! `cargo run -p sovereign-examples --bin play_over_wire -- http://localhost:8080 [RULES.toml]`

use std::error::Error;
use std::net::TcpStream;
use std::thread::sleep;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use sovereign_core::bot::{Alarm, Bot, Expander};
use sovereign_core::client::{Client, ClientError, Next, Token};
use sovereign_core::wire::{Codec, FrameRef, ToClient};
use sovereign_core::{Map, Seed};
use tungstenite::client::IntoClientRequest;
use tungstenite::http::HeaderValue;
use tungstenite::{Message, WebSocket};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// The server says something every second; if it does not, the line is gone.
const SILENCE_MAX: Duration = Duration::from_secs(10);

fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().unwrap_or_else(|| "http://localhost:8080".to_owned());
    let rules = arguments.next().map(std::fs::read_to_string).transpose()?;

    let mut grant = post(&url, "/v1/auth/guest", None, &json!({ "name": "Wire" }))?;
    let wish = json!({ "map": "classic", "rules": rules, "bots": ["random"], "start": true });
    let game = post(&url, "/v1/games", grant["token"].as_str(), &wish)?;
    let map = Map::from_json(&get(&format!("{url}/v1/maps/{}", text(&game, "map")?))?)?;
    let mut client = Client::new(map.into(), Some(token(&grant)?), std::process::id().into());
    let mut bot = (Expander::new(Seed::from(1)), Alarm::default());

    loop {
        let mut renewed = || {
            grant = refresh(&url, &grant)?;
            token(&grant)
        };
        let (code, reason) =
            match converse(&url, text(&game, "id")?, &mut client, &mut bot, &mut renewed) {
                Ok(()) => break,
                Err(Ended::Line(code, reason)) => (code, reason),
                Err(Ended::Wrong(error)) => return Err(error),
            };
        println!("the line is broken: {code:?} {reason}");
        match client.lost(code, &reason) {
            Next::Stop(code) => return Err(format!("the server wants us no more: {code:?}").into()),
            Next::Reconnect { after_ms } => sleep(Duration::from_millis(after_ms)),
            Next::Renew { after_ms } => {
                sleep(Duration::from_millis(after_ms));
                client.renew(renewed()?);
            }
        }
    }
    let end = client.view().ok_or("nothing was seen")?.game();
    println!("the winner is {:?} ({:?}); we were {:?}", end.winner, end.reason, client.you());
    Ok(())
}

/// Says what there is to say and takes in what comes, until the game or the line ends.
fn converse(
    url: &str,
    game: &str,
    client: &mut Client,
    bot: &mut (Expander, Alarm),
    renewed: &mut dyn FnMut() -> Outcome<Token>,
) -> Result<(), Ended> {
    let mut socket = connect(url, game)?;
    client.connected();
    while !client.is_over() {
        while let Some(message) = client.say() {
            socket.send(Message::binary(message.encode(Codec::Msgpack).bytes().to_vec()))?;
        }
        let message = match socket.read()? {
            Message::Binary(bytes) => {
                ToClient::decode(FrameRef::Binary(&bytes), Codec::Msgpack).map_err(wrong)?
            }
            Message::Close(Some(frame)) => {
                return Err(Ended::Line(Some(frame.code.into()), frame.reason.to_string()));
            }
            _ => continue,
        };
        match client.hear(&message) {
            // What comes after this begins with all there is.
            Err(ClientError::Mirror(error)) => return Err(Ended::Line(None, error.to_string())),
            heard => heard.map_err(wrong)?,
        }
        show(client, &message);
        // The first socket goes on if there is no second one yet; what is unread in it comes again.
        if client.migrate().is_some_and(|to| to.closes_s.is_some())
            && let Ok(second) = change_over(url, game, client)
        {
            socket = second;
        }
        play(client, bot);
        if client.renew_at().is_some_and(|at| at <= now()) {
            client.renew(renewed().map_err(Ended::Wrong)?);
        }
    }
    Ok(())
}

/// A second socket that has been welcomed.
fn change_over(url: &str, game: &str, client: &mut Client) -> Result<WebSocket<TcpStream>, Ended> {
    let mut socket = connect(url, game)?;
    socket.send(Message::binary(client.hello().encode(Codec::Msgpack).bytes().to_vec()))?;
    let frame = socket.read()?.into_data();
    let message = ToClient::decode(FrameRef::Binary(&frame), Codec::Msgpack).map_err(wrong)?;
    if !client.moved(&message) {
        return Err(Ended::Line(None, "the second socket was not welcome".to_owned()));
    }
    client.hear(&message).map_err(wrong)?;
    Ok(socket)
}

/// Lets the bot order what it wishes for, if it is time.
fn play(client: &mut Client, (bot, alarm): &mut (Expander, Alarm)) {
    let mut wishes = Vec::new();
    if let Some(view) = client.view()
        && view.viewer().is_some_and(|me| view.is_playing(me) && alarm.rings(&view, me))
    {
        let wake = bot.wake(&view, &mut wishes);
        alarm.set(&view, wake);
    }
    for wish in wishes {
        client.order(wish);
    }
}

fn show(client: &mut Client, message: &ToClient) {
    match message {
        ToClient::Delta { delta, .. } => {
            delta.events.iter().for_each(|event| println!("{:>6} {event:?}", delta.tick));
        }
        ToClient::Notice { code, message } => println!("{code}: {message}"),
        ToClient::Renewed { expires } => println!("the token is renewed until {expires}"),
        _ => {}
    }
    let refused = client.answered().into_iter().filter_map(|answer| answer.result.err());
    refused.for_each(|reason| println!("refused: {reason}"));
}

/// Why a conversation ended before its game.
enum Ended {
    /// The line broke, or the server closed it with a code and a reason.
    Line(Option<u16>, String),
    /// Something is wrong with what was said.
    Wrong(Box<dyn Error>),
}

impl From<tungstenite::Error> for Ended {
    fn from(error: tungstenite::Error) -> Self {
        Self::Line(None, error.to_string())
    }
}

impl From<std::io::Error> for Ended {
    fn from(error: std::io::Error) -> Self {
        Self::Line(None, error.to_string())
    }
}

fn wrong(error: impl Error + 'static) -> Ended {
    Ended::Wrong(error.into())
}

fn connect(url: &str, game: &str) -> Result<WebSocket<TcpStream>, Ended> {
    let server = url.trim_start_matches("http://");
    let mut request = format!("ws://{server}/v1/games/{game}/ws").into_client_request()?;
    let protocol = HeaderValue::from_static(Codec::Msgpack.subprotocol());
    request.headers_mut().insert("sec-websocket-protocol", protocol);
    let stream = TcpStream::connect(server)?;
    stream.set_read_timeout(Some(SILENCE_MAX))?;
    let opened = tungstenite::client(request, stream);
    opened.map(|(socket, _)| socket).map_err(|error| Ended::Line(None, error.to_string()))
}

fn token(grant: &Value) -> Outcome<Token> {
    let expires = grant["expires"].as_u64().ok_or("no time in the grant")?;
    Ok(Token { text: text(grant, "token")?.to_owned(), issued: now(), expires })
}

fn refresh(url: &str, grant: &Value) -> Outcome<Value> {
    post(url, "/v1/auth/refresh", None, &json!({ "refresh_token": grant["refresh_token"] }))
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

fn text<'v>(value: &'v Value, key: &str) -> Outcome<&'v str> {
    value[key].as_str().ok_or_else(|| format!("no {key} in {value}").into())
}

fn get(url: &str) -> Outcome<String> {
    Ok(ureq::get(url).call()?.body_mut().with_config().limit(u64::MAX).read_to_string()?)
}

fn post(url: &str, path: &str, token: Option<&str>, body: &Value) -> Outcome<Value> {
    let mut request = ureq::post(format!("{url}{path}"));
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let answer = request.send(body.to_string())?.body_mut().read_to_string()?;
    Ok(serde_json::from_str(&answer)?)
}
