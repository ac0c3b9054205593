//! Coming in, staying, leaving: guests, accounts, refresh tokens.

use bytes::Bytes;
use http::StatusCode;
use http::header::HeaderMap;
use serde::Deserialize;
use uuid::Uuid;
use warp::reply::{Reply, Response, json, with_status};
use warp::{Filter, Rejection};

use super::reply::{body, ok, parse, respond, with};
use super::{Api, cookie};
use crate::accounts::{Accounts, Grant};
use crate::auth::{AuthError, Identity, Password, now_s};
use crate::error::ApiError;
use crate::gateway::connections::Peer;

/// A new guest.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewGuest {
    /// What others see; one is made up where none is given.
    name: Option<String>,
    /// Whether the refresh token is to be a cookie instead of a part of the answer.
    #[serde(default)]
    cookie: bool,
}

/// A new account, or with a guest's token what that guest becomes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Registration {
    /// 3 to 32 letters, digits, dots, dashes or underscores; case does not matter.
    login: String,
    /// 8 to 128 characters.
    password: Password,
    /// What others see; a guest keeps its own, else the login name if none is given.
    name: Option<String>,
    /// Whether the refresh token is to be a cookie instead of a part of the answer.
    #[serde(default)]
    cookie: bool,
}

/// Somebody who has an account.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Login {
    /// As registered.
    login: String,
    /// As registered.
    password: Password,
    /// Whether the refresh token is to be a cookie instead of a part of the answer.
    #[serde(default)]
    cookie: bool,
}

/// A refresh token for the next one.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Refresh {
    /// The token; without one, the cookie.
    refresh_token: Option<String>,
    /// The caller's own name for this attempt, to ask again with if no answer comes.
    attempt: Option<Uuid>,
}

/// Another password.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PasswordChange {
    /// The one that holds.
    old: Password,
    /// The one that shall: 8 to 128 characters.
    new: Password,
    /// Whether the refresh token is to be a cookie instead of a part of the answer.
    #[serde(default)]
    cookie: bool,
}

/// A request as the handlers here see it.
struct Call {
    api: Api,
    peer: Peer,
    headers: HeaderMap,
    body: Bytes,
}

pub(super) fn routes(
    api: &Api,
) -> impl Filter<Extract = (Response,), Error = Rejection> + Clone + Send + Sync + use<> {
    let call = with(api)
        .and(warp::ext::get::<Peer>())
        .and(warp::header::headers_cloned())
        .and(body(api))
        .map(|api, peer, headers, body| Call { api, peer, headers, body });
    let enter = warp::path!("v1" / "auth" / String)
        .and(warp::post())
        .and(call)
        .then(|verb: String, call: Call| async move { respond(call.serve(&verb).await) });
    let keys = warp::path!(".well-known" / "jwks.json")
        .and(warp::get())
        .and(with(api))
        .map(|api: Api| ok(&api.auth.jwks()).into_response());
    enter.or(keys).unify()
}

impl Call {
    async fn serve(self, verb: &str) -> Result<Response, ApiError> {
        match verb {
            "guest" => self.guest().await,
            "register" => self.register().await,
            "login" => self.log_in().await,
            "refresh" => self.refresh().await,
            "password" => self.change_password().await,
            "logout" => self.log_out(false).await,
            "logout-all" => self.log_out(true).await,
            _ => Err(ApiError::not_found("action")),
        }
    }

    /// Who calls, if a token is sent that still holds.
    async fn caller(&self) -> Option<Identity> {
        self.api.identity(&self.headers).await.ok()
    }

    async fn guest(&self) -> Result<Response, ApiError> {
        let rate = self.api.rates.guest(self.peer.network).await;
        rate.map_err(|wait| ApiError::too_many("new guests from your address").retry_after(wait))?;
        let wish: NewGuest = parse(&self.body)?;
        let grant = self.api.accounts.guest(wish.name.as_deref()).await?;
        Ok(self.answer(StatusCode::CREATED, grant, wish.cookie))
    }

    async fn register(&self) -> Result<Response, ApiError> {
        let rate = self.api.rates.registration(self.peer.network).await;
        rate.map_err(|wait| ApiError::too_many("accounts from your address").retry_after(wait))?;
        let wish: Registration = parse(&self.body)?;
        // A token that is sent must hold: else a guest would lose its games unawares.
        let caller = match self.headers.contains_key(http::header::AUTHORIZATION) {
            true => Some(self.api.identity(&self.headers).await?),
            false => None,
        };
        let Registration { login, password, name, cookie } = wish;
        let accounts = &self.api.accounts;
        let grant = accounts.register(caller.as_ref(), &login, password, name.as_deref()).await?;
        Ok(self.answer(StatusCode::CREATED, grant, cookie))
    }

    async fn log_in(&self) -> Result<Response, ApiError> {
        let Login { login, password, cookie } = parse(&self.body)?;
        self.may_try(&login).await?;
        let caller = self.caller().await;
        let grant = self.api.accounts.log_in(caller.as_ref(), &login, password).await?;
        Ok(self.answer(StatusCode::OK, grant, cookie))
    }

    /// Counts a try of a password.
    async fn may_try(&self, login: &str) -> Result<(), ApiError> {
        let rate = self.api.rates.login(self.peer.network, &Accounts::rate_key(login)).await;
        rate.map_err(|wait| ApiError::too_many("passwords tried").retry_after(wait))
    }

    async fn refresh(&self) -> Result<Response, ApiError> {
        let rate = self.api.rates.refresh(self.peer.network).await;
        rate.map_err(|wait| ApiError::too_many("renewals from your address").retry_after(wait))?;
        let Refresh { refresh_token, attempt } = parse(&self.body)?;
        let (token, by_cookie) = match &refresh_token {
            Some(token) => (token.as_str(), false),
            None => (cookie::read(&self.headers).ok_or(AuthError::Missing)?, true),
        };
        let grant = self.api.accounts.refresh(token, attempt).await;
        match grant {
            Ok(grant) => Ok(self.answer(StatusCode::OK, grant, by_cookie)),
            Err(refused) => Ok(self.forget(refused.response(), by_cookie && is_final(&refused))),
        }
    }

    async fn change_password(&self) -> Result<Response, ApiError> {
        let caller = self.api.identity(&self.headers).await?;
        let PasswordChange { old, new, cookie } = parse(&self.body)?;
        self.may_try(&caller.account.to_string()).await?;
        let grant = self.api.accounts.change_password(&caller, old, new).await?;
        Ok(self.answer(StatusCode::OK, grant, cookie))
    }

    async fn log_out(&self, everywhere: bool) -> Result<Response, ApiError> {
        let caller = self.api.identity(&self.headers).await?;
        match everywhere {
            true => self.api.accounts.log_out_everywhere(&caller).await?,
            false => self.api.accounts.log_out(&caller).await?,
        }
        Ok(self.forget(StatusCode::NO_CONTENT.into_response(), true))
    }

    /// What was granted, its refresh token in the cookie where that is wanted.
    fn answer(&self, status: StatusCode, mut grant: Grant, by_cookie: bool) -> Response {
        let kept = if by_cookie { grant.refresh_token.take() } else { None };
        let seconds = grant.refresh_expires.saturating_sub(now_s());
        let mut response = with_status(json(&grant), status).into_response();
        response.headers_mut().insert(http::header::CACHE_CONTROL, NO_STORE);
        if let Some(token) = kept {
            cookie::set(&mut response, &self.headers, &token, seconds);
        }
        response
    }

    /// Has the browser forget its cookie.
    fn forget(&self, mut response: Response, cookie: bool) -> Response {
        if cookie {
            cookie::set(&mut response, &self.headers, "", 0);
        }
        response
    }
}

/// Answers with secrets are kept by nobody on the way.
const NO_STORE: http::HeaderValue = http::HeaderValue::from_static("no-store");

/// Whether trying again with the same token is of no use.
fn is_final(refused: &ApiError) -> bool {
    refused.status == StatusCode::UNAUTHORIZED
}
