//! A person who plays as a bot would, or only watches, over connections that break, and who
//! remembers everything.

use std::future::pending;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use sovereign_core::bot::{self, Bot};
use sovereign_core::client::{Client, Next};
use sovereign_core::command::Spawn;
use sovereign_core::id::{PlayerId, TerritoryId};
use sovereign_core::wire::{CloseCode, Codec, ToClient};
use sovereign_core::{Command, Seed};
use tokio::time::{Instant, sleep, timeout_at};

use super::dice::Dice;
use super::digest::digest;
use super::fleet::{Fleet, NODES};
use super::gateway::{Down, Line};
use super::history::{Record, What};
use super::net::{End, LOOK};
use super::process::Process;

/// Orders sent at once.
const ORDERS: usize = 2;
/// Who hears nothing for so long looks for another connection.
const SILENCE: Duration = Duration::from_millis(1_800);
/// The longest pause before somebody tries again by himself.
const IMPATIENCE_MS: u64 = 250;

pub(super) struct Person {
    pub(super) fleet: Arc<Fleet>,
    pub(super) number: usize,
    pub(super) game: usize,
    pub(super) seat: Option<PlayerId>,
    dice: Dice,
    throws: u64,
    bot: Box<dyn Bot>,
    client: Client,
    /// How often the page was loaded.
    page: u32,
    page_is_new: bool,
    storm_until: Duration,
    /// Connections of which nobody hears that they are over.
    half_open: Vec<Line>,
    /// Another connection, to change over to.
    second: Option<Line>,
    /// The one before has ended first: what there is has said no welcome yet.
    alone: bool,
}

/// Until whoever has something to say to this process has to give up.
async fn gone(process: &Process, heard: Instant) {
    while !process.is_dead() && heard.elapsed() <= SILENCE {
        sleep(LOOK).await;
    }
}

impl Person {
    pub(super) fn new(
        fleet: &Arc<Fleet>,
        (number, game, seat): (usize, usize, Option<PlayerId>),
        dice: Dice,
        storm_until: Duration,
    ) -> Self {
        let client = Client::new(Arc::clone(&fleet.games[game].map), None, number as u64);
        let bot = bot::by_name("expander", Seed([number as u8; 16])).unwrap();
        Self {
            fleet: Arc::clone(fleet),
            number,
            game,
            seat,
            dice: dice.nth(number as u64),
            throws: 0,
            bot,
            client,
            page: 0,
            page_is_new: true,
            storm_until,
            half_open: Vec::new(),
            second: None,
            alone: false,
        }
    }

    fn throw(&mut self) -> Dice {
        self.throws += 1;
        self.dice.nth(self.throws)
    }

    fn stormy(&self) -> bool {
        self.fleet.base.elapsed() < self.storm_until
    }

    fn note(&self, what: What) {
        let at = self.fleet.base.elapsed();
        let (game, seat, page) = (self.game, self.seat.map(|seat| seat.0), self.page);
        let record = Record { at, game, person: self.number, seat, page, what };
        super::show(|| format!("{record:?}"));
        self.fleet.history.lock().unwrap_or_else(PoisonError::into_inner).records.push(record);
    }

    /// Plays for ever: connects, converses, is cut off, comes back.
    pub(super) async fn play(mut self) {
        loop {
            let mut code = None;
            if let Some(mut line) = self.connect() {
                self.client.connected();
                code = self.converse(&mut line).await;
                self.drop_line(line);
            }
            (self.second, self.alone) = (None, false);
            self.rest(code).await;
        }
    }

    /// A connection to who has the game, or to somebody else.
    fn connect(&mut self) -> Option<Line> {
        let owner = self.fleet.log.owner(self.fleet.games[self.game].id).unwrap_or(0);
        let dice = self.throw();
        let lost = self.stormy() && dice.of("lost").chance(15);
        let node = if lost { dice.below(NODES as u64) as usize } else { owner };
        self.fleet.connect(End::Person(self.number), (node, self.game), self.seat)
    }

    /// Closes a connection, or only seems to.
    fn drop_line(&mut self, line: Line) {
        if self.stormy() && self.throw().chance(50) {
            self.half_open.push(line);
        }
    }

    async fn rest(&mut self, code: Option<CloseCode>) {
        let wish = match self.client.lost(code.map(CloseCode::code), "") {
            Next::Reconnect { after_ms } | Next::Renew { after_ms } => after_ms,
            Next::Stop(_) => IMPATIENCE_MS,
        };
        sleep(Duration::from_millis(wish.min(self.throw().between(1, IMPATIENCE_MS)))).await;
        if self.stormy() && self.throw().chance(40) {
            let map = Arc::clone(&self.fleet.games[self.game].map);
            self.page += 1;
            self.client = Client::new(map, None, self.number as u64 | u64::from(self.page) << 32);
            self.page_is_new = true;
        }
        if !self.stormy() {
            self.half_open.clear();
        }
    }

    /// Until the connection ends, and how.
    async fn converse(&mut self, line: &mut Line) -> Option<CloseCode> {
        let cut = Instant::now() + Duration::from_millis(self.throw().between(300, 6_000));
        let mut heard = Instant::now();
        loop {
            self.say(line, heard).await?;
            if let Err(code) = self.listen(line, &mut heard).await {
                return code;
            }
            self.look_further().await;
            let reset = line.node.process.is_dead() && (!self.stormy() || self.throw().chance(60));
            if self.stormy() && Instant::now() >= cut {
                // The last words are still on their way when the line breaks.
                self.act();
                self.say(line, heard).await?;
                return None;
            }
            if (reset && !self.change_over(line)) || heard.elapsed() > SILENCE {
                return None;
            }
            if self.stormy() && self.throw().chance(2) {
                // Reads nothing for a while; when all is mended everybody does.
                let left = self.storm_until.saturating_sub(self.fleet.base.elapsed());
                sleep(left.min(Duration::from_millis(self.throw().between(200, 2_500)))).await;
            }
            self.act();
        }
    }

    /// Says all there is to say; nothing when nobody is there any more, or takes anything in.
    async fn say(&mut self, line: &mut Line, heard: Instant) -> Option<()> {
        while let Some(words) = self.client.say() {
            // What is not heard here is said again at the next welcome.
            if !self.alone {
                tokio::select! {
                    biased;
                    sent = line.up.send(words) => sent?,
                    () = gone(&line.node.process, heard) => return None,
                }
            }
        }
        Some(())
    }

    /// Opens a second connection, if that was asked for.
    async fn look_further(&mut self) {
        let asked = self.client.migrate().is_some() && self.second.is_none() && !self.alone;
        if asked && (!self.stormy() || self.throw().chance(85)) {
            self.second = self.connect();
            if let Some(second) = &mut self.second {
                _ = second.up.send(self.client.hello()).await;
            }
        }
    }

    /// Goes on with the second connection alone, if there is one.
    fn change_over(&mut self, line: &mut Line) -> bool {
        let Some(second) = self.second.take() else { return false };
        let first = std::mem::replace(line, second);
        self.drop_line(first);
        self.alone = true;
        true
    }

    async fn listen(
        &mut self,
        line: &mut Line,
        heard: &mut Instant,
    ) -> Result<(), Option<CloseCode>> {
        let until = Instant::now() + Duration::from_millis(self.throw().between(60, 300));
        while let Ok((second, next)) = timeout_at(until, next(line, &mut self.second)).await {
            match next {
                Some(Down::Frame(frame)) => {
                    *heard = Instant::now();
                    let message = ToClient::decode(frame.payload().as_ref(), Codec::Msgpack);
                    self.take(line, second, &message.unwrap()).ok_or(None)?;
                }
                // Then nothing has happened.
                _ if second => self.second = None,
                _ if self.change_over(line) => {}
                None => return Err(None),
                Some(Down::Close(code)) => return Err(Some(code)),
            }
            if Instant::now() >= until {
                break;
            }
        }
        Ok(())
    }

    /// Takes in what one of the connections has brought.
    fn take(&mut self, line: &mut Line, second: bool, message: &ToClient) -> Option<()> {
        if second || self.alone {
            if !self.client.moved(message) {
                return Some(());
            }
            if second {
                self.change_over(line);
            }
            self.alone = false;
            self.note(What::Moved);
        }
        self.hear(message)
    }

    fn hear(&mut self, message: &ToClient) -> Option<()> {
        match message {
            ToClient::Welcome(welcome) => {
                let newest = welcome.answers.iter().map(|answer| answer.seq).max();
                if newest.is_some_and(|newest| newest > welcome.last_seq) {
                    self.note(What::Broken(format!("{newest:?} was not the last order")));
                }
                welcome.answers.iter().for_each(|answer| self.note(What::Answer(*answer)));
            }
            ToClient::Tail { epoch, tick, answers, .. } => {
                answers.iter().for_each(|answer| self.note(What::Answer(*answer)));
                self.note(What::Tail(*epoch, tick.0));
            }
            ToClient::Paused { .. } => self.note(What::Paused),
            _ => {}
        }
        let before = self.client.heard();
        if let Err(error) = self.client.hear(message) {
            self.note(What::Broken(error.to_string()));
            return None;
        }
        for done in self.client.answered() {
            self.note(What::Answered(done.seq, done.command, done.result.ok().map(|tick| tick.0)));
        }
        let (heard, view) = (self.client.heard(), self.client.view());
        if let (Some(place), Some(view)) = (heard.filter(|_| heard != before), view) {
            self.note(What::Saw(place.epoch, place.tick.0, digest(&view)));
        }
        Some(())
    }

    fn act(&mut self) {
        if self.seat.is_none() || self.client.view().is_none() {
            return;
        }
        if self.client.waiting().count() > 40 {
            return;
        }
        let mut wishes = Vec::new();
        if self.stormy() && self.dice.nth(self.throws).of("again").chance(10) {
            // As after a notice that something was dropped.
            self.client.resend();
        }
        let Some(view) = self.client.view() else { return };
        self.bot.wake(&view, &mut wishes);
        if self.page_is_new && self.page > 0 {
            // Unlike what the page before would order: whoever gets its answer shows.
            let territory = TerritoryId(self.page % 42);
            wishes.insert(0, Command::Spawn(Spawn { territory }));
        }
        self.page_is_new = false;
        if wishes.is_empty() {
            // Refused or not: an answer shows that the game goes on.
            wishes.push(Command::Spawn(Spawn { territory: TerritoryId(0) }));
        }
        for command in wishes.into_iter().take(ORDERS) {
            let seq = self.client.order(command);
            self.note(What::Sent(seq, command));
        }
    }
}

/// What comes next over one of the connections, and whether over the second.
async fn next(line: &mut Line, second: &mut Option<Line>) -> (bool, Option<Down>) {
    let further = async {
        match second {
            Some(second) => second.down.receive().await,
            None => pending().await,
        }
    };
    tokio::select! {
        biased;
        down = line.down.receive() => (false, down),
        down = further => (true, down),
    }
}
