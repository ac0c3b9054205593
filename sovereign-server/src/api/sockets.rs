//! The addresses of sockets.

use std::sync::Arc;

use http::header::HeaderMap;
use hyper::upgrade::OnUpgrade;
use sovereign_core::Replay;
use sovereign_core::id::PlayerId;
use tokio::sync::OwnedSemaphorePermit;
use uuid::Uuid;
use warp::reply::{Reply, Response};
use warp::{Filter, Rejection};

use super::reply::{respond, with};
use super::{Api, library};
use crate::cluster::Relayed;
use crate::error::ApiError;
use crate::gateway::connections::Peer;
use crate::gateway::socket::{self, Film, Guest};
use crate::gateway::upgrade::{self, Agreed, Handshake};
use crate::telemetry::metrics;

/// A request that asks for a socket.
#[derive(Clone, Debug)]
struct Request {
    api: Api,
    headers: HeaderMap,
    query: String,
    peer: Peer,
    /// Whether another node sent it on.
    relayed: bool,
    on_upgrade: Option<OnUpgrade>,
}

pub(super) fn routes(
    api: &Api,
) -> impl Filter<Extract = (Response,), Error = Rejection> + Clone + Send + Sync + use<> {
    let play = warp::path!("v1" / "games" / String / "ws")
        .and(request(api))
        .then(|game, request| async move { respond(play(request, game).await) });
    let watch = warp::path!("v1" / "replays" / Uuid / "ws")
        .and(request(api))
        .then(|id, request| async move { respond(watch(request, id).await) });
    #[cfg(feature = "autobahn")]
    let watch = warp::path!("v1" / "echo")
        .and(request(api))
        .then(|request: Request| async move { respond(request.open(socket::echo).await) })
        .or(watch)
        .unify();
    warp::get().and(play.or(watch).unify())
}

fn request(
    api: &Api,
) -> impl Filter<Extract = (Request,), Error = Rejection> + Clone + Send + Sync + use<> {
    let query = warp::query::raw().or(warp::any().map(String::new)).unify();
    with(api)
        .and(warp::header::headers_cloned())
        .and(query)
        .and(warp::ext::get::<Peer>())
        .and(warp::ext::optional::<Relayed>())
        .and(warp::ext::optional::<OnUpgrade>())
        .map(|api, headers, query, peer, relayed: Option<Relayed>, on_upgrade| Request {
            api,
            headers,
            query,
            peer,
            relayed: relayed.is_some(),
            on_upgrade,
        })
}

/// Through whose eyes somebody wants to look: `?view=SEAT`.
fn view(query: &str) -> Result<Option<PlayerId>, ApiError> {
    let named = query.split('&').find_map(|pair| pair.strip_prefix("view="));
    let parsed = named.map(|seat| seat.parse().map(PlayerId)).transpose();
    parsed.map_err(|_| ApiError::bad_request("view names a seat, from 0"))
}

async fn play(request: Request, game: String) -> Result<Response, ApiError> {
    let view = view(&request.query)?;
    request.open(move |guest| socket::play(guest, game, view)).await
}

async fn watch(request: Request, id: Uuid) -> Result<Response, ApiError> {
    // Before the replay is read, so that a mere request costs nothing.
    let handshake = Handshake::check(&request.headers)?;
    if let Agreed::Never(_) = handshake.agreed {
        return request.open(|_| async {}).await;
    }
    let seat = viewer_seat(&request.api)?;
    let film = Box::new(film(&request.api, id, view(&request.query)?).await?);
    request
        .open(move |guest| async move {
            socket::watch(guest, film).await;
            drop(seat);
        })
        .await
}

fn viewer_seat(api: &Api) -> Result<OwnedSemaphorePermit, ApiError> {
    Arc::clone(&api.viewers).try_acquire_owned().map_err(|_| {
        metrics::limit_hit("replay_viewers");
        ApiError::unavailable("as many people as the server can bear are watching replays")
    })
}

async fn film(api: &Api, id: Uuid, view: Option<PlayerId>) -> Result<Film, ApiError> {
    let bytes = api.store.replay(id).await?.ok_or_else(|| ApiError::not_found("replay"))?;
    let replay = Replay::from_bytes(&bytes).map_err(|error| ApiError::internal(&error))?;
    if view.is_some_and(|seat| seat.0 >= replay.header.seats) {
        return Err(ApiError::not_found("seat"));
    }
    let entry = api.lobby.maps().get(&replay.header.map);
    let map = Arc::clone(&entry.ok_or_else(|| ApiError::not_found("map"))?.map);
    let names = library::names(api, id).await?;
    Ok(Film { id: id.to_string(), replay, map, names, view })
}

impl Request {
    /// Switches protocols, then runs the conversation in a task of its own.
    async fn open<F>(
        self,
        converse: impl FnOnce(Box<Guest>) -> F + Send + 'static,
    ) -> Result<Response, ApiError>
    where
        F: Future<Output = ()> + Send,
    {
        let handshake = Handshake::check(&self.headers)?;
        self.refuse_token_in_query()?;
        let Self { api, headers, peer, relayed, on_upgrade, .. } = self;
        let rate = api.rates.connect(peer.network).await;
        rate.map_err(|wait| ApiError::too_many("sockets from your address").retry_after(wait))?;
        let known = match headers.contains_key(http::header::AUTHORIZATION) {
            true => {
                let identity = api.identity(&headers).await?;
                Some((identity, super::bearer(&headers).unwrap_or_default().into()))
            }
            false => None,
        };
        let on_upgrade = on_upgrade.ok_or_else(ApiError::upgrade_required)?;
        let response = handshake.response::<String>();
        let sockets = api.sockets.clone();
        let thread = api.threads.of(sockets.len() as u128).clone();
        let conversation = async move {
            // A connection that ends before the switch has said all there is.
            let opened = Box::pin(async move {
                let config = api.config();
                let socket = upgrade::open(on_upgrade, &config.limits).await.ok()?;
                match handshake.agreed {
                    Agreed::Codec(codec) => {
                        Some(Box::new(Guest { api, socket, codec, known, peer, relayed }))
                    }
                    Agreed::Never(_) => {
                        socket::turn_away(socket, &config.limits).await;
                        None
                    }
                }
            });
            if let Some(guest) = opened.await {
                converse(guest).await;
            }
        };
        sockets.spawn_on(conversation, &thread);
        Ok(response.into_response())
    }

    /// Addresses end up in logs and histories; tokens must not.
    fn refuse_token_in_query(&self) -> Result<(), ApiError> {
        if names_a_secret(&self.query) {
            let message = "a token does not belong in an address; send it in the first message";
            return Err(ApiError::bad_request(message));
        }
        Ok(())
    }
}

/// Whether an address holds what looks like a token, by its name or by itself.
fn names_a_secret(query: &str) -> bool {
    let query = query.to_ascii_lowercase();
    // Tokens begin with `{"` in base64; and no address of a socket needs an escape, behind
    // which any of these could hide.
    ["token", "ticket", "bearer", "=eyj", "%"].iter().any(|sign| query.contains(sign))
}
