//! What a node's listener for other nodes serves: the public service for requests that were sent
//! on, and a few addresses of its own. Whoever has no proof gets nothing.

use std::convert::Infallible;
use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;

use bytes::Bytes;
use http::header::{CONNECTION, HeaderValue, UPGRADE};
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::service::Service;
use hyper::upgrade::OnUpgrade;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use warp::reply::{Reply, Response};

use super::asking::Announcement;
use super::people::PARTIES;
use super::{Fleet, link};
use crate::auth::now_s;
use crate::error::ApiError;
use crate::log::GameId;

/// How the addresses begin that nodes have for each other.
const OWN: &str = "/peer/";
/// Where a node is told to take games up.
pub(super) const ADOPT: &str = "/peer/adopt";
/// Where a node is told to make copies of games that it will get.
pub(super) const WARM: &str = "/peer/warm";
/// Games named in one such request.
pub(super) const ADOPTED: usize = 1_000;
/// Where a node is told what everybody in its games shall hear.
pub(super) const ANNOUNCE: &str = "/peer/announce";
/// Bytes of that: 500 characters, escaped.
const ANNOUNCED: usize = 8_192;
/// Where a node is asked about one person.
pub(super) const PEOPLE: &str = "/peer/people/";

/// Marks a request that another node has sent on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Relayed {
    /// The player's address.
    pub client: IpAddr,
}

/// Games to take up.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Adopt {
    pub(super) games: Vec<GameId>,
}

/// The service of the listener for other nodes.
#[derive(Clone, Debug)]
pub struct PeerService<S> {
    fleet: Fleet,
    public: S,
}

impl<S> PeerService<S> {
    /// In front of the public service.
    #[must_use]
    pub const fn new(fleet: Fleet, public: S) -> Self {
        Self { fleet, public }
    }
}

impl<S> Service<Request<Incoming>> for PeerService<S>
where
    S: Service<Request<Incoming>, Response = Response, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        let client = match self.fleet.admit(&request) {
            Ok(client) => client,
            Err(error) => return Box::pin(async move { Ok(error.response()) }),
        };
        let is_own = request.uri().path().starts_with(OWN);
        match (is_own, client) {
            (true, None) => {
                let fleet = self.fleet.clone();
                Box::pin(async move { Ok(fleet.answer(request).await) })
            }
            (false, Some(client)) => {
                request.extensions_mut().insert(Relayed { client });
                Box::pin(self.public.call(request))
            }
            _ => Box::pin(async { Ok(ApiError::no_address().response()) }),
        }
    }
}

impl Fleet {
    /// For whom another node asks; nobody if for itself.
    fn admit(&self, request: &Request<Incoming>) -> Result<Option<IpAddr>, ApiError> {
        let window = self.inner.limits.peer_proof_s;
        let what = (request.method(), request.uri(), request.headers());
        let claim = self.inner.proofs.check(what, now_s(), window);
        claim.map(|claim| claim.client).map_err(|error| {
            tracing::warn!(%error, "a request to the listener for nodes was refused");
            let hint = "this listener is for the fleet's nodes alone";
            ApiError::new(StatusCode::UNAUTHORIZED, "no_node", error.to_string(), hint)
        })
    }

    async fn answer(self, request: Request<Incoming>) -> Response {
        let path = request.uri().path().to_owned();
        match (request.method(), path.as_str()) {
            (&Method::GET, link::PATH) => self.open_link(request),
            (&Method::GET, "/peer/games") => {
                crate::api::ok(&self.inner.games.listed().await).into_response()
            }
            (&Method::POST, ADOPT) => self.take_up(request).await.unwrap_or_else(|e| e.response()),
            (&Method::POST, WARM) => self.warm(request).await.unwrap_or_else(|e| e.response()),
            (&Method::POST, ANNOUNCE) => self.say(request).await.unwrap_or_else(|e| e.response()),
            (&Method::GET | &Method::POST, path) if path.starts_with(PARTIES) => self.party(path),
            (&Method::GET, path) if path.starts_with(PEOPLE) => self.is_ranked(path).await,
            (&Method::DELETE, path) if path.starts_with(PEOPLE) => self.forget(path).await,
            _ => ApiError::no_address().response(),
        }
    }

    fn open_link(self, mut request: Request<Incoming>) -> Response {
        let Some(upgrade) = request.extensions_mut().remove::<OnUpgrade>() else {
            return ApiError::upgrade_required().response();
        };
        tokio::spawn(self.live(upgrade));
        let mut response = StatusCode::SWITCHING_PROTOCOLS.into_response();
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("upgrade"));
        response.headers_mut().insert(UPGRADE, link::PROTOCOL);
        response
    }

    /// Takes up games that have just become this node's.
    async fn take_up(&self, request: Request<Incoming>) -> Result<Response, ApiError> {
        self.inner.games.adopt(&named(request).await?).await;
        Ok(StatusCode::NO_CONTENT.into_response())
    }

    /// Makes copies of games that are about to become this node's.
    async fn warm(&self, request: Request<Incoming>) -> Result<Response, ApiError> {
        if self.inner.games.warm(&named(request).await?).await {
            return Ok(StatusCode::NO_CONTENT.into_response());
        }
        Err(ApiError::unavailable("not all of these games can be copied now"))
    }

    /// Tells everybody in the games of this node something.
    async fn say(&self, request: Request<Incoming>) -> Result<Response, ApiError> {
        let Announcement { message } = crate::api::parse(&body(request, ANNOUNCED).await?)?;
        Ok(crate::api::ok(&self.inner.games.announce(&message).await).into_response())
    }

    /// Somebody's party, or with a game behind him: that it has entered it.
    fn party(&self, path: &str) -> Response {
        let mut ids = path.trim_start_matches(PARTIES).split('/').map(str::parse::<Uuid>);
        match (ids.next(), ids.next()) {
            (Some(Ok(leader)), None) => {
                let party = self.inner.companies.led_by(leader);
                crate::api::respond(party.map(|party| crate::api::ok(&party)))
            }
            (Some(Ok(leader)), Some(Ok(game))) => {
                self.inner.companies.moved(leader, game);
                StatusCode::NO_CONTENT.into_response()
            }
            _ => ApiError::no_address().response(),
        }
    }

    /// Whether somebody is in a ranked game of this node.
    async fn is_ranked(&self, path: &str) -> Response {
        let Some(account) = person(path) else { return ApiError::no_address().response() };
        crate::api::ok(&self.inner.games.in_ranked_game(account).await).into_response()
    }

    async fn forget(&self, path: &str) -> Response {
        let Some(account) = person(path) else { return ApiError::no_address().response() };
        match self.inner.games.forget_person(account).await {
            Ok(()) => StatusCode::NO_CONTENT.into_response(),
            Err(error) => error.response(),
        }
    }
}

/// Whom an address is about.
fn person(path: &str) -> Option<Uuid> {
    path.strip_prefix(PEOPLE)?.parse().ok()
}

/// The games that a request names.
async fn named(request: Request<Incoming>) -> Result<Vec<GameId>, ApiError> {
    // An id is 36 characters, quoted and with a comma.
    let Adopt { games } = crate::api::parse(&body(request, ADOPTED * 40).await?)?;
    Ok(games)
}

/// A request's body of at most so many bytes.
async fn body(request: Request<Incoming>, most: usize) -> Result<Bytes, ApiError> {
    let body = Limited::new(request.into_body(), most).collect().await;
    Ok(body.map_err(|_| ApiError::bad_request("a body too long"))?.to_bytes())
}
