//! The one cookie: a page's refresh token, out of reach of its scripts.
//!
//! Invariant: it is read at one address, and what it gives there is an access token in an
//! answer that no foreign page can read. It authorises nothing else.

use http::header::{COOKIE, HeaderMap, HeaderValue, ORIGIN, SET_COOKIE};
use warp::reply::Response;

/// The cookie's name.
const NAME: &str = "sovereign_refresh";
/// The one address to which browsers send it.
pub(super) const PATH: &str = "/v1/auth/refresh";

/// The refresh token that a browser sent.
pub(super) fn read(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|one| one.split_once('='));
    pairs.find(|(name, _)| name.trim() == NAME).map(|(_, value)| value.trim())
}

/// Has a browser keep a refresh token for so many seconds; for none it forgets it.
pub(super) fn set(response: &mut Response, request: &HeaderMap, token: &str, seconds: u64) {
    // A page that came over TLS never sends it without.
    let secure = request.get(ORIGIN).is_some_and(|origin| origin.as_bytes().starts_with(b"https:"));
    let secure = if secure { "; Secure" } else { "" };
    let cookie = format!(
        "{NAME}={token}; Path={PATH}; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}"
    );
    if let Ok(value) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(SET_COOKIE, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_found_among_other_cookies() {
        let mut headers = HeaderMap::new();
        assert_eq!(read(&headers), None);
        headers.append(COOKIE, HeaderValue::from_static("a=b; xsovereign_refresh=no"));
        headers.append(COOKIE, HeaderValue::from_static("theme=dark; sovereign_refresh=abc"));
        assert_eq!(read(&headers), Some("abc"));
    }

    #[test]
    fn it_is_bound_to_its_address_and_to_tls_where_there_is_some() {
        let mut headers = HeaderMap::new();
        let cookie = |headers: &HeaderMap| {
            let mut response = Response::default();
            set(&mut response, headers, "abc", 60);
            response.headers()[SET_COOKIE].to_str().unwrap().to_owned()
        };
        let plain = cookie(&headers);
        assert_eq!(
            plain,
            "sovereign_refresh=abc; Path=/v1/auth/refresh; Max-Age=60; HttpOnly; SameSite=Strict"
        );
        headers.insert(ORIGIN, HeaderValue::from_static("https://play.example"));
        assert_eq!(cookie(&headers), format!("{plain}; Secure"));
    }
}
