use bytes::Bytes;

use super::*;

async fn open(folder: &Path) -> SqliteLog {
    let store = SqliteStore::open(folder).await.unwrap();
    SqliteLog::open(folder, store).await.unwrap()
}

fn entry(game: GameId, epoch: u64, seq: u64) -> Entry {
    let batch = Bytes::from(vec![seq as u8; 300]);
    Entry { game, epoch, seq, tick: seq as u32, batch, prev_hash: 5 }
}

mod contract {
    crate::log::contract::suite!({
        let folder = tempfile::tempdir().unwrap();
        (super::open(folder.path()).await, folder)
    });
}

#[tokio::test]
async fn a_reopened_log_has_every_durable_entry() {
    let folder = tempfile::tempdir().unwrap();
    let games = [GameId::now_v7(), GameId::now_v7()];
    {
        let log = open(folder.path()).await;
        for game in games {
            log.create(game).await.unwrap();
        }
        for seq in 1..=10 {
            let both = games.map(|game| entry(game, 1, seq)).to_vec();
            assert_eq!(log.append(both).await.unwrap(), [Outcome::Durable; 2]);
        }
    }
    let log = open(folder.path()).await;
    for game in games {
        assert_eq!(log.position(game).await.unwrap(), Position { epoch: 1, seq: 10 });
        let expected: Vec<Entry> = (4..=10).map(|seq| entry(game, 1, seq)).collect();
        assert_eq!(log.read_from(game, 4).await.unwrap(), expected);
    }
}

#[tokio::test]
async fn epochs_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let game = GameId::now_v7();
    {
        let log = open(folder.path()).await;
        log.create(game).await.unwrap();
        log.claim(game, 1).await.unwrap();
    }
    let log = open(folder.path()).await;
    assert_eq!(log.position(game).await.unwrap().epoch, 2);
    assert!(matches!(log.claim(game, 1).await, Err(LogError::Taken { epoch: 2, .. })));
}

#[tokio::test]
async fn a_changed_byte_freezes_that_game_alone() {
    let folder = tempfile::tempdir().unwrap();
    let games = [GameId::now_v7(), GameId::now_v7()];
    {
        let log = open(folder.path()).await;
        for game in games {
            log.create(game).await.unwrap();
            log.append(vec![entry(game, 1, 1)]).await.unwrap();
        }
    }
    let file = Connection::open(folder.path().join("log.db")).unwrap();
    let row: Vec<u8> =
        file.query_row("SELECT entries FROM flush WHERE id = 1", [], |r| r.get(0)).unwrap();
    let mut bad = row;
    bad[100] ^= 1;
    file.execute("UPDATE flush SET entries = ?1 WHERE id = 1", [bad]).unwrap();
    drop(file);
    let log = open(folder.path()).await;
    assert!(matches!(log.read_from(games[0], 1).await, Err(LogError::Corrupt(_))));
    assert_eq!(log.read_from(games[1], 1).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_full_disk_refuses_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let game = GameId::now_v7();
    let log = open(folder.path()).await;
    log.create(game).await.unwrap();
    log.limit_size(64 * 1024).await.unwrap();
    let mut kept = 0;
    while log.append(vec![entry(game, 1, kept + 1)]).await.is_ok() {
        kept += 1;
    }
    assert!(kept > 10);
    assert_eq!(log.position(game).await.unwrap().seq, kept);
    assert_eq!(log.read_from(game, 1).await.unwrap().len() as u64, kept);
    log.limit_size(u64::MAX).await.unwrap();
    assert_eq!(log.append(vec![entry(game, 1, kept + 1)]).await.unwrap(), [Outcome::Durable]);
}

#[tokio::test]
async fn rows_go_when_no_game_needs_them() {
    let folder = tempfile::tempdir().unwrap();
    let games = [GameId::now_v7(), GameId::now_v7(), GameId::now_v7()];
    let log = open(folder.path()).await;
    for game in games {
        log.create(game).await.unwrap();
    }
    log.append(vec![entry(games[0], 1, 1), entry(games[1], 1, 1)]).await.unwrap();
    log.append(vec![entry(games[0], 1, 2)]).await.unwrap();
    log.forget(games[0]).await.unwrap();
    log.append(vec![entry(games[2], 1, 1)]).await.unwrap();
    let file = Connection::open(folder.path().join("log.db")).unwrap();
    let mut rows = file.prepare("SELECT id FROM flush ORDER BY id").unwrap();
    let left: Vec<i64> = rows.query_map([], |r| r.get(0)).unwrap().map(Result::unwrap).collect();
    assert_eq!(left, [1, 3], "the first is needed by another game, the second by none");
    assert_eq!(log.read_from(games[1], 1).await.unwrap(), [entry(games[1], 1, 1)]);
}

fn snapshot(game: GameId, seq: u64) -> Snapshot {
    Snapshot { game, seq, tick: seq as u32, hash: seq, rules_version: 1, blob: vec![1] }
}

/// Plays `entries` entries, with a snapshot every ten.
async fn play(log: &SqliteLog, game: GameId, entries: std::ops::RangeInclusive<u64>) {
    for seq in entries {
        assert_eq!(log.append(vec![entry(game, 1, seq)]).await.unwrap(), [Outcome::Durable]);
        if seq % 10 == 0 {
            log.put_snapshot(snapshot(game, seq)).await.unwrap();
        }
    }
}

fn rows(folder: &Path) -> i64 {
    let file = Connection::open(folder.join("log.db")).unwrap();
    file.query_row("SELECT count(*) FROM flush", [], |r| r.get(0)).unwrap()
}

#[tokio::test]
async fn the_log_of_a_long_game_stays_short() {
    let folder = tempfile::tempdir().unwrap();
    let game = GameId::now_v7();
    {
        let log = open(folder.path()).await;
        log.create(game).await.unwrap();
        play(&log, game, 1..=300).await;
        assert!(rows(folder.path()) <= 30, "{} rows", rows(folder.path()));
    }
    let log = open(folder.path()).await;
    assert_eq!(log.position(game).await.unwrap(), Position { epoch: 1, seq: 300 });
    let all: Vec<Entry> = (1..=300).map(|seq| entry(game, 1, seq)).collect();
    assert_eq!(log.read_from(game, 1).await.unwrap(), all);
    play(&log, game, 301..=320).await;
    log.forget(game).await.unwrap();
    let main = Connection::open(folder.path().join("main.db")).unwrap();
    let left: i64 = main.query_row("SELECT count(*) FROM log_part", [], |r| r.get(0)).unwrap();
    assert_eq!(left, 0, "what is forgotten leaves no parts");
}

#[tokio::test]
async fn a_part_that_left_the_log_is_still_checked() {
    let folder = tempfile::tempdir().unwrap();
    let game = GameId::now_v7();
    let log = open(folder.path()).await;
    log.create(game).await.unwrap();
    play(&log, game, 1..=40).await;
    let main = Connection::open(folder.path().join("main.db")).unwrap();
    let part = "SELECT entries FROM log_part WHERE last = 20";
    let mut bytes: Vec<u8> = main.query_row(part, [], |r| r.get(0)).unwrap();
    bytes[200] ^= 1;
    main.execute("UPDATE log_part SET entries = ?1 WHERE last = 20", [bytes]).unwrap();
    assert!(matches!(log.read_from(game, 1).await, Err(LogError::Corrupt(_))));
    assert_eq!(log.read_from(game, 21).await.unwrap().len(), 20, "what recovery needs is whole");
    main.execute("DELETE FROM log_part WHERE last = 20", []).unwrap();
    assert!(matches!(log.read_from(game, 1).await, Err(LogError::Corrupt(_))));
}

#[tokio::test]
async fn a_missing_row_freezes_the_games_in_it_alone() {
    let folder = tempfile::tempdir().unwrap();
    let games = [GameId::now_v7(), GameId::now_v7()];
    {
        let log = open(folder.path()).await;
        for game in games {
            log.create(game).await.unwrap();
        }
        for seq in 1..=3 {
            log.append(vec![entry(games[0], 1, seq)]).await.unwrap();
            log.append(vec![entry(games[1], 1, seq)]).await.unwrap();
        }
    }
    let file = Connection::open(folder.path().join("log.db")).unwrap();
    file.execute("DELETE FROM flush WHERE id = 3", []).unwrap();
    let log = open(folder.path()).await;
    let missing = log.read_from(games[0], 1).await;
    assert!(matches!(&missing, Err(LogError::Corrupt(what)) if what.contains("entry 2")));
    assert_eq!(log.read_from(games[1], 1).await.unwrap().len(), 3);
}

#[tokio::test]
async fn a_claim_that_was_kept_and_reported_as_failed_is_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let (log, game) = (open(folder.path()).await, GameId::now_v7());
    log.create(game).await.unwrap();
    log.append(vec![entry(game, 1, 1)]).await.unwrap();
    log.store.lose_next_answer();
    assert!(matches!(log.claim(game, 1).await, Err(LogError::Storage(_))));
    let found = log.position(game).await.unwrap();
    assert_eq!(found, Position { epoch: 2, seq: 1 }, "the database has it");
    assert_eq!(log.append(vec![entry(game, 1, 2)]).await.unwrap(), [Outcome::Fenced]);
    assert_eq!(log.claim(game, 2).await.unwrap(), Position { epoch: 3, seq: 1 });
    assert_eq!(log.append(vec![entry(game, 3, 2)]).await.unwrap(), [Outcome::Durable]);
}

#[tokio::test]
async fn a_game_that_was_made_and_reported_as_failed_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let (log, game) = (open(folder.path()).await, GameId::now_v7());
    log.store.lose_next_answer();
    assert!(matches!(log.create(game).await, Err(LogError::Storage(_))));
    assert_eq!(log.position(game).await.unwrap(), Position { epoch: 1, seq: 0 });
    assert_eq!(log.append(vec![entry(game, 1, 1)]).await.unwrap(), [Outcome::Durable]);
}
