//! The doors of rooms that play the published workload. Only with the feature `workload`.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};
use warp::reply::{Reply, Response};
use warp::{Filter, Rejection};

use super::Api;
use super::reply::{body, created, ok, parse, respond, with};
use crate::error::ApiError;
use crate::room::workload::Size;

#[derive(Deserialize)]
struct Wish {
    /// `A`, `B` or `C`.
    size: String,
}

pub(super) fn routes(
    api: &Api,
) -> impl Filter<Extract = (Response,), Error = Rejection> + Clone + Send + Sync + use<> {
    let open = warp::path!("v1" / "workload")
        .and(warp::post())
        .and(with(api))
        .and(body(api))
        .then(|api, body| async move { respond(open(&api, &body).await) });
    let stop =
        warp::path!("v1" / "workload" / "stop").and(warp::post()).and(with(api)).map(|api: Api| {
            api.workloads.stop();
            ok(&json!({})).into_response()
        });
    let look = warp::path!("v1" / "workload" / String)
        .and(warp::get())
        .and(with(api))
        .map(|room: String, api: Api| respond(look(&api, &room).map(|standing| ok(&standing))));
    open.or(stop).unify().or(look).unify()
}

async fn open(api: &Api, body: &Bytes) -> Result<impl Reply + use<>, ApiError> {
    let wish: Wish = parse(body)?;
    let size = Size::named(&wish.size).ok_or_else(|| ApiError::not_found("workload"))?;
    let rooms = api.workloads.open(size).await.map_err(|error| ApiError::internal(&error))?;
    Ok(created(&json!({ "size": size, "rooms": rooms })))
}

fn look(api: &Api, room: &str) -> Result<Value, ApiError> {
    let standing = api.workloads.standing(room).ok_or_else(|| ApiError::not_found("workload"))?;
    serde_json::to_value(standing).map_err(|error| ApiError::internal(&error))
}
