//! Games, one after the other at each table: made, played to their end, and judged.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::Method;
use serde_json::{Value, json};
use sovereign_core::client::Token;
use sovereign_core::rules::RulesDraft;
use sovereign_core::{Map, Replay, Rules};
use tokio::task::JoinSet;

use crate::checker::{Breach, Verdict, judge};
use crate::dice::Dice;
use crate::front::{Front, Wish};
use crate::history::{History, Record, What};
use crate::player::Player;
use crate::{blocking, joined};

const MAP: &str = "classic";
/// How long a game may last, in seconds, before whoever holds most land wins.
const LASTS_S: (u64, u64) = (20, 90);

/// A game that is over, and what is to say of it.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) verdict: Verdict,
    pub(crate) history: History,
    /// The replay's bytes, if there is one.
    pub(crate) replay: Option<Vec<u8>>,
    /// When orders were sent and answered.
    pub(crate) answers: Vec<(Duration, Duration)>,
    /// How often orders were sent, those that were sent again counted again.
    pub(crate) sent: u64,
    /// How often its players lost their connections.
    pub(crate) cut: u64,
    /// How often it had another owner.
    pub(crate) moves: u64,
}

/// What is played.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(crate) front: Arc<Front>,
    pub(crate) map: Arc<Map>,
    pub(crate) players: u16,
}

/// A person's token.
struct Guest(Token);

impl Table {
    pub(crate) fn new(front: Arc<Front>, players: u16) -> Self {
        let map = Map::shipped(MAP).expect("it is shipped");
        Self { front, map: map.into(), players }
    }

    /// Makes and plays the game of this number; none if it could not even be made before the run ends.
    pub(crate) async fn play(&self, number: usize, dice: Dice) -> Option<Done> {
        let (game, guests) = self.make(number, dice).await?;
        self.front.open(number);
        let began = self.front.now();
        let mut players = JoinSet::new();
        for (seat, guest) in (0..).zip(guests) {
            let (place, dice) = ((number, game.clone()), dice.nth(seat.into()));
            players.spawn(Player::new(&self.front, place, &self.map, (seat, guest.0), dice).play());
        }
        let mut records = Vec::new();
        while let Some(told) = players.join_next().await {
            let told = joined(told);
            // As soon as one has seen the end, there is nothing to wait for.
            self.front.close(number);
            records.extend(told);
        }
        records.sort_by_key(|record: &Record| record.at);
        let last = records.last().map_or(began, |record| record.at);
        let history = History { game, seats: self.players, records, open: (began, last) };
        Some(self.judge(history).await)
    }

    async fn judge(&self, history: History) -> Done {
        let replay = self.replay(&history.game).await;
        let (map, bytes) = (Arc::clone(&self.map), replay.clone());
        let judge = move || (judged(&history, bytes.as_deref(), map), history);
        let (verdict, history) = blocking(judge).await;
        let answers = history.answers();
        let sent = history.count(|what| matches!(what, What::Sent { .. }));
        let (cut, moves) = (history.count(|what| matches!(what, What::Lost(_))), history.moves());
        Done { verdict, history, replay, answers, sent, cut, moves }
    }

    async fn replay(&self, game: &str) -> Option<Vec<u8>> {
        let wish = self.wish(Method::GET, format!("/v1/replays/{game}"), None, None);
        let reply = self.front.insist(&wish, |reply| reply.status == 200).await;
        reply.map(|reply| reply.body.to_vec())
    }

    /// A game that has begun, with all of its players.
    async fn make(&self, number: usize, dice: Dice) -> Option<(String, Vec<Guest>)> {
        let mut guests = Vec::new();
        for _ in 0..self.players {
            guests.push(self.guest().await?);
        }
        let host = Some(guests[0].0.text.clone());
        let wish = json!({
            "map": MAP, "rules": rules(number, dice), "seats": self.players + 1,
            "bots": ["expander"], "private": true,
        });
        let wish = self.wish(Method::POST, "/v1/games".to_owned(), host.clone(), Some(wish));
        let made = self.insist(&wish, |status, _| status == 201).await?;
        let id = made["id"].as_str()?.to_owned();
        for guest in &guests[1..] {
            self.join(&id, &guest.0.text).await?;
        }
        let start = self.wish(Method::POST, format!("/v1/games/{id}/start"), host, Some(json!({})));
        // Who asks twice because the first answer was lost hears that it has begun.
        self.insist(&start, |status, game| status == 409 || game["status"] == "running").await?;
        Some((id, guests))
    }

    async fn join(&self, game: &str, token: &str) -> Option<()> {
        let path = format!("/v1/games/{game}/join");
        let join = self.wish(Method::POST, path, Some(token.to_owned()), Some(json!({})));
        self.insist(&join, |_, game| game["you"].is_u64()).await?;
        Some(())
    }

    async fn guest(&self) -> Option<Guest> {
        let wish = self.wish(Method::POST, "/v1/auth/guest".to_owned(), None, Some(json!({})));
        let grant = self.insist(&wish, |status, _| status == 201).await?;
        let issued =
            SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let (text, expires) = (grant["token"].as_str()?.to_owned(), grant["expires"].as_u64()?);
        Some(Guest(Token { text, issued, expires }))
    }

    async fn insist(&self, wish: &Wish, suits: impl Fn(u16, &Value) -> bool) -> Option<Value> {
        let reply = self
            .front
            .insist(wish, |reply| self.front.is_ending() || suits(reply.status, &reply.json()));
        let reply = reply.await?;
        suits(reply.status, &reply.json()).then(|| reply.json())
    }

    fn wish(
        &self,
        method: Method,
        path: String,
        token: Option<String>,
        body: Option<Value>,
    ) -> Wish {
        Wish { method, path, token, body }
    }
}

/// Quick ones that end by themselves, every other game's under fog.
fn rules(number: usize, dice: Dice) -> String {
    let mut draft = RulesDraft::clone(&Rules::preset("blitz").expect("it is shipped"));
    let (least, most) = LASTS_S;
    draft.victory.time_ticks = 20 * dice.of("lasts").between(least, most) as u32;
    draft.fog.radius = (number % 2) as u32;
    draft.to_toml()
}

fn judged(history: &History, replay: Option<&[u8]>, map: Arc<Map>) -> Verdict {
    let Some(bytes) = replay else {
        return Verdict::failed(&history.game, Breach::Late, "it leaves no replay".to_owned());
    };
    match Replay::from_bytes(bytes) {
        Ok(replay) => judge(history, &replay, map),
        Err(error) => Verdict::failed(&history.game, Breach::Replay, error.to_string()),
    }
}

impl History {
    fn count(&self, is: impl Fn(&What) -> bool) -> u64 {
        self.records.iter().filter(|record| is(&record.what)).count() as u64
    }

    /// Changes of owners that players noticed.
    fn moves(&self) -> u64 {
        let epochs = self.records.iter().filter_map(|record| match record.what {
            What::Saw { epoch, .. } => Some(epoch),
            _ => None,
        });
        (epochs.collect::<BTreeSet<u64>>().len() as u64).saturating_sub(1)
    }

    /// When orders were sent and answered.
    fn answers(&self) -> Vec<(Duration, Duration)> {
        let answered = self.records.iter().filter_map(|record| match record.what {
            What::Answered { sent, .. } => Some((sent, record.at)),
            _ => None,
        });
        answered.collect()
    }
}
