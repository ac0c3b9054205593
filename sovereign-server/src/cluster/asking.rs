//! What a node asks all others, and what comes of it where some do not answer.

use bytes::Bytes;
use futures_util::future::join_all;
use http::Method;
use serde::{Deserialize, Serialize};
use tracing::warn;
use uuid::Uuid;

use super::Fleet;
use super::peers::{ANNOUNCE, PEOPLE};
use crate::error::ApiError;

/// What everybody in a game is told.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Announcement {
    pub(super) message: String,
}

impl Fleet {
    /// Whether somebody is in a ranked game that goes on for them, at whatever node. One that
    /// does not answer counts as having none: the worst that comes of it is a second game.
    pub async fn in_ranked_game(&self, account: Uuid) -> bool {
        if self.inner.games.in_ranked_game(account).await {
            return true;
        }
        let path = format!("{PEOPLE}{account}");
        let answers = self.ask_others(&Method::GET, &path, &Bytes::new()).await;
        let is_there = |answer: &Bytes| serde_json::from_slice(answer).unwrap_or(false);
        answers.iter().flatten().any(is_there)
    }

    /// Tells everybody in every game of the fleet something; how many games that were.
    ///
    /// # Errors
    /// 503 if some nodes did not hear it; in the games of all others it was said.
    pub async fn announce(&self, message: &str) -> Result<usize, ApiError> {
        let own = self.inner.games.announce(message).await;
        let body = serde_json::to_vec(&Announcement { message: message.to_owned() });
        let body = body.map_err(|error| ApiError::internal(&error))?.into();
        let answers = self.ask_others(&Method::POST, ANNOUNCE, &body).await;
        let games = |answer: &Bytes| serde_json::from_slice::<usize>(answer).ok();
        let told: Option<Vec<usize>> =
            answers.iter().map(|answer| answer.as_ref().and_then(games)).collect();
        let silent = || ApiError::unavailable("some nodes did not answer; all others have said it");
        Ok(own + told.ok_or_else(silent)?.iter().sum::<usize>())
    }

    /// Takes an erased person out of the games of all other nodes, as far as they can be reached.
    pub async fn forget_person(&self, account: Uuid) {
        let path = format!("{PEOPLE}{account}");
        let answers = self.ask_others(&Method::DELETE, &path, &Bytes::new()).await;
        let nodes = answers.iter().filter(|answer| answer.is_none()).count();
        if nodes > 0 {
            warn!(nodes, "nodes were not told of an erased person; their games end without");
        }
    }

    /// Asks all others that live at once; their answers, as far as they came in time.
    async fn ask_others(&self, method: &Method, path: &str, body: &Bytes) -> Vec<Option<Bytes>> {
        let others = self.others();
        join_all(others.iter().map(|node| self.ask(method.clone(), path, body.clone(), node))).await
    }
}
