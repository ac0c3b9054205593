//! What an admin sees of people and does to them: bans, and complaints.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;
use warp::reply::Response;
use warp::{Filter, Rejection};

use super::Admin;
use super::acts::Wish;
use super::routes::{BODY, ROWS, told, with};
use crate::api::parse;
use crate::error::ApiError;

/// Which players to look for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Find {
    #[serde(default)]
    name: String,
}

/// Which complaints to show.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Which {
    #[serde(default = "end")]
    before: i64,
    #[serde(default)]
    closed: bool,
}

const fn end() -> i64 {
    i64::MAX
}

pub(super) fn reads(
    admin: &Admin,
) -> impl Filter<Extract = (Response,), Error = Rejection> + Clone + use<> {
    let players = warp::path!("players")
        .and(warp::query::<Find>())
        .and(with(admin))
        .then(|find: Find, admin: Admin| async move { told(admin.players(find.name).await) });
    let bans = warp::path!("bans")
        .and(with(admin))
        .then(|admin: Admin| async move { told(admin.bans().await) });
    let reports = warp::path!("reports").and(warp::query::<Which>()).and(with(admin)).then(
        |which: Which, admin: Admin| async move {
            told(admin.reports(which.before, which.closed).await)
        },
    );
    players.or(bans).unify().or(reports).unify()
}

pub(super) fn acts(
    admin: &Admin,
) -> impl Filter<Extract = (Response,), Error = Rejection> + Clone + use<> {
    let body = || warp::body::content_length_limit(BODY).and(warp::body::bytes());
    let player = warp::path!("players" / Uuid / String).and(with(admin)).and(body()).then(
        |account: Uuid, act: String, admin: Admin, body: Bytes| async move {
            told(match parse::<Wish>(&body) {
                Ok(wish) => admin.player(account, &act, wish).await,
                Err(error) => Err(error),
            })
        },
    );
    let close = warp::path!("reports" / i64 / "close").and(with(admin)).and(body()).then(
        |number: i64, admin: Admin, body: Bytes| async move {
            told(match parse::<Wish>(&body) {
                Ok(wish) => admin.close_report(number, wish).await,
                Err(error) => Err(error),
            })
        },
    );
    player.or(close).unify()
}

impl Admin {
    async fn players(&self, name: String) -> Result<Value, ApiError> {
        let revocations = self.api.auth.revocations();
        let found = self.api.store.find_accounts(name, ROWS).await?;
        let shown = found.into_iter().map(|account| {
            json!({
                "account": account.id,
                "name": account.name,
                "login": account.login,
                "banned": revocations.banned_until(account.id).is_some(),
            })
        });
        Ok(json!({ "players": shown.collect::<Vec<_>>() }))
    }

    async fn bans(&self) -> Result<Value, ApiError> {
        let mut shown = Vec::new();
        for ban in self.api.accounts.bans().await? {
            let name = self.name_of(Some(ban.account)).await?;
            let mut row = json!(ban);
            row["name"] = json!(name);
            shown.push(row);
        }
        Ok(json!({ "bans": shown }))
    }

    async fn reports(&self, before: i64, closed: bool) -> Result<Value, ApiError> {
        let mut shown = Vec::new();
        for report in self.api.store.reports(before, closed, ROWS).await? {
            let mut row = json!(report);
            row["name"] = json!(self.name_of(report.account).await?);
            row["reporter_name"] = json!(self.name_of(report.reporter).await?);
            shown.push(row);
        }
        Ok(json!({ "reports": shown }))
    }

    async fn name_of(&self, account: Option<Uuid>) -> Result<Option<String>, ApiError> {
        let Some(account) = account else { return Ok(None) };
        Ok(self.api.store.account(account).await?.map(|found| found.name))
    }

    /// Does something to a person.
    async fn player(&self, account: Uuid, act: &str, wish: Wish) -> Result<Value, ApiError> {
        let wish = wish.checked()?;
        let accounts = &self.api.accounts;
        let done = match act {
            "ban" => accounts.ban(account, wish.until_s, &wish.reason).await,
            "unban" => accounts.unban(account).await,
            "log-out" => accounts.end_all(account).await,
            _ => return Err(ApiError::not_found("act")),
        };
        self.noted(act, &account.to_string(), &wish.reason, done).await
    }

    async fn close_report(&self, number: i64, wish: Wish) -> Result<Value, ApiError> {
        let wish = wish.checked()?;
        let closed = self.api.store.close_report(number).await?;
        let done = closed.then_some(()).ok_or_else(|| ApiError::not_found("open complaint"));
        self.noted("close-report", &format!("report {number}"), &wish.reason, done).await
    }
}
