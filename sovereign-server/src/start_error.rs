//! Why a server cannot start.

use std::io;
use std::net::SocketAddr;

use crate::admin::AccessError;
use crate::auth::{KeyError, OutsideError, PasswordError};
use crate::cluster::JoinError;
use crate::gateway::tls::TlsError;
use crate::lobby::MapsError;
use crate::log::LogError;
use crate::postgres::PostgresError;
use crate::ranked::LadderError;
use crate::redis::RedisError;
use crate::store::{DataDirError, StoreError};
use crate::telemetry::traces::TracesError;

/// Why the server could not start. Each message says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data folder is locked or unusable.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// The signing key is unusable.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The keys of an outside issuer are unusable.
    #[error(transparent)]
    Outside(#[from] OutsideError),
    /// The system gives no random bytes.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The database is unusable.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The database of the fleet is unusable.
    #[error(transparent)]
    Postgres(#[from] PostgresError),
    /// The address of Redis is none.
    #[error(transparent)]
    Redis(#[from] RedisError),
    /// The order log is unusable.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The collector's address is none.
    #[error("telemetry.otlp_endpoint cannot be used: {0}")]
    Traces(#[from] TracesError),
    /// The admin token is unusable.
    #[error(transparent)]
    Admin(#[from] AccessError),
    /// Certificate or key are unusable.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// A ladder of the settings cannot be played.
    #[error(transparent)]
    Ladder(#[from] LadderError),
    /// A map of the operator's folder is unusable.
    #[error(transparent)]
    Maps(#[from] MapsError),
    /// The fleet cannot be joined.
    #[error(transparent)]
    Join(#[from] JoinError),
    /// The system gives no threads.
    #[error(
        "no threads can be started: {0}; raise the number of processes that this user may have"
    )]
    Threads(io::Error),
    /// An address cannot be listened on.
    #[error("{}", listen_message(*.address, .source, .flag))]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
        /// The flag that chooses another port.
        flag: &'static str,
    },
}

fn listen_message(address: SocketAddr, source: &io::Error, flag: &str) -> String {
    if source.kind() == io::ErrorKind::AddrInUse {
        let port = address.port();
        format!(
            "port {port} is taken by another program; stop it, or choose another port with {flag}"
        )
    } else {
        format!("cannot listen on {address}: {source}; choose another address or port ({flag})")
    }
}
