//! What PostgreSQL alone can do wrong: two nodes at once, and a schema of its own.

use std::collections::BTreeSet;

use futures_util::future::{join_all, try_join_all};
use uuid::Uuid;

use super::*;
use crate::config::{Limits, PostgresConfig, Secret};
use crate::log::GameId;
use crate::postgres::{fresh, pool_of, testing};
use crate::store::people::{Account, Claim, Exchange, Exchanged, NewSession};
use crate::store::person::{PERSONAL, SECRET};
use crate::store::{
    Audit as _, AuditEvent, Cursor, Finish, GameRecord, Games as _, Keep, Library as _,
    People as _, Records as _, SeatRecord, SeatResult,
};

/// Rounds in which two meet; each collides in another way.
const ROUNDS: u8 = 20;

/// Two nodes on one database.
async fn two() -> [PostgresStore; 2] {
    let url = testing::Server::shared().database().await;
    let first = pool_of(&url).await;
    crate::postgres::Migrator::default().up(&first).await.unwrap();
    [PostgresStore::new(first, None, "a"), PostgresStore::new(pool_of(&url).await, None, "b")]
}

fn guest(name: &str) -> Account {
    Account::guest(Uuid::new_v4(), name.to_owned())
}

async fn columns() -> Vec<(String, String)> {
    let select = "SELECT table_name::text, column_name::text FROM information_schema.columns
                  WHERE table_schema = 'public'";
    let pool = fresh().await;
    let rows = pool.connection().await.unwrap().query(select, &[]).await.unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

/// D1: a table that names accounts and is not in the list fails here.
#[tokio::test]
async fn d1_every_table_about_people_is_exported_and_erased() {
    let columns = columns().await;
    // Steps, nodes and jobs have names too, which are no person's.
    let about = |(table, column): &(String, String)| {
        let named = matches!(&**column, "account" | "login" | "name" | "reporter");
        let other = matches!(&**table, "schema_migration" | "node" | "job");
        ((table == "account" || named) && !other).then(|| table.clone())
    };
    let found: BTreeSet<String> = columns.iter().filter_map(about).collect();
    let listed = PERSONAL.iter().map(|personal| personal.table.to_owned()).collect();
    assert_eq!(found, listed, "say in PERSONAL how to export and erase it");
    assert!(SECRET.iter().all(|secret| columns.iter().any(|(_, column)| column == secret)));
}

#[tokio::test]
async fn of_two_who_want_one_login_name_one_gets_it() {
    let nodes = two().await;
    for round in 0..ROUNDS {
        let login = format!("ada{round}");
        let register = nodes.iter().map(|node| {
            let account = Account { login: Some(login.clone()), ..guest("Ada") };
            node.create_account(account, Some("hash".to_owned()))
        });
        let made = try_join_all(register).await.unwrap();
        assert_eq!(made.iter().filter(|made| **made).count(), 1, "{made:?}");
    }
    for round in 0..ROUNDS {
        let login = format!("bob{round}");
        let guests = [guest("Bob"), guest("Bob")];
        for guest in &guests {
            nodes[0].create_account(guest.clone(), None).await.unwrap();
        }
        let claim = nodes
            .iter()
            .zip(&guests)
            .map(|(node, guest)| node.claim_login(guest.id, login.clone(), "hash".to_owned()));
        let claims = try_join_all(claim).await.unwrap();
        let count = |wanted| claims.iter().filter(|claim| **claim == wanted).count();
        assert_eq!((count(Claim::Granted), count(Claim::Taken)), (1, 1), "{claims:?}");
    }
}

/// A session of its own for each round, and the hash of its first token.
async fn session(node: &PostgresStore, round: u8) -> (NewSession, Account) {
    let account = guest("Ada");
    node.create_account(account.clone(), None).await.unwrap();
    let session = NewSession {
        id: Uuid::new_v4(),
        account: account.id,
        refresh: [round; 32],
        now_ms: 1,
        expires_ms: 1_000,
        most: 8,
        until_s: 9,
    };
    node.begin_session(session.clone()).await.unwrap();
    (session, account)
}

fn exchange(spent: u8, fresh: u8, attempt: Option<Uuid>) -> Exchange {
    let mut token = [fresh; 32];
    token[0] = spent.wrapping_add(100);
    Exchange { spent: [spent; 32], fresh: token, attempt, now_ms: 2, expires_ms: 1_000, until_s: 9 }
}

#[tokio::test]
async fn of_two_who_spend_one_refresh_token_the_second_is_found_out() {
    let nodes = two().await;
    for round in 0..ROUNDS {
        let (session, account) = session(&nodes[0], round).await;
        let spend = nodes.iter().zip([200, 201]).map(|(node, fresh)| {
            node.exchange_refresh(exchange(round, fresh, Some(Uuid::new_v4())))
        });
        let outcomes = try_join_all(spend).await.unwrap();
        let (fresh, reused) = (
            Exchanged::Fresh { session: session.id, account },
            Exchanged::Reused { session: session.id },
        );
        assert!(outcomes.contains(&fresh) && outcomes.contains(&reused), "{outcomes:?}");
        let after = nodes[0].exchange_refresh(exchange(round, 202, None)).await.unwrap();
        assert_eq!(after, Exchanged::Unknown, "the session has been ended");
    }
}

/// The same attempt twice is one caller who tried again: one of the two answers holds.
#[tokio::test]
async fn an_attempt_that_arrives_twice_at_once_ends_no_session() {
    let nodes = two().await;
    for round in 0..ROUNDS {
        let (_, account) = session(&nodes[0], round).await;
        let attempt = Some(Uuid::new_v4());
        let wishes = [exchange(round, 200, attempt), exchange(round, 201, attempt)];
        let spend =
            nodes.iter().zip(&wishes).map(|(node, wish)| node.exchange_refresh(wish.clone()));
        for outcome in try_join_all(spend).await.unwrap() {
            assert!(matches!(outcome, Exchanged::Fresh { .. }), "{outcome:?}");
        }
        let mut good = 0;
        for wish in &wishes {
            let next = Exchange { spent: wish.fresh, fresh: [255 - round; 32], ..wish.clone() };
            let next = nodes[1].exchange_refresh(next).await.unwrap();
            good += u32::from(next != Exchanged::Unknown);
        }
        assert_eq!(good, 1);
        assert!(nodes[0].account(account.id).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn sessions_that_begin_at_once_are_counted_together() {
    let nodes = two().await;
    let account = guest("Ada");
    nodes[0].create_account(account.clone(), None).await.unwrap();
    let begin = (0..ROUNDS).map(|number| {
        let session = NewSession {
            id: Uuid::new_v4(),
            account: account.id,
            refresh: [number; 32],
            now_ms: i64::from(number),
            expires_ms: 1_000,
            most: 3,
            until_s: 9,
        };
        nodes[usize::from(number % 2)].begin_session(session)
    });
    try_join_all(begin).await.unwrap();
    let told = nodes[0].export_account(account.id).await.unwrap();
    assert_eq!(told["session"].as_array().unwrap().len(), 3);
}

/// A game that runs on this node, with these people.
async fn game(node: &PostgresStore, people: &[&Account]) -> Finish {
    let id = GameId::now_v7();
    let seat = |(account, seat): (&&Account, u16)| SeatRecord {
        seat,
        account: Some(account.id),
        name: account.name.clone(),
        host: false,
    };
    let seats = people.iter().zip(0..).map(seat).collect();
    let record = GameRecord::lobby(id, id.to_string(), "{}".to_owned());
    assert!(node.create_seated_game(record, seats).await.unwrap());
    let result = |seat: u16| SeatResult { seat, side: seat, place: seat + 1, drawn: false };
    let results = (0..people.len() as u16).map(result).collect();
    Finish { results, ladder: Some("duel".to_owned()), ..Finish::bare(id) }
}

const KEEP: Keep = Keep { replays: 5, results: 1_000 };

/// Ada plays many games at once, on both nodes, her first among them; each counts, and each
/// begins with the rating with which another ended.
#[tokio::test]
async fn games_of_one_player_that_end_at_once_are_rated_one_after_the_other() {
    let nodes = two().await;
    let (ada, others) = (guest("Ada"), [guest("Bob"), guest("Cy"), guest("Di")]);
    for account in others.iter().chain([&ada]) {
        nodes[0].create_account(account.clone(), None).await.unwrap();
    }
    let mut ends = Vec::new();
    for round in 0..usize::from(ROUNDS) {
        let other = &others[round % others.len()];
        // In either order, so that locks taken in the order of seats would meet.
        let people = if round % 2 == 0 { [&ada, other] } else { [other, &ada] };
        ends.push(game(&nodes[0], &people).await);
    }
    // Each end is stored twice, as by a node that was not told and one that took over.
    let store = ends.iter().zip(0..).flat_map(|(end, round)| {
        [0, 1].map(|other| nodes[(round + other) % 2].finish_game(end.clone(), KEEP))
    });
    for stored in join_all(store).await {
        stored.unwrap();
    }
    let rating = &nodes[1].ratings(ada.id).await.unwrap()[0];
    assert_eq!((rating.games, rating.wins), (20, 10));
    let results = nodes[1].results(ada.id, Cursor::NEWEST, 100).await.unwrap();
    let befores: BTreeSet<u64> =
        results.iter().map(|result| result.rated.unwrap().0.mean.to_bits()).collect();
    assert_eq!((results.len(), befores.len()), (20, 20), "no game began where another did");
    assert_eq!(nodes[0].replays(100).await.unwrap().len(), 5);
}

/// Whatever meets whatever: somebody is erased while games of theirs end.
#[tokio::test]
async fn who_is_erased_while_games_end_leaves_no_row() {
    let nodes = two().await;
    for _ in 0..ROUNDS {
        let (ada, bob) = (guest("Ada"), guest("Bob"));
        for account in [&ada, &bob] {
            nodes[0].create_account(account.clone(), None).await.unwrap();
        }
        let end = game(&nodes[0], &[&ada, &bob]).await;
        let void = crate::store::people::Revocation { id: ada.id, issued_s: 1, until_s: 2 };
        let (ended, erased) =
            tokio::join!(nodes[0].finish_game(end, KEEP), nodes[1].erase_account(ada.id, void));
        ended.unwrap();
        erased.unwrap();
        let told = nodes[0].export_account(ada.id).await.unwrap();
        let mut tables = told.as_object().unwrap().values();
        assert!(tables.all(|rows| rows.as_array().unwrap().is_empty()), "{told}");
        assert_eq!(nodes[0].ratings(bob.id).await.unwrap()[0].games, 1);
    }
}

#[tokio::test]
async fn what_two_nodes_note_at_once_is_one_chain() {
    let nodes = two().await;
    let note = (0..40_i64).map(|at_ms| {
        let (action, text) = ("kick".to_owned(), String::new);
        let event = AuditEvent { at_ms, action, subject: text(), outcome: text(), detail: text() };
        nodes[at_ms as usize % 2].audit(event)
    });
    try_join_all(note).await.unwrap();
    let report = nodes[0].audit_check().await.unwrap();
    assert_eq!((report.rows, report.broken_at), (40, None));
}

/// A replica that is gone costs a warning.
#[tokio::test]
async fn lists_come_from_the_first_where_the_replica_fails() {
    let first = fresh().await;
    let server = testing::Server::start(&["fsync=off"]);
    let replica = pool_of(&server.database().await).await;
    let store = PostgresStore::new(first, Some(replica), "");
    assert!(store.public_replays(10).await.unwrap().is_empty(), "its schema is missing");
    server.kill();
    assert!(store.public_replays(10).await.unwrap().is_empty());
    store.ping().await.unwrap();
}

#[tokio::test]
async fn a_node_takes_up_its_own_games() {
    let nodes = two().await;
    let game = |name: &str| GameRecord::lobby(GameId::now_v7(), name.to_owned(), "{}".to_owned());
    let (mine, other) = (game("AAAAAA"), game("BBBBBB"));
    nodes[0].create_game(mine.clone()).await.unwrap();
    nodes[1].create_game(other.clone()).await.unwrap();
    assert_eq!(nodes[0].unfinished_games().await.unwrap(), [mine]);
    assert_eq!(nodes[1].unfinished_games().await.unwrap(), std::slice::from_ref(&other));
    assert_eq!(nodes[0].game(other.id).await.unwrap(), Some(other));
}

/// What only reads is as good as a replica for this.
#[tokio::test]
async fn lists_come_from_the_replica_and_nothing_else_does() {
    let url = testing::Server::shared().database().await;
    let pool = pool_of(&url).await;
    crate::postgres::Migrator::default().up(&pool).await.unwrap();
    let before = PostgresStore::new(pool.clone(), None, "");
    let settings = r#"{"private": false}"#.to_owned();
    let game = GameRecord::lobby(GameId::now_v7(), "AAAAAA".to_owned(), settings);
    before.create_game(game.clone()).await.unwrap();
    before.finish_game(Finish::bare(game.id), KEEP).await.unwrap();
    let name = url.rsplit('/').next().unwrap();
    let freeze = format!("ALTER DATABASE {name} SET default_transaction_read_only = on");
    pool.connection().await.unwrap().batch_execute(&freeze).await.unwrap();
    let config = PostgresConfig { replica_url: Secret::new(url), ..PostgresConfig::default() };
    let replica = Postgres::replica(&config, &Limits::default()).unwrap();
    let store = PostgresStore::new(fresh().await, replica, "");
    assert_eq!(store.public_replays(10).await.unwrap()[0].id, game.id);
    assert_eq!(store.game(game.id).await.unwrap(), None);
    assert!(store.replays(10).await.unwrap().is_empty());
}
