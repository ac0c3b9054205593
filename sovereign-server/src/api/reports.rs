//! Complaints of players about players.

use bytes::Bytes;
use http::StatusCode;
use http::header::HeaderMap;
use serde::Deserialize;
use serde_json::{Value, json};
use sovereign_core::id::PlayerId;
use uuid::Uuid;
use warp::reply::{Reply, Response};
use warp::{Filter, Rejection};

use super::Api;
use super::reply::{body, created, parse, respond, with};
use crate::error::ApiError;
use crate::log::GameId;
use crate::room::{Evidence, RoomState, ToRoom};
use crate::store::{Report, SeatRecord, now_ms};

/// Characters of the longest comment.
const COMMENT_CHARS: usize = 500;

/// What somebody is said to have done.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Reason {
    /// Insults, threats, hate.
    Abuse,
    /// The same again and again.
    Spam,
    /// Another program, or playing for another player.
    Cheating,
    /// What somebody calls himself.
    Name,
    /// Anything else.
    Other,
}

impl Reason {
    const fn text(self) -> &'static str {
        match self {
            Self::Abuse => "abuse",
            Self::Spam => "spam",
            Self::Cheating => "cheating",
            Self::Name => "name",
            Self::Other => "other",
        }
    }
}

/// A complaint, as sent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Complaint {
    /// Of whom.
    seat: u16,
    /// Of what.
    reason: Reason,
    /// In one's own words.
    #[serde(default)]
    comment: String,
}

pub(super) fn routes(
    api: &Api,
) -> impl Filter<Extract = (Response,), Error = Rejection> + Clone + Send + Sync + use<> {
    warp::path!("v1" / "games" / String / "reports")
        .and(warp::post())
        .and(with(api))
        .and(warp::header::headers_cloned())
        .and(body(api))
        .then(|game, api, headers, body| async move {
            respond(complain(&api, &headers, game, &body).await)
        })
}

async fn complain(
    api: &Api,
    headers: &HeaderMap,
    game: String,
    body: &Bytes,
) -> Result<impl Reply + use<>, ApiError> {
    let me = api.identity(headers).await?.account;
    let rate = api.rates.report(me).await;
    rate.map_err(|wait| ApiError::too_many("complaints of yours").retry_after(wait))?;
    let Complaint { seat, reason, comment } = parse(body)?;
    if comment.chars().count() > COMMENT_CHARS {
        return Err(ApiError::bad_request("a comment has at most 500 characters"));
    }
    let game = id_of(api, &game)?;
    let (mine, theirs) = sides(&api.store.seats(game).await?, me, seat)?;
    let (tick, lines) = evidence(api, game, mine).await;
    let report = Report {
        number: 0,
        at_ms: now_ms(),
        game,
        tick,
        seat,
        account: Some(theirs),
        reporter: Some(me),
        reason: reason.text().to_owned(),
        comment,
        lines,
        closed: false,
    };
    let number = api.store.put_report(report, api.config().limits.reports).await?;
    Ok(created(&json!({ "report": number })))
}

fn id_of(api: &Api, game: &str) -> Result<GameId, ApiError> {
    match api.lobby.find(game) {
        Ok(table) => Ok(table.id()),
        Err(gone) => game.parse().map_err(|_| gone),
    }
}

/// One's own seat, and whose the other is.
fn sides(seats: &[SeatRecord], me: Uuid, seat: u16) -> Result<(u16, Uuid), ApiError> {
    let mine = seats.iter().find(|one| one.account == Some(me));
    let mine = mine.ok_or_else(|| {
        let message = "only those who play in a game can complain of others in it";
        ApiError::new(StatusCode::FORBIDDEN, "not_seated", message, "tell the operator instead")
    })?;
    let theirs = seats.iter().find(|one| one.seat == seat && one.seat != mine.seat);
    let theirs = theirs.and_then(|one| one.account);
    theirs.map(|theirs| (mine.seat, theirs)).ok_or_else(|| ApiError::not_found("other person"))
}

/// The game's tick and what this seat has heard lately; nothing where the game is over.
async fn evidence(api: &Api, game: GameId, seat: u16) -> (Option<u32>, Value) {
    let Ok(table) = api.lobby.find(&game.to_string()) else { return (None, json!([])) };
    let Some(RoomState::Open(room)) = table.room().await else { return (None, json!([])) };
    let (reply, told) = tokio::sync::oneshot::channel();
    let seat = PlayerId(seat);
    // A room that ends meanwhile drops the question, which answers it.
    let _ = room.tell(ToRoom::Evidence { seat, reply }).await;
    match told.await {
        Ok(Evidence { tick, lines }) => (Some(tick), json!(lines)),
        Err(_) => (None, json!([])),
    }
}
