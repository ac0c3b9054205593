//! A person who plays as a bot would, over a connection that breaks, and who remembers
//! everything.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sovereign_core::bot::{self, Bot};
use sovereign_core::command::Spawn;
use sovereign_core::id::{PlayerId, TerritoryId};
use sovereign_core::quantity::Tick;
use sovereign_core::wire::{Codec, Resume, ToClient, Welcome};
use sovereign_core::{Answer, Command, Delta, Map, Mirror, Rules, Seed};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout_at};

use super::dice::Dice;
use super::history::{History, Record, What};
use crate::config::Limits;
use crate::room::{Attach, Framed, Next, OutQueue, RoomHandle, RoomState, SocketId, Start, ToRoom};

/// Orders sent at once.
const ORDERS: usize = 3;
/// The part of a slow reader's nap in which it does not look up.
const NAP: Duration = Duration::from_millis(100);

/// Where a game's room can be found.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) room: watch::Receiver<RoomState>,
    /// Whether the node is gone, and all connections with it.
    pub(super) gone: Arc<AtomicBool>,
}

/// It moves when another node takes the game over.
pub(super) type Door = watch::Receiver<Place>;

/// One seat's person.
pub(super) struct Client {
    pub(super) game: usize,
    pub(super) seat: PlayerId,
    pub(super) dice: Dice,
    pub(super) door: Door,
    /// Whether connections break.
    pub(super) stormy: watch::Receiver<bool>,
    pub(super) history: Arc<Mutex<History>>,
    pub(super) base: Instant,
    throws: u64,
    sockets: u64,
    bot: Box<dyn Bot>,
    blank: Mirror,
    mirror: Mirror,
    place: Option<Resume>,
    last_sent: u32,
    unanswered: BTreeMap<u32, Command>,
}

impl Client {
    pub(super) fn new(
        (game, seat): (usize, u16),
        (start, map): (&Start, &Arc<Map>),
        dice: Dice,
        (door, stormy): (Door, watch::Receiver<bool>),
        (history, base): (Arc<Mutex<History>>, Instant),
    ) -> Self {
        let rules = Arc::new(Rules::from_toml(&start.header.rules).unwrap());
        let seat = PlayerId(seat);
        let blank = Mirror::new(Arc::clone(map), rules, start.header.seats, Some(seat));
        let bot = bot::by_name("expander", Seed([seat.0 as u8; 16])).unwrap();
        let dice = dice.nth(game as u64).nth(u64::from(seat.0));
        Self {
            game,
            seat,
            dice,
            door,
            stormy,
            history,
            base,
            throws: 0,
            sockets: 0,
            bot,
            mirror: blank.clone(),
            blank,
            place: None,
            last_sent: 0,
            unanswered: BTreeMap::new(),
        }
    }

    fn throw(&mut self) -> Dice {
        self.throws += 1;
        self.dice.nth(self.throws)
    }

    fn note(&self, what: What) {
        let record = Record { at: self.base.elapsed(), game: self.game, seat: self.seat.0, what };
        self.history.lock().unwrap_or_else(PoisonError::into_inner).records.push(record);
    }

    /// Plays for ever: connects, converses, is cut off, comes back.
    pub(super) async fn play(mut self) {
        loop {
            let place = self.door.borrow().clone();
            let room = match &*place.room.borrow() {
                RoomState::Open(room) => Some(room.clone()),
                _ => None,
            };
            if let Some(room) = room {
                self.converse(&room, &place.gone).await;
            }
            let pause = self.throw().between(20, 300);
            sleep(Duration::from_millis(pause)).await;
        }
    }

    async fn converse(&mut self, room: &RoomHandle, gone: &AtomicBool) {
        self.sockets += 1;
        let number = (self.game as u64) << 40 | u64::from(self.seat.0) << 32 | self.sockets;
        let (socket, out) = (SocketId(number), OutQueue::new(&Limits::default()));
        // Some have forgotten where they were.
        let resume = self.place.filter(|_| !self.throw().chance(20));
        let (seat, codec) = (Some(self.seat), Codec::Msgpack);
        let attach =
            Attach { socket, seat, codec, resume, view: None, name: None, out: out.clone() };
        if room.tell(ToRoom::Attach(attach)).await.is_err() {
            return;
        }
        let cut = Instant::now() + Duration::from_millis(self.throw().between(500, 15_000));
        while self.turn(room, socket, &out, cut).await.is_some() {
            if gone.load(Ordering::Relaxed) {
                return;
            }
        }
        // A cut line may go unnoticed: then the next socket fences this one.
        if self.throw().chance(50) {
            let _ = room.tell(ToRoom::Detach(socket)).await;
        }
    }

    /// Listens for a while, then acts; nothing once the conversation is over.
    async fn turn(
        &mut self,
        room: &RoomHandle,
        socket: SocketId,
        out: &OutQueue,
        cut: Instant,
    ) -> Option<()> {
        let until = Instant::now() + Duration::from_millis(self.throw().between(100, 400));
        while let Ok(next) = timeout_at(until, out.next()).await {
            let Next::Send(message) = next else { return None };
            if let Some(welcome) = self.take(&message) {
                self.settle(&welcome);
                self.resend(room, socket).await?;
            }
        }
        let stormy = *self.stormy.borrow();
        if stormy && Instant::now() >= cut {
            return None;
        }
        if stormy && self.throw().chance(2) {
            for _ in 0..self.throw().between(5, 50) {
                sleep(NAP).await;
                // Asked for again and again: who waits for a change is woken by luck.
                if !*self.stormy.borrow() {
                    break;
                }
            }
        }
        self.act(room, socket).await
    }

    async fn act(&mut self, room: &RoomHandle, socket: SocketId) -> Option<()> {
        if self.place.is_none() {
            return Some(());
        }
        let mut wishes = Vec::new();
        self.bot.wake(&self.mirror.view(), &mut wishes);
        if wishes.is_empty() {
            // Refused or not: an answer shows that the game goes on.
            wishes.push(Command::Spawn(Spawn { territory: TerritoryId(0) }));
        }
        for command in wishes.into_iter().take(ORDERS) {
            self.last_sent += 1;
            let seq = self.last_sent;
            self.unanswered.insert(seq, command);
            self.note(What::Sent(seq));
            order(room, socket, seq, command).await?;
        }
        Some(())
    }

    async fn resend(&mut self, room: &RoomHandle, socket: SocketId) -> Option<()> {
        for (seq, command) in self.unanswered.clone() {
            order(room, socket, seq, command).await?;
        }
        Some(())
    }

    /// What was answered while nobody listened.
    fn settle(&mut self, welcome: &Welcome) {
        self.answered(&welcome.answers);
    }

    fn answered(&mut self, answers: &[Answer]) {
        for answer in answers {
            self.unanswered.remove(&answer.seq);
            self.note(What::Answered(*answer));
        }
    }

    fn take(&mut self, message: &Framed) -> Option<Welcome> {
        match ToClient::decode(message.payload().as_ref(), Codec::Msgpack).unwrap() {
            ToClient::Welcome(welcome) => return Some(*welcome),
            ToClient::Snapshot { epoch, delta } => {
                self.mirror = self.blank.clone();
                self.see(epoch, &delta);
            }
            ToClient::Delta { epoch, delta } => self.see(epoch, &delta),
            ToClient::Heartbeat { epoch, tick } => self.advance(epoch, tick),
            ToClient::Tail { answers, .. } => self.answered(&answers),
            ToClient::Paused { .. } => self.note(What::Paused),
            _ => {}
        }
        None
    }

    fn see(&mut self, epoch: u64, delta: &Delta) {
        self.mirror.apply(delta).expect("the mirror follows every frame");
        self.advance(epoch, delta.tick);
    }

    fn advance(&mut self, epoch: u64, tick: Tick) {
        self.place = Some(Resume { epoch, tick });
        self.note(What::Saw(epoch, tick.0, self.mirror.check()));
    }
}

async fn order(room: &RoomHandle, socket: SocketId, seq: u32, command: Command) -> Option<()> {
    let arrived = Instant::now();
    room.tell(ToRoom::Order { socket, seq, command, arrived }).await.ok()
}
