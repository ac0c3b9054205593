//! A client's side of the protocol, without a socket: what it says first, its copy of the game,
//! its orders until they are answered, and what to do when the line breaks.
//!
//! Whoever has a socket does three things: says what [`Client::say`] gives, hands what comes to
//! [`Client::hear`], and asks [`Client::lost`] when the socket ends; [`Move`] says how to change
//! sockets without missing anything. `docs/protocol.md` has the reasons, `examples/play_over_wire.rs` a program.
//!
//! ```
//! use sovereign_core::client::{Client, Next, Token};
//! use sovereign_core::wire::FromClient;
//! use sovereign_core::{Command, Map, command::Surrender};
//!
//! let map = Map::shipped("classic").unwrap().into();
//! let token = Token { text: "eyJ0…".into(), issued: 1_000, expires: 1_900 };
//! let mut client = Client::new(map, Some(token), 7);
//! client.connected();
//! assert!(matches!(client.say(), Some(FromClient::Hello { resume: None, .. })));
//! // An order waits until the server has said welcome, and is kept until it is answered.
//! let seq = client.order(Command::Surrender(Surrender {}));
//! assert_eq!((seq, client.say()), (1, None));
//! assert_eq!(client.renew_at(), Some(1_450));
//! assert!(matches!(client.lost(None, ""), Next::Reconnect { .. }));
//! ```

mod lost;
mod moving;

pub use lost::Next;
pub use moving::Move;

use alloc::collections::{BTreeMap, VecDeque};
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use xxhash_rust::xxh3::xxh3_64;

use crate::command::{Command, Reject};
use crate::event::Delta;
use crate::id::PlayerId;
use crate::map::{Map, MapHash};
use crate::mirror::{Mirror, MirrorError};
use crate::quantity::Tick;
use crate::rules::Rules;
use crate::session::Answer;
use crate::state::Phase;
use crate::view::{Own, View};
use crate::wire::{FromClient, Resume, ToClient, Welcome};

/// What proves an account, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// As it is sent.
    pub text: String,
    /// When it was got, in seconds since 1970.
    pub issued: u64,
    /// When it ends, in seconds since 1970.
    pub expires: u64,
}

/// What became of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answered {
    /// Its number.
    pub seq: u32,
    /// What was ordered.
    pub command: Command,
    /// The tick at which it was carried out, or why it was refused.
    pub result: Result<Tick, Reject>,
}

/// Why a message could not be taken. But for [`ClientError::Mirror`], after which a new
/// connection begins with a snapshot, coming back does not help.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// The game is played on another map than the one given.
    #[error("the game is played on the map '{name}' with the hash {hash}, not on the one given")]
    Map {
        /// Its name.
        name: String,
        /// Its hash.
        hash: MapHash,
    },
    /// The server's rules are none that this version of the engine can follow.
    #[error("the server's rules cannot be followed here: {0}")]
    Rules(String),
    /// Something came before the welcome, or a delta before a snapshot.
    #[error("the server says '{0}' too early")]
    Early(&'static str),
    /// The copy differs from the game.
    #[error(transparent)]
    Mirror(#[from] MirrorError),
}

/// One player or spectator of one game, over as many connections as it takes.
#[derive(Clone, Debug)]
pub struct Client {
    map: Arc<Map>,
    token: Option<Token>,
    dice: u64,
    blank: Option<Mirror>,
    mirror: Option<Mirror>,
    own: Option<Own>,
    epoch: u64,
    heard: Option<Resume>,
    seq: u32,
    waiting: BTreeMap<u32, Command>,
    answered: Vec<Answered>,
    out: VecDeque<FromClient>,
    /// Whether a connection stands, and the server has said welcome on it.
    connected: bool,
    welcomed: bool,
    /// Connections in a row that came to nothing.
    vain: u32,
    /// Where to go on, if we were told and nobody has asked yet.
    to: Option<Move>,
    /// What comes next may have come over a connection before.
    overlaps: bool,
}

/// How many numbers a client leaves free after `last_seq`, from 64 to 65,599: orders of another
/// one of the same player, such as a page that was loaded anew, may still be on their way.
fn left_free(last_seq: u32, dice: u64) -> u32 {
    let salt = [dice.to_le_bytes(), u64::from(last_seq).to_le_bytes()].concat();
    64 + (xxh3_64(&salt) & 0xffff) as u32
}

impl Client {
    /// Somebody who has not connected yet; without a token, somebody who watches. `dice` is any
    /// number of the caller's own, another one for each client, so that not all come back in the
    /// same moment, and no two of one player give an order the same number.
    #[must_use]
    pub fn new(map: Arc<Map>, token: Option<Token>, dice: u64) -> Self {
        Self {
            map,
            token,
            dice,
            blank: None,
            mirror: None,
            own: None,
            epoch: 0,
            heard: None,
            seq: 0,
            waiting: BTreeMap::new(),
            answered: Vec::new(),
            out: VecDeque::new(),
            connected: false,
            welcomed: false,
            vain: 0,
            to: None,
            overlaps: false,
        }
    }

    /// A new connection stands: what was left to say on the one before is dropped, and `hello`
    /// comes first, with where we left off.
    pub fn connected(&mut self) {
        self.out.clear();
        (self.connected, self.welcomed, self.overlaps) = (true, false, true);
        let hello = self.hello();
        self.out.push_back(hello);
    }

    /// The next message to send, if there is one.
    pub fn say(&mut self) -> Option<FromClient> {
        self.out.pop_front()
    }

    /// Orders something: it is sent as soon as a connection stands, and again after every new
    /// one until it is answered. Returns its number.
    pub fn order(&mut self, command: Command) -> u32 {
        self.seq += 1;
        let seq = self.seq;
        self.waiting.insert(seq, command);
        if self.welcomed {
            self.out.push_back(FromClient::Order { seq, command });
        }
        seq
    }

    /// Sends all orders again that have no answer: a while after the notice `busy` or
    /// `rate_limited`, which drop one. None is carried out twice.
    pub fn resend(&mut self) {
        let orders = self.waiting.iter().map(|(&seq, &command)| FromClient::Order { seq, command });
        self.out.extend(orders);
    }

    /// Says anything else, such as a phrase; what is said without a connection is lost.
    pub fn tell(&mut self, message: FromClient) {
        if self.connected {
            self.out.push_back(message);
        }
    }

    /// When to get another token for [`Client::renew`], in seconds since 1970: in the middle of
    /// the life of the one there is.
    #[must_use]
    pub fn renew_at(&self) -> Option<u64> {
        self.token.as_ref().map(|token| token.issued.midpoint(token.expires))
    }

    /// Takes another token of the same account, for this connection and those that follow.
    pub fn renew(&mut self, token: Token) {
        let text = token.text.clone();
        self.token = Some(token);
        self.tell(FromClient::Renew { token: text });
    }

    /// Takes in what the server says. What a caller wants to know beyond the copy and the
    /// answers (events, talk, notices) it reads from the message itself.
    ///
    /// # Errors
    /// [`ClientError`]; the connection is of no more use.
    pub fn hear(&mut self, message: &ToClient) -> Result<(), ClientError> {
        match message {
            ToClient::Welcome(welcome) => self.welcome(welcome),
            ToClient::Snapshot { epoch, delta } if self.is_new(*epoch) => {
                self.overlaps = false;
                let blank = self.blank.as_ref().ok_or(ClientError::Early("snapshot"))?;
                self.mirror = Some(blank.clone());
                self.apply(*epoch, delta)?;
                // What only we may know stays until a tail replaces it.
                if let (Some(mirror), Some(own)) = (&mut self.mirror, &self.own) {
                    mirror.apply_own(own);
                }
                Ok(())
            }
            ToClient::Delta { epoch, delta } if self.is_next(*epoch, delta.tick) => {
                self.apply(*epoch, delta)
            }
            ToClient::Heartbeat { epoch, tick } if self.is_next(*epoch, *tick) => {
                self.glide(*tick)?;
                self.heard = Some(Resume { epoch: *epoch, tick: *tick });
                Ok(())
            }
            // Before a snapshot there is nothing to let time pass in.
            ToClient::Resumed { epoch, tick } if self.is_new(*epoch) && self.mirror.is_some() => {
                self.glide(*tick)
            }
            ToClient::Tail { epoch, answers, own, .. } if self.is_new(*epoch) => {
                self.answers(answers);
                self.owns(own.as_ref());
                Ok(())
            }
            ToClient::Migrate { url, closes_s } => {
                self.to = Some(Move { url: url.clone(), closes_s: *closes_s });
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn is_new(&mut self, epoch: u64) -> bool {
        let new = epoch >= self.epoch;
        self.epoch = self.epoch.max(epoch);
        new
    }

    fn welcome(&mut self, welcome: &Welcome) -> Result<(), ClientError> {
        if welcome.map_hash != self.map.hash() {
            let (name, hash) = (welcome.map.clone(), welcome.map_hash);
            return Err(ClientError::Map { name, hash });
        }
        let rules = Rules::try_from(welcome.rules.clone());
        let rules = rules.map_err(|problems| ClientError::Rules(problems.to_string()))?;
        let (map, seats) = (Arc::clone(&self.map), welcome.seats);
        let is_first = self.blank.is_none();
        self.blank = Some(Mirror::new(map, Arc::new(rules), seats, welcome.you));
        self.is_new(welcome.epoch);
        (self.welcomed, self.vain) = (true, 0);
        self.seq = self.seq.max(welcome.last_seq);
        if is_first {
            self.seq = self.seq.saturating_add(left_free(welcome.last_seq, self.dice));
        }
        self.answers(&welcome.answers);
        self.resend();
        Ok(())
    }

    fn apply(&mut self, epoch: u64, delta: &Delta) -> Result<(), ClientError> {
        // Until it fits, there is nothing to go on from.
        self.heard = None;
        let mirror = self.mirror.as_mut().ok_or(ClientError::Early("delta"))?;
        mirror.apply(delta)?;
        self.heard = Some(Resume { epoch, tick: delta.tick });
        Ok(())
    }

    fn glide(&mut self, tick: Tick) -> Result<(), ClientError> {
        self.mirror.as_mut().ok_or(ClientError::Early("heartbeat"))?.glide_to(tick);
        Ok(())
    }

    fn answers(&mut self, answers: &[Answer]) {
        for Answer { seq, result } in answers.iter().copied() {
            if let Some(command) = self.waiting.remove(&seq) {
                self.answered.push(Answered { seq, command, result });
            }
        }
    }

    fn owns(&mut self, own: Option<&Own>) {
        let Some(own) = own else { return };
        if let Some(mirror) = &mut self.mirror {
            mirror.apply_own(own);
        }
        self.own = Some(own.clone());
    }

    /// The connection has ended with this close code (none if it broke) and reason: whether and
    /// when to come back.
    pub fn lost(&mut self, code: Option<u16>, reason: &str) -> Next {
        (self.connected, self.welcomed, self.to) = (false, false, None);
        self.out.clear();
        self.vain = self.vain.saturating_add(1);
        lost::next(code, reason, self.vain, self.dice)
    }

    /// The copy of what may be known, once a snapshot has come.
    #[must_use]
    pub fn view(&self) -> Option<View<'_>> {
        self.mirror.as_ref().map(Mirror::view)
    }

    /// The seat, once it is known; none for somebody who only watches.
    #[must_use]
    pub fn you(&self) -> Option<PlayerId> {
        self.blank.as_ref().and_then(|mirror| mirror.view().viewer())
    }

    /// Whether the game has ended.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.view().is_some_and(|view| view.game().phase == Phase::Finished)
    }

    /// The last tick and epoch that were heard of: what the next `hello` resumes from.
    #[must_use]
    pub const fn heard(&self) -> Option<Resume> {
        self.heard
    }

    /// The hash of the copy, once there is one.
    #[must_use]
    pub fn check(&self) -> Option<u32> {
        self.mirror.as_ref().map(Mirror::check)
    }

    /// Orders that wait for their answers, by rising number.
    pub fn waiting(&self) -> impl Iterator<Item = (u32, Command)> + '_ {
        self.waiting.iter().map(|(&seq, &command)| (seq, command))
    }

    /// The answers that came since this was last asked, in order.
    pub fn answered(&mut self) -> Vec<Answered> {
        core::mem::take(&mut self.answered)
    }
}
