//! What a keeper of the [`Audit`](crate::store::Audit) chain must do.

use super::Fixture;
use crate::store::AuditEvent;

fn event(action: &str, at_ms: i64) -> AuditEvent {
    let text = |text: &str| text.to_owned();
    AuditEvent {
        at_ms,
        action: text(action),
        subject: text("a game"),
        outcome: text("done"),
        detail: text("because"),
    }
}

async fn chain(store: &Fixture) {
    for (at_ms, action) in (1..).zip(["freeze", "kick", "ban", "unfreeze"]) {
        store.audit(event(action, at_ms)).await.unwrap();
    }
}

async fn a_chain_that_nobody_touched_is_whole(store: &Fixture) {
    let report = store.audit_check().await.unwrap();
    assert_eq!((report.rows, report.broken_at, report.newest.as_str()), (0, None, ""));
    chain(store).await;
    let report = store.audit_check().await.unwrap();
    assert_eq!((report.rows, report.broken_at), (4, None));
    let rows = store.audit_rows(4, 2).await.unwrap();
    let actions: Vec<&str> = rows.iter().map(|row| row.action.as_str()).collect();
    assert_eq!(actions, ["ban", "kick"]);
    assert_eq!(store.audit_rows(i64::MAX, 1).await.unwrap()[0].hash, report.newest);
}

async fn tampered(store: &Fixture, damage: &str, broken_at: i64) {
    chain(store).await;
    store.tamper(damage).await;
    assert_eq!(store.audit_check().await.unwrap().broken_at, Some(broken_at), "{damage}");
}

async fn a_changed_outcome_shows(store: &Fixture) {
    tampered(store, "UPDATE audit SET outcome = 'denied' WHERE number = 2", 2).await;
}

async fn a_changed_time_shows(store: &Fixture) {
    tampered(store, "UPDATE audit SET at_ms = 9 WHERE number = 3", 3).await;
}

async fn a_gap_shows(store: &Fixture) {
    tampered(store, "DELETE FROM audit WHERE number = 2", 3).await;
}

async fn a_swap_shows(store: &Fixture) {
    let swap = "UPDATE audit SET action = subject, subject = action WHERE number = 4";
    tampered(store, swap, 4).await;
}

async fn old_events_go_and_the_chain_stays_whole(store: &Fixture) {
    chain(store).await;
    assert_eq!(store.prune_audit(3).await.unwrap(), 2);
    store.audit(event("end", 5)).await.unwrap();
    let report = store.audit_check().await.unwrap();
    assert_eq!((report.rows, report.broken_at), (3, None));
    store.prune_audit(100).await.unwrap();
    assert_eq!(store.audit_check().await.unwrap().rows, 1, "the newest stays");
}

/// What no database's text may hold does not keep an act from being noted.
async fn any_words_can_be_noted(store: &Fixture) {
    store
        .audit(AuditEvent { detail: "a\0b'\"\u{fffd}".to_owned(), ..event("ban", 1) })
        .await
        .unwrap();
    assert_eq!(store.audit_check().await.unwrap().broken_at, None);
}

contract! {
    a_chain_that_nobody_touched_is_whole
    a_changed_outcome_shows
    a_changed_time_shows
    a_gap_shows
    a_swap_shows
    old_events_go_and_the_chain_stays_whole
    any_words_can_be_noted
}
