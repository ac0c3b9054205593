//! The operations listener: `/livez`, `/readyz`, `/metrics`, `/version`.

use http::StatusCode;
use serde_json::json;
use warp::reply::{Reply, Response, json as json_reply, with_status};
use warp::{Filter, Rejection};

use crate::health::Health;
use crate::log::{LogHandle, LogHealth};
use crate::store::Store;
use crate::telemetry::metrics;

/// What the listener looks at.
#[derive(Clone, Debug)]
pub struct Ops {
    /// Loops and readiness.
    pub health: Health,
    /// The order log.
    pub log: LogHandle,
    /// The database.
    pub store: Store,
}

/// The routes.
pub fn routes(
    ops: Ops,
) -> impl Filter<Extract = (Response,), Error = Rejection> + Clone + Send + Sync + 'static {
    let with = move || {
        let ops = ops.clone();
        warp::any().map(move || ops.clone())
    };
    let live = warp::path!("livez").and(with()).map(|ops: Ops| live(&ops));
    let ready = warp::path!("readyz").and(with()).then(|ops: Ops| async move { ready(&ops).await });
    let metrics = warp::path!("metrics").map(metrics_text);
    let version = warp::path!("version").map(|| json_reply(&version()).into_response());
    warp::get().and(live.or(ready).unify().or(metrics).unify().or(version).unify())
}

/// Name and version of this server, and the rules that it runs.
#[must_use]
pub fn version() -> serde_json::Value {
    json!({
        "name": env!("CARGO_PKG_NAME"),
        "version": env!("CARGO_PKG_VERSION"),
        "rules_version": sovereign_core::rules::RULES_VERSION,
    })
}

fn live(ops: &Ops) -> Response {
    let stuck = ops.health.stuck_loops();
    let status = if stuck == 0 { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    with_status(json_reply(&json!({ "live": stuck == 0, "stuck_loops": stuck })), status)
        .into_response()
}

async fn ready(ops: &Ops) -> Response {
    let log = match &*ops.log.health().borrow() {
        LogHealth::Writing => None,
        LogHealth::Stalled(reason) => Some(reason.clone()),
    };
    let store = ops.store.ping().await.err().map(|error| error.to_string());
    let ready = ops.health.is_ready() && log.is_none() && store.is_none();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let draining = !ops.health.is_ready();
    let body = json!({ "ready": ready, "draining": draining, "log": log, "store": store });
    with_status(json_reply(&body), status).into_response()
}

fn metrics_text() -> Response {
    let mut response = metrics::render().into_response();
    let kind = http::HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    response.headers_mut().insert(http::header::CONTENT_TYPE, kind);
    response
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::log::memory::MemoryLog;
    use crate::log::{Committer, GameId};
    use crate::store::SqliteStore;

    #[tokio::test(start_paused = true)]
    async fn livez_fails_while_a_loop_is_stuck() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path()).await.unwrap().into();
        let (_committer, log) = Committer::new(Arc::new(MemoryLog::new()));
        let ops = Ops { health: Health::default(), log, store };
        assert_eq!(live(&ops).status(), StatusCode::OK, "without a game there is no loop");
        let pulse = ops.health.watch(GameId::now_v7());
        tokio::time::advance(Duration::from_secs(9)).await;
        assert_eq!(live(&ops).status(), StatusCode::OK);
        tokio::time::advance(Duration::from_secs(2)).await;
        assert_eq!(live(&ops).status(), StatusCode::SERVICE_UNAVAILABLE);
        pulse.beat();
        assert_eq!(live(&ops).status(), StatusCode::OK, "it came round");
    }
}
