//! The addresses of the admin listener.

use std::convert::Infallible;

use bytes::Bytes;
use http::header::HeaderMap;
use serde::Deserialize;
use serde_json::{Value, json};
use warp::reply::Response;
use warp::{Filter, Rejection};

use super::acts::Wish;
use super::{Admin, access, page, people};
use crate::api::{ok, parse, respond};
use crate::error::ApiError;
use crate::gateway::origin::Verdict;
use crate::web::harden;

/// Bytes of a request's body.
pub(super) const BODY: u64 = 16_384;
/// Rows of one answer.
pub(super) const ROWS: u32 = 200;

/// Where in the audit log to read.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Before {
    #[serde(default = "end")]
    before: i64,
}

const fn end() -> i64 {
    i64::MAX
}

/// All routes, for those who have the token; for all others there is a page alone.
pub fn routes(
    admin: &Admin,
) -> impl Filter<Extract = (Response,), Error = Infallible> + Clone + Send + Sync + use<> {
    let reads = warp::get().and(
        games(admin)
            .or(game(admin))
            .unify()
            .or(people::reads(admin))
            .unify()
            .or(audit(admin))
            .unify(),
    );
    let acts = warp::post().and(acts(admin).or(people::acts(admin)).unify());
    let page = warp::method().and(warp::path::tail()).and_then(
        |method: http::Method, tail: warp::path::Tail| async move {
            // What lies under `admin` is there for the admin alone, whatever the method.
            let shown = method == http::Method::GET && !tail.as_str().starts_with("admin/");
            if shown { Ok(page::file(tail.as_str())) } else { Err(warp::reject::not_found()) }
        },
    );
    let known = allowed(admin).and(reads.or(acts).unify()).or(page).unify();
    known.recover(crate::api::recover).unify().map(|mut response: Response| {
        harden(response.headers_mut());
        response
    })
}

/// Lets the admin on; for anybody else the address does not exist.
fn allowed(admin: &Admin) -> impl Filter<Extract = (), Error = Rejection> + Clone + use<> {
    let admin = admin.clone();
    let may = move |headers: HeaderMap| {
        let admin = admin.clone();
        async move {
            let own_page = admin.origins.judge(&headers) != Verdict::Foreign;
            if own_page && access::is_admin(&headers, &admin.token()) {
                return Ok(());
            }
            admin.denied().await;
            Err(warp::reject::not_found())
        }
    };
    warp::path("admin")
        .and(warp::path("v1"))
        .and(warp::header::headers_cloned())
        .and_then(may)
        .untuple_one()
}

pub(super) fn with(
    admin: &Admin,
) -> impl Filter<Extract = (Admin,), Error = Infallible> + Clone + use<> {
    let admin = admin.clone();
    warp::any().map(move || admin.clone())
}

type Found = Result<Value, ApiError>;

pub(super) fn told(found: Found) -> Response {
    respond(found.map(|value| ok(&value)))
}

fn games(admin: &Admin) -> impl Filter<Extract = (Response,), Error = Rejection> + Clone + use<> {
    warp::path!("games").and(with(admin)).then(|admin: Admin| async move {
        told(Ok(json!({ "games": admin.api.lobby.all_infos().await })))
    })
}

fn game(admin: &Admin) -> impl Filter<Extract = (Response,), Error = Rejection> + Clone + use<> {
    warp::path!("games" / String)
        .and(with(admin))
        .then(|name: String, admin: Admin| async move { told(look(&admin, &name).await) })
}

async fn look(admin: &Admin, name: &str) -> Found {
    let table = admin.api.lobby.find(name)?;
    let seats = admin.api.store.seats(table.id()).await?;
    let people = seats.iter().map(|seat| json!({ "seat": seat.seat, "account": seat.account }));
    let people: Vec<Value> = people.collect();
    Ok(json!({
        "game": table.info(None).await,
        "settings": *table.settings(),
        "accounts": people,
    }))
}

fn audit(admin: &Admin) -> impl Filter<Extract = (Response,), Error = Rejection> + Clone + use<> {
    let rows = warp::path!("audit").and(warp::query::<Before>()).and(with(admin)).then(
        |at: Before, admin: Admin| async move {
            let rows = admin.api.store.audit_rows(at.before, ROWS).await;
            told(rows.map(|rows| json!({ "audit": rows })).map_err(Into::into))
        },
    );
    let check = warp::path!("audit" / "check").and(with(admin)).then(|admin: Admin| async move {
        let report = admin.api.store.audit_check().await;
        told(report.map(|report| json!(report)).map_err(Into::into))
    });
    rows.or(check).unify()
}

fn acts(admin: &Admin) -> impl Filter<Extract = (Response,), Error = Rejection> + Clone + use<> {
    let body = || warp::body::content_length_limit(BODY).and(warp::body::bytes());
    let game = warp::path!("games" / String / String).and(with(admin)).and(body()).then(
        |name: String, act: String, admin: Admin, body: Bytes| async move {
            told(match parse::<Wish>(&body) {
                Ok(wish) => admin.game(&name, &act, wish).await,
                Err(error) => Err(error),
            })
        },
    );
    let announce = warp::path!("announce").and(with(admin)).and(body()).then(
        |admin: Admin, body: Bytes| async move {
            told(match parse::<Wish>(&body) {
                Ok(wish) => admin.announce(wish).await,
                Err(error) => Err(error),
            })
        },
    );
    game.or(announce).unify()
}
