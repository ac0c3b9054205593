//! A player who plays as a bot does, over connections that break, and remembers everything.

use std::collections::BTreeMap;
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use sovereign_core::bot::{self, Bot};
use sovereign_core::client::{Client, Next, Token};
use sovereign_core::command::{Embargo, Spawn, Surrender};
use sovereign_core::id::{PlayerId, TerritoryId};
use sovereign_core::wire::{CloseCode, Codec, Frame, FrameRef, FromClient, ToClient};
use sovereign_core::{Command, Map, Phase, Seed};
use tokio::time::{Instant, sleep, timeout};
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::dice::Dice;
use crate::digest::digest;
use crate::front::{Front, Socket, Wish};
use crate::history::{Record, What};

/// Time from one order to the next, in milliseconds.
const ORDER_MS: (u64, u64) = (100, 300);
/// Orders sent at once.
const ORDERS: usize = 2;
/// Orders that wait for their answers at once.
const WAITING: usize = 40;
/// Who hears nothing for so long looks for another connection.
const SILENCE: Duration = Duration::from_secs(2);
/// The same for somebody who was told that the game stands still.
const PAUSED: Duration = Duration::from_secs(10);
/// The longest pause before somebody tries again by himself, in milliseconds.
const IMPATIENCE_MS: u64 = 300;
/// How often in a hundred times somebody who lost his connection loads the page anew.
const FORGETS: u64 = 15;

/// One seat of one game.
pub(crate) struct Player {
    front: Arc<Front>,
    /// The number of the game, and its name.
    game: (usize, String),
    map: Arc<Map>,
    token: Token,
    seat: PlayerId,
    dice: Dice,
    throws: u64,
    bot: Box<dyn Bot>,
    client: Client,
    page: u32,
    paused: bool,
    /// Another connection, to change over to.
    second: Option<Socket>,
    /// The one before has ended first: what there is has brought no welcome yet.
    alone: bool,
    /// When orders that wait for their answers were given.
    given: BTreeMap<u32, Duration>,
    records: Vec<Record>,
}

/// Whether there is more to come of the game.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Game {
    GoesOn,
    IsOver,
}

impl Player {
    pub(crate) fn new(
        front: &Arc<Front>,
        game: (usize, String),
        map: &Arc<Map>,
        (seat, token): (u16, Token),
        dice: Dice,
    ) -> Self {
        let name = if dice.of("bot").chance(50) { "expander" } else { "opportunist" };
        let bot = bot::by_name(name, Seed::from(dice.below(u64::MAX)));
        Self {
            front: Arc::clone(front),
            game,
            map: Arc::clone(map),
            client: Client::new(Arc::clone(map), Some(token.clone()), dice.below(u64::MAX)),
            token,
            seat: PlayerId(seat),
            dice,
            throws: 0,
            bot: bot.expect("both names are shipped"),
            page: 0,
            paused: false,
            second: None,
            alone: false,
            given: BTreeMap::new(),
            records: Vec::new(),
        }
    }

    fn throw(&mut self) -> Dice {
        self.throws += 1;
        self.dice.nth(self.throws)
    }

    fn note(&mut self, what: What) {
        let (at, seat, page) = (self.front.now(), self.seat.0, self.page);
        self.records.push(Record { at, seat, page, what });
    }

    /// Plays until the game is over, and tells what happened.
    pub(crate) async fn play(mut self) -> Vec<Record> {
        loop {
            let mut end = (None, "not connected".to_owned());
            if let Some(mut socket) = self.front.socket(&self.game.1).await {
                end = self.converse(&mut socket).await;
            }
            if self.client.is_over() {
                return self.records;
            }
            self.note(What::Lost(format!("{end:?}")));
            if self.rest(end).await == Game::IsOver {
                return self.records;
            }
        }
    }

    async fn rest(&mut self, (code, reason): (Option<u16>, String)) -> Game {
        let wish = match self.client.lost(code, &reason) {
            Next::Reconnect { after_ms } | Next::Renew { after_ms } => after_ms,
            Next::Stop(CloseCode::Normal | CloseCode::NoSuchGame) if self.has_finished().await => {
                return Game::IsOver;
            }
            // A connection before this one may have been slower.
            Next::Stop(CloseCode::Normal | CloseCode::NoSuchGame | CloseCode::Replaced) => 0,
            Next::Stop(code) => {
                self.note(What::Broken(format!("sent away with {code:?}")));
                return Game::IsOver;
            }
        };
        let most = self.throw().between(1, IMPATIENCE_MS);
        sleep(Duration::from_millis(wish.min(most))).await;
        if self.throw().chance(FORGETS) {
            let dice = self.dice.below(u64::MAX);
            self.client = Client::new(Arc::clone(&self.map), Some(self.token.clone()), dice);
            self.page += 1;
            self.given.clear();
        }
        Game::GoesOn
    }

    async fn has_finished(&mut self) -> bool {
        let wish = Wish {
            method: http::Method::GET,
            path: format!("/v1/games/{}", self.game.1),
            token: None,
            body: None,
        };
        let reply = self.front.insist(&wish, |reply| reply.status == 200).await;
        reply.is_some_and(|reply| reply.json()["status"] == "finished")
    }

    /// Until the connection or the game ends, and how.
    async fn converse(&mut self, socket: &mut Socket) -> (Option<u16>, String) {
        self.client.connected();
        (self.paused, self.second, self.alone) = (false, None, false);
        let (mut heard, mut act) = (Instant::now(), Instant::now());
        loop {
            if self.say(socket).await.is_none() && !self.change_over(socket) {
                return (None, "not sent".to_owned());
            }
            let wait = act.saturating_duration_since(Instant::now());
            match timeout(wait, next(socket, &mut self.second)).await {
                Ok((second, Some(Ok(Message::Binary(bytes))))) => {
                    heard = Instant::now();
                    if let Err(why) = self.take(socket, second, &bytes) {
                        self.note(What::Broken(why.clone()));
                        return (None, why);
                    }
                }
                Ok((_, Some(Ok(message)))) if !message.is_close() => {}
                // Then nothing has happened.
                Ok((true, _)) => self.second = None,
                Ok(_) if self.change_over(socket) => {}
                Ok((_, end)) => return told(end),
                Err(_) => {
                    self.act();
                    self.look_further().await;
                    let (least, most) = ORDER_MS;
                    act = Instant::now() + Duration::from_millis(self.throw().between(least, most));
                }
            }
            if self.client.is_over() {
                return (None, "over".to_owned());
            }
            if heard.elapsed() > if self.paused { PAUSED } else { SILENCE } {
                return (None, "silence".to_owned());
            }
        }
    }

    /// Opens a second connection, if that was asked for.
    async fn look_further(&mut self) {
        if self.client.migrate().is_none() || self.second.is_some() || self.alone {
            return;
        }
        let Some(mut second) = self.front.socket(&self.game.1).await else { return };
        if send(&mut second, &self.client.hello()).await.is_some() {
            self.second = Some(second);
        }
    }

    /// Goes on with the second connection alone, if there is one.
    fn change_over(&mut self, socket: &mut Socket) -> bool {
        let Some(second) = self.second.take() else { return false };
        *socket = second;
        self.alone = true;
        true
    }

    /// Takes in what one of the connections has brought.
    fn take(&mut self, socket: &mut Socket, second: bool, bytes: &[u8]) -> Result<(), String> {
        let message = ToClient::decode(FrameRef::Binary(bytes), Codec::Msgpack);
        let message = message.map_err(|error| error.to_string())?;
        if second || self.alone {
            if !self.client.moved(&message) {
                return Ok(());
            }
            if second {
                self.change_over(socket);
            }
            self.alone = false;
        }
        self.hear(&message)
    }

    /// Says what there is to say; none if the socket does not take it.
    async fn say(&mut self, socket: &mut Socket) -> Option<()> {
        while let Some(words) = self.client.say() {
            if let FromClient::Order { seq, command } = words {
                self.note(What::Sent { seq, command });
            }
            // What is not heard here is said again at the next welcome.
            if !self.alone {
                send(socket, &words).await?;
            }
        }
        Some(())
    }

    fn hear(&mut self, message: &ToClient) -> Result<(), String> {
        match message {
            ToClient::Welcome(welcome) => {
                self.paused = false;
                welcome.answers.iter().for_each(|answer| self.note(What::told(answer)));
            }
            ToClient::Tail { answers, .. } => {
                answers.iter().for_each(|answer| self.note(What::told(answer)));
            }
            ToClient::Paused { .. } => self.paused = true,
            ToClient::Resumed { .. } => self.paused = false,
            _ => {}
        }
        let before = self.client.heard();
        self.client.hear(message).map_err(|error| error.to_string())?;
        self.answers();
        let body = matches!(message, ToClient::Snapshot { .. } | ToClient::Delta { .. });
        let seen = self.client.heard().filter(|heard| body && Some(*heard) != before);
        if let (Some(place), Some(check), Some(view)) =
            (seen, self.client.check(), self.client.view())
        {
            let (tick, shows) = (place.tick.0, digest(&view));
            self.note(What::Saw { epoch: place.epoch, tick, check, shows });
        }
        Ok(())
    }

    fn answers(&mut self) {
        for done in self.client.answered() {
            let (seq, ran) = (done.seq, done.result.ok().map(|tick| tick.0));
            let sent = self.given.remove(&seq).unwrap_or_default();
            self.front.answered(self.game.0, sent);
            self.note(What::Answered { seq, command: done.command, ran, sent });
        }
    }

    fn act(&mut self) {
        if self.client.waiting().count() > WAITING {
            return;
        }
        let dice = self.throw();
        let Some(view) = self.client.view() else { return };
        let mut wishes = Vec::new();
        if self.front.is_ending() && dice.chance(50) {
            wishes.push(Command::Surrender(Surrender {}));
        }
        self.bot.wake(&view, &mut wishes);
        wishes.truncate(ORDERS - 1);
        wishes.push(other(&view, self.seat, dice));
        for command in wishes {
            let seq = self.client.order(command);
            self.given.insert(seq, self.front.now());
        }
    }
}

/// Something that is mostly carried out, whatever a bot may wish.
fn other(view: &sovereign_core::View<'_>, me: PlayerId, dice: Dice) -> Command {
    if view.game().phase == Phase::Spawn {
        let territory = dice.of("start").below(view.map().len() as u64) as u32;
        return Command::Spawn(Spawn { territory: TerritoryId(territory) });
    }
    let others: Vec<PlayerId> = view.players().filter(|player| *player != me).collect();
    let with = others[dice.of("with").below(others.len() as u64) as usize];
    Command::Embargo(Embargo { with, on: !view.embargo(me, with) })
}

/// Sends it; none if the socket does not take it.
async fn send(socket: &mut Socket, words: &FromClient) -> Option<()> {
    let message = match words.encode(Codec::Msgpack) {
        Frame::Binary(bytes) => Message::Binary(bytes.into()),
        Frame::Text(text) => Message::Text(text.into()),
    };
    timeout(SILENCE, socket.send(message)).await.ok()?.ok()
}

type Heard = Option<Result<Message, Error>>;

/// What comes next over one of the connections, and whether over the second.
async fn next(socket: &mut Socket, second: &mut Option<Socket>) -> (bool, Heard) {
    let further = async {
        match second {
            Some(second) => second.next().await,
            None => pending().await,
        }
    };
    tokio::select! {
        heard = socket.next() => (false, heard),
        heard = further => (true, heard),
    }
}

/// How a connection ended, with its code if there was one.
fn told(end: Heard) -> (Option<u16>, String) {
    match end {
        Some(Ok(Message::Close(Some(frame)))) => {
            (Some(frame.code.into()), frame.reason.to_string())
        }
        Some(Ok(_)) => (None, "closed".to_owned()),
        Some(Err(error)) => (None, error.to_string()),
        None => (None, "ended".to_owned()),
    }
}
