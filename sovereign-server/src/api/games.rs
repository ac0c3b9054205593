//! Games: make, list, look at, join, leave, begin, play again.

use bytes::Bytes;
use http::StatusCode;
use http::header::HeaderMap;
use serde_json::json;
use uuid::Uuid;
use warp::reply::{Reply, Response};
use warp::{Filter, Rejection};

use super::Api;
use super::reply::{body, created, ok, parse, respond, with};
use crate::error::ApiError;
use crate::lobby::{GameInfo, NewGame};
use crate::store::Account;

pub(super) fn routes(
    api: &Api,
) -> impl Filter<Extract = (Response,), Error = Rejection> + Clone + Send + Sync + use<> {
    let headers = warp::header::headers_cloned;
    let make = warp::path!("v1" / "games")
        .and(warp::post())
        .and(with(api))
        .and(headers())
        .and(body(api))
        .then(|api, headers, body| async move { respond(make(&api, &headers, &body).await) });
    let list =
        warp::path!("v1" / "games").and(warp::get()).and(with(api)).then(|api: Api| async move {
            ok(&json!({ "games": api.lobby.list().await })).into_response()
        });
    let look = warp::path!("v1" / "games" / String)
        .and(warp::get())
        .and(with(api))
        .and(headers())
        .then(|name, api, headers| async move { respond(look(&api, &headers, name).await) });
    let act =
        warp::path!("v1" / "games" / String / String)
            .and(warp::post())
            .and(with(api))
            .and(headers())
            .then(|name, verb, api, headers| async move {
                respond(act(&api, &headers, name, verb).await)
            });
    make.or(list).unify().or(look).unify().or(act).unify()
}

/// The account of a request that must have one.
async fn account(api: &Api, headers: &HeaderMap) -> Result<Account, ApiError> {
    let identity = api.identity(headers).await?;
    api.accounts.of(&identity).await
}

async fn make(
    api: &Api,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<impl Reply + use<>, ApiError> {
    let account = account(api, headers).await?;
    if !api.rates.game(account.id) {
        return Err(ApiError::too_many("games of yours"));
    }
    let wish: NewGame = parse(body)?;
    let begin = wish.start;
    let table = api.lobby.create(wish, &account).await?;
    if begin {
        api.lobby.start(&table, account.id).await?;
    }
    Ok(created(&table.info(Some(account.id)).await))
}

/// A game as anybody may see it; with a token also the caller's seat.
async fn look(
    api: &Api,
    headers: &HeaderMap,
    name: String,
) -> Result<impl Reply + use<>, ApiError> {
    let caller = api.identity(headers).await.ok().map(|identity| identity.account);
    Ok(ok(&info(api, &name, caller).await?))
}

async fn info(api: &Api, name: &str, caller: Option<Uuid>) -> Result<GameInfo, ApiError> {
    match api.lobby.find(name) {
        Ok(table) => Ok(table.info(caller).await),
        Err(gone) => api.lobby.finished(name, caller).await?.ok_or(gone),
    }
}

async fn act(
    api: &Api,
    headers: &HeaderMap,
    name: String,
    verb: String,
) -> Result<impl Reply + use<>, ApiError> {
    let account = account(api, headers).await?;
    if verb == "rematch" {
        return rematch(api, &account, &name).await;
    }
    let table = api.lobby.find(&name)?;
    match verb.as_str() {
        "join" => api.lobby.join(&table, &account).await?,
        "leave" => api.lobby.leave(&table, account.id).await?,
        "start" => api.lobby.start(&table, account.id).await?,
        _ => return Err(ApiError::not_found("action")),
    }
    Ok(ok(&table.info(Some(account.id)).await))
}

async fn rematch(
    api: &Api,
    account: &Account,
    name: &str,
) -> Result<warp::reply::WithStatus<warp::reply::Json>, ApiError> {
    if !api.rates.game(account.id) {
        return Err(ApiError::too_many("games of yours"));
    }
    let old = match api.lobby.find(name) {
        Ok(table) if table.info(None).await.status == "lobby" => {
            let message = "the game has not begun";
            let hint = "start it; a rematch follows a game that was played";
            return Err(ApiError::new(StatusCode::CONFLICT, "not_begun", message, hint));
        }
        Ok(table) => table.id(),
        Err(gone) => name.parse().map_err(|_| gone)?,
    };
    let table = api.lobby.rematch(old, account).await?;
    Ok(ok(&table.info(Some(account.id)).await))
}
