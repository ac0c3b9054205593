//! What an admin does. Each act is noted with what came of it.

use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use sovereign_core::SystemOrder;
use sovereign_core::id::PlayerId;

use super::Admin;
use crate::error::ApiError;
use crate::room::{RoomState, ToRoom};
use crate::store::{AuditEvent, now_ms};

/// Characters of the longest announcement or reason.
const TEXT_CHARS: usize = 500;

/// What is sent with an act.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Wish {
    /// Why; for the audit log.
    pub(super) reason: String,
    /// The seat of `kick`.
    seat: Option<u16>,
    /// The end of `ban`, in seconds since 1970; for good if not said.
    pub(super) until_s: Option<u64>,
    /// The text of `announce`.
    message: String,
}

impl Wish {
    pub(super) fn checked(self) -> Result<Self, ApiError> {
        if [&self.reason, &self.message].iter().any(|text| text.chars().count() > TEXT_CHARS) {
            return Err(ApiError::bad_request("reason and message have at most 500 characters"));
        }
        Ok(self)
    }
}

impl Admin {
    /// Does something to a game.
    pub(super) async fn game(&self, name: &str, act: &str, wish: Wish) -> Result<Value, ApiError> {
        let wish = wish.checked()?;
        let done = match act {
            "freeze" => self.order(name, SystemOrder::Pause).await,
            "unfreeze" => self.order(name, SystemOrder::Resume).await,
            "end" => self.api.lobby.end(name).await,
            "kick" => match wish.seat {
                Some(seat) => self.order(name, SystemOrder::Kick { player: PlayerId(seat) }).await,
                None => Err(ApiError::bad_request("say which seat, from 0")),
            },
            _ => return Err(ApiError::not_found("act")),
        };
        let subject = match wish.seat {
            Some(seat) => format!("{name} seat {seat}"),
            None => name.to_owned(),
        };
        self.noted(act, &subject, &wish.reason, done).await
    }

    async fn order(&self, name: &str, order: SystemOrder) -> Result<(), ApiError> {
        let Some(RoomState::Open(room)) = self.api.lobby.find(name)?.room().await else {
            return Err(not_running());
        };
        room.tell(ToRoom::System(order)).await.map_err(|_| not_running())
    }

    /// Tells everybody in every game something.
    pub(super) async fn announce(&self, wish: Wish) -> Result<Value, ApiError> {
        let wish = wish.checked()?;
        if wish.message.trim().is_empty() {
            return Err(ApiError::bad_request("an announcement needs a message"));
        }
        let games = match &self.api.fleet {
            Some(fleet) => fleet.announce(&wish.message).await,
            None => Ok(self.api.lobby.announce(&wish.message).await),
        };
        let subject = games.as_ref().map_or_else(|_| "games".to_owned(), |n| format!("{n} games"));
        self.noted("announce", &subject, &wish.message, games.map(drop)).await
    }

    /// Notes an act and answers it. What cannot be noted is reported as failed, although it
    /// may have been done.
    pub(super) async fn noted(
        &self,
        act: &str,
        subject: &str,
        detail: &str,
        done: Result<(), ApiError>,
    ) -> Result<Value, ApiError> {
        let outcome = done.as_ref().err().map_or("done", |error| error.code);
        self.note(act, subject, outcome, detail).await?;
        done.map(|()| json!({ "done": act, "subject": subject }))
    }

    /// Somebody without the token asked for something.
    pub(super) async fn denied(&self) {
        crate::telemetry::metrics::admin_denied();
        if self.denials.allow()
            && let Err(error) = self.note("access", "", "denied", "").await
        {
            tracing::error!(%error, "a denial cannot be noted");
        }
    }

    async fn note(
        &self,
        action: &str,
        subject: &str,
        outcome: &str,
        detail: &str,
    ) -> Result<(), ApiError> {
        let own = |text: &str| text.to_owned();
        let event = AuditEvent {
            at_ms: now_ms(),
            action: own(action),
            subject: own(subject),
            outcome: own(outcome),
            detail: own(detail),
        };
        Ok(self.api.store.audit(event).await?)
    }
}

fn not_running() -> ApiError {
    let hint = "only a game that is being played can be told so; end removes any other";
    ApiError::new(StatusCode::CONFLICT, "not_running", "the game is not being played", hint)
}
