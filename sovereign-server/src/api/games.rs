//! Games: make, list, look at, join, leave, arrange, begin, play again.

use bytes::Bytes;
use http::StatusCode;
use http::header::HeaderMap;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;
use warp::Filter;
use warp::filters::BoxedFilter;
use warp::reply::{Reply, Response};

use super::Api;
use super::patience::Since;
use super::reply::{body, created, ok, parse, query, respond, with};
use crate::cluster::{Companies as _, Gathered};
use crate::error::ApiError;
use crate::lobby::{Browse, GameInfo, NewGame, Status, Table};
use crate::store::Account;

pub(super) fn routes(api: &Api) -> BoxedFilter<(Response,)> {
    let headers = warp::header::headers_cloned;
    let make = warp::path!("v1" / "games")
        .and(warp::post())
        .and(with(api))
        .and(headers())
        .and(body(api))
        .then(|api, headers, body| async move { respond(make(&api, &headers, &body).await) });
    let list = warp::path!("v1" / "games")
        .and(warp::get())
        .and(with(api))
        .and(query())
        .then(|api, browse| async move { respond(list(&api, browse).await) });
    let look = warp::path!("v1" / "games" / String)
        .and(warp::get())
        .and(with(api))
        .and(headers())
        .and(query())
        .then(|name, api, headers, since| async move {
            respond(look(&api, &headers, name, since).await)
        });
    let settings = warp::path!("v1" / "games" / String / "settings")
        .and(warp::get())
        .and(with(api))
        .then(|name: String, api: Api| async move { respond(settings(&api, &name)) });
    let change = warp::path!("v1" / "games" / String)
        .and(warp::patch())
        .and(with(api))
        .and(headers())
        .and(body(api))
        .then(|name, api, headers, body| async move {
            respond(change(&api, &headers, name, &body).await)
        });
    let act = warp::path!("v1" / "games" / String / String)
        .and(warp::post())
        .and(with(api))
        .and(headers())
        .and(body(api))
        .then(|name, verb, api, headers, body| async move {
            respond(act(&api, &headers, name, verb, &body).await)
        });
    let some = make.or(list).unify().or(look).unify();
    some.or(settings).unify().or(change).unify().or(act).unify().boxed()
}

async fn list(api: &Api, browse: Result<Browse, ApiError>) -> Result<impl Reply + use<>, ApiError> {
    let browse = browse?;
    let versions = api.lobby.watch();
    api.news(versions.clone(), browse.since).await?;
    // The version first: what changes in between is told again.
    let rev = *versions.borrow();
    let elsewhere = match &api.fleet {
        Some(fleet) => fleet.games_elsewhere().await,
        None => Vec::new(),
    };
    Ok(ok(&json!({ "rev": rev, "games": api.lobby.list(&browse, elsewhere).await })))
}

/// All that the host chose.
fn settings(api: &Api, name: &str) -> Result<impl Reply + use<>, ApiError> {
    Ok(ok(&*api.lobby.find(name)?.settings()))
}

async fn change(
    api: &Api,
    headers: &HeaderMap,
    name: String,
    body: &Bytes,
) -> Result<impl Reply + use<>, ApiError> {
    let account = acting(api, headers).await?;
    let table = api.lobby.find(&name)?;
    api.lobby.change(&table, account.id, parse(body)?).await?;
    Ok(ok(&table.info(Some(account.id)).await))
}

/// The account of a request that changes something that others see.
pub(super) async fn acting(api: &Api, headers: &HeaderMap) -> Result<Account, ApiError> {
    let account = account(api, headers).await?;
    match api.rates.act(account.id).await {
        Ok(()) => Ok(account),
        Err(wait) => Err(ApiError::too_many("changes of yours").retry_after(wait)),
    }
}

/// The account of a request that must have one.
pub(super) async fn account(api: &Api, headers: &HeaderMap) -> Result<Account, ApiError> {
    let identity = api.identity(headers).await?;
    api.accounts.of(&identity).await
}

/// Counts a game that somebody wants to make.
async fn may_make(api: &Api, account: Uuid) -> Result<(), ApiError> {
    let rate = api.rates.game(account).await;
    rate.map_err(|wait| ApiError::too_many("games of yours").retry_after(wait))
}

async fn make(
    api: &Api,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<impl Reply + use<>, ApiError> {
    let account = account(api, headers).await?;
    may_make(api, account.id).await?;
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
    since: Result<Since, ApiError>,
) -> Result<impl Reply + use<>, ApiError> {
    let Since { since } = since?;
    let caller = api.identity(headers).await.ok().map(|identity| identity.account);
    if let Ok(table) = api.lobby.find(&name) {
        api.news(table.watch(), since).await?;
    }
    Ok(ok(&info(api, &name, caller).await?))
}

async fn info(api: &Api, name: &str, caller: Option<Uuid>) -> Result<GameInfo, ApiError> {
    match api.lobby.find(name) {
        Ok(table) => Ok(table.info(caller).await),
        Err(gone) => api.lobby.finished(name, caller).await?.ok_or(gone),
    }
}

/// Whom or what an act is about.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct About {
    /// A seat, from 0.
    seat: Option<u16>,
    /// A team, from 1; 0 for none.
    team: Option<u8>,
    /// Whether the party that one leads comes along.
    party: bool,
}

impl About {
    fn seat(&self) -> Result<u16, ApiError> {
        self.seat.ok_or_else(|| ApiError::bad_request("say which seat, from 0"))
    }

    fn team(&self) -> Result<u8, ApiError> {
        self.team.ok_or_else(|| ApiError::bad_request("say which team, from 1; 0 for none"))
    }
}

async fn act(
    api: &Api,
    headers: &HeaderMap,
    name: String,
    verb: String,
    body: &Bytes,
) -> Result<impl Reply + use<>, ApiError> {
    let account = acting(api, headers).await?;
    if verb == "rematch" {
        return rematch(api, &account, &name).await;
    }
    let (lobby, id, about) = (&api.lobby, account.id, parse::<About>(body)?);
    let table = lobby.find(&name)?;
    match verb.as_str() {
        "join" if about.party => join_with_party(api, &table, &account).await?,
        "join" => lobby.join(&table, &account).await?,
        "leave" => lobby.leave(&table, id).await?,
        "start" => lobby.start(&table, id).await?,
        "kick" => lobby.kick(&table, id, about.seat()?).await?,
        "host" => lobby.hand_over(&table, id, about.seat()?).await?,
        "team" => lobby.put_in_team(&table, id, about.seat, about.team()?).await?,
        _ => return Err(ApiError::not_found("action")),
    }
    Ok(ok(&table.info(Some(id)).await))
}

/// Seats the party that somebody leads: all of it, on one side, or nobody.
async fn join_with_party(api: &Api, table: &Table, leader: &Account) -> Result<(), ApiError> {
    let gathered = Gathered { parties: api.parties.clone(), queue: api.queue.clone() };
    let party = match &api.fleet {
        Some(fleet) => fleet.party_led_by(leader.id).await?,
        None => gathered.led_by(leader.id)?,
    };
    let people = party.ok_or_else(|| ApiError::not_found("party of yours"))?;
    api.lobby.join_together(table, &people).await?;
    match &api.fleet {
        Some(fleet) => fleet.party_moved(leader.id, table.id()).await,
        None => gathered.moved(leader.id, table.id()),
    }
    Ok(())
}

async fn rematch(
    api: &Api,
    account: &Account,
    name: &str,
) -> Result<warp::reply::WithStatus<warp::reply::Json>, ApiError> {
    may_make(api, account.id).await?;
    let old = match api.lobby.find(name) {
        Ok(table) if table.info(None).await.status == Status::Lobby => {
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
