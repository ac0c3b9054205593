//! The HTTP interface: JSON in, JSON out, typed errors.
//!
//! Invariant: every answer that is not a success is an [`ApiError`] with a stable code.

mod cookie;
mod games;
mod library;
mod me;
mod party;
mod patience;
mod ranked;
mod reply;
mod reports;
mod service;
mod sessions;
mod sockets;
mod table;
#[cfg(feature = "workload")]
mod workload;

use std::convert::Infallible;
use std::ops::Deref;
use std::sync::Arc;

use http::header::HeaderMap;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use warp::Filter;
use warp::reply::Response;

use crate::accounts::Accounts;
use crate::auth::{Auth, Identity};
use crate::cluster::Fleet;
use crate::config::{Config, Live};
use crate::error::ApiError;
use crate::gateway::online::Online;
use crate::gateway::origin::OriginRule;
use crate::gateway::proxies::Proxies;
use crate::gateway::rate::Rates;
use crate::lobby::Lobby;
use crate::party::Parties;
use crate::ranked::Queue;
use crate::redis::Bus;
use crate::store::{Hot, Store};
use crate::threads::Lanes;

pub(crate) use reply::{ok, parse, recover, respond};
pub use service::{PublicService, public_service};
pub use table::{ADDRESSES, Address};

/// What the handlers work with. One handle, since each route has a clone, and each request makes
/// some: a clone of all parts was half of what a refused request cost.
#[derive(Clone, Debug)]
pub struct Api(Arc<Context>);

impl From<Context> for Api {
    fn from(context: Context) -> Self {
        Self(Arc::new(context))
    }
}

impl Deref for Api {
    type Target = Context;

    fn deref(&self) -> &Context {
        &self.0
    }
}

/// What an [`Api`] is a handle of.
#[derive(Debug)]
pub struct Context {
    /// All settings, as they are in force.
    pub settings: Live,
    /// Tokens.
    pub auth: Auth,
    /// Who plays.
    pub accounts: Accounts,
    /// The database.
    pub store: Store,
    /// What of it many ask for.
    pub hot: Hot,
    /// Whose sockets are open.
    pub online: Online,
    /// Rates by address and account.
    pub rates: Rates,
    /// The way to tell other nodes, if there is one.
    pub bus: Option<Bus>,
    /// Which pages may call.
    pub origins: OriginRule,
    /// Whose word of an address is taken.
    pub proxies: Proxies,
    /// All games.
    pub lobby: Lobby,
    /// Who plays together.
    pub parties: Parties,
    /// Who waits for a ranked game.
    pub queue: Queue,
    /// Rooms that play no game but the published workload.
    #[cfg(feature = "workload")]
    pub workloads: crate::room::workload::Workloads,
    /// The other nodes, if there are any.
    pub fleet: Option<Fleet>,
    /// Places for those who watch replays.
    pub viewers: Arc<Semaphore>,
    /// Places for requests that wait for news.
    pub waiting: Arc<Semaphore>,
    /// Cancelled once rooms have stopped: whatever socket is left is closed.
    pub stop: CancellationToken,
    /// The conversations over sockets.
    pub sockets: TaskTracker,
    /// The threads on which they are held, which are not those that hear requests.
    pub threads: Lanes,
}

impl Api {
    /// The settings in force now.
    #[must_use]
    pub fn config(&self) -> Arc<Config> {
        self.settings.now()
    }

    /// Who sent a request, by its `Authorization` header.
    ///
    /// # Errors
    /// 401.
    pub async fn identity(&self, headers: &HeaderMap) -> Result<Identity, ApiError> {
        Ok(self.auth.check(bearer(headers).unwrap_or_default()).await?)
    }
}

/// The token in a request's header.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(http::header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

/// All routes of the public listener. Each has its address in [`ADDRESSES`] too, or cannot be reached.
pub fn routes(
    api: &Api,
) -> impl Filter<Extract = (Response,), Error = Infallible> + Clone + Send + Sync + use<> {
    let folder = api.config().server.web_dir.clone();
    let web = warp::get().and(warp::path::tail()).and(warp::header::headers_cloned()).map(
        move |tail: warp::path::Tail, headers: HeaderMap| {
            crate::web::file(tail.as_str(), &headers, folder.as_deref())
        },
    );
    #[cfg(feature = "workload")]
    let web = workload::routes(api).or(web).unify();
    sessions::routes(api)
        .or(me::routes(api))
        .unify()
        .or(reports::routes(api))
        .unify()
        .or(games::routes(api))
        .unify()
        .or(ranked::routes(api))
        .unify()
        .or(party::routes(api))
        .unify()
        .or(library::routes(api))
        .unify()
        .or(sockets::routes(api))
        .unify()
        .or(web)
        .unify()
        .recover(recover)
        .unify()
}
