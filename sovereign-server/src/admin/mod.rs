//! The admin listener: what an operator may do to games and players, and the page for it.
//!
//! Invariant: whoever has not the admin token gets 404 for everything but the page, which
//! tells nothing; whatever is done or refused is in the audit log.

mod access;
mod acts;
mod page;
mod people;
mod routes;

use std::sync::Arc;

pub use access::{AccessError, open_token};
pub use routes::routes;

use crate::api::Api;
use crate::config::Secret;
use crate::gateway::origin::OriginRule;
use crate::gateway::rate::Trickle;

/// What the handlers work with; cheap to clone.
#[derive(Clone, Debug)]
pub struct Admin {
    /// Games, players and the database.
    pub api: Api,
    /// Which pages may ask: this listener's own, alone.
    pub origins: OriginRule,
    /// The token where the settings name none.
    pub made: Secret,
    /// How many denials are noted; more are only counted.
    pub denials: Arc<Trickle>,
}

impl Admin {
    /// The token in force now.
    fn token(&self) -> Secret {
        let config = self.api.config();
        if config.admin.token.is_empty() { self.made.clone() } else { config.admin.token.clone() }
    }
}
