//! What a keeper of [`Games`](crate::store::Games) must do.

use uuid::Uuid;

use super::Fixture;
use crate::log::GameId;
use crate::store::people::Revocation;
use crate::store::{Account, GameRecord, GameStatus, SeatRecord};

fn lobby(code: &str) -> GameRecord {
    GameRecord::lobby(GameId::now_v7(), code.to_owned(), "{}".to_owned())
}

fn seat(number: u16, account: Uuid) -> SeatRecord {
    SeatRecord { seat: number, account: Some(account), name: "Ada".to_owned(), host: number == 0 }
}

async fn a_game_goes_through_its_life(store: &Fixture) {
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

async fn a_code_names_one_game(store: &Fixture) {
    assert!(store.create_game(lobby("SAME22")).await.unwrap());
    assert!(!store.create_game(lobby("SAME22")).await.unwrap());
}

async fn erasing_a_person_leaves_the_seat_without_name(store: &Fixture) {
    let game = lobby("ABC234");
    store.create_game(game.clone()).await.unwrap();
    let account = Account::guest(Uuid::new_v4(), "Ada".to_owned());
    store.create_account(account.clone(), None).await.unwrap();
    store.put_seat(game.id, seat(0, account.id)).await.unwrap();
    store.put_seat(game.id, seat(1, Uuid::new_v4())).await.unwrap();
    let void = Revocation { id: account.id, issued_s: 1, until_s: 2 };
    store.erase_account(account.id, void).await.unwrap();
    assert_eq!(store.account(account.id).await.unwrap(), None);
    let seats = store.seats(game.id).await.unwrap();
    assert_eq!((seats[0].account, seats[0].name.as_str()), (None, "Player 1"));
    assert_eq!(seats[1].name, "Ada", "other people stay");
}

async fn removing_a_game_removes_its_seats(store: &Fixture) {
    let game = lobby("ABC234");
    store.create_game(game.clone()).await.unwrap();
    store.put_seat(game.id, seat(0, Uuid::new_v4())).await.unwrap();
    store.remove_game(game.id).await.unwrap();
    assert!(store.seats(game.id).await.unwrap().is_empty());
}

contract! {
    a_game_goes_through_its_life
    a_code_names_one_game
    erasing_a_person_leaves_the_seat_without_name
    removing_a_game_removes_its_seats
}
