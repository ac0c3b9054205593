use bytes::Bytes;

use super::*;

async fn open(folder: &Path) -> SqliteLog {
    let store = Store::open(folder).await.unwrap();
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
