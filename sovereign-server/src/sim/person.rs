//! A person who plays as a bot would, or only watches, over connections that break, and who
//! remembers everything.

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
use super::fleet::{Down, Fleet, Line, NODES};
use super::history::{Record, What};
use crate::room::Framed;

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
            let owner = self.fleet.log.owner(self.fleet.games[self.game].id).unwrap_or(0);
            let dice = self.throw();
            let lost = self.stormy() && dice.of("lost").chance(15);
            let node = if lost { dice.below(NODES as u64) as usize } else { owner };
            let mut code = None;
            if let Some(mut line) = self.fleet.connect(self.number, (node, self.game), self.seat) {
                code = self.converse(&mut line).await;
                if self.stormy() && self.throw().chance(50) {
                    self.half_open.push(line);
                }
            }
            self.rest(code).await;
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
            self.client = Client::new(map, None, self.number as u64);
            self.page += 1;
            self.page_is_new = true;
        }
        if !self.stormy() {
            self.half_open.clear();
        }
    }

    /// Until the connection ends, and how.
    async fn converse(&mut self, line: &mut Line) -> Option<CloseCode> {
        self.client.connected();
        let cut = Instant::now() + Duration::from_millis(self.throw().between(300, 6_000));
        let mut heard = Instant::now();
        loop {
            while let Some(words) = self.client.say() {
                line.up.send(words).await?;
            }
            match self.listen(line, &mut heard).await {
                Ok(()) => {}
                Err(code) => return code,
            }
            let reset = line.node.process.is_dead() && (!self.stormy() || self.throw().chance(60));
            if self.stormy() && Instant::now() >= cut {
                // The last words are still on their way when the line breaks.
                self.act();
                while let Some(words) = self.client.say() {
                    line.up.send(words).await?;
                }
                return None;
            }
            if reset || heard.elapsed() > SILENCE {
                return None;
            }
            if self.stormy() && self.throw().chance(2) {
                // Reads nothing for a while.
                sleep(Duration::from_millis(self.throw().between(200, 2_500))).await;
            }
            self.act();
        }
    }

    async fn listen(
        &mut self,
        line: &mut Line,
        heard: &mut Instant,
    ) -> Result<(), Option<CloseCode>> {
        let until = Instant::now() + Duration::from_millis(self.throw().between(60, 300));
        while let Ok(next) = timeout_at(until, line.down.receive()).await {
            match next {
                None => return Err(None),
                Some(Down::Close(code)) => return Err(Some(code)),
                Some(Down::Frame(frame)) => {
                    *heard = Instant::now();
                    self.hear(&frame).ok_or(None)?;
                }
            }
            if Instant::now() >= until {
                break;
            }
        }
        Ok(())
    }

    fn hear(&mut self, frame: &Framed) -> Option<()> {
        let message = ToClient::decode(frame.payload().as_ref(), Codec::Msgpack).unwrap();
        match &message {
            ToClient::Welcome(welcome) => {
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
        if let Err(error) = self.client.hear(&message) {
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
