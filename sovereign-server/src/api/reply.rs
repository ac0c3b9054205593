//! From results and rejections to answers.

use std::convert::Infallible;

use bytes::Bytes;
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderValue};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use warp::reject::{InvalidHeader, LengthRequired, MethodNotAllowed, PayloadTooLarge, Rejection};
use warp::reply::{Reply, Response, json, with_status};
use warp::{Filter, reply};

use super::Api;
use crate::error::ApiError;
use crate::store::Asked;

/// The answer of a handler.
pub(crate) fn respond<T: Reply>(result: Result<T, ApiError>) -> Response {
    match result {
        Ok(reply) => reply.into_response(),
        Err(error) => error.response(),
    }
}

/// 200 with JSON.
pub(crate) fn ok(value: &impl Serialize) -> reply::WithStatus<reply::Json> {
    with_status(json(value), StatusCode::OK)
}

/// 200 with bytes of this kind.
pub(super) fn file(bytes: Bytes, kind: &'static str) -> Response {
    let mut response = Response::new(bytes.into());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// 200 with an answer that many ask for.
pub(super) async fn hot(
    api: &Api,
    asked: Asked,
    look: impl Future<Output = Result<Value, ApiError>>,
) -> Result<Response, ApiError> {
    Ok(file(api.hot.answer(asked, look).await?, "application/json"))
}

/// 201 with JSON.
pub(super) fn created(value: &impl Serialize) -> reply::WithStatus<reply::Json> {
    with_status(json(value), StatusCode::CREATED)
}

/// A request's body, at most `limits.request_body_bytes`.
pub(super) fn body(
    api: &Api,
) -> impl Filter<Extract = (Bytes,), Error = Rejection> + Clone + use<> {
    let most = api.config().limits.request_body_bytes;
    warp::body::content_length_limit(most).and(warp::body::bytes())
}

/// What stands after the question mark, or that it is not understood: no other route is
/// asked then.
pub(super) fn query<T: DeserializeOwned + Send + 'static>()
-> impl Filter<Extract = (Result<T, ApiError>,), Error = Infallible> + Clone + use<T> {
    warp::query::<T>().map(Ok).or_else(|_: Rejection| async {
        let message = "what stands after the question mark is not understood";
        Ok((Err(ApiError::bad_request(message)),))
    })
}

/// A body as JSON; an empty one is `{}`.
pub(crate) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    let body = if body.is_empty() { b"{}" } else { body };
    // The fields of a list would be taken in their order, which nobody promises.
    if body.trim_ascii_start().first() == Some(&b'[') {
        return Err(ApiError::bad_request("the body is a list; send an object"));
    }
    serde_json::from_slice(body)
        .map_err(|error| ApiError::bad_request(format!("the body is not as expected: {error}")))
}

/// Hands a clone of the context to a handler.
pub(super) fn with(api: &Api) -> impl Filter<Extract = (Api,), Error = Infallible> + Clone + use<> {
    let api = api.clone();
    warp::any().map(move || api.clone())
}

/// A rejection as a typed answer.
pub(crate) async fn recover(rejection: Rejection) -> Result<Response, Infallible> {
    let (status, code, message, hint) = if rejection.is_not_found() {
        (
            StatusCode::NOT_FOUND,
            "not_found",
            "there is nothing at this address",
            "see docs/protocol.md",
        )
    } else if rejection.find::<PayloadTooLarge>().is_some() {
        crate::telemetry::metrics::limit_hit("request_body_bytes");
        (StatusCode::PAYLOAD_TOO_LARGE, "too_large", "the body is too large", "send less")
    } else if rejection.find::<LengthRequired>().is_some() {
        let hint = "send Content-Length";
        (StatusCode::LENGTH_REQUIRED, "length_required", "the body's length is missing", hint)
    } else if rejection.find::<MethodNotAllowed>().is_some() {
        let message = "this address knows another method";
        (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message, "see docs/protocol.md")
    } else if rejection.find::<InvalidHeader>().is_some() {
        (StatusCode::BAD_REQUEST, "bad_request", "a header is malformed", "see docs/protocol.md")
    } else {
        (StatusCode::BAD_REQUEST, "bad_request", "the request is malformed", "see docs/protocol.md")
    };
    Ok(ApiError::new(status, code, message, hint).response())
}
