//! What a keeper of [`Reports`](crate::store::Reports) must do.

use serde_json::json;
use uuid::Uuid;

use super::Fixture;
use crate::log::GameId;
use crate::store::Report;
use crate::store::people::{Account, Revocation};

fn report(at_ms: i64, reporter: Uuid, account: Uuid) -> Report {
    Report {
        number: 0,
        at_ms,
        game: GameId::now_v7(),
        tick: Some(70),
        seat: 1,
        account: Some(account),
        reporter: Some(reporter),
        reason: "abuse".to_owned(),
        comment: "a canary".to_owned(),
        lines: json!([{ "text": "a canary" }]),
        closed: false,
    }
}

async fn complaints_are_kept_closed_and_dropped(store: &Fixture) {
    let (ada, bob) = (Uuid::new_v4(), Uuid::new_v4());
    for at_ms in 1..=5 {
        store.put_report(report(at_ms, ada, bob), 3).await.unwrap();
    }
    let kept = store.reports(i64::MAX, false, 10).await.unwrap();
    assert_eq!(kept.iter().map(|r| r.at_ms).collect::<Vec<_>>(), [5, 4, 3]);
    let newest = kept[0].number;
    assert!(store.close_report(newest).await.unwrap());
    assert!(!store.close_report(newest).await.unwrap(), "once");
    assert_eq!(store.reports(i64::MAX, false, 10).await.unwrap().len(), 2);
    assert!(store.reports(i64::MAX, true, 1).await.unwrap()[0].closed);
    assert_eq!(store.prune_reports(5).await.unwrap(), 2);
}

/// D1: neither hears of the other by an export, and nothing is left of who was erased.
async fn d1_a_complaint_is_exported_and_erased_without_telling_on_the_other(store: &Fixture) {
    let (ada, bob) = (Uuid::new_v4(), Uuid::new_v4());
    for (id, name) in [(ada, "Ada"), (bob, "Bob")] {
        let account = Account::guest(id, name.to_owned());
        store.create_account(account, None).await.unwrap();
    }
    store.put_report(report(1, ada, bob), 10).await.unwrap();
    for (me, other) in [(ada, bob), (bob, ada)] {
        let told = store.export_account(me).await.unwrap();
        assert_eq!(told["report"][0]["reason"], "abuse");
        assert!(!told.to_string().contains(&other.to_string()), "{told}");
    }
    let void = Revocation { id: bob, issued_s: 1, until_s: 2 };
    store.erase_account(bob, void).await.unwrap();
    let left = store.reports(i64::MAX, true, 10).await.unwrap().remove(0);
    assert_eq!((left.account, left.reporter), (None, Some(ada)));
    assert_eq!((left.comment.as_str(), left.lines), ("", json!([])));
}

contract! {
    complaints_are_kept_closed_and_dropped
    d1_a_complaint_is_exported_and_erased_without_telling_on_the_other
}
