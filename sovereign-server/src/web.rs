//! The page, embedded in the binary (read from the source folder in debug builds).

use std::path::{Path, PathBuf};

use http::header::{
    CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue, IF_NONE_MATCH,
    REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use http::{Response, StatusCode, Uri};
use rust_embed::{Embed, EmbeddedFile};
use warp::reply::Reply;

use crate::error::ApiError;

/// What a page of ours may load: its own files and sockets, nothing inline, nothing foreign.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; img-src 'self' data: blob:; \
     connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; \
     frame-ancestors 'none'";
const CONTENT_SECURITY_POLICY_NAME: HeaderName = http::header::CONTENT_SECURITY_POLICY;

/// Addresses that the page itself reads: links to a game or a replay.
const PAGES: [&str; 3] = ["join/", "game/", "replay/"];

#[derive(Embed)]
#[folder = "web/"]
#[allow_missing = true]
struct Files;

/// The file at `path`, or 304 if the caller has it, or a typed 404. With `folder` it is read
/// from there, so that a change is seen at the next load.
#[must_use]
pub fn file(path: &str, headers: &HeaderMap, folder: Option<&Path>) -> warp::reply::Response {
    let name = match path {
        "" => "index.html",
        page if PAGES.iter().any(|prefix| page.starts_with(prefix)) => "index.html",
        other => other,
    };
    if let Some(folder) = folder {
        return from_disk(folder, name);
    }
    match Files::get(name) {
        Some(file) => answer(name, file, headers),
        None => ApiError::not_found("address").response(),
    }
}

fn from_disk(folder: &Path, name: &str) -> warp::reply::Response {
    // Links that lead out of the folder lead nowhere either.
    let inside = |path: PathBuf| folder.canonicalize().is_ok_and(|root| path.starts_with(root));
    let path = folder.join(name).canonicalize().ok().filter(|path| inside(path.clone()));
    let Some(data) = path.and_then(|path| std::fs::read(path).ok()) else {
        return ApiError::not_found("address").response();
    };
    let mut response = data.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type(name)));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn answer(name: &str, file: EmbeddedFile, headers: &HeaderMap) -> warp::reply::Response {
    let tag = etag(&file);
    let known = headers.get(IF_NONE_MATCH).is_some_and(|v| v.as_bytes() == tag.as_bytes());
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Response::new(file.data.into_owned()).into_response()
    };
    let out = response.headers_mut();
    out.insert(CONTENT_TYPE, HeaderValue::from_static(content_type(name)));
    // Always asked for again, answered 304: a new server is seen at the next load.
    out.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        out.insert(ETAG, tag);
    }
    response
}

fn etag(file: &EmbeddedFile) -> String {
    let hash = file.metadata.sha256_hash();
    let hex: String = hash[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("\"{hex}\"")
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        "webmanifest" => "application/manifest+json",
        "txt" | "md" | "LICENSE" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// Lets our page, if this is one, open sockets at these addresses of servers too.
pub fn let_follow<'a>(headers: &mut HeaderMap, urls: impl Iterator<Item = &'a str>) {
    let is_page = |kind: &HeaderValue| kind.as_bytes().starts_with(b"text/html");
    if !headers.get(CONTENT_TYPE).is_some_and(is_page) {
        return;
    }
    let places: String = urls.filter_map(sockets_at).map(|place| format!(" {place}")).collect();
    let policy = CONTENT_SECURITY_POLICY
        .replace("connect-src 'self'", &format!("connect-src 'self'{places}"));
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(CONTENT_SECURITY_POLICY_NAME, policy);
    }
}

/// Where sockets are opened at the server of this address.
fn sockets_at(url: &str) -> Option<String> {
    let url: Uri = url.parse().ok()?;
    let scheme = match url.scheme_str()? {
        "https" => "wss",
        "http" => "ws",
        _ => return None,
    };
    // Nothing that would end this rule of the policy.
    let is_name = |c: char| c.is_ascii_alphanumeric() || ".-:[]".contains(c);
    let host = url.host().filter(|host| host.chars().all(is_name))?;
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    Some(format!("{scheme}://{host}{port}"))
}

/// Adds to every answer what keeps browsers from guessing and leaking.
pub fn harden(headers: &mut HeaderMap) {
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    let policy = HeaderValue::from_static(CONTENT_SECURITY_POLICY);
    headers.insert(CONTENT_SECURITY_POLICY_NAME, policy);
    let isolation = HeaderValue::from_static("same-origin");
    headers.insert(HeaderName::from_static("cross-origin-opener-policy"), isolation);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_is_not_there_is_a_typed_404() {
        for path in ["nothing.js", "../Cargo.toml", "/etc/passwd", "web/../../Cargo.toml"] {
            let none = file(path, &HeaderMap::new(), None);
            assert_eq!(none.status(), StatusCode::NOT_FOUND, "{path}");
        }
    }

    #[test]
    fn p5_a_developer_sees_the_folder_and_nothing_beside_it() {
        let dir = tempfile::tempdir().unwrap();
        let web = dir.path().join("web");
        std::fs::create_dir(&web).unwrap();
        std::fs::write(web.join("index.html"), "mine").unwrap();
        std::fs::write(dir.path().join("secret"), "not mine").unwrap();
        let status = |path: &str| file(path, &HeaderMap::new(), Some(&web)).status();
        assert_eq!(status(""), StatusCode::OK);
        assert_eq!(status("join/ABCD"), StatusCode::OK);
        let absolute = dir.path().join("secret");
        for path in ["../secret", "x/../../secret", "..", "none.js", absolute.to_str().unwrap()] {
            assert_eq!(status(path), StatusCode::NOT_FOUND, "{path}");
        }
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(dir.path().join("secret"), web.join("link")).unwrap();
            assert_eq!(status("link"), StatusCode::NOT_FOUND);
        }
    }

    #[test]
    fn a_page_may_follow_to_the_servers_of_the_fleet_and_nowhere_else() {
        let urls = [
            "https://n1.play.example",
            "http://[::1]:8080/x",
            "ftp://n2",
            "*",
            "https://a;b",
            "https://u@n3",
        ];
        let policy = |kind: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
            harden(&mut headers);
            let_follow(&mut headers, urls.into_iter());
            headers[CONTENT_SECURITY_POLICY_NAME].to_str().unwrap().to_owned()
        };
        let follows =
            "; connect-src 'self' wss://n1.play.example ws://[::1]:8080 wss://n3; object-src";
        assert!(policy(content_type("index.html")).contains(follows), "{}", policy("text/html"));
        assert_eq!(policy("application/json"), CONTENT_SECURITY_POLICY);
    }

    #[test]
    fn a_file_that_is_known_is_not_sent_again() {
        let data = || EmbeddedFile {
            data: b"text".as_slice().into(),
            metadata: rust_embed::Metadata::__rust_embed_new([7; 32], None, None),
        };
        let first = answer("a.js", data(), &HeaderMap::new());
        assert_eq!(first.headers()[CONTENT_TYPE], "text/javascript; charset=utf-8");
        let mut headers = HeaderMap::new();
        headers.insert(IF_NONE_MATCH, first.headers()[ETAG].clone());
        assert_eq!(answer("a.js", data(), &headers).status(), StatusCode::NOT_MODIFIED);
    }
}
