//! Where a request is answered: here, or by the node of the fleet that has what it is about.

use std::convert::Infallible;

use http::{Method, Request};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::service::Service;
use warp::reply::Response;

use super::relay::Whole;
use super::{Fleet, GameName, Relayed, Route, Subject};
use crate::error::ApiError;
use crate::gateway::connections::Peer;

/// Answers a request that is admitted, with a body of at most so many bytes.
///
/// # Errors
/// Never.
pub async fn answer<S>(
    fleet: Option<Fleet>,
    body_bytes: usize,
    routes: S,
    request: Request<Incoming>,
) -> Result<Response, Infallible>
where
    S: Service<Request<Incoming>, Response = Response, Error = Infallible>,
{
    let subject = subject(request.method(), request.uri().path());
    let (Some(fleet), Some(subject)) = (fleet, subject) else {
        return routes.call(request).await;
    };
    let relayed = request.extensions().get::<Relayed>().is_some();
    match fleet.route(&subject, relayed).await {
        Ok(Route::Here) => routes.call(request).await,
        Ok(Route::There(node)) => Ok(match whole(request, body_bytes).await {
            Ok(whole) => fleet.pass(whole, &subject, node).await,
            Err(error) => error.response(),
        }),
        Err(error) => Ok(error.response()),
    }
}

/// What an address is about that not every node can answer for.
fn subject(method: &Method, path: &str) -> Option<Subject> {
    let mut parts = path.strip_prefix("/v1/")?.split('/');
    match (parts.next()?, parts.next()) {
        ("games", Some(name)) if !name.is_empty() => Some(Subject::Game(GameName::of(name))),
        ("games", None) if method == Method::POST => Some(Subject::NewGame),
        ("queue" | "party", _) => Some(Subject::People),
        _ => None,
    }
}

/// A request with its body, which is as short as any.
async fn whole(request: Request<Incoming>, body_bytes: usize) -> Result<Whole, ApiError> {
    let (head, body) = request.into_parts();
    let peer = head.extensions.get::<Peer>().ok_or_else(|| ApiError::internal(&"no peer"))?;
    let client = peer.network;
    let body = Limited::new(body, body_bytes).collect().await;
    let body = body.map_err(|_| ApiError::too_large())?.to_bytes();
    Ok(Whole { head, body, client })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_node_has_is_known_by_its_address() {
        let id = uuid::Uuid::from_u128(7);
        let subject = |path: &str| subject(&Method::GET, path);
        let game = |name: &str| Some(Subject::Game(GameName::of(name)));
        assert_eq!(subject(&format!("/v1/games/{id}/ws")), Some(Subject::Game(GameName::Id(id))));
        assert_eq!(subject("/v1/games/abc-def"), game("ABCDEF"));
        assert_eq!(subject("/v1/party/join"), Some(Subject::People));
        assert_eq!(subject("/v1/queue"), Some(Subject::People));
        for path in ["/v1/games", "/v1/games/", "/v1/me", "/index.html", "/v1/replays/x"] {
            assert_eq!(subject(path), None, "{path}");
        }
        assert_eq!(super::subject(&Method::POST, "/v1/games"), Some(Subject::NewGame));
    }
}
