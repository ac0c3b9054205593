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

async fn a_game_is_made_with_its_people_or_not_at_all(store: &Fixture) {
    let (me, game) = (Uuid::new_v4(), lobby("ABC234"));
    assert!(store.create_seated_game(game.clone(), vec![seat(0, me), seat(1, me)]).await.unwrap());
    assert_eq!(store.seats(game.id).await.unwrap(), [seat(0, me), seat(1, me)]);
    let other = lobby("ABC234");
    assert!(!store.create_seated_game(other.clone(), vec![seat(0, me)]).await.unwrap());
    assert_eq!(store.game(other.id).await.unwrap(), None);
    assert!(store.seats(other.id).await.unwrap().is_empty());
}

async fn games_come_with_their_people(store: &Fixture) {
    let (person, gathered, empty, other) =
        (Uuid::new_v4(), lobby("ABC234"), lobby("DEF567"), lobby("GHJ892"));
    let nobody = SeatRecord { account: None, ..seat(7, person) };
    let people = vec![seat(0, person), seat(2, person), nobody];
    assert!(store.create_seated_game(gathered.clone(), people.clone()).await.unwrap());
    for game in [&empty, &other] {
        store.create_game(game.clone()).await.unwrap();
    }
    let mut games = store.seated_games(vec![empty.id, GameId::nil(), gathered.id]).await.unwrap();
    games.sort_by_key(|(_, people)| people.len());
    assert_eq!(games, [(empty, Vec::new()), (gathered, people)]);
}

async fn a_lobby_changes_as_a_whole(store: &Fixture) {
    let (game, other, people) =
        (lobby("ABC234"), lobby("DEF567"), [(); 3].map(|()| Uuid::new_v4()));
    for game in [&game, &other] {
        let seats = vec![seat(0, people[0]), seat(1, people[1])];
        assert!(store.create_seated_game(game.clone(), seats).await.unwrap());
    }
    // One moves, one comes, one changes places, all at once.
    let settings = r#"{"private": true}"#.to_owned();
    let seats = vec![seat(1, people[0]), seat(2, people[1]), seat(5, people[2])];
    store.change_lobby(game.id, settings, seats.clone()).await.unwrap();
    assert_eq!(store.seats(game.id).await.unwrap(), seats);
    let changed = store.game(game.id).await.unwrap().unwrap();
    let settings: serde_json::Value = serde_json::from_str(&changed.settings).unwrap();
    assert_eq!(settings, serde_json::json!({ "private": true }));
    assert_eq!(store.seats(other.id).await.unwrap().len(), 2, "another game");
    store.change_lobby(game.id, "{}".to_owned(), Vec::new()).await.unwrap();
    assert!(store.seats(game.id).await.unwrap().is_empty());
}

async fn seats_are_taken_and_freed(store: &Fixture) {
    let (game, people) = (lobby("ABC234"), [(); 2].map(|()| Uuid::new_v4()));
    store.create_game(game.clone()).await.unwrap();
    store.put_seat(game.id, seat(3, people[0])).await.unwrap();
    store.put_seat(game.id, seat(3, people[1])).await.unwrap();
    store.put_seat(game.id, SeatRecord { account: None, ..seat(1, people[0]) }).await.unwrap();
    let seats = store.seats(game.id).await.unwrap();
    assert_eq!(seats, [SeatRecord { account: None, ..seat(1, people[0]) }, seat(3, people[1])]);
    store.remove_seat(game.id, 3).await.unwrap();
    store.remove_seat(game.id, 3).await.unwrap();
    assert_eq!(store.seats(game.id).await.unwrap().len(), 1);
}

async fn unfinished_games_come_the_oldest_first(store: &Fixture) {
    let games: Vec<GameRecord> = [3, 1, 2]
        .map(|created_ms| GameRecord { created_ms, ..lobby(&format!("GAME{created_ms}")) })
        .into();
    for game in &games {
        store.create_game(game.clone()).await.unwrap();
    }
    let ages: Vec<i64> =
        store.unfinished_games().await.unwrap().iter().map(|game| game.created_ms).collect();
    assert_eq!(ages, [1, 2, 3]);
}

async fn whoever_hosts_a_game_does_so_until_it_is_over(store: &Fixture) {
    let (me, other) = (Uuid::new_v4(), Uuid::new_v4());
    let (mine, others) = (lobby("ABC234"), lobby("DEF567"));
    let seats = |host, guest| vec![seat(0, host), seat(1, guest)];
    assert!(store.create_seated_game(mine.clone(), seats(me, other)).await.unwrap());
    assert!(store.create_seated_game(others.clone(), seats(other, me)).await.unwrap());
    assert_eq!(store.hosted_games(me).await.unwrap(), [mine.id]);
    store.set_game(mine.id, GameStatus::Running, Some(vec![1])).await.unwrap();
    assert_eq!(store.hosted_games(me).await.unwrap(), [mine.id]);
    store.set_game(mine.id, GameStatus::Finished, None).await.unwrap();
    assert!(store.hosted_games(me).await.unwrap().is_empty());
    assert_eq!(store.hosted_games(other).await.unwrap(), [others.id]);
}

contract! {
    whoever_hosts_a_game_does_so_until_it_is_over
    a_game_is_made_with_its_people_or_not_at_all
    games_come_with_their_people
    a_lobby_changes_as_a_whole
    seats_are_taken_and_freed
    unfinished_games_come_the_oldest_first
    a_game_goes_through_its_life
    a_code_names_one_game
    erasing_a_person_leaves_the_seat_without_name
    removing_a_game_removes_its_seats
}
