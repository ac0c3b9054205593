//! The admin page, embedded in the binary. It holds nothing until the token is typed in.

use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use rust_embed::Embed;
use warp::reply::{Reply, Response};

use crate::error::ApiError;

#[derive(Embed)]
#[folder = "admin/"]
struct Files;

/// The file at `path`, or a typed 404.
pub(super) fn file(path: &str) -> Response {
    let (name, kind) = match path {
        "" => ("index.html", "text/html; charset=utf-8"),
        "admin.js" => (path, "text/javascript; charset=utf-8"),
        "admin.css" => (path, "text/css; charset=utf-8"),
        _ => return ApiError::not_found("address").response(),
    };
    let Some(file) = Files::get(name) else { return ApiError::not_found("address").response() };
    let mut response = file.data.into_owned().into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}
