use uuid::Uuid;

use super::*;
use crate::log::GameId;

async fn store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    (folder, store)
}

fn lobby(code: &str) -> GameRecord {
    GameRecord::lobby(GameId::now_v7(), code.to_owned(), "{}".to_owned())
}

fn seat(number: u16, account: Uuid) -> SeatRecord {
    SeatRecord { seat: number, account: Some(account), name: "Ada".to_owned(), host: number == 0 }
}

#[tokio::test]
async fn a_game_goes_through_its_life() {
    let (_folder, store) = store().await;
    let game = lobby("ABC234");
    assert!(store.create_game(game.clone()).await.unwrap());
    assert_eq!(store.game(game.id).await.unwrap(), Some(game.clone()));
    store.set_game(game.id, GameStatus::Running, Some(vec![1])).await.unwrap();
    let running = &store.unfinished_games().await.unwrap()[0];
    assert_eq!((running.status, running.start.as_deref()), (GameStatus::Running, Some(&[1][..])));
    store.set_game(game.id, GameStatus::Finished, None).await.unwrap();
    assert!(store.unfinished_games().await.unwrap().is_empty());
    assert_eq!(store.game(game.id).await.unwrap().unwrap().start, Some(vec![1]));
}

#[tokio::test]
async fn a_code_names_one_game() {
    let (_folder, store) = store().await;
    assert!(store.create_game(lobby("SAME22")).await.unwrap());
    assert!(!store.create_game(lobby("SAME22")).await.unwrap());
}

#[tokio::test]
async fn erasing_a_person_leaves_the_seat_without_name() {
    let (_folder, store) = store().await;
    let game = lobby("ABC234");
    store.create_game(game.clone()).await.unwrap();
    let account = Account::guest(Uuid::new_v4(), "Ada".to_owned());
    store.create_account(account.clone(), None).await.unwrap();
    store.put_seat(game.id, seat(0, account.id)).await.unwrap();
    store.put_seat(game.id, seat(1, Uuid::new_v4())).await.unwrap();
    let void = people::Revocation { id: account.id, issued_s: 1, until_s: 2 };
    store.erase_account(account.id, void).await.unwrap();
    assert_eq!(store.account(account.id).await.unwrap(), None);
    let seats = store.seats(game.id).await.unwrap();
    assert_eq!((seats[0].account, seats[0].name.as_str()), (None, "Player 1"));
    assert_eq!(seats[1].name, "Ada", "other people stay");
}

#[tokio::test]
async fn removing_a_game_removes_its_seats() {
    let (_folder, store) = store().await;
    let game = lobby("ABC234");
    store.create_game(game.clone()).await.unwrap();
    store.put_seat(game.id, seat(0, Uuid::new_v4())).await.unwrap();
    store.remove_game(game.id).await.unwrap();
    assert!(store.seats(game.id).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_oldest_replays_go_first() {
    let (_folder, store) = store().await;
    let ids: Vec<GameId> = (0..5).map(|_| GameId::now_v7()).collect();
    for (number, id) in ids.iter().enumerate() {
        store.put_replay(*id, format!("{number}"), vec![number as u8], None, 3).await.unwrap();
    }
    let kept: Vec<GameId> = store.replays(10).await.unwrap().iter().map(|r| r.id).collect();
    assert_eq!(kept, [ids[4], ids[3], ids[2]]);
    assert_eq!(store.replay(ids[4]).await.unwrap(), Some(vec![4]));
    assert_eq!(store.replay(ids[0]).await.unwrap(), None);
}

#[tokio::test]
async fn a_game_goes_with_its_replay() {
    let (_folder, store) = store().await;
    let (old, new) = (lobby("ABC234"), lobby("DEF567"));
    for game in [&old, &new] {
        store.create_game(game.clone()).await.unwrap();
        store.put_replay(game.id, String::new(), Vec::new(), None, 1).await.unwrap();
        store.set_game(game.id, GameStatus::Finished, None).await.unwrap();
    }
    store.prune_games().await.unwrap();
    assert_eq!(store.game(old.id).await.unwrap(), None);
    assert!(store.game(new.id).await.unwrap().is_some());
}

#[tokio::test]
async fn a_newer_schema_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    drop(Store::open(folder.path()).await.unwrap());
    let file = Connection::open(folder.path().join("main.db")).unwrap();
    file.pragma_update(None, "user_version", 99).unwrap();
    let refused = Store::open(folder.path()).await.unwrap_err();
    assert!(matches!(refused, StoreError::TooNew { found: 99, .. }), "{refused}");
}

#[test]
fn the_folder_is_locked_against_a_second_server() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data");
    let first = DataDir::open(&path).unwrap();
    let refused = DataDir::open(&path).unwrap_err().to_string();
    assert!(refused.contains("data") && refused.contains("--data-dir"), "{refused}");
    drop(first);
    DataDir::open(&path).unwrap();
}

#[tokio::test]
async fn games_that_are_claimed_at_once_are_each_answered() {
    let (_folder, store) = store().await;
    let games: Vec<GameId> = (0..50).map(|_| GameId::now_v7()).collect();
    for game in &games {
        store.create_owner(*game).await.unwrap();
    }
    // Of each game both the owner's epoch and a wrong one are claimed.
    let claims = games.iter().flat_map(|game| [(*game, 1), (*game, 9)]);
    let raised = claims.map(|(game, seen)| store.raise_epoch(game, seen));
    let raised = futures_util::future::try_join_all(raised).await.unwrap();
    assert_eq!(raised, [true, false].repeat(50));
    assert!(store.owners().await.unwrap().iter().all(|owner| owner.epoch == 2));
}
