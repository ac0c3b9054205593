//! The fleet as players reach it: through any node, over plain HTTP and WebSockets.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::{Method, Request, Uri};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use sovereign_core::wire::Codec;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::dice::Dice;

/// Time for an answer, and for a socket to open.
const ANSWER: Duration = Duration::from_secs(2);
/// Before somebody asks again.
const PAUSE: Duration = Duration::from_millis(100);
/// As long as something may be asked in vain.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) type Socket = WebSocketStream<TcpStream>;

/// An answer's status and body.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Bytes,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// Whether somebody else may answer otherwise, or the same one later.
    const fn may_change(&self) -> bool {
        matches!(self.status, 408 | 429 | 500..)
    }
}

/// What is asked.
#[derive(Clone, Debug)]
pub(crate) struct Wish {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) token: Option<String>,
    pub(crate) body: Option<Value>,
}

/// All doors, the clock of the run, and whether it is about to end.
#[derive(Debug)]
pub(crate) struct Front {
    doors: Vec<SocketAddr>,
    /// Doors to which a load balancer would send nobody now.
    shut: Mutex<BTreeSet<usize>>,
    client: Client<HttpConnector, Full<Bytes>>,
    dice: Dice,
    throws: AtomicU64,
    base: Instant,
    ending: AtomicBool,
    /// Of each game that is open the moment at which the latest order was sent that has its answer.
    answered: Mutex<BTreeMap<usize, Duration>>,
}

impl Front {
    pub(crate) fn new(doors: Vec<SocketAddr>, dice: Dice) -> Self {
        let client = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build_http();
        Self {
            doors,
            shut: Mutex::default(),
            client,
            dice,
            throws: AtomicU64::new(0),
            base: Instant::now(),
            ending: AtomicBool::new(false),
            answered: Mutex::default(),
        }
    }

    /// Since the run began.
    pub(crate) fn now(&self) -> Duration {
        self.base.elapsed()
    }

    /// No more games; those that run are given up.
    pub(crate) fn end(&self) {
        self.ending.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_ending(&self) -> bool {
        self.ending.load(Ordering::Relaxed)
    }

    /// Sends nobody to this door from now on, or (not `on`) somebody again.
    pub(crate) fn shut(&self, door: usize, on: bool) {
        let mut shut = self.shut.lock().unwrap_or_else(PoisonError::into_inner);
        if on {
            shut.insert(door)
        } else {
            shut.remove(&door)
        };
    }

    fn door(&self) -> SocketAddr {
        let shut = self.shut.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let open = self.doors.iter().enumerate().filter(|(number, _)| !shut.contains(number));
        let open: Vec<SocketAddr> = open.map(|(_, door)| *door).collect();
        let doors = if open.is_empty() { &self.doors } else { &open };
        let dice = self.dice.nth(self.throws.fetch_add(1, Ordering::Relaxed));
        doors[dice.below(doors.len() as u64) as usize]
    }

    /// Asks at any door, once.
    pub(crate) async fn ask(&self, wish: &Wish) -> Option<Reply> {
        let uri: Uri = format!("http://{}{}", self.door(), wish.path).parse().ok()?;
        let mut request = Request::builder().method(wish.method.clone()).uri(uri);
        if let Some(token) = &wish.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let body = wish.body.as_ref().map(Value::to_string).unwrap_or_default();
        let request = request.body(Full::from(body)).ok()?;
        let asking = async {
            let answer = self.client.request(request).await.ok()?;
            let status = answer.status().as_u16();
            let body = answer.into_body().collect().await.ok()?.to_bytes();
            Some(Reply { status, body })
        };
        timeout(ANSWER, asking).await.ok().flatten()
    }

    /// Asks until the answer is one that `suits`; none if none came in a long time.
    pub(crate) async fn insist(
        &self,
        wish: &Wish,
        suits: impl Fn(&Reply) -> bool,
    ) -> Option<Reply> {
        let began = self.now();
        while self.now() - began < PATIENCE {
            match self.ask(wish).await {
                Some(reply) if suits(&reply) && !reply.may_change() => return Some(reply),
                _ => sleep(PAUSE).await,
            }
        }
        None
    }

    /// Opens a game's socket at any door.
    pub(crate) async fn socket(&self, game: &str) -> Option<Socket> {
        let door = self.door();
        let url = format!("ws://{door}/v1/games/{game}/ws");
        let mut request = url.into_client_request().ok()?;
        let protocol = HeaderValue::from_static(Codec::Msgpack.subprotocol());
        request.headers_mut().insert("sec-websocket-protocol", protocol);
        let opening = async {
            let stream = TcpStream::connect(door).await.ok()?;
            stream.set_nodelay(true).ok()?;
            Some(client_async(request, stream).await.ok()?.0)
        };
        timeout(ANSWER, opening).await.ok().flatten()
    }

    /// Notes that a game takes orders.
    pub(crate) fn open(&self, game: usize) {
        self.answers().insert(game, Duration::ZERO);
    }

    pub(crate) fn close(&self, game: usize) {
        self.answers().remove(&game);
    }

    /// Notes that an order has its answer that was sent then.
    pub(crate) fn answered(&self, game: usize, sent: Duration) {
        if let Some(latest) = self.answers().get_mut(&game) {
            *latest = sent.max(*latest);
        }
    }

    /// How many open games have answered nothing that was sent since.
    pub(crate) fn silent_since(&self, moment: Duration) -> usize {
        self.answers().values().filter(|latest| **latest < moment).count()
    }

    fn answers(&self) -> MutexGuard<'_, BTreeMap<usize, Duration>> {
        self.answered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
