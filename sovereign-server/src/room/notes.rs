//! What rooms leave for the operator in the audit log, beside the log file.

use tracing::error;

use crate::store::{AuditEvent, Store, now_ms};

/// Characters of a note; more are cut off.
const TEXT_CHARS: usize = 500;

/// Notes something that happened to a game, off the room's task.
pub(super) fn note(store: &Store, action: &str, subject: String, outcome: &str, detail: String) {
    let event = AuditEvent {
        at_ms: now_ms(),
        action: action.to_owned(),
        subject,
        outcome: outcome.to_owned(),
        detail: detail.chars().take(TEXT_CHARS).collect(),
    };
    let store = store.clone();
    crate::hosted::spawn(async move {
        if let Err(error) = store.audit(event).await {
            error!(%error, "what happened to a game cannot be noted");
        }
    });
}
