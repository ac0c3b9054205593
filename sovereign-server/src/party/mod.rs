//! Parties: people who enter lobbies and the ranked queue together.
//!
//! Whoever holds the invitation may join: a random token, kept here as a hash, good for one
//! party, for a while, until the leader takes it back. Parties live in memory; a restart ends
//! them, and games go on.
//!
//! Invariant: a person is in one party at most, and a party has one leader, who is in it.

mod group;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::StatusCode;
use serde::Serialize;
use tokio::sync::watch;
use tokio::time::Instant;
use uuid::Uuid;

use crate::auth::secret;
use crate::config::{Limits, Live};
use crate::error::ApiError;
use crate::log::GameId;
use crate::ranked::Entrant;
use crate::store::people::SecretHash;
use crate::telemetry::metrics;

use group::Group;
pub use group::{MemberInfo, PartyInfo};

/// Time between two rounds of clearing away parties that nobody uses.
const CLEARING: Duration = Duration::from_secs(30);

/// All parties of this process; cheap to clone.
#[derive(Clone, Debug)]
pub struct Parties {
    settings: Live,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    groups: HashMap<Uuid, Group>,
    /// The party of each person.
    of: HashMap<Uuid, Uuid>,
    /// The party that each invitation opens.
    invitations: HashMap<SecretHash, Uuid>,
}

/// What lets somebody in; told once.
#[derive(Clone, Debug, Serialize)]
pub struct Invitation {
    /// The capability.
    pub token: String,
    /// The page on which it is used; browsers do not send what stands after the #.
    pub link: String,
    /// For how many seconds it is good.
    pub expires_s: u64,
}

impl State {
    fn group_of(&mut self, account: Uuid) -> Result<&mut Group, ApiError> {
        let id = self.of.get(&account);
        id.and_then(|id| self.groups.get_mut(id))
            .ok_or_else(|| ApiError::not_found("party of yours"))
    }

    /// The party that somebody leads.
    fn led_by(&mut self, account: Uuid) -> Result<&mut Group, ApiError> {
        let group = self.group_of(account)?;
        if group.is_led_by(account) { Ok(group) } else { Err(not_the_leader()) }
    }

    /// Makes the invitation of somebody's party void.
    fn revoke(&mut self, account: Uuid) -> Result<(), ApiError> {
        let old = self.led_by(account)?.invitation.take();
        if let Some((hash, _)) = old {
            self.invitations.remove(&hash);
        }
        Ok(())
    }

    /// Takes somebody out; a party without people goes.
    fn remove(&mut self, account: Uuid) {
        let Some(id) = self.of.remove(&account) else { return };
        let Some(group) = self.groups.get_mut(&id) else { return };
        group.remove(account);
        if group.is_empty() {
            self.disband(id);
        }
    }

    fn disband(&mut self, id: Uuid) {
        let Some(group) = self.groups.remove(&id) else { return };
        self.of.retain(|_, party| *party != id);
        if let Some((hash, _)) = group.invitation {
            self.invitations.remove(&hash);
        }
        group.news.tell();
    }
}

impl Parties {
    /// No parties.
    #[must_use]
    pub fn new(settings: Live) -> Self {
        Self { settings, state: Arc::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn limits(&self) -> Limits {
        self.settings.now().limits.clone()
    }

    /// Founds a party; who has one keeps it.
    ///
    /// # Errors
    /// 503 at the limit.
    pub fn found(&self, leader: Entrant) -> Result<(), ApiError> {
        let most = Limits::count(self.limits().parties);
        let mut state = self.state();
        if state.of.contains_key(&leader.account.id) {
            return Ok(());
        }
        if state.groups.len() >= most {
            metrics::limit_hit("parties");
            return Err(ApiError::unavailable("there are as many parties as the server can bear"));
        }
        let id = Uuid::new_v4();
        state.of.insert(leader.account.id, id);
        state.groups.insert(id, Group::of(leader));
        Ok(())
    }

    /// A new invitation to the party that somebody leads; the one before is void.
    ///
    /// # Errors
    /// 404 without a party, 403 for others than its leader.
    pub fn invite(&self, account: Uuid) -> Result<Invitation, ApiError> {
        let expires_s = self.limits().party_invitation_s;
        let token = secret::generate();
        let hash = token.as_deref().and_then(secret::hash);
        let random = token.zip(hash);
        let (token, hash) = random.ok_or_else(|| ApiError::internal(&"no random bytes"))?;
        let mut state = self.state();
        state.revoke(account)?;
        let group = state.led_by(account)?;
        group.invitation = Some((hash, Instant::now() + Duration::from_secs(expires_s)));
        group.news.tell();
        let id = state.of[&account];
        state.invitations.insert(hash, id);
        let link = format!("/#/party/{token}");
        Ok(Invitation { token, link, expires_s })
    }

    /// Takes the invitation back.
    ///
    /// # Errors
    /// As [`Self::invite`].
    pub fn revoke(&self, account: Uuid) -> Result<(), ApiError> {
        let mut state = self.state();
        state.revoke(account)?;
        state.led_by(account)?.news.tell();
        Ok(())
    }

    /// Lets somebody in who has an invitation; gives the leader, or nobody if he was in already.
    ///
    /// # Errors
    /// 404 for one that is none, has expired or was taken back; 409 when the party is full
    /// or the caller is in another one.
    pub fn join(&self, entrant: Entrant, token: &str) -> Result<Option<Uuid>, ApiError> {
        let most = Limits::count(self.limits().party_people);
        let hash = secret::hash(token).ok_or_else(no_invitation)?;
        let mut state = self.state();
        let id = *state.invitations.get(&hash).ok_or_else(no_invitation)?;
        let account = entrant.account.id;
        match state.of.get(&account) {
            Some(own) if *own != id => {
                let hint = "leave it first";
                return Err(conflict("in_party", "you are in another party", hint));
            }
            _ => {}
        }
        let group = state.groups.get_mut(&id).ok_or_else(no_invitation)?;
        if group.invitation.is_none_or(|(_, until)| until <= Instant::now()) {
            return Err(no_invitation());
        }
        if group.has(account) {
            return Ok(None);
        }
        if group.len() >= most {
            metrics::limit_hit("party_people");
            return Err(conflict("full", "the party is full", "found another one"));
        }
        group.add(entrant);
        let leader = group.leader();
        state.of.insert(account, id);
        Ok(Some(leader))
    }

    /// Takes somebody out; the next one leads if it was the leader.
    pub fn leave(&self, account: Uuid) {
        self.state().remove(account);
    }

    /// Puts a member out. The invitation is void with it, or the same link would lead back.
    ///
    /// # Errors
    /// 403 for others than the leader, 404 without such another member.
    pub fn kick(&self, account: Uuid, member: u32) -> Result<(), ApiError> {
        let mut state = self.state();
        let gone = state.led_by(account)?.other(member)?;
        state.revoke(account)?;
        state.remove(gone);
        Ok(())
    }

    /// Makes another member the leader.
    ///
    /// # Errors
    /// As [`Self::kick`].
    pub fn hand_over(&self, account: Uuid, member: u32) -> Result<(), ApiError> {
        let mut state = self.state();
        let group = state.led_by(account)?;
        let heir = group.other(member)?;
        group.lead(heir);
        Ok(())
    }

    /// The people that somebody speaks for: the party that he leads; nobody, if there is none.
    ///
    /// # Errors
    /// 403 for members who do not lead.
    pub fn people(&self, account: Uuid) -> Result<Option<Vec<Entrant>>, ApiError> {
        let mut state = self.state();
        if !state.of.contains_key(&account) {
            return Ok(None);
        }
        Ok(Some(state.led_by(account)?.people()))
    }

    /// The party has entered a game: its members follow.
    pub fn moved(&self, account: Uuid, game: GameId) {
        if let Ok(group) = self.state().led_by(account) {
            group.game = Some(game);
            group.news.tell();
        }
    }

    /// Ends all parties: another node has them, and people meet there.
    pub fn close(&self) {
        let mut state = self.state();
        let all: Vec<Uuid> = state.groups.keys().copied().collect();
        for id in all {
            state.disband(id);
        }
    }

    /// Something has changed that members should look at.
    pub fn tell(&self, account: Uuid) {
        if let Ok(group) = self.state().group_of(account) {
            group.news.tell();
        }
    }

    /// Somebody's party.
    #[must_use]
    pub fn look(&self, account: Uuid) -> Option<PartyInfo> {
        let most = self.limits().party_people;
        let mut state = self.state();
        let group = state.group_of(account).ok()?;
        group.seen = Instant::now();
        Some(group.info(account, most))
    }

    /// To wait for changes of somebody's party.
    #[must_use]
    pub fn watch(&self, account: Uuid) -> Option<watch::Receiver<u64>> {
        let mut state = self.state();
        let group = state.group_of(account).ok()?;
        group.seen = Instant::now();
        Some(group.news.watch())
    }

    /// Clears away parties that nobody uses, for as long as the server runs.
    pub async fn keep_clear(self) {
        loop {
            tokio::time::sleep(CLEARING).await;
            self.clear();
        }
    }

    fn clear(&self) {
        let (now, idle) = (Instant::now(), Duration::from_secs(self.limits().party_idle_s));
        let mut state = self.state();
        let unused = |group: &Group| now.saturating_duration_since(group.seen) > idle;
        let gone = state.groups.iter().filter(|(_, group)| unused(group));
        let gone: Vec<Uuid> = gone.map(|(id, _)| *id).collect();
        for id in gone {
            state.disband(id);
        }
    }
}

fn no_invitation() -> ApiError {
    let message = "this invitation is not good, or no longer";
    ApiError::new(StatusCode::NOT_FOUND, "no_invitation", message, "ask the leader for a new link")
}

fn not_the_leader() -> ApiError {
    let message = "only the party's leader can do this";
    ApiError::new(StatusCode::FORBIDDEN, "not_the_leader", message, "ask the leader")
}

fn conflict(code: &'static str, message: &str, hint: &str) -> ApiError {
    ApiError::new(StatusCode::CONFLICT, code, message, hint)
}

#[cfg(test)]
mod tests;
