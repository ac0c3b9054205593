//! One's own account: look, rename, export, erase.

use bytes::Bytes;
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, HeaderMap, HeaderValue};
use serde::Deserialize;
use warp::reply::{Reply, Response};
use warp::{Filter, Rejection};

use super::reply::{body, ok, parse, respond, with};
use super::{Api, cookie};
use crate::auth::Password;
use crate::error::ApiError;
use crate::gateway::connections::Peer;

/// Another name.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rename {
    /// What others see, in games that are joined from now on; cut to 24 characters.
    name: String,
}

/// The wish to be forgotten.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Farewell {
    /// The account's password; none for a guest.
    password: Option<Password>,
}

pub(super) fn routes(
    api: &Api,
) -> impl Filter<Extract = (Response,), Error = Rejection> + Clone + Send + Sync + use<> {
    let caller = || with(api).and(warp::header::headers_cloned());
    let look = warp::path!("v1" / "me")
        .and(warp::get())
        .and(caller())
        .then(|api, headers| async move { respond(look(&api, &headers).await) });
    let rename = warp::path!("v1" / "me")
        .and(warp::patch())
        .and(caller())
        .and(body(api))
        .then(|api, headers, body| async move { respond(rename(&api, &headers, &body).await) });
    let erase = warp::path!("v1" / "me")
        .and(warp::delete())
        .and(caller())
        .and(warp::ext::get::<Peer>())
        .and(body(api))
        .then(|api, headers, peer, body| async move {
            respond(erase(&api, &headers, &peer, &body).await)
        });
    let export = warp::path!("v1" / "me" / "export")
        .and(warp::get())
        .and(caller())
        .then(|api, headers| async move { respond(export(&api, &headers).await) });
    look.or(rename).unify().or(erase).unify().or(export).unify()
}

async fn look(api: &Api, headers: &HeaderMap) -> Result<impl Reply + use<>, ApiError> {
    let caller = api.identity(headers).await?;
    Ok(ok(&api.accounts.of(&caller).await?))
}

async fn rename(
    api: &Api,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<impl Reply + use<>, ApiError> {
    let caller = api.identity(headers).await?;
    let wish: Rename = parse(body)?;
    Ok(ok(&api.accounts.rename(&caller, &wish.name).await?))
}

async fn export(api: &Api, headers: &HeaderMap) -> Result<Response, ApiError> {
    let caller = api.identity(headers).await?;
    let mut response = ok(&api.accounts.export(&caller).await?).into_response();
    let name = HeaderValue::from_static("attachment; filename=\"sovereign-export.json\"");
    response.headers_mut().insert(CONTENT_DISPOSITION, name);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// The person goes, its games stay: at their seats sits nobody any more.
async fn erase(
    api: &Api,
    headers: &HeaderMap,
    peer: &Peer,
    body: &Bytes,
) -> Result<Response, ApiError> {
    let caller = api.identity(headers).await?;
    let wish: Farewell = parse(body)?;
    if wish.password.is_some() {
        let rate = api.rates.login(peer.network, &caller.account.to_string()).await;
        rate.map_err(|wait| ApiError::too_many("passwords tried").retry_after(wait))?;
    }
    api.accounts.erase(&caller, wish.password).await?;
    // A search that has found a game stands; its seat is nobody's soon.
    let _ = api.queue.leave(caller.account);
    api.parties.leave(caller.account);
    api.lobby.forget_person(caller.account).await?;
    if let Some(fleet) = &api.fleet {
        fleet.forget_person(caller.account).await;
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    cookie::set(&mut response, headers, "", 0);
    Ok(response)
}
