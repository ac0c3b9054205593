//! What can be looked up: maps, rules, replays.

use bytes::Bytes;
use http::StatusCode;
use http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, ETAG, HeaderMap,
    HeaderValue, IF_NONE_MATCH, VARY,
};
use serde_json::{Value, json};
use sovereign_core::Rules;
use sovereign_core::id::PlayerId;
use sovereign_core::wire::SeatName;
use uuid::Uuid;
use warp::reply::{Reply, Response};
use warp::{Filter, Rejection};

use super::Api;
use super::reply::{file, hot, ok, respond, with};
use crate::error::ApiError;
use crate::room::Start;
use crate::store::{Asked, GameRecord, ReplaySummary, SeatRecord};

/// Replays in a list.
const LISTED: u32 = 50;

pub(super) fn routes(
    api: &Api,
) -> impl Filter<Extract = (Response,), Error = Rejection> + Clone + Send + Sync + use<> {
    let maps = warp::path!("v1" / "maps")
        .and(with(api))
        .map(|api: Api| ok(&api.lobby.maps().list()).into_response());
    let map = warp::path!("v1" / "maps" / String)
        .and(with(api))
        .and(warp::header::headers_cloned())
        .map(|name: String, api: Api, headers| respond(map(&api, &name, &headers)));
    let presets = warp::path!("v1" / "rules").map(|| ok(&presets()).into_response());
    let rules = warp::path!("v1" / "rules" / String).map(|name: String| respond(rules(&name)));
    let replays = warp::path!("v1" / "replays")
        .and(with(api))
        .then(|api| async move { respond(public_replays(&api).await) });
    let mine = warp::path!("v1" / "me" / "replays")
        .and(with(api))
        .and(warp::header::headers_cloned())
        .then(|api, headers| async move { respond(my_replays(&api, &headers).await) });
    let replay = warp::path!("v1" / "replays" / Uuid)
        .and(with(api))
        .then(|id, api| async move { respond(replay(&api, id).await) });
    let result = warp::path!("v1" / "replays" / Uuid / "result")
        .and(with(api))
        .then(|id, api| async move { respond(result(&api, id).await) });
    let keys = warp::path!("v1" / "results" / "jwks.json")
        .and(with(api))
        .then(|api| async move { respond(result_keys(&api).await) });
    let all = maps.or(map).unify().or(presets).unify().or(rules).unify();
    warp::get().and(
        all.or(replays)
            .unify()
            .or(mine)
            .unify()
            .or(result)
            .unify()
            .or(keys)
            .unify()
            .or(replay)
            .unify(),
    )
}

/// A map's file, packed for those who take it so. It is named by its hash, so a client that has it is told so.
fn map(api: &Api, name: &str, headers: &HeaderMap) -> Result<Response, ApiError> {
    let entry = api.lobby.maps().get(name).ok_or_else(|| ApiError::not_found("map"))?;
    let packed = takes_gzip(headers);
    let tag = format!("\"{}{}\"", entry.map.hash(), if packed { ".gz" } else { "" });
    let known = headers.get(IF_NONE_MATCH).is_some_and(|v| v.as_bytes() == tag.as_bytes());
    let mut response = match (known, packed) {
        (true, _) => StatusCode::NOT_MODIFIED.into_response(),
        (false, true) => gzipped(entry.packed(), "application/json"),
        (false, false) => file(entry.file.clone(), "application/json"),
    };
    let out = response.headers_mut();
    out.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    out.insert(VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        out.insert(ETAG, tag);
    }
    Ok(response)
}

/// Whether `gzip` is among the codings that the caller names, and not with a weight of nothing.
fn takes_gzip(headers: &HeaderMap) -> bool {
    let named =
        |value: &HeaderValue| value.to_str().is_ok_and(|text| text.split(',').any(gzip_weighed));
    headers.get_all(ACCEPT_ENCODING).iter().any(named)
}

fn gzip_weighed(coding: &str) -> bool {
    let (name, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
    let weight = weight.trim().strip_prefix("q=").and_then(|number| number.parse::<f32>().ok());
    name.trim().eq_ignore_ascii_case("gzip") && weight.is_some_and(|weight| weight > 0.0)
}

fn gzipped(bytes: Bytes, kind: &'static str) -> Response {
    let mut response = file(bytes, kind);
    response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    response
}

fn presets() -> Value {
    let shown = |name: &&str| json!({ "name": name });
    json!({ "rules": Rules::PRESETS.iter().map(shown).collect::<Vec<_>>() })
}

/// A preset as numbers, and as the file that can be edited and sent with a new game.
fn rules(name: &str) -> Result<impl Reply + use<>, ApiError> {
    let rules = Rules::preset(name).ok_or_else(|| ApiError::not_found("preset of rules"))?;
    let (numbers, toml) = (&*rules, rules.to_toml());
    let hash = rules.hash().to_string();
    Ok(ok(&json!({ "name": name, "hash": hash, "numbers": numbers, "toml": toml })))
}

/// Replays of public games. Those of private ones are for whoever has the address.
async fn public_replays(api: &Api) -> Result<Response, ApiError> {
    let look = async { shown(api, api.store.public_replays(LISTED).await?).await };
    hot(api, Asked::Replays, look).await
}

/// Replays of games that the caller played in.
async fn my_replays(api: &Api, headers: &HeaderMap) -> Result<impl Reply + use<>, ApiError> {
    let me = api.identity(headers).await?.account;
    Ok(ok(&shown(api, api.store.replays_of(me, LISTED).await?).await?))
}

async fn shown(api: &Api, replays: Vec<ReplaySummary>) -> Result<Value, ApiError> {
    let ids = replays.iter().map(|replay| replay.id).collect();
    let games = api.store.seated_games(ids).await?;
    let named =
        |id| games.iter().find(|(game, _)| game.id == id).map(|(g, people)| names_of(g, people));
    let shown = |replay: ReplaySummary| {
        let summary: Value = serde_json::from_str(&replay.summary).unwrap_or_default();
        json!({
            "id": replay.id,
            "ended_ms": replay.created_ms,
            "game": summary,
            "names": named(replay.id).unwrap_or_default(),
        })
    };
    Ok(json!({ "replays": replays.into_iter().map(shown).collect::<Vec<_>>() }))
}

async fn replay(api: &Api, id: Uuid) -> Result<Response, ApiError> {
    let bytes = api.store.replay(id).await?.ok_or_else(|| ApiError::not_found("replay"))?;
    let mut response = file(bytes.into(), "application/octet-stream");
    if let Ok(name) = HeaderValue::from_str(&format!("attachment; filename=\"{id}.sovr\"")) {
        response.headers_mut().insert(CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

/// The server's signed word for how a game ended.
async fn result(api: &Api, id: Uuid) -> Result<Response, ApiError> {
    let look = async {
        let jws = api.store.result(id).await?;
        Ok(json!({ "result": jws.ok_or_else(|| ApiError::not_found("signed result"))? }))
    };
    hot(api, Asked::Result(id), look).await
}

/// The public keys of all results that are kept or were.
async fn result_keys(api: &Api) -> Result<Response, ApiError> {
    let look = async { Ok(json!({ "keys": api.store.result_keys().await? })) };
    hot(api, Asked::ResultKeys, look).await
}

/// Who sat where in a game; seats whose people were erased have plain names.
pub(super) async fn names(api: &Api, game: Uuid) -> Result<Vec<SeatName>, ApiError> {
    let found = api.store.seated_games(vec![game]).await?;
    Ok(found.first().map(|(game, people)| names_of(game, people)).unwrap_or_default())
}

fn names_of(game: &GameRecord, people: &[SeatRecord]) -> Vec<SeatName> {
    let start = game.start.as_ref().and_then(|start| Start::from_bytes(start).ok());
    let named = |player: PlayerId, bot: Option<String>| {
        let person = people.iter().find(|seat| seat.seat == player.0).map(|seat| seat.name.clone());
        let is_bot = bot.is_some();
        let name = person.or(bot).unwrap_or_else(|| format!("Player {}", player.0 + 1));
        SeatName { player, name, bot: is_bot }
    };
    let seats = start.map(|start| start.seats).unwrap_or_default();
    seats.into_iter().map(|seat| named(seat.seat, seat.bot)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_sent_to_those_who_take_it() {
        let takes = |text: &'static str| {
            let value = HeaderValue::from_static(text);
            takes_gzip(&HeaderMap::from_iter([(ACCEPT_ENCODING, value)]))
        };
        for yes in ["gzip", "br, gzip;q=0.5", "GZIP ; q=1"] {
            assert!(takes(yes), "{yes}");
        }
        for no in ["", "br", "gzip;q=0", "gzip;q=much", "xgzip"] {
            assert!(!takes(no), "{no}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }
}
