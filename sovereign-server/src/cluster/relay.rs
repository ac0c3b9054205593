//! A request that came to the wrong node, sent on to the right one.
//!
//! The request goes as it came, and bytes are copied both ways from then on, for answers and for
//! sockets alike: a relay knows nothing of what is said, but of a socket where it may say something.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{HOST, SEC_WEBSOCKET_PROTOCOL};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyDataStream, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use sovereign_core::wire::Codec;
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::debug;
use warp::reply::Reply;

use super::Member;
use super::passing::Passing;
use super::proof::{self, Proofs};
use crate::auth::now_s;
use crate::config::Limits;
use crate::error::ApiError;
use crate::gateway::connections::Peer;
use crate::telemetry::metrics;

/// Why a request did not reach the other node, or its answer not this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RelayError {
    /// Nobody listens there: the node is gone, and has not heard of the request.
    #[error("the other node does not listen")]
    Refused,
    /// It could not be reached in time, and has not heard of the request.
    #[error("the other node cannot be reached")]
    Unreachable,
    /// It may have heard of it; its answer did not come.
    #[error("the connection to the other node broke")]
    Broken,
    /// There are as many relayed requests as this node bears.
    #[error("as many requests as this node can bear are relayed")]
    Full,
}

impl RelayError {
    /// Whether the other node cannot have done anything.
    #[must_use]
    pub const fn is_unheard(self) -> bool {
        matches!(self, Self::Refused | Self::Unreachable)
    }

    /// What the player is told.
    #[must_use]
    pub fn answer(self) -> ApiError {
        ApiError::unavailable(match self {
            Self::Full => "as many requests as this server can bear go through it to others",
            _ => "the server that has this cannot be reached now; another one takes over",
        })
    }
}

/// A request with its body, so that it can be sent again.
#[derive(Clone, Debug)]
pub struct Whole {
    /// All but the body.
    pub head: http::request::Parts,
    /// The body.
    pub body: Bytes,
    /// Who sent it.
    pub client: IpAddr,
}

/// What copies the bytes of requests between nodes; cheap to clone.
#[derive(Clone, Debug)]
pub struct Relay {
    proofs: Proofs,
    connect: Duration,
    /// How long players have to change over when this node stops.
    follow: Duration,
    places: Arc<Semaphore>,
    /// Sockets that go through this node to others.
    sockets: TaskTracker,
    /// The threads on which they are copied, which are not those that hear requests.
    threads: Handle,
    /// This node is about to stop: who is connected through it should change over.
    leaving: CancellationToken,
    /// Who is still connected through it is told to reconnect.
    over: CancellationToken,
    stop: CancellationToken,
}

impl Relay {
    /// A relay of the node whose proofs these are; sockets end with `stop`.
    #[must_use]
    pub fn new(proofs: Proofs, limits: &Limits, stop: CancellationToken) -> Self {
        let most = Limits::count(limits.relayed_requests).min(Semaphore::MAX_PERMITS);
        Self {
            proofs,
            connect: Duration::from_millis(limits.peer_connect_ms),
            follow: Duration::from_millis(limits.follow_ms),
            places: Arc::new(Semaphore::new(most)),
            sockets: TaskTracker::new(),
            threads: Handle::current(),
            leaving: CancellationToken::new(),
            over: CancellationToken::new(),
            stop,
        }
    }

    /// Sends a player's request to the node `to`, and gives its answer. If both sides switch
    /// protocols, what they say is copied in a task of its own, until `life` is cancelled.
    ///
    /// # Errors
    /// [`RelayError`].
    pub async fn pass(
        &self,
        whole: Whole,
        upgrade: Option<OnUpgrade>,
        to: &Member,
        life: CancellationToken,
    ) -> Result<warp::reply::Response, RelayError> {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| {
            metrics::limit_hit("relayed_requests");
            RelayError::Full
        })?;
        let counted = whole.head.extensions.get::<Peer>().cloned();
        let asked = self.ask(self.request(whole, to), to);
        // A process that stands still has a kernel that takes requests all the same.
        let mut response = tokio::select! {
            answered = asked => answered?,
            () = life.cancelled() => return Err(RelayError::Broken),
        };
        if response.status() == StatusCode::SWITCHING_PROTOCOLS {
            let theirs = hyper::upgrade::on(&mut response);
            if let Some(ours) = upgrade {
                let passing = self.passing(&response, to, life);
                let joined = passing.join(ours, theirs, (place, counted));
                self.sockets.spawn_on(joined, &self.threads);
            }
            return Ok(response.map(|_| Default::default()));
        }
        Ok(passed_on(response, place))
    }

    fn passing(
        &self,
        response: &Response<Incoming>,
        to: &Member,
        life: CancellationToken,
    ) -> Passing {
        let agreed = response.headers().get(SEC_WEBSOCKET_PROTOCOL);
        let agreed = agreed.and_then(|name| name.to_str().ok());
        Passing {
            codec: agreed.and_then(Codec::from_subprotocol),
            url: to.public_url.clone(),
            leaving: self.leaving.clone(),
            follow: self.follow,
            ends: [self.over.clone(), self.stop.clone(), life],
        }
    }

    /// Sends a request to a node, with its proof already on it.
    ///
    /// # Errors
    /// [`RelayError`].
    pub async fn ask(
        &self,
        request: Request<Full<Bytes>>,
        to: &Member,
    ) -> Result<Response<Incoming>, RelayError> {
        let stream = timeout(self.connect, TcpStream::connect(to.address)).await;
        let stream = match stream {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) if error.kind() == std::io::ErrorKind::ConnectionRefused => {
                return Err(RelayError::Refused);
            }
            Ok(Err(_)) | Err(_) => return Err(RelayError::Unreachable),
        };
        // Frames are small and wait for nobody.
        let _ = stream.set_nodelay(true);
        let hands = http1::handshake(TokioIo::new(stream)).await;
        let (mut sender, connection) = hands.map_err(|_| RelayError::Broken)?;
        tokio::spawn(async move {
            if let Err(error) = connection.with_upgrades().await {
                debug!(%error, "a connection to another node ended early");
            }
        });
        sender.send_request(request).await.map_err(|_| RelayError::Broken)
    }

    /// A request of this node, for itself or for a player who is connected to it.
    #[must_use]
    pub fn own(
        &self,
        (method, path): (http::Method, &str),
        body: Bytes,
        client: Option<IpAddr>,
        to: &Member,
    ) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = method;
        *request.uri_mut() = path.parse().unwrap_or_default();
        self.sign(&mut request, client, to);
        request
    }

    fn request(&self, whole: Whole, to: &Member) -> Request<Full<Bytes>> {
        let Whole { head, body, client } = whole;
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = head.method;
        // As a server gets it: the address without scheme and host.
        *request.uri_mut() = match head.uri.into_parts().path_and_query {
            Some(address) => address.into(),
            None => http::Uri::default(),
        };
        *request.headers_mut() = head.headers;
        self.sign(&mut request, Some(client), to);
        request
    }

    /// Puts this node's proof on a request, for a player if he is named.
    fn sign(&self, request: &mut Request<Full<Bytes>>, client: Option<IpAddr>, to: &Member) {
        let what = (request.method(), request.uri());
        let proof = self.proofs.header(&to.name, what, client, now_s());
        request.headers_mut().insert(proof::HEADER, proof);
        if let Ok(host) = to.address.to_string().parse() {
            request.headers_mut().entry(HOST).or_insert(host);
        }
    }

    /// Counts the sockets that go through this node to others.
    #[must_use]
    pub const fn sockets(&self) -> &TaskTracker {
        &self.sockets
    }

    pub(super) const fn leaving(&self) -> &CancellationToken {
        &self.leaving
    }

    pub(super) const fn over(&self) -> &CancellationToken {
        &self.over
    }
}

/// The other node's answer, as it comes.
fn passed_on(response: Response<Incoming>, place: OwnedSemaphorePermit) -> warp::reply::Response {
    let (head, body) = response.into_parts();
    let held = Held { stream: BodyDataStream::new(body), _place: place };
    let mut response = warp::reply::stream(held).into_response();
    *response.status_mut() = head.status;
    *response.headers_mut() = head.headers;
    response
}

/// A body that keeps its place until it has ended.
struct Held {
    stream: BodyDataStream<Incoming>,
    _place: OwnedSemaphorePermit,
}

impl futures_util::Stream for Held {
    type Item = Result<Bytes, hyper::Error>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        std::pin::Pin::new(&mut self.stream).poll_next(cx)
    }
}
