//! What a keeper of [`People`](crate::store::People) must do.

use uuid::Uuid;

use super::Fixture;
use crate::log::GameId;
use crate::store::people::{
    Account, Ban, Claim, Exchange, Exchanged, NewSession, Revocation, SecretHash,
};
use crate::store::{Finish, GameRecord, Keep, Report, SeatRecord, SeatResult};

const NOW: i64 = 1_000_000;
const DAY: i64 = 86_400_000;

fn guest(name: &str) -> Account {
    Account::guest(Uuid::new_v4(), name.to_owned())
}

fn member(login: &str) -> Account {
    Account { login: Some(login.to_owned()), ..guest("Ada") }
}

fn begin(account: Uuid, refresh: u8, now_ms: i64, most: u32) -> NewSession {
    let (id, expires_ms) = (Uuid::new_v4(), now_ms + DAY);
    NewSession { id, account, refresh: secret(refresh), now_ms, expires_ms, most, until_s: 2_000 }
}

const fn secret(number: u8) -> SecretHash {
    [number; 32]
}

fn spend(spent: u8, fresh: u8, attempt: Option<Uuid>, now_ms: i64) -> Exchange {
    let (spent, fresh) = (secret(spent), secret(fresh));
    Exchange { spent, fresh, attempt, now_ms, expires_ms: now_ms + DAY, until_s: 2_000 }
}

async fn logins_are_unique(store: &Fixture) {
    let (first, second, other) = (member("ada"), member("ada"), guest("Grace"));
    let hash = || Some("hash".to_owned());
    assert!(store.create_account(first.clone(), hash()).await.unwrap());
    assert!(!store.create_account(second.clone(), hash()).await.unwrap());
    assert_eq!(store.account(second.id).await.unwrap(), None);
    assert!(store.create_account(other.clone(), None).await.unwrap());
    let claim = |login: &str| store.claim_login(other.id, login.to_owned(), "h".to_owned());
    assert_eq!(claim("ada").await.unwrap(), Claim::Taken);
    assert_eq!(claim("grace").await.unwrap(), Claim::Granted);
    assert_eq!(claim("hopper").await.unwrap(), Claim::NotAGuest);
    let found = store.credentials("grace".to_owned()).await.unwrap().unwrap();
    assert_eq!((found.account.id, found.account.name.as_str()), (other.id, "Grace"));
    assert_eq!(store.credentials("nobody".to_owned()).await.unwrap(), None);
}

async fn passwords_and_names_change(store: &Fixture) {
    let ada = member("ada");
    store.create_account(ada.clone(), Some("old".to_owned())).await.unwrap();
    store.set_password(ada.id, "new".to_owned()).await.unwrap();
    store.rename_account(ada.id, "Countess".to_owned()).await.unwrap();
    let found = store.credentials("ada".to_owned()).await.unwrap().unwrap();
    assert_eq!((found.password.as_str(), found.account.name.as_str()), ("new", "Countess"));
}

async fn refresh_tokens_rotate_and_reuse_ends_the_session(store: &Fixture) {
    let ada = guest("Ada");
    store.create_account(ada.clone(), None).await.unwrap();
    let session = begin(ada.id, 1, NOW, 8);
    let id = session.id;
    assert!(store.begin_session(session).await.unwrap().is_empty());
    let fresh = Exchanged::Fresh { session: id, account: ada };
    for token in 1..5 {
        let spent = store.exchange_refresh(spend(token, token + 1, None, NOW)).await.unwrap();
        assert_eq!(spent, fresh);
    }
    let again = store.exchange_refresh(spend(2, 9, None, NOW)).await.unwrap();
    assert_eq!(again, Exchanged::Reused { session: id });
    for token in [5, 9, 77] {
        let gone = store.exchange_refresh(spend(token, 10, None, NOW)).await.unwrap();
        assert_eq!(gone, Exchanged::Unknown, "{token}");
    }
    let void = store.revocations().await.unwrap();
    assert_eq!(void, [Revocation { id, issued_s: 2_000, until_s: 2_000 }]);
}

async fn a_lost_answer_can_be_asked_for_again(store: &Fixture) {
    let ada = guest("Ada");
    store.create_account(ada.clone(), None).await.unwrap();
    let session = begin(ada.id, 1, NOW, 8);
    let fresh = Exchanged::Fresh { session: session.id, account: ada };
    let reused = Exchanged::Reused { session: session.id };
    store.begin_session(session).await.unwrap();
    let attempt = Some(Uuid::new_v4());
    for token in [2, 3, 4] {
        let answer = store.exchange_refresh(spend(1, token, attempt, NOW)).await.unwrap();
        assert_eq!(answer, fresh, "the answer with token {token} may have been lost");
    }
    let void = store.exchange_refresh(spend(3, 9, None, NOW)).await.unwrap();
    assert_eq!(void, Exchanged::Unknown, "an answer that was replaced");
    assert_eq!(store.exchange_refresh(spend(4, 5, None, NOW)).await.unwrap(), fresh);
    let late = store.exchange_refresh(spend(1, 6, attempt, NOW)).await.unwrap();
    assert_eq!(late, reused, "the answer was used: this is a copy");
}

async fn another_attempt_is_reuse(store: &Fixture) {
    let ada = guest("Ada");
    store.create_account(ada.clone(), None).await.unwrap();
    let session = begin(ada.id, 1, NOW, 8);
    let reused = Exchanged::Reused { session: session.id };
    store.begin_session(session).await.unwrap();
    store.exchange_refresh(spend(1, 2, Some(Uuid::new_v4()), NOW)).await.unwrap();
    let thief = store.exchange_refresh(spend(1, 3, Some(Uuid::new_v4()), NOW)).await.unwrap();
    assert_eq!(thief, reused);
}

async fn sessions_end_by_time_by_number_and_by_wish(store: &Fixture) {
    let ada = guest("Ada");
    store.create_account(ada.clone(), None).await.unwrap();
    let sessions: Vec<NewSession> =
        (1..=3).map(|n| begin(ada.id, n, NOW + i64::from(n), 2)).collect();
    let ids: Vec<Uuid> = sessions.iter().map(|session| session.id).collect();
    let mut ended = Vec::new();
    for session in sessions {
        ended.extend(store.begin_session(session).await.unwrap());
    }
    assert_eq!(ended.iter().map(|one| one.id).collect::<Vec<_>>(), ids[..1], "the oldest");
    let late = store.exchange_refresh(spend(2, 20, None, NOW + 2 * DAY)).await.unwrap();
    assert_eq!(late, Exchanged::Unknown, "it is over");
    let mut rest = store.end_sessions(ada.id, 3_000).await.unwrap();
    rest.sort_by_key(|one| ids.iter().position(|id| *id == one.id));
    assert_eq!(rest.iter().map(|one| one.id).collect::<Vec<_>>(), ids[1..]);
    assert_eq!(store.revocations().await.unwrap().len(), 3);
    store.end_session(ids[0], 4_000).await.unwrap();
    let again = store.revocations().await.unwrap();
    assert_eq!(again.iter().map(|one| one.until_s).max(), Some(4_000), "the last word counts");
}

async fn a_person_is_exported_and_erased(store: &Fixture) {
    let ada = member("ada");
    store.create_account(ada.clone(), Some("$argon2id$canary".to_owned())).await.unwrap();
    store.begin_session(begin(ada.id, 1, NOW, 8)).await.unwrap();
    let told = store.export_account(ada.id).await.unwrap();
    assert_eq!(told["account"][0]["login"], "ada");
    assert_eq!(told["session"].as_array().unwrap().len(), 1);
    assert!(!told.to_string().contains("canary"), "hashes are kept from their owner too");
    let void = Revocation { id: ada.id, issued_s: 1, until_s: 2 };
    store.erase_account(ada.id, void).await.unwrap();
    assert_eq!(store.account(ada.id).await.unwrap(), None);
    assert_eq!(store.credentials("ada".to_owned()).await.unwrap(), None);
    let orphan = store.exchange_refresh(spend(1, 2, None, NOW)).await.unwrap();
    assert_eq!(orphan, Exchanged::Unknown);
    let nothing = store.export_account(ada.id).await.unwrap();
    let tables = nothing.as_object().unwrap().values();
    assert!(tables.into_iter().all(|rows| rows.as_array().unwrap().is_empty()));
    assert_eq!(store.revocations().await.unwrap(), [void]);
}

async fn what_is_over_is_swept(store: &Fixture) {
    let (stays, goes, ada) = (guest("Stays"), guest("Goes"), member("ada"));
    for account in [&stays, &goes, &ada] {
        store.create_account(account.clone(), account.login.clone()).await.unwrap();
    }
    let late = i64::MAX / 2;
    store.begin_session(begin(goes.id, 1, NOW, 8)).await.unwrap();
    store.begin_session(begin(stays.id, 2, late, 8)).await.unwrap();
    store.revoke(Revocation { id: ada.id, issued_s: 1, until_s: 5 }).await.unwrap();
    assert_eq!(store.sweep(late, late).await.unwrap(), 1);
    assert_eq!(store.account(goes.id).await.unwrap(), None);
    assert_eq!(store.account(stays.id).await.unwrap(), Some(stays));
    assert_eq!(store.account(ada.id).await.unwrap(), Some(ada), "members are never swept");
    assert!(store.revocations().await.unwrap().is_empty());
}

async fn who_is_shut_out_is_so_for_as_long_as_it_was_said(store: &Fixture) {
    let people = [guest("Ada"), guest("Bob"), guest("Cy")];
    for account in &people {
        store.create_account(account.clone(), None).await.unwrap();
    }
    let ban = |who: &Account, at_ms, until_s| {
        let reason = "spam\0".to_owned();
        store.ban(Ban { account: who.id, at_ms, until_s, reason })
    };
    ban(&people[0], 1, None).await.unwrap();
    ban(&people[1], 2, Some(100)).await.unwrap();
    ban(&people[2], 3, Some(50)).await.unwrap();
    let shut_out = async |now_s| {
        let bans = store.bans(now_s).await.unwrap();
        bans.iter().map(|ban| (ban.account, ban.until_s)).collect::<Vec<_>>()
    };
    let (first, second) = ((people[0].id, None), (people[1].id, Some(100)));
    assert_eq!(shut_out(40).await, [(people[2].id, Some(50)), second, first], "the last first");
    assert_eq!(shut_out(50).await, [second, first]);
    ban(&people[0], 4, Some(u64::MAX >> 1)).await.unwrap();
    assert_eq!(shut_out(50).await[0], (people[0].id, Some(u64::MAX >> 1)), "the last word counts");
    assert!(store.unban(people[1].id).await.unwrap());
    assert!(!store.unban(people[1].id).await.unwrap());
    assert_eq!(shut_out(0).await.len(), 2);
    // Guests without a session: those who are shut out are remembered.
    assert_eq!(store.sweep(i64::MAX / 2, i64::MAX / 2).await.unwrap(), 2);
    let void = Revocation { id: people[0].id, issued_s: 1, until_s: 2 };
    store.erase_account(people[0].id, void).await.unwrap();
    assert!(shut_out(0).await.is_empty());
}

async fn people_are_found_by_name_and_by_id(store: &Fixture) {
    let people = [guest("Ada 100%_x"), guest("Bob"), guest("Adam")];
    for account in &people {
        store.create_account(account.clone(), None).await.unwrap();
    }
    let found = async |text: &str, most| {
        let found = store.find_accounts(text.to_owned(), most).await.unwrap();
        found.into_iter().map(|account| account.name).collect::<std::collections::BTreeSet<_>>()
    };
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    assert_eq!(found(" aDA ", 9).await, names(&["Ada 100%_x", "Adam"]));
    assert_eq!(found("%_", 9).await, names(&["Ada 100%_x"]), "as it is written");
    assert_eq!(found(&people[1].id.to_string(), 9).await, names(&["Bob"]));
    assert_eq!(found("", 2).await.len(), 2);
    assert!(found("\0", 9).await.is_empty());
}

/// D1: once for all databases, whatever tables they have.
async fn nothing_names_who_was_erased(store: &Fixture) {
    let (ada, bob) = (Account { name: "Canary".to_owned(), ..member("canary") }, guest("Bob"));
    store.create_account(ada.clone(), Some("canary-hash".to_owned())).await.unwrap();
    store.create_account(bob.clone(), None).await.unwrap();
    store.begin_session(begin(ada.id, 1, NOW, 8)).await.unwrap();
    store.exchange_refresh(spend(1, 2, None, NOW)).await.unwrap();
    let (until_s, reason) = (None, "canary".to_owned());
    store.ban(Ban { account: ada.id, at_ms: NOW, until_s, reason }).await.unwrap();
    let id = Uuid::now_v7();
    let record = GameRecord::lobby(id, "ABC234".to_owned(), "{}".to_owned());
    let seat = |(account, seat): (&Account, u16)| SeatRecord {
        seat,
        account: Some(account.id),
        name: account.name.clone(),
        host: seat == 0,
    };
    let seats = [&ada, &bob].into_iter().zip(0..).map(seat).collect();
    assert!(store.create_seated_game(record, seats).await.unwrap());
    let result = |seat| SeatResult { seat, side: seat, place: seat + 1, drawn: false };
    let (results, ladder) = (vec![result(0), result(1)], Some("duel".to_owned()));
    let keep = Keep { replays: 9, results: 9 };
    store.finish_game(Finish { results, ladder, ..Finish::bare(id) }, keep).await.unwrap();
    for (account, reporter) in [(&ada, &bob), (&bob, &ada)] {
        store.put_report(complaint(id, account.id, reporter.id), 9).await.unwrap();
    }
    let traces = ["canary".to_owned(), "Canary".to_owned(), ada.id.to_string()];
    let before = store.told().await;
    assert!(traces.iter().all(|trace| before.contains(trace)), "{before}");
    let void = Revocation { id: ada.id, issued_s: 1, until_s: 2 };
    store.erase_account(ada.id, void).await.unwrap();
    let after = store.told().await;
    assert!(!traces.iter().any(|trace| after.contains(trace)), "{after}");
    assert!(after.contains("Bob") && after.contains(&bob.id.to_string()));
    assert_eq!(store.seats(id).await.unwrap().len(), 2);
}

fn complaint(game: GameId, account: Uuid, reporter: Uuid) -> Report {
    Report {
        number: 0,
        at_ms: NOW,
        game,
        tick: None,
        seat: 0,
        account: Some(account),
        reporter: Some(reporter),
        reason: "abuse".to_owned(),
        comment: "a canary".to_owned(),
        lines: serde_json::json!(["canary"]),
        closed: false,
    }
}

contract! {
    who_is_shut_out_is_so_for_as_long_as_it_was_said
    people_are_found_by_name_and_by_id
    nothing_names_who_was_erased
    logins_are_unique
    passwords_and_names_change
    refresh_tokens_rotate_and_reuse_ends_the_session
    a_lost_answer_can_be_asked_for_again
    another_attempt_is_reuse
    sessions_end_by_time_by_number_and_by_wish
    a_person_is_exported_and_erased
    what_is_over_is_swept
}
