//! A game with its players' sequence numbers and answers: what a log holds.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::command::{Order, Reject};
use crate::event::{Delta, Event};
use crate::game::Game;
use crate::id::PlayerId;
use crate::quantity::Tick;
use crate::rng::Purpose;
use crate::state::SnapshotError;

/// How many answers are kept for a player who asks again.
pub const ANSWERS_KEPT: usize = 64;

/// A tick's orders as they were carried out, and the hash of the game after them:
/// an entry of the log and of a replay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// The tick at which they were carried out.
    pub tick: Tick,
    /// In the order of their execution. Refused orders are not among them.
    pub orders: Vec<Order>,
    /// [`Game::hash`] after them; 0 if the session keeps no log: see [`Session::keep_log`].
    pub hash: u64,
}

/// What became of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The order's sequence number.
    pub seq: u32,
    /// The tick at which it was carried out, or why not.
    pub result: Result<Tick, Reject>,
}

/// All that came of a step. What an audience learns of it is [`Session::news`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What to log.
    pub batch: Batch,
    /// What to answer, in order of execution. Bots and the system get no answers.
    pub answers: Vec<(PlayerId, Answer)>,
    /// Whether a row was written or something happened.
    eventful: bool,
}

impl Step {
    /// Whether anything happened that must be logged: an order was carried out or
    /// something fell due. If not, the tick is no entry and no frame. O(1).
    #[must_use]
    pub const fn is_visible(&self) -> bool {
        self.eventful || !self.batch.orders.is_empty()
    }
}

/// What is learned of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// What everybody learns.
    pub delta: Delta,
    /// What happened that only two players may know.
    pub private: Vec<Event>,
    /// Whether `delta` is a snapshot, with which to begin a new mirror.
    pub anew: bool,
}

/// The hash of an audience's mirror, known only as far as somebody asked for news.
#[derive(Clone, Copy, Debug, Default)]
struct Check {
    /// As it was before the last step.
    before: Option<u32>,
    /// As it is after the last step.
    now: Option<u32>,
}

impl Check {
    /// What is known when the last step is forgotten, which was `eventful` or changed nothing.
    const fn settled(self, eventful: bool) -> Self {
        let known = if eventful || self.now.is_some() { self.now } else { self.before };
        Self { before: known, now: None }
    }
}

/// What is remembered of a person's orders.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Memory {
    /// The last sequence number that was carried out; 0 before the first.
    last_seq: u32,
    /// The newest answers, at most [`ANSWERS_KEPT`].
    answers: VecDeque<(u32, Tick)>,
}

/// A game, and for each person the sequence number of the last order that was
/// carried out with the newest answers: so that an order runs at most once, and
/// one that is sent again gets the same answer.
#[derive(Debug)]
pub struct Session {
    game: Game,
    memories: Vec<Memory>,
    /// The hash of the public mirror.
    check: Check,
    /// Whether batches state the game's hash.
    logged: bool,
}

impl Clone for Session {
    /// A clone has no last step that there could be news of.
    fn clone(&self) -> Self {
        let check = self.check.settled(self.game.is_eventful());
        let (game, memories) = (self.game.clone(), self.memories.clone());
        Self { game, memories, check, logged: self.logged }
    }
}

/// A batch of a log does not do again what it did: damage, or another engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    /// The batch is older than the game.
    #[error("the batch of tick {tick} lies in the past: the game is at {now}")]
    Past {
        /// The batch's tick.
        tick: Tick,
        /// The game's tick.
        now: Tick,
    },
    /// Time stopped before the batch's tick.
    #[error("the game stops at tick {now}, before the batch of tick {tick}")]
    Unreachable {
        /// The batch's tick.
        tick: Tick,
        /// Where the game stopped.
        now: Tick,
    },
    /// An order that was once carried out is refused.
    #[error("order {index} of tick {tick} is refused: {reason}")]
    Refused {
        /// The batch's tick.
        tick: Tick,
        /// The order's position in the batch.
        index: usize,
        /// Why.
        reason: Reject,
    },
    /// The game is not what it was.
    #[error("after tick {tick} the hash is {found:016x}, not {stated:016x}")]
    Diverged {
        /// The batch's tick.
        tick: Tick,
        /// The hash in the batch.
        stated: u64,
        /// The hash that was reached.
        found: u64,
    },
}

impl Session {
    /// A session of a game in any state. O(seats).
    #[must_use]
    pub fn new(mut game: Game) -> Self {
        game.commit();
        let memories = (0..game.seats()).map(|_| Memory::default()).collect();
        Self { game, memories, check: Check::default(), logged: true }
    }

    /// The game.
    #[must_use]
    pub const fn game(&self) -> &Game {
        &self.game
    }

    /// Whether batches state the game's hash, as they do unless this says otherwise. Whoever
    /// simulates and throws batches away need not pay for it.
    ///
    /// Each batch of a session that keeps a log costs two hashes for each row that was written. In
    /// one that keeps none each step forgets which rows those were, so that [`Game::hash`] costs
    /// O(rows) whenever it is asked; the first batch after the log is kept again costs as much.
    pub const fn keep_log(&mut self, keep: bool) {
        self.logged = keep;
    }

    /// Lets a tick pass and carries orders out: first the system's, then the players'
    /// in this tick's order of players, each player's by sequence number.
    ///
    /// Costs what falls due and the orders, O(n log n) in their number.
    pub fn step(&mut self, mut orders: Vec<Order>) -> Step {
        self.begin();
        self.game.advance();
        let answers = if orders.is_empty() { Vec::new() } else { self.carry_out(&mut orders) };
        self.finish(orders, answers)
    }

    /// Leaves of the orders those that were carried out, and tells what became of each.
    fn carry_out(&mut self, orders: &mut Vec<Order>) -> Vec<(PlayerId, Answer)> {
        let (seed, tick) = (self.game.seed(), self.game.tick());
        if orders.len() > 1 {
            orders.sort_by_cached_key(|order| turn(seed, tick, order));
        }
        let mut answers = Vec::new();
        orders.retain(|order| {
            let (new, answer) = self.submit(order);
            if let Order::Player { player, .. } = *order {
                answers.push((player, answer));
            }
            new && answer.result.is_ok()
        });
        answers
    }

    /// Forgets the last step.
    fn begin(&mut self) {
        self.check = self.check.settled(self.game.is_eventful());
        self.game.forget();
    }

    /// Carries an order out, or finds the answer that it had. Says whether it is new.
    fn submit(&mut self, order: &Order) -> (bool, Answer) {
        let tick = self.game.tick();
        let Order::Player { player, seq, .. } = *order else {
            let result = self.game.execute(order).map(|()| tick);
            return (true, Answer { seq: 0, result });
        };
        if let Some(earlier) = self.answer(player, seq) {
            return (false, earlier);
        }
        let result = self.game.execute(order).map(|()| tick);
        if result.is_ok() {
            self.remember(player, seq, tick);
        }
        (true, Answer { seq, result })
    }

    fn remember(&mut self, player: PlayerId, seq: u32, tick: Tick) {
        let memory = &mut self.memories[player.index()];
        memory.last_seq = seq;
        if memory.answers.len() == ANSWERS_KEPT {
            memory.answers.pop_front();
        }
        memory.answers.push_back((seq, tick));
    }

    /// The answer to an order that was carried out, or that came too late; `None` if
    /// its number is still ahead.
    #[must_use]
    pub fn answer(&self, player: PlayerId, seq: u32) -> Option<Answer> {
        let memory = self.memories.get(player.index()).filter(|m| seq <= m.last_seq)?;
        let kept = memory.answers.iter().find(|(kept, _)| *kept == seq);
        let result = kept.map_or(Err(Reject::Superseded), |(_, tick)| Ok(*tick));
        Some(Answer { seq, result })
    }

    /// The sequence number of the last order of a person that was carried out, and
    /// the answers that are kept, oldest first.
    pub fn answers(&self, player: PlayerId) -> (u32, Vec<Answer>) {
        let memory = self.memories.get(player.index());
        let answer = |(seq, tick): &(u32, Tick)| Answer { seq: *seq, result: Ok(*tick) };
        memory.map_or((0, Vec::new()), |memory| {
            (memory.last_seq, memory.answers.iter().map(answer).collect())
        })
    }

    fn finish(&mut self, orders: Vec<Order>, answers: Vec<(PlayerId, Answer)>) -> Step {
        if self.logged {
            self.game.settle_hash();
        }
        let hash = if self.logged { self.game.hash() } else { 0 };
        let batch = Batch { tick: self.game.tick(), orders, hash };
        Step { batch, answers, eventful: self.game.is_eventful() }
    }

    /// What is learned of the last step. Who wants no news of a step pays nothing for them:
    /// they can be asked for after any step, until the next one.
    ///
    /// O(changes * log changes); O(territories) where nobody asked after the step before.
    pub fn news(&mut self) -> News {
        let mut delta = self.game.delta(self.check.before.unwrap_or(0));
        if self.check.before.is_none() {
            delta.check = self.game.mirror_check();
        }
        self.check.now = Some(delta.check);
        let private = self.game.events().filter(|event| event.confidants().is_some()).collect();
        News { delta, private, anew: false }
    }

    /// Does again what a batch of the log says, and checks that it is the same.
    ///
    /// # Errors
    /// [`BatchError`]; the session must then be thrown away.
    pub fn replay(&mut self, batch: &Batch) -> Result<Step, BatchError> {
        self.begin();
        self.reach(batch.tick)?;
        let mut answers = Vec::new();
        for (index, order) in batch.orders.iter().enumerate() {
            let tick = batch.tick;
            self.game.execute(order).map_err(|reason| BatchError::Refused {
                tick,
                index,
                reason,
            })?;
            if let Order::Player { player, seq, .. } = *order {
                self.remember(player, seq, tick);
                answers.push((player, Answer { seq, result: Ok(tick) }));
            }
        }
        let step = self.finish(batch.orders.clone(), answers);
        let (stated, found) = (batch.hash, self.game.hash());
        if stated == found {
            Ok(step)
        } else {
            Err(BatchError::Diverged { tick: batch.tick, stated, found })
        }
    }

    fn reach(&mut self, tick: Tick) -> Result<(), BatchError> {
        let now = self.game.tick();
        if tick < now {
            return Err(BatchError::Past { tick, now });
        }
        self.game.advance_to(tick);
        let now = self.game.tick();
        if now < tick { Err(BatchError::Unreachable { tick, now }) } else { Ok(()) }
    }

    /// Lets idle time pass that is not in the log: after a restart a room goes on where
    /// its clients last saw it. Never goes back.
    pub fn glide_to(&mut self, tick: Tick) {
        self.rest_until(Tick(tick.0.saturating_sub(1)));
    }

    /// Lets idle time pass up to a tick, but not to one at which something falls due. Returns
    /// how far it has come.
    pub(crate) fn rest_until(&mut self, tick: Tick) -> Tick {
        self.game.rest_until(tick);
        self.game.tick()
    }

    /// Everything public, for somebody who joins: a delta from the untouched map. O(territories).
    #[must_use]
    pub fn full_delta(&self) -> Delta {
        self.game.full_delta()
    }

    /// The session as bytes: the game's snapshot, sequence numbers and answers.
    #[must_use]
    pub fn snapshot(&self) -> Vec<u8> {
        let image = Image { game: self.game.snapshot(), memories: self.memories.clone() };
        postcard::to_allocvec(&image).expect("plain integers can always be written")
    }

    /// A session from its bytes. `fresh` is a new game of the same map, rules, seed and
    /// seats. No bytes can make it panic.
    ///
    /// # Errors
    /// Why the bytes are no snapshot of such a session.
    pub fn restore(fresh: &Game, bytes: &[u8]) -> Result<Self, SnapshotError> {
        let image: Image = postcard::from_bytes(bytes).map_err(|_| SnapshotError::Damaged)?;
        let (map, rules) = (fresh.map().clone(), fresh.rules().clone());
        let game = Game::restore(map, rules, fresh.seed(), fresh.seats(), &image.game)?;
        let kept = |memory: &Memory| memory.answers.len() <= ANSWERS_KEPT;
        if image.memories.len() != usize::from(fresh.seats()) || !image.memories.iter().all(kept) {
            return Err(SnapshotError::Foreign);
        }
        Ok(Self { game, memories: image.memories, check: Check::default(), logged: true })
    }
}

#[derive(Serialize, Deserialize)]
struct Image {
    game: Vec<u8>,
    memories: Vec<Memory>,
}

/// The place of an order within its tick: system, then players as the dice say; of
/// one seat the person before the bot, each by sequence number.
fn turn(seed: crate::rng::Seed, tick: Tick, order: &Order) -> (u64, u16, bool, u32) {
    let of = |player: PlayerId, bot, seq| {
        let throw = seed.throw(tick, Purpose::Turn, u64::from(player.0), 0);
        // The system's orders have 0: players start at 1.
        (throw | 1, player.0, bot, seq)
    };
    match *order {
        Order::System(_) => (0, 0, false, 0),
        Order::Player { player, seq, .. } => of(player, false, seq),
        Order::Bot { player, seq, .. } => of(player, true, seq),
    }
}
