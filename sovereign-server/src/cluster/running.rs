//! A node's part in the fleet, from its start to its end.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::Request;
use hyper::body::Incoming;
use hyper::service::Service;
use sovereign_core::rules::RULES_VERSION;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::info;
use warp::reply::Response;

use super::fleet::Parts;
use super::postgres::PostgresFleet;
use super::proof::Proofs;
use super::{Companies, Fleet, FleetError, Games, Load, Member, PeerService};
use crate::config::{Config, Limits};
use crate::gateway::connections::Connections;
use crate::gateway::listener;
use crate::gateway::proxies::Proxies;
use crate::postgres::Postgres;
use crate::redis::{Heartbeats, Redis};
use crate::store::now_ms;

/// Why a node cannot be one of a fleet.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    /// It cannot leave a heartbeat.
    #[error(transparent)]
    Fleet(#[from] FleetError),
}

/// A node that knows of the others, and is known to them.
#[derive(Debug)]
pub struct Node {
    /// Its part.
    pub fleet: Fleet,
    presence: Option<Heartbeats>,
    limits: Limits,
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

impl Node {
    /// Makes this process known to the nodes around `postgres`, as the one that listens for them
    /// at `listens`.
    ///
    /// # Errors
    /// [`JoinError`].
    pub async fn join(
        config: &Config,
        listens: SocketAddr,
        postgres: Postgres,
        redis: Option<Redis>,
        (games, companies): (Arc<dyn Games>, Arc<dyn Companies>),
    ) -> Result<Self, JoinError> {
        let limits = config.limits.clone();
        let silence = u32::try_from(limits.node_silence_ms).unwrap_or(u32::MAX);
        let shared = Arc::new(PostgresFleet::new(postgres, silence));
        let expires = Duration::from_millis(limits.redis_silence_ms);
        let presence = redis.map(|redis| Heartbeats::new(redis, expires));
        let me = member(config, listens);
        info!(node = me.name, address = %me.address, "this node is one of a fleet");
        let proofs = Proofs::new(&config.cluster.secret, &me.name);
        let stop = CancellationToken::new();
        let parts = Parts {
            me,
            proofs,
            directory: Arc::clone(&shared) as Arc<_>,
            members: shared,
            games,
            companies,
            limits: limits.clone(),
        };
        let fleet = Fleet::new(parts, stop.clone());
        fleet.beat().await?;
        Ok(Self { fleet, presence, limits, stop, tasks: JoinSet::new() })
    }

    /// Serves other nodes, and looks after what is shared with them.
    pub fn run<S>(&mut self, peers: TcpListener, public: S)
    where
        S: Service<Request<Incoming>, Response = Response, Error = Infallible>
            + Clone
            + Send
            + 'static,
        S::Future: Send + 'static,
    {
        let service = PeerService::new(self.fleet.clone(), public);
        // All that come through one node come from its address, and it has let them in.
        let most = self.limits.connections;
        let limits = Limits {
            connections_per_address: most,
            connections_per_second: most,
            ..self.limits.clone()
        };
        let connections = Connections::new(&limits, Proxies::default());
        let stop = self.stop.clone();
        self.tasks.spawn(listener::serve(peers, service, connections, None, limits, stop));
        let fleet = &self.fleet;
        self.tasks.spawn(fleet.clone().keep_beating());
        self.tasks.spawn(fleet.clone().keep_links());
        self.tasks.spawn(fleet.clone().keep_games());
        self.tasks.spawn(fleet.clone().keep_people());
        self.tasks.spawn(fleet.clone().keep_swept());
        self.tasks.spawn(fleet.clone().keep_list());
        if let Some(presence) = self.presence.clone() {
            self.tasks.spawn(fleet.clone().keep_presence(presence));
        }
    }

    /// The games are others' by now: lets those go who are connected through this node, then
    /// takes its leave.
    pub async fn leave(&self) {
        self.fleet.see_off().await;
        self.fleet.leave().await;
        if let Some(presence) = &self.presence {
            // The key expires in any case.
            let _ = presence.leave(&self.fleet.roster().me().name).await;
        }
    }

    /// Ends all that goes on with other nodes.
    pub async fn end(mut self) {
        self.stop.cancel();
        self.tasks.shutdown().await;
    }
}

fn member(config: &Config, listens: SocketAddr) -> Member {
    Member {
        name: config.cluster.node.clone(),
        // Two lives of one name never begin in the same millisecond.
        incarnation: now_ms(),
        address: config.cluster.address.unwrap_or(listens),
        public_url: config.cluster.public_url.clone(),
        rules: (RULES_VERSION, RULES_VERSION),
        load: Load { rooms: 0, most: config.limits.rooms },
        leaving: false,
    }
}
