//! One node's part in the fleet: where a request belongs, and how it gets there.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::StatusCode;
use hyper::upgrade::OnUpgrade;
use tokio_util::sync::CancellationToken;
use tracing::warn;
use uuid::Uuid;
use warp::reply::Response;

use super::directory::Remembered;
use super::people::Companies;
use super::proof::Proofs;
use super::relay::{Relay, RelayError, Whole};
use super::{Directory, FleetError, GameName, Located, Member, Members, Roster};
use crate::config::Limits;
use crate::error::ApiError;
use crate::lobby::GameInfo;
use crate::log::GameId;
use crate::room::Left;

/// How often a request is sent on before it is refused.
const TRIES: u32 = 4;
/// Wait between two of these: what has just moved is known everywhere soon.
const PAUSE: Duration = Duration::from_millis(50);

/// The games of this node, for the fleet.
#[async_trait]
pub trait Games: Send + Sync + fmt::Debug {
    /// Whether this node has a game, and may serve it as far as it knows.
    async fn has(&self, name: &GameName) -> bool;

    /// Takes up games that are this node's by now; returns once they can be found, whose rooms
    /// may still be opening.
    async fn adopt(&self, games: &[GameId]);

    /// Makes copies of games that another node plays, to take them up without delay soon;
    /// whether all could be made.
    async fn warm(&self, games: &[GameId]) -> bool;

    /// Ends a running game here after its next tick, so that it can go on elsewhere; its
    /// sockets. Nothing if it does not run.
    async fn release(&self, game: GameId) -> Option<Left>;

    /// Drops all games but these, and those that were made a moment ago: they have moved.
    async fn keep_only(&self, games: &[GameId]);

    /// How many there are.
    fn count(&self) -> usize;

    /// Whether none should be begun here now.
    fn is_full(&self) -> bool;

    /// Those that everybody may see.
    async fn listed(&self) -> Vec<GameInfo>;

    /// Games of other nodes have come or changed: whoever waits for the list is told.
    fn tell_of_list(&self);

    /// Whether somebody is in a ranked one that goes on for them.
    async fn in_ranked_game(&self, account: Uuid) -> bool;

    /// Tells everybody in them something; how many run.
    async fn announce(&self, message: &str) -> usize;

    /// Takes an erased person out of them.
    async fn forget_person(&self, account: Uuid) -> Result<(), ApiError>;
}

/// Where a request belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// To whoever has this game.
    Game(GameName),
    /// To a node that has room for one more.
    NewGame,
    /// To the node with the job that has queue and parties.
    People,
}

/// Where a request is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// On this node.
    Here,
    /// On another one.
    There(Member),
}

/// One node's part in the fleet; cheap to clone.
#[derive(Clone, Debug)]
pub struct Fleet {
    pub(super) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) roster: Roster,
    pub(super) proofs: Proofs,
    pub(super) relay: Relay,
    pub(super) directory: Arc<dyn Directory>,
    pub(super) members: Arc<dyn Members>,
    pub(super) games: Arc<dyn Games>,
    pub(super) companies: Arc<dyn Companies>,
    pub(super) limits: Limits,
    pub(super) stop: CancellationToken,
    /// Held by whoever takes games of dead nodes over.
    pub(super) taking: tokio::sync::Mutex<()>,
    remembered: Remembered,
    pub(super) list: super::list::FleetList,
}

/// What a node of a fleet is made of.
#[derive(Debug)]
pub struct Parts {
    /// What it tells of itself.
    pub me: Member,
    /// Its proofs.
    pub proofs: Proofs,
    /// Who has which game.
    pub directory: Arc<dyn Directory>,
    /// Where heartbeats are left.
    pub members: Arc<dyn Members>,
    /// Its games.
    pub games: Arc<dyn Games>,
    /// Its parties and searches.
    pub companies: Arc<dyn Companies>,
    /// Bounds.
    pub limits: Limits,
}

impl Fleet {
    /// A node that does nothing yet and knows nobody; sockets through it end with `stop`.
    #[must_use]
    pub fn new(parts: Parts, stop: CancellationToken) -> Self {
        let Parts { me, proofs, directory, members, games, companies, limits } = parts;
        let keep = Duration::from_millis(limits.fleet_cache_ms);
        let inner = Inner {
            roster: Roster::new(me, Duration::from_millis(limits.node_silence_ms)),
            relay: Relay::new(proofs.clone(), &limits, stop.clone()),
            proofs,
            directory,
            members,
            games,
            companies,
            taking: tokio::sync::Mutex::default(),
            remembered: Remembered::new(Limits::count(limits.fleet_cache_games), keep),
            list: super::list::FleetList::new(keep),
            limits,
            stop,
        };
        Self { inner: Arc::new(inner) }
    }

    /// Who lives.
    #[must_use]
    pub fn roster(&self) -> &Roster {
        &self.inner.roster
    }

    pub(super) fn name(&self) -> String {
        self.inner.roster.me().name
    }

    /// Where a request is answered. What another node has sent on is answered here or not at all.
    ///
    /// # Errors
    /// 421 for what was sent on and does not belong here, 503 if nobody can be asked.
    pub async fn route(&self, subject: &Subject, relayed: bool) -> Result<Route, ApiError> {
        let route = match subject {
            Subject::People => self.people_elsewhere().map_or(Route::Here, Route::There),
            // Whoever has been chosen by another one begins it or refuses.
            Subject::NewGame if relayed || !self.inner.games.is_full() => Route::Here,
            Subject::NewGame => self.emptiest().map_or(Route::Here, Route::There),
            Subject::Game(name) if self.inner.games.has(name).await => Route::Here,
            Subject::Game(name) => self.route_game(name, relayed).await?,
        };
        match route {
            Route::There(_) if relayed => Err(ApiError::misdirected()),
            route => Ok(route),
        }
    }

    async fn route_game(&self, name: &GameName, fresh: bool) -> Result<Route, ApiError> {
        let unreadable = |error: FleetError| ApiError::unavailable(error.to_string());
        let mut located = self.locate(name, fresh).await.map_err(unreadable)?;
        if located.as_ref().is_none_or(|found| !self.is_there(found)) {
            // It may be among those that are being taken over at this moment.
            drop(self.inner.taking.lock().await);
            if self.inner.games.has(name).await {
                return Ok(Route::Here);
            }
            // What was known may have moved: before anything is moved, look again.
            located = self.locate(name, true).await.map_err(unreadable)?;
        }
        let Some(located) = located else { return Ok(Route::Here) };
        let route = self.route_located(&located).await.map_err(unreadable)?;
        route.ok_or_else(|| {
            ApiError::unavailable("no server that lives can play this game's version of the rules")
        })
    }

    /// The other node that has most room for new games, if one has any.
    pub(super) fn emptiest(&self) -> Option<Member> {
        let others = self.others().into_iter().filter(|node| !node.leaving && !node.load.is_full());
        others.min_by_key(|node| node.load.used_permille())
    }

    /// Whether a game is at another node that lives.
    fn is_there(&self, located: &Located) -> bool {
        located.node != self.name() && self.inner.roster.find(&located.node).is_some()
    }

    /// Nothing if no node that lives can play it.
    async fn route_located(&self, located: &Located) -> Result<Option<Route>, FleetError> {
        let me = self.inner.roster.me();
        if located.node == me.name && !me.leaving && located.can_be_at(&me) {
            if !located.finished {
                self.inner.games.adopt(&[located.game]).await;
            }
            return Ok(Some(Route::Here));
        }
        let other = self.inner.roster.find(&located.node).filter(|node| node.name != me.name);
        if let Some(node) = other {
            return Ok(Some(Route::There(node)));
        }
        self.route_orphan(located, &me).await
    }

    /// A game whose node is dead or leaves: whoever should have it takes it.
    async fn route_orphan(
        &self,
        located: &Located,
        me: &Member,
    ) -> Result<Option<Route>, FleetError> {
        let living = self.inner.roster.living();
        let Some(target) = located.place(&living) else {
            let is_last = living.iter().all(|node| node.leaving);
            return Ok(is_last.then_some(Route::Here));
        };
        if target.name != me.name {
            return Ok(Some(Route::There(target.clone())));
        }
        if !located.finished {
            self.rescue(located).await?;
        }
        Ok(Some(Route::Here))
    }

    async fn locate(&self, name: &GameName, fresh: bool) -> Result<Option<Located>, FleetError> {
        let inner = &self.inner;
        if !fresh && let Some(located) = inner.remembered.get(name) {
            return Ok(Some(located));
        }
        inner.remembered.forget(name);
        let found = inner.directory.find(name).await?;
        if let Some(located) = &found {
            inner.remembered.put(name.clone(), located.clone());
        }
        Ok(found)
    }

    /// Answers a request on the node where it belongs, which was `to` when it was looked up.
    pub async fn pass(&self, whole: Whole, subject: &Subject, mut to: Member) -> Response {
        let upgrade = whole.head.extensions.get::<OnUpgrade>().cloned();
        // What changes nothing may be asked twice.
        let is_harmless = whole.head.method == http::Method::GET;
        for tries in 1..=TRIES {
            match self.try_pass(whole.clone(), upgrade.clone(), &to).await {
                Ok(response) if response.status() != StatusCode::MISDIRECTED_REQUEST => {
                    return response;
                }
                Err(error) if tries == TRIES || !(is_harmless || error.is_unheard()) => {
                    return error.answer().response();
                }
                Ok(_) | Err(_) => {}
            }
            if let Subject::Game(name) = subject {
                self.inner.remembered.forget(name);
            }
            tokio::time::sleep(PAUSE * (tries - 1)).await;
            to = match self.route(subject, false).await {
                Ok(Route::There(member)) => member,
                // Its body has been read: it goes the way that others' requests come.
                Ok(Route::Here) => self.inner.roster.me(),
                Err(error) => return error.response(),
            };
        }
        ApiError::unavailable("the game is moving from one server to another").response()
    }

    async fn try_pass(
        &self,
        whole: Whole,
        upgrade: Option<OnUpgrade>,
        to: &Member,
    ) -> Result<Response, RelayError> {
        let passed = self.inner.relay.pass(whole, upgrade, to, self.life(to)).await;
        if let Err(error) = &passed {
            warn!(node = to.name, %error, "a request was not relayed");
        }
        if passed.as_ref().is_err_and(|error| *error == RelayError::Refused) {
            self.inner.roster.suspect(&to.name, "it refuses connections");
        }
        passed
    }

    /// Cancelled when what goes on with a node is over.
    fn life(&self, node: &Member) -> CancellationToken {
        if node.name == self.name() {
            return self.inner.stop.clone();
        }
        self.inner.roster.life(&node.name)
    }

    /// Asks another node something on this node's behalf; its answer, if one came in time.
    pub(super) async fn ask(
        &self,
        method: http::Method,
        path: &str,
        body: Bytes,
        to: &Member,
    ) -> Option<Bytes> {
        let most = Duration::from_millis(self.inner.limits.peer_answer_ms);
        let request = self.inner.relay.own((method, path), body, None, to);
        let asked = tokio::time::timeout(most, async {
            let response = self.inner.relay.ask(request, to).await.ok()?;
            let is_good = response.status().is_success();
            let body = http_body_util::Limited::new(response.into_body(), ANSWER_BYTES);
            let body = http_body_util::BodyExt::collect(body).await.ok()?;
            is_good.then(|| body.to_bytes())
        });
        asked.await.ok().flatten()
    }

    /// All others that live.
    pub(super) fn others(&self) -> Vec<Member> {
        let me = self.name();
        self.inner.roster.living().iter().filter(|node| node.name != me).cloned().collect()
    }
}

/// Bytes of what another node answers to this one.
const ANSWER_BYTES: usize = 4_194_304;
