//! The job that has the ranked queue and the parties: one node has it for all.
//!
//! Both live in memory. When another node gets the job, searches and parties end, and people
//! begin them anew there; games go on.

use std::fmt;

use bytes::Bytes;
use http::Method;
use uuid::Uuid;

use super::duty::PEOPLE;
use super::{Fleet, Member, place_job};
use crate::error::ApiError;
use crate::log::GameId;
use crate::party::Parties;
use crate::ranked::Queue;
use crate::store::Account;

/// Where a node asks for somebody's party.
pub(super) const PARTIES: &str = "/peer/parties/";

/// The people of this node's parties and queue.
pub trait Companies: Send + Sync + fmt::Debug {
    /// The party that somebody leads, if he does.
    fn led_by(&self, account: Uuid) -> Result<Option<Vec<Account>>, ApiError>;

    /// It has entered a game.
    fn moved(&self, leader: Uuid, game: GameId);

    /// Another node has them now.
    fn close(&self);
}

/// The queue and the parties of one process.
#[derive(Clone, Debug)]
pub struct Gathered {
    /// The parties.
    pub parties: Parties,
    /// The queue.
    pub queue: Queue,
}

impl Companies for Gathered {
    fn led_by(&self, account: Uuid) -> Result<Option<Vec<Account>>, ApiError> {
        let party = self.parties.people(account)?;
        Ok(party.map(|party| party.into_iter().map(|entrant| entrant.account).collect()))
    }

    fn moved(&self, leader: Uuid, game: GameId) {
        self.parties.moved(leader, game);
    }

    fn close(&self) {
        self.queue.close();
        self.parties.close();
    }
}

impl Fleet {
    /// The other node that has queue and parties, if it is not this one.
    pub(super) fn people_elsewhere(&self) -> Option<Member> {
        self.job_elsewhere(PEOPLE.as_bytes())
    }

    /// The other node that has a job which is one for the whole fleet, if it is not this one.
    pub(super) fn job_elsewhere(&self, job: &[u8]) -> Option<Member> {
        let living = self.inner.roster.living();
        let node = place_job(job, living.iter())?;
        (node.name != self.name()).then(|| node.clone())
    }

    /// Ends what this node has of queue and parties whenever another node gets the job.
    pub async fn keep_people(self) {
        let mut changes = self.inner.roster.watch();
        let mut had = false;
        while changes.changed().await.is_ok() {
            let has = self.people_elsewhere().is_none();
            if had && !has {
                self.inner.companies.close();
            }
            had = has;
        }
    }

    /// The party that somebody leads, wherever parties are.
    ///
    /// # Errors
    /// 403 for members who do not lead, 503 when the node that has them does not answer.
    pub async fn party_led_by(&self, account: Uuid) -> Result<Option<Vec<Account>>, ApiError> {
        let Some(node) = self.people_elsewhere() else {
            return self.inner.companies.led_by(account);
        };
        let path = format!("{PARTIES}{account}");
        let answer = self.ask(Method::GET, &path, Bytes::new(), &node).await;
        let party = answer.and_then(|answer| serde_json::from_slice(&answer).ok());
        party.ok_or_else(|| ApiError::unavailable("parties cannot be asked for now"))
    }

    /// Tells a party that it has entered a game.
    pub async fn party_moved(&self, leader: Uuid, game: GameId) {
        match self.people_elsewhere() {
            None => self.inner.companies.moved(leader, game),
            Some(node) => {
                let path = format!("{PARTIES}{leader}/{game}");
                // Its members see the game in any case, a moment later.
                let _ = self.ask(Method::POST, &path, Bytes::new(), &node).await;
            }
        }
    }
}
