//! Typed answers to requests that cannot be served.

use http::StatusCode;
use serde::Serialize;
use warp::reply::{Reply, Response};

use crate::auth::{AuthError, PasswordError};

/// A refused request: a stable code, what was wrong, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{message}; {hint}")]
pub struct ApiError {
    /// Status of the answer.
    #[serde(skip)]
    pub status: StatusCode,
    /// Stable code for programs.
    pub code: &'static str,
    /// What was wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
    /// After how many seconds it is worth trying again, if it is.
    #[serde(skip)]
    pub retry_after_s: Option<u64>,
    /// The methods that the address knows, if the one asked for is none of them.
    #[serde(skip)]
    pub allow: Option<&'static str>,
}

impl ApiError {
    /// An error with all of its parts.
    #[must_use]
    pub fn new(
        status: StatusCode,
        code: &'static str,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        let (message, hint) = (message.into(), hint.into());
        Self { status, code, message, hint, retry_after_s: None, allow: None }
    }

    /// 400: the request is malformed.
    #[must_use]
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", message, "see docs/protocol.md")
    }

    /// 404: there is no such thing.
    #[must_use]
    pub fn not_found(what: &str) -> Self {
        let message = format!("there is no such {what}");
        Self::new(StatusCode::NOT_FOUND, "not_found", message, "check the id; finished things go")
    }

    /// 404: there is no such address.
    #[must_use]
    pub fn no_address() -> Self {
        let message = "there is nothing at this address";
        Self::new(StatusCode::NOT_FOUND, "not_found", message, "see docs/protocol.md")
    }

    /// 405: the address knows these methods, with commas between.
    #[must_use]
    pub fn method_not_allowed(allow: &'static str) -> Self {
        let (status, message) =
            (StatusCode::METHOD_NOT_ALLOWED, "this address knows another method");
        let hint = format!("use one of: {allow}");
        Self { allow: Some(allow), ..Self::new(status, "method_not_allowed", message, hint) }
    }

    /// 403: a browser's page that is not ours.
    #[must_use]
    pub fn foreign_origin() -> Self {
        let hint = "the server's operator can allow it with --origin";
        let message = "this page's origin may not use the server";
        Self::new(StatusCode::FORBIDDEN, "origin_forbidden", message, hint)
    }

    /// 426: a socket's address was asked for a page.
    #[must_use]
    pub fn upgrade_required() -> Self {
        let message = "this address speaks WebSocket version 13 only";
        Self::new(StatusCode::UPGRADE_REQUIRED, "upgrade_required", message, "open a WebSocket")
    }

    /// 400: no known subprotocol was offered.
    #[must_use]
    pub fn subprotocol() -> Self {
        let hint = "offer sovereign.v1.msgpack or sovereign.v1.json";
        let message = "no known subprotocol was offered";
        Self::new(StatusCode::BAD_REQUEST, "subprotocol", message, hint)
    }

    /// 429: a rate was exceeded.
    #[must_use]
    pub fn too_many(what: &str) -> Self {
        let message = format!("too many {what}");
        Self::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", message, "wait, then try again")
            .retry_after(1)
    }

    /// 411: the body's length is not said, or said in another way.
    #[must_use]
    pub fn length_required() -> Self {
        let message = "the body's length is missing";
        Self::new(StatusCode::LENGTH_REQUIRED, "length_required", message, "send Content-Length")
    }

    /// 413: the body is larger than any that is taken.
    #[must_use]
    pub fn too_large() -> Self {
        let status = StatusCode::PAYLOAD_TOO_LARGE;
        Self::new(status, "too_large", "the body is too large", "send less")
    }

    /// 408: the body did not come in time, or the answer could not be made in time.
    #[must_use]
    pub fn timed_out() -> Self {
        let message = "the request took too long";
        Self::new(StatusCode::REQUEST_TIMEOUT, "timed_out", message, "send it again at once whole")
    }

    /// 421: another node has this; only nodes are told so, who then look again.
    #[must_use]
    pub fn misdirected() -> Self {
        let (status, message) = (StatusCode::MISDIRECTED_REQUEST, "another server has this");
        Self::new(status, "misdirected", message, "try again in a moment")
    }

    /// 503: the server stops or is full.
    #[must_use]
    pub fn unavailable(message: impl Into<String>) -> Self {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        Self::new(status, "unavailable", message, "try again in a moment").retry_after(1)
    }

    /// 500: not the caller's fault. The cause is logged, not told.
    #[must_use]
    pub fn internal(cause: &dyn std::fmt::Display) -> Self {
        tracing::error!(%cause, "a request failed");
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Self::new(status, "internal", "the server failed to do this", "try again later")
    }

    /// The same, with when to try again.
    #[must_use]
    pub const fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }

    /// The answer.
    #[must_use]
    pub fn response(&self) -> Response {
        let mut response =
            warp::reply::with_status(warp::reply::json(self), self.status).into_response();
        if let Some(seconds) = self.retry_after_s {
            response.headers_mut().insert(http::header::RETRY_AFTER, seconds.into());
        }
        if let Some(allow) = self.allow {
            let allow = http::HeaderValue::from_static(allow);
            response.headers_mut().insert(http::header::ALLOW, allow);
        }
        response
    }
}

impl From<AuthError> for ApiError {
    fn from(error: AuthError) -> Self {
        let (status, hint) = match error {
            AuthError::Banned => (StatusCode::FORBIDDEN, "ask the operator"),
            _ => (
                StatusCode::UNAUTHORIZED,
                "send it as Authorization: Bearer, or in a socket's first message",
            ),
        };
        Self::new(status, error.code(), error.to_string(), hint)
    }
}

impl From<PasswordError> for ApiError {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Busy => Self::unavailable(error.to_string()),
            PasswordError::Failed => Self::internal(&error),
        }
    }
}

impl From<crate::store::StoreError> for ApiError {
    fn from(error: crate::store::StoreError) -> Self {
        match error {
            crate::store::StoreError::Elsewhere => Self::unavailable(error.to_string()),
            error => Self::internal(&error),
        }
    }
}
