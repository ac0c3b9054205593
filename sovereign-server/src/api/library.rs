//! What can be looked up: maps, rules, replays.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, HeaderMap, HeaderValue};
use http::header::{ETAG, IF_NONE_MATCH};
use http::{Response as HttpResponse, StatusCode};
use serde_json::{Value, json};
use sovereign_core::Rules;
use sovereign_core::id::PlayerId;
use sovereign_core::wire::SeatName;
use uuid::Uuid;
use warp::reply::{Reply, Response};
use warp::{Filter, Rejection};

use super::Api;
use super::reply::{ok, respond, with};
use crate::error::ApiError;
use crate::room::Start;

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
        .then(|api| async move { respond(replays(&api).await) });
    let replay = warp::path!("v1" / "replays" / Uuid)
        .and(with(api))
        .then(|id, api| async move { respond(replay(&api, id).await) });
    let all = maps.or(map).unify().or(presets).unify().or(rules).unify();
    warp::get().and(all.or(replays).unify().or(replay).unify())
}

/// A map's file. It is named by its hash, so a client that has it is told so.
fn map(api: &Api, name: &str, headers: &HeaderMap) -> Result<Response, ApiError> {
    let entry = api.lobby.maps().get(name).ok_or_else(|| ApiError::not_found("map"))?;
    let tag = format!("\"{}\"", entry.map.hash());
    let known = headers.get(IF_NONE_MATCH).is_some_and(|v| v.as_bytes() == tag.as_bytes());
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        file(entry.file.clone(), "application/json")
    };
    let out = response.headers_mut();
    out.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        out.insert(ETAG, tag);
    }
    Ok(response)
}

fn file(bytes: Bytes, kind: &'static str) -> Response {
    let mut response = HttpResponse::new(bytes.to_vec()).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
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

async fn replays(api: &Api) -> Result<impl Reply + use<>, ApiError> {
    let mut list = Vec::new();
    for replay in api.store.replays(LISTED).await? {
        let summary: Value = serde_json::from_str(&replay.summary).unwrap_or_default();
        let names = names(api, replay.id).await?;
        list.push(json!({
            "id": replay.id,
            "ended_ms": replay.created_ms,
            "game": summary,
            "names": names,
        }));
    }
    Ok(ok(&json!({ "replays": list })))
}

async fn replay(api: &Api, id: Uuid) -> Result<Response, ApiError> {
    let bytes = api.store.replay(id).await?.ok_or_else(|| ApiError::not_found("replay"))?;
    let mut response = file(bytes.into(), "application/octet-stream");
    if let Ok(name) = HeaderValue::from_str(&format!("attachment; filename=\"{id}.sovr\"")) {
        response.headers_mut().insert(CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

/// Who sat where in a game; seats whose people were erased have plain names.
pub(super) async fn names(api: &Api, game: Uuid) -> Result<Vec<SeatName>, ApiError> {
    let people = api.store.seats(game).await?;
    let record = api.store.game(game).await?;
    let start = record.and_then(|record| Start::from_bytes(&record.start?).ok());
    let named = |player: PlayerId, bot: Option<String>| {
        let person = people.iter().find(|seat| seat.seat == player.0).map(|seat| seat.name.clone());
        let is_bot = bot.is_some();
        let name = person.or(bot).unwrap_or_else(|| format!("Player {}", player.0 + 1));
        SeatName { player, name, bot: is_bot }
    };
    let seats = start.map(|start| start.seats).unwrap_or_default();
    Ok(seats.into_iter().map(|seat| named(seat.seat, seat.bot)).collect())
}
