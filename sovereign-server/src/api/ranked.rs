//! Ranked games: ladders, the queue, and what one has reached.

use bytes::Bytes;
use http::header::HeaderMap;
use serde::Deserialize;
use serde_json::{Value, json};
use warp::Filter;
use warp::filters::BoxedFilter;
use warp::reply::{Reply, Response};

use super::games::acting;
use super::patience::Since;
use super::reply::{body, hot, ok, parse, query, respond, with};
use super::{Api, games};
use crate::error::ApiError;
use crate::ranked::Entrant;
use crate::store::{Asked, Cursor, RatingRecord, ResultRecord};

/// People at the top of a ladder.
const LEADERS: u32 = 50;
/// Results in one answer.
const RESULTS: u32 = 20;

/// What is wished of the queue.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    /// Name of a ladder.
    ladder: String,
}

/// Which results.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Page {
    /// Only those after the last one of a page before.
    before: Option<Cursor>,
}

pub(super) fn routes(api: &Api) -> BoxedFilter<(Response,)> {
    let caller = || with(api).and(warp::header::headers_cloned());
    let ladders = warp::path!("v1" / "ladders")
        .and(warp::get())
        .and(with(api))
        .map(|api: Api| ok(&json!({ "ladders": api.queue.ladders().all() })).into_response());
    let ladder = warp::path!("v1" / "ladders" / String)
        .and(warp::get())
        .and(with(api))
        .then(|name, api| async move { respond(ladder(&api, name).await) });
    let ratings = warp::path!("v1" / "me" / "ratings")
        .and(warp::get())
        .and(caller())
        .then(|api, headers| async move { respond(ratings(&api, &headers).await) });
    let results = warp::path!("v1" / "me" / "games")
        .and(warp::get())
        .and(caller())
        .and(query())
        .then(|api, headers, page| async move { respond(results(&api, &headers, page).await) });
    let all = ladders.or(ladder).unify().or(ratings).unify().or(results).unify();
    all.or(queue(api)).unify().boxed()
}

fn queue(api: &Api) -> BoxedFilter<(Response,)> {
    let at = || warp::path!("v1" / "queue").and(with(api)).and(warp::header::headers_cloned());
    let enter = at()
        .and(warp::post())
        .and(body(api))
        .then(|api, headers, body| async move { respond(enter(&api, &headers, &body).await) });
    let look = at()
        .and(warp::get())
        .and(query())
        .then(|api, headers, since| async move { respond(look(&api, &headers, since).await) });
    let leave = at()
        .and(warp::delete())
        .then(|api, headers| async move { respond(leave(&api, &headers).await) });
    enter.or(look).unify().or(leave).unify().boxed()
}

/// Who asks, and whether anybody vouches for them.
pub(super) async fn entrant(api: &Api, headers: &HeaderMap) -> Result<Entrant, ApiError> {
    let account = acting(api, headers).await?;
    let outside = api.identity(headers).await?.outside.is_some();
    let guest = account.login.is_none() && !outside;
    Ok(Entrant { account, guest })
}

/// Enters the queue: alone, or with the party that one leads.
async fn enter(
    api: &Api,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<impl Reply + use<>, ApiError> {
    let entrant = entrant(api, headers).await?;
    let (wish, id) = (parse::<Wish>(body)?, entrant.account.id);
    let party = api.parties.people(id)?;
    let people = party.unwrap_or_else(|| vec![entrant]);
    api.queue.enter(&wish.ladder, people, api.fleet.as_ref()).await?;
    api.parties.tell(id);
    Ok(ok(&api.queue.look(id)))
}

async fn look(
    api: &Api,
    headers: &HeaderMap,
    since: Result<Since, ApiError>,
) -> Result<impl Reply + use<>, ApiError> {
    let Since { since } = since?;
    let caller = api.identity(headers).await?.account;
    if let Some(versions) = api.queue.watch(caller) {
        api.news(versions, since).await?;
    }
    Ok(ok(&api.queue.look(caller)))
}

async fn leave(api: &Api, headers: &HeaderMap) -> Result<impl Reply + use<>, ApiError> {
    let caller = acting(api, headers).await?.id;
    api.queue.leave(caller)?;
    api.parties.tell(caller);
    Ok(ok(&api.queue.look(caller)))
}

async fn ladder(api: &Api, name: String) -> Result<Response, ApiError> {
    let found = api.queue.ladders().get(&name).ok_or_else(|| ApiError::not_found("ladder"))?;
    let look = async {
        let leaders = api.store.leaders(name.clone(), LEADERS).await?;
        let leaders: Vec<Value> = leaders.into_iter().map(rating).collect();
        Ok(json!({ "ladder": found, "leaders": leaders }))
    };
    hot(api, Asked::Leaders(name.clone()), look).await
}

fn rating(record: RatingRecord) -> Value {
    let shown = record.rating.shown();
    json!({
        "ladder": record.ladder,
        "name": record.name,
        "points": shown.points,
        "plus_minus": shown.plus_minus,
        "games": record.games,
        "wins": record.wins,
    })
}

async fn ratings(api: &Api, headers: &HeaderMap) -> Result<impl Reply + use<>, ApiError> {
    let caller = games::account(api, headers).await?;
    let ratings = api.store.ratings(caller.id).await?;
    let ratings: Vec<Value> = ratings.into_iter().map(rating).collect();
    Ok(ok(&json!({ "ratings": ratings })))
}

async fn results(
    api: &Api,
    headers: &HeaderMap,
    page: Result<Page, ApiError>,
) -> Result<impl Reply + use<>, ApiError> {
    let caller = games::account(api, headers).await?;
    let before = page?.before.unwrap_or(Cursor::NEWEST);
    let results = api.store.results(caller.id, before, RESULTS).await?;
    let more = results.last().filter(|_| results.len() == RESULTS as usize);
    let more = more.map(|last| last.cursor().to_string());
    let results: Vec<Value> = results.into_iter().map(result).collect();
    Ok(ok(&json!({ "games": results, "before": more })))
}

fn result(record: ResultRecord) -> Value {
    let summary: Value = serde_json::from_str(&record.summary).unwrap_or_default();
    let names: Vec<Value> =
        record.names.iter().map(|(seat, name)| json!({ "seat": seat, "name": name })).collect();
    let rated = record.rated.map(|(before, after)| {
        let (before, after) = (before.shown(), after.shown());
        json!({
            "points": after.points,
            "plus_minus": after.plus_minus,
            "change": after.points - before.points,
        })
    });
    json!({
        "id": record.game,
        "ended_ms": record.ended_ms,
        "game": summary,
        "seat": record.seat,
        "place": record.place,
        "outcome": outcome(&record),
        "ladder": record.ladder,
        "rating": rated,
        "names": names,
        "replay": record.replay,
    })
}

const fn outcome(record: &ResultRecord) -> &'static str {
    match (record.place, record.drawn) {
        (0, _) => "broken_off",
        (_, true) => "drawn",
        (1, false) => "won",
        _ => "lost",
    }
}
