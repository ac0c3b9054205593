//! Every address of the HTTP interface. A request reaches its route only through this table, so
//! what is served and what `docs/openapi.json` describes can be compared.

use std::sync::LazyLock;

use http::Method;
use matchit::Router;

use crate::error::ApiError;

/// An address, with a name in braces for each part that varies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address {
    /// Such as `/v1/games/{game}`.
    pub path: &'static str,
    /// Its methods, with commas between, as in the header `Allow`.
    pub methods: &'static str,
}

const fn address(path: &'static str, methods: &'static str) -> Address {
    Address { path, methods }
}

/// All that players use, but for the page and its files, which have all addresses that begin
/// differently.
pub const ADDRESSES: &[Address] = &[
    address("/.well-known/jwks.json", "GET"),
    address("/v1/auth/guest", "POST"),
    address("/v1/auth/login", "POST"),
    address("/v1/auth/logout", "POST"),
    address("/v1/auth/logout-all", "POST"),
    address("/v1/auth/password", "POST"),
    address("/v1/auth/refresh", "POST"),
    address("/v1/auth/register", "POST"),
    address("/v1/games", "GET, POST"),
    address("/v1/games/{game}", "GET, PATCH"),
    address("/v1/games/{game}/host", "POST"),
    address("/v1/games/{game}/join", "POST"),
    address("/v1/games/{game}/kick", "POST"),
    address("/v1/games/{game}/leave", "POST"),
    address("/v1/games/{game}/rematch", "POST"),
    address("/v1/games/{game}/reports", "POST"),
    address("/v1/games/{game}/settings", "GET"),
    address("/v1/games/{game}/start", "POST"),
    address("/v1/games/{game}/team", "POST"),
    address("/v1/games/{game}/ws", "GET"),
    address("/v1/ladders", "GET"),
    address("/v1/ladders/{ladder}", "GET"),
    address("/v1/maps", "GET"),
    address("/v1/maps/{map}", "GET"),
    address("/v1/me", "DELETE, GET, PATCH"),
    address("/v1/me/export", "GET"),
    address("/v1/me/games", "GET"),
    address("/v1/me/ratings", "GET"),
    address("/v1/me/replays", "GET"),
    address("/v1/party", "GET, POST"),
    address("/v1/party/invitation", "DELETE, POST"),
    address("/v1/party/join", "POST"),
    address("/v1/party/kick", "POST"),
    address("/v1/party/leader", "POST"),
    address("/v1/party/leave", "POST"),
    address("/v1/queue", "DELETE, GET, POST"),
    address("/v1/replays", "GET"),
    address("/v1/replays/{replay}", "GET"),
    address("/v1/replays/{replay}/result", "GET"),
    address("/v1/replays/{replay}/ws", "GET"),
    address("/v1/results/jwks.json", "GET"),
    address("/v1/rules", "GET"),
    address("/v1/rules/{rules}", "GET"),
];

/// Those that are there for measuring alone, by features of the package, and in no document.
const MEASURING: &[Address] = &[
    #[cfg(feature = "autobahn")]
    address("/v1/echo", "GET"),
    #[cfg(feature = "workload")]
    address("/v1/workload", "POST"),
    #[cfg(feature = "workload")]
    address("/v1/workload/stop", "POST"),
    #[cfg(feature = "workload")]
    address("/v1/workload/{room}", "GET"),
];

/// How the addresses begin that are no file of the page's.
const OURS: [&str; 2] = ["/v1/", "/.well-known/"];

static ROUTER: LazyLock<Router<Address>> = LazyLock::new(|| {
    let mut router = Router::new();
    for address in ADDRESSES.iter().chain(MEASURING) {
        router.insert(address.path, *address).expect("no two addresses of the table overlap");
    }
    router
});

/// Whether there is something at an address, for this method.
///
/// # Errors
/// 404, or 405 with the methods that there are.
pub(super) fn admit(method: &Method, path: &str) -> Result<(), ApiError> {
    if !OURS.iter().any(|prefix| path.starts_with(prefix)) {
        return Ok(());
    }
    let found = ROUTER.at(path).map_err(|_| ApiError::no_address())?;
    let allowed = found.value.methods;
    match allowed.split(", ").any(|known| known == method.as_str()) {
        true => Ok(()),
        false => Err(ApiError::method_not_allowed(allowed)),
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;

    #[test]
    fn what_is_not_in_the_table_is_not_there() {
        let status = |method, path| admit(&method, path).err().map(|error| error.status);
        assert_eq!(status(Method::GET, "/v1/games/ABC"), None);
        assert_eq!(status(Method::GET, "/index.html"), None);
        for path in ["/v1/", "/v1/games/", "/v1/games/ABC/none", "/.well-known/x", "/v1/game"] {
            assert_eq!(status(Method::GET, path), Some(StatusCode::NOT_FOUND), "{path}");
        }
        let refused = admit(&Method::PUT, "/v1/me").unwrap_err();
        assert_eq!(refused.allow, Some("DELETE, GET, PATCH"));
        assert_eq!(refused.response().headers()[http::header::ALLOW], "DELETE, GET, PATCH");
    }
}
