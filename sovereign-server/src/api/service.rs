//! What every request of the public listener goes through, around the routes.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_MAX_AGE, CONNECTION, CONTENT_LENGTH, HeaderValue, STRICT_TRANSPORT_SECURITY,
    TRANSFER_ENCODING, VARY,
};
use http::{Method, Request, StatusCode};
use hyper::body::Incoming;
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use tokio::time::timeout;
use warp::reply::{Reply, Response};

use super::{Api, routes, table};
use crate::cluster::{Relayed, door, proof};
use crate::config::Limits;
use crate::error::ApiError;
use crate::gateway::connections::{Peer, network_of};
use crate::gateway::origin::Verdict;
use crate::telemetry::metrics;
use crate::web::{harden, let_follow};

type Answer = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

/// The routes behind rate, origin and header rules.
#[derive(Clone, Debug)]
pub struct PublicService<S> {
    api: Api,
    routes: S,
}

/// The service of the public listener.
pub fn public_service(
    api: Api,
) -> PublicService<
    impl Service<Request<Incoming>, Response = Response, Error = Infallible, Future: Send>
    + Clone
    + Send
    + 'static,
> {
    let routes = TowerToHyperService::new(warp::service(routes(&api)));
    PublicService { api, routes }
}

impl<S> Service<Request<Incoming>> for PublicService<S>
where
    S: Service<Request<Incoming>, Response = Response, Error = Infallible, Future: Send>
        + Clone
        + Send
        + 'static,
    S::Future: 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Answer;

    fn call(&self, mut request: Request<Incoming>) -> Answer {
        self.name_client(&mut request);
        state_emptiness(&mut request);
        let verdict = self.api.origins.judge(request.headers());
        let refused = self.refuse(&request, &verdict);
        let preflight = request.method() == Method::OPTIONS;
        let (fleet, routes) = (self.api.fleet.clone(), self.routes.clone());
        let nodes = fleet.as_ref().map(|fleet| fleet.roster().living());
        let config = self.api.config();
        let hsts_s = config.tls.hsts_seconds();
        let most = Duration::from_millis(config.limits.request_ms);
        let body_bytes = Limits::count(config.limits.request_body_bytes);
        Box::pin(async move {
            let mut response = match refused {
                Some(error) if error.status == StatusCode::LENGTH_REQUIRED => {
                    last_of_its_connection(error.response())
                }
                Some(error) => error.response(),
                None if preflight => StatusCode::NO_CONTENT.into_response(),
                None => in_time(most, door::answer(fleet, body_bytes, routes, request)).await?,
            };
            harden(response.headers_mut());
            if let Some(nodes) = nodes {
                let urls = nodes.iter().filter_map(|node| node.public_url.as_deref());
                let_follow(response.headers_mut(), urls);
            }
            insist_on_tls(&mut response, hsts_s);
            allow(&mut response, &verdict);
            Ok(response)
        })
    }
}

impl<S> PublicService<S> {
    /// Whom a trusted proxy speaks for is who counts from here on.
    fn name_client(&self, request: &mut Request<Incoming>) {
        let Some(peer) = request.extensions().get::<Peer>() else { return };
        // A node has found out already.
        let relayed = request.extensions().get::<Relayed>().map(|relayed| relayed.client);
        let client =
            relayed.unwrap_or_else(|| self.api.proxies.client(peer.address, request.headers()));
        let peer = Peer { network: network_of(client), ..peer.clone() };
        request.extensions_mut().insert(peer);
        // What nodes say to each other, nobody else says for them.
        request.headers_mut().remove(proof::HEADER);
    }

    fn refuse(&self, request: &Request<Incoming>, verdict: &Verdict) -> Option<ApiError> {
        if request.headers().contains_key(TRANSFER_ENCODING) {
            // Two ways to say where a body ends are one too many behind a proxy.
            return Some(ApiError::length_required());
        }
        let peer = request.extensions().get::<Peer>()?;
        if !self.api.rates.request(peer.network) {
            return Some(ApiError::too_many("requests from your address"));
        }
        if *verdict == Verdict::Foreign {
            return Some(ApiError::foreign_origin());
        }
        // What a browser asks before it calls is answered for all addresses alike.
        let (method, path) = (request.method(), request.uri().path());
        if method == Method::OPTIONS { None } else { table::admit(method, path).err() }
    }
}

/// A request without a body need not say how long that is.
fn state_emptiness(request: &mut Request<Incoming>) {
    request.headers_mut().entry(CONTENT_LENGTH).or_insert(HeaderValue::from_static("0"));
}

/// The body of such a request has not been read: nothing after it is looked at.
fn last_of_its_connection(mut response: Response) -> Response {
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

/// Whoever sends a body bit by bit keeps nothing open for ever. What goes on in a socket is
/// no part of its request.
async fn in_time(
    most: Duration,
    answer: impl Future<Output = Result<Response, Infallible>>,
) -> Result<Response, Infallible> {
    timeout(most, answer).await.unwrap_or_else(|_| {
        metrics::limit_hit("request_ms");
        Ok(ApiError::timed_out().response())
    })
}

/// Tells the browser to come by TLS alone from now on.
fn insist_on_tls(response: &mut Response, seconds: Option<u64>) {
    let Some(seconds) = seconds else { return };
    if let Ok(value) = HeaderValue::from_str(&format!("max-age={seconds}")) {
        response.headers_mut().insert(STRICT_TRANSPORT_SECURITY, value);
    }
}

/// Tells the browser that a listed page may read the answer.
fn allow(response: &mut Response, verdict: &Verdict) {
    let headers = response.headers_mut();
    headers.append(VARY, HeaderValue::from_static("origin"));
    let Verdict::Listed(origin) = verdict else { return };
    let Ok(origin) = HeaderValue::from_str(origin) else { return };
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers
        .insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST, PATCH, DELETE"));
    let names = HeaderValue::from_static("authorization, content-type");
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, names);
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
}
