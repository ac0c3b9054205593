//! The fleet's rows in PostgreSQL, and how they are found.

use super::*;
use crate::cluster::{directory, members};
use crate::store::{GameRecord, GameStatus, Games as _, PostgresStore, SeatRecord, StoreError};

async fn fleet() -> PostgresFleet {
    PostgresFleet::new(crate::postgres::fresh().await, 60_000)
}

#[tokio::test]
async fn heartbeats_in_postgresql_keep_the_contract() {
    members::contract::holds(&fleet().await).await;
}

#[tokio::test]
async fn a_node_that_is_silent_for_long_is_not_heard_of() {
    let fleet = fleet().await;
    let deaf = PostgresFleet { silence_ms: 0.0, ..fleet.clone() };
    let node = |name| crate::cluster::member::tests::node(name);
    fleet.beat(&node("a")).await.unwrap();
    assert_eq!(fleet.beat(&node("b")).await.unwrap().len(), 2);
    assert_eq!(deaf.beat(&node("b")).await.unwrap().len(), 1);
}

#[tokio::test]
async fn the_directory_in_postgresql_keeps_the_contract() {
    let fleet = fleet().await;
    let mut games = Vec::new();
    for (node, code, status) in [
        ("a", "ABCDEF", GameStatus::Running),
        ("a", "GHJKMN", GameStatus::Finished),
        ("b", "PQRSTU", GameStatus::Lobby),
    ] {
        let store = PostgresStore::new(fleet.postgres.clone(), None, node);
        let lobby = GameRecord::lobby(GameId::new_v4(), code.to_owned(), "{}".to_owned());
        assert!(store.create_game(lobby.clone()).await.unwrap());
        store.set_game(lobby.id, status, None).await.unwrap();
        games.push((lobby.id, code));
    }
    directory::contract::holds(&fleet, games.try_into().unwrap()).await;
}

#[tokio::test]
async fn a_node_changes_nothing_of_a_game_that_has_moved() {
    let fleet = fleet().await;
    let [a, b] = ["a", "b"].map(|node| PostgresStore::new(fleet.postgres.clone(), None, node));
    let lobby = GameRecord::lobby(GameId::new_v4(), "ABCDEF".to_owned(), "{}".to_owned());
    let seat = |name: &str| {
        let (account, name) = (Some(GameId::new_v4()), name.to_owned());
        SeatRecord { seat: 0, account, name, host: true }
    };
    a.create_game(lobby.clone()).await.unwrap();
    a.put_seat(lobby.id, seat("Ada")).await.unwrap();
    fleet.hand_over(&[lobby.id], "a", "b").await.unwrap();
    let moved = |result| assert!(matches!(result, Err(StoreError::Elsewhere)), "{result:?}");
    moved(a.put_seat(lobby.id, seat("Bob")).await);
    moved(a.change_lobby(lobby.id, "[]".to_owned(), Vec::new()).await);
    moved(a.set_game(lobby.id, GameStatus::Running, Some(vec![1])).await);
    a.remove_seat(lobby.id, 0).await.unwrap();
    a.remove_game(lobby.id).await.unwrap();
    assert_eq!(b.game(lobby.id).await.unwrap(), Some(lobby.clone()));
    assert_eq!(b.seats(lobby.id).await.unwrap()[0].name, "Ada");
    b.change_lobby(lobby.id, "{}".to_owned(), Vec::new()).await.unwrap();
    assert!(b.seats(lobby.id).await.unwrap().is_empty());
    b.remove_game(lobby.id).await.unwrap();
    assert_eq!(b.game(lobby.id).await.unwrap(), None);
}

#[tokio::test]
async fn logs_are_dropped_that_nobody_will_drop() {
    let fleet = fleet().await;
    let connection = fleet.postgres.connection().await.unwrap();
    // Of each node a game that ended, one that runs and one that is gone, each with a log.
    connection
        .batch_execute(
            "
        INSERT INTO game (id, code, status, settings, created_ms, node)
        SELECT md5(node || status)::uuid, node || status, status, '{}', 1, node
        FROM unnest(ARRAY['a', 'b']) node, unnest(ARRAY['finished', 'running']) status;
        INSERT INTO game_owner
        SELECT md5(node || status)::uuid, 1, 1, node, 3
        FROM unnest(ARRAY['a', 'b']) node, unnest(ARRAY['finished', 'running', 'gone']) status;
        INSERT INTO game_log SELECT game, 1, 1, 1, '', 0, 0 FROM game_owner;
        INSERT INTO game_snapshot SELECT game, 1, 1, 0, 3, '' FROM game_owner",
        )
        .await
        .unwrap();
    let living = ["a".to_owned()];
    assert_eq!(fleet.drop_left_logs(&living, 1).await.unwrap(), 1);
    assert_eq!(fleet.drop_left_logs(&living, 10).await.unwrap(), 1);
    assert_eq!(fleet.drop_left_logs(&living, 10).await.unwrap(), 0);
    for table in ["game_owner", "game_log", "game_snapshot"] {
        let count = format!("SELECT count(*) FROM {table}");
        let left: i64 = connection.query_one(&*count, &[]).await.unwrap().get(0);
        assert_eq!(left, 4, "{table}");
    }
}

/// With many games of which few run: what is asked when a node dies reads no table from end to end.
#[tokio::test]
async fn what_is_asked_when_a_node_dies_costs_what_there_is_to_take() {
    let pool = crate::postgres::fresh().await;
    let connection = pool.connection().await.unwrap();
    connection.batch_execute("
        INSERT INTO game (id, code, status, settings, created_ms, node)
        SELECT md5(n::text)::uuid, n::text, CASE WHEN n % 100 = 0 THEN 'running' ELSE 'finished' END,
            '{}', n, 'node-' || n % 3
        FROM generate_series(1, 20000) n;
        INSERT INTO seat SELECT id, seat, id, 'Ada', false FROM game, generate_series(0, 3) seat;
        INSERT INTO game_owner SELECT id, 1, 100, node, 3 FROM game;
        INSERT INTO game_log
        SELECT id, n, 1, n, '', 0, 0 FROM game, generate_series(1, 100) n WHERE status = 'running';
        INSERT INTO game_snapshot SELECT id, n, n, 0, 3, '' FROM game, generate_series(1, 2) n;
        ANALYZE").await.unwrap();
    let games = "ARRAY[md5('100')::uuid, md5('200')::uuid]";
    for (sql, values) in [
        (ORPHANS, "ARRAY['node-1']".to_owned()),
        (GAMES_OF, "'node-1'".to_owned()),
        (BY_ID, "md5('100')::uuid".to_owned()),
        (BY_CODE, "'100'".to_owned()),
        (HAND_OVER, format!("{games}, 'node-1', 'node-2'")),
        (crate::store::postgres::SEATED, games.to_owned()),
        (crate::log::postgres::RAISE, format!("{games}, 'node-1'")),
        (
            crate::log::postgres::SNAPSHOTS,
            format!("{games}, ARRAY[2, 1]::bigint[], ARRAY[0, NULL]::bigint[]"),
        ),
        (crate::log::postgres::TAILS, format!("{games}, ARRAY[1, 1]::bigint[]")),
    ] {
        let explained = format!(
            "SET plan_cache_mode = force_generic_plan; DEALLOCATE ALL;
             PREPARE asked AS {sql}; EXPLAIN EXECUTE asked ({values})"
        );
        let rows = connection.simple_query(&explained).await.unwrap();
        let lines = rows.iter().filter_map(|row| match row {
            tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0),
            _ => None,
        });
        let plan: Vec<&str> = lines.collect();
        assert!(plan.iter().any(|line| line.contains("Index")), "{sql}\n{plan:#?}");
        assert!(!plan.iter().any(|line| line.contains("Seq Scan on ")), "{sql}\n{plan:#?}");
    }
}
