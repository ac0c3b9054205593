//! Parties: found, invite, join, leave, put out, hand on.

use bytes::Bytes;
use http::header::HeaderMap;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;
use warp::Filter;
use warp::filters::BoxedFilter;
use warp::reply::{Reply, Response};

use super::Api;
use super::games::acting;
use super::patience::Since;
use super::ranked::entrant;
use super::reply::{body, created, ok, parse, query, respond, with};
use crate::error::ApiError;
use crate::party::MemberInfo;

/// Whom an act is about.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct About {
    /// An invitation.
    token: String,
    /// A member's number.
    member: u32,
}

pub(super) fn routes(api: &Api) -> BoxedFilter<(Response,)> {
    let caller = || with(api).and(warp::header::headers_cloned());
    let found = warp::path!("v1" / "party")
        .and(warp::post())
        .and(caller())
        .and(body(api))
        .then(|api, headers, _| async move { respond(found(&api, &headers).await) });
    let look = warp::path!("v1" / "party")
        .and(warp::get())
        .and(caller())
        .and(query())
        .then(|api, headers, since| async move { respond(look(&api, &headers, since).await) });
    let revoke = warp::path!("v1" / "party" / "invitation")
        .and(warp::delete())
        .and(caller())
        .then(|api, headers| async move { respond(revoke(&api, &headers).await) });
    let act =
        warp::path!("v1" / "party" / String).and(warp::post()).and(caller()).and(body(api)).then(
            |verb: String, api, headers, body| async move {
                respond(act(&api, &headers, &verb, &body).await)
            },
        );
    found.or(look).unify().or(revoke).unify().or(act).unify().boxed()
}

/// Somebody's party, and how its search stands.
async fn shown(api: &Api, account: Uuid) -> Value {
    let mut party = api.parties.look(account);
    if let Some(party) = &mut party {
        show_online(api, &mut party.members).await;
    }
    let rev = party.as_ref().map_or(0, |party| party.rev);
    json!({ "rev": rev, "party": party, "queue": api.queue.look(account).state })
}

/// Tells who of them has a socket open.
async fn show_online(api: &Api, members: &mut [MemberInfo]) {
    let accounts: Vec<Uuid> = members.iter().map(|member| member.account).collect();
    let online = api.online.of(&accounts).await;
    members.iter_mut().zip(online).for_each(|(member, online)| member.online = online);
}

async fn found(api: &Api, headers: &HeaderMap) -> Result<impl Reply + use<>, ApiError> {
    let entrant = entrant(api, headers).await?;
    let id = entrant.account.id;
    api.parties.found(entrant)?;
    Ok(created(&shown(api, id).await))
}

async fn look(
    api: &Api,
    headers: &HeaderMap,
    since: Result<Since, ApiError>,
) -> Result<impl Reply + use<>, ApiError> {
    let Since { since } = since?;
    let caller = api.identity(headers).await?.account;
    if let Some(versions) = api.parties.watch(caller) {
        api.news(versions, since).await?;
    }
    Ok(ok(&shown(api, caller).await))
}

async fn revoke(api: &Api, headers: &HeaderMap) -> Result<impl Reply + use<>, ApiError> {
    let caller = acting(api, headers).await?.id;
    api.parties.revoke(caller)?;
    Ok(ok(&shown(api, caller).await))
}

async fn act(
    api: &Api,
    headers: &HeaderMap,
    verb: &str,
    body: &Bytes,
) -> Result<Response, ApiError> {
    let entrant = entrant(api, headers).await?;
    let (about, id) = (parse::<About>(body)?, entrant.account.id);
    match verb {
        "invitation" => return Ok(created(&api.parties.invite(id)?).into_response()),
        "join" => {
            // Whoever searched without them begins anew; a game that was found is not undone.
            if let Some(leader) = api.parties.join(entrant, &about.token)? {
                let _ = api.queue.leave(leader);
            }
        }
        "leave" => {
            api.queue.leave(id)?;
            api.parties.leave(id);
        }
        "kick" => {
            api.parties.kick(id, about.member)?;
            let _ = api.queue.leave(id);
        }
        "leader" => api.parties.hand_over(id, about.member)?,
        _ => return Err(ApiError::not_found("action")),
    }
    Ok(ok(&shown(api, id).await).into_response())
}
