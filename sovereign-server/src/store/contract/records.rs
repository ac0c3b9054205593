//! What a keeper of [`Records`](crate::store::Records) must do.

use uuid::Uuid;

use super::Fixture;
use crate::log::GameId;
use crate::ranked::rating::Rating;
use crate::store::people::Revocation;
use crate::store::{Account, Cursor, Finish, GameRecord, GameStatus, Keep, SeatRecord, SeatResult};

const KEEP: Keep = Keep { replays: 10, results: 3 };

async fn people(store: &Fixture, names: &[&str]) -> Vec<Account> {
    let mut people = Vec::new();
    for name in names {
        let account = Account::guest(Uuid::new_v4(), (*name).to_owned());
        store.create_account(account.clone(), None).await.unwrap();
        people.push(account);
    }
    people
}

/// A game that runs, with these people at its seats.
async fn game(store: &Fixture, people: &[Account]) -> GameId {
    let id = GameId::now_v7();
    let lobby = GameRecord::lobby(id, id.to_string(), "{}".to_owned());
    let record = GameRecord { status: GameStatus::Running, start: Some(vec![1]), ..lobby };
    let seat = |(account, seat): (&Account, u16)| SeatRecord {
        seat,
        account: Some(account.id),
        name: account.name.clone(),
        host: false,
    };
    let seats = people.iter().zip(0..).map(seat).collect();
    assert!(store.create_seated_game(record, seats).await.unwrap());
    id
}

/// The seats' places, each on a side of its own.
fn finish(id: GameId, places: &[u16], ladder: Option<&str>) -> Finish {
    let result =
        |(place, seat): (&u16, u16)| SeatResult { seat, side: seat, place: *place, drawn: false };
    let results = places.iter().zip(0..).map(result).collect();
    Finish { results, ladder: ladder.map(str::to_owned), ..Finish::bare(id) }
}

async fn a_game_is_rated_once_however_often_its_end_is_stored(store: &Fixture) {
    let people = people(store, &["Ada", "Bob"]).await;
    let id = game(store, &people).await;
    for _ in 0..3 {
        store.finish_game(finish(id, &[1, 2], Some("duel")), KEEP).await.unwrap();
    }
    let rating = &store.ratings(people[0].id).await.unwrap()[0];
    assert_eq!((rating.games, rating.wins, rating.rating.shown().points), (1, 1, 1_658));
    let loser = &store.ratings(people[1].id).await.unwrap()[0];
    assert_eq!((loser.games, loser.wins, loser.rating.shown().points), (1, 0, 1_342));
    let results = store.results(people[0].id, Cursor::NEWEST, 10).await.unwrap();
    let (before, after) = results[0].rated.unwrap();
    assert_eq!((results.len(), before, after), (1, Rating::default(), rating.rating));
    assert_eq!(results[0].names, [(0, "Ada".to_owned()), (1, "Bob".to_owned())]);
    assert!(results[0].replay);
    let leaders = store.leaders("duel".to_owned(), 10).await.unwrap();
    let names: Vec<&str> = leaders.iter().map(|leader| leader.name.as_str()).collect();
    assert_eq!(names, ["Ada", "Bob"]);
}

/// Whatever fails on the way leaves nothing of it: neither an end without ratings nor the
/// other way round.
async fn the_end_and_the_ratings_are_stored_together_or_not_at_all(store: &Fixture) {
    let people = people(store, &["Ada", "Bob"]).await;
    let id = game(store, &people).await;
    // The second of two on the ladder is refused.
    store.tamper("CREATE UNIQUE INDEX trap ON rating (ladder)").await;
    store.finish_game(finish(id, &[1, 2], Some("duel")), KEEP).await.unwrap_err();
    assert_eq!(store.game(id).await.unwrap().unwrap().status, GameStatus::Running);
    assert!(store.ratings(people[0].id).await.unwrap().is_empty());
    assert!(store.results(people[0].id, Cursor::NEWEST, 10).await.unwrap().is_empty());
    assert_eq!(store.replay(id).await.unwrap(), None);
    store.tamper("DROP INDEX trap").await;
    store.finish_game(finish(id, &[1, 2], Some("duel")), KEEP).await.unwrap();
    assert_eq!(store.ratings(people[1].id).await.unwrap()[0].games, 1);
}

async fn what_is_not_ranked_or_broken_off_is_not_rated(store: &Fixture) {
    let people = people(store, &["Ada", "Bob"]).await;
    for (places, ladder) in [([1, 2], None), ([0, 0], Some("duel"))] {
        let id = game(store, &people).await;
        store.finish_game(finish(id, &places, ladder), KEEP).await.unwrap();
    }
    let results = store.results(people[1].id, Cursor::NEWEST, 10).await.unwrap();
    assert_eq!(results.len(), 2);
    assert!(results.iter().all(|result| result.rated.is_none()));
    assert!(store.ratings(people[1].id).await.unwrap().is_empty());
}

async fn a_history_keeps_the_newest(store: &Fixture) {
    let people = people(store, &["Ada", "Bob"]).await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(game(store, &people).await);
        store.finish_game(finish(ids[ids.len() - 1], &[1, 2], None), KEEP).await.unwrap();
    }
    let results = store.results(people[0].id, Cursor::NEWEST, 10).await.unwrap();
    let kept: Vec<GameId> = results.iter().map(|result| result.game).collect();
    assert_eq!(kept, [ids[4], ids[3], ids[2]]);
}

/// Games that ended in the same millisecond are no two pages' end and beginning at once.
async fn a_history_is_read_page_by_page(store: &Fixture) {
    let people = people(store, &["Ada", "Bob"]).await;
    for _ in 0..3 {
        let id = game(store, &people).await;
        store.finish_game(finish(id, &[1, 2], None), KEEP).await.unwrap();
    }
    let all = store.results(people[0].id, Cursor::NEWEST, 10).await.unwrap();
    let (mut pages, mut cursor) = (Vec::new(), Cursor::NEWEST);
    while let [page] = &store.results(people[0].id, cursor, 1).await.unwrap()[..] {
        cursor = page.cursor();
        pages.push(page.game);
    }
    assert_eq!(pages, all.iter().map(|result| result.game).collect::<Vec<_>>());
}

/// Who was erased before the end is nobody any more: the others are rated against a beginner.
async fn an_erased_person_gets_no_result_and_takes_ratings_along(store: &Fixture) {
    let people = people(store, &["Ada", "Bob"]).await;
    let (first, second) = (game(store, &people).await, game(store, &people).await);
    store.finish_game(finish(first, &[1, 2], Some("duel")), KEEP).await.unwrap();
    let void = Revocation { id: people[1].id, issued_s: 1, until_s: 2 };
    let told = store.export_account(people[1].id).await.unwrap();
    assert_eq!(told["rating"].as_array().unwrap().len(), 1);
    assert_eq!(told["result"].as_array().unwrap().len(), 1);
    store.erase_account(people[1].id, void).await.unwrap();
    assert!(store.ratings(people[1].id).await.unwrap().is_empty());
    store.finish_game(finish(second, &[1, 2], Some("duel")), KEEP).await.unwrap();
    assert!(store.results(people[1].id, Cursor::NEWEST, 10).await.unwrap().is_empty());
    assert_eq!(store.ratings(people[0].id).await.unwrap()[0].games, 2);
}

/// Somebody of an outside issuer has no session here; the rating is kept for when they come.
async fn whoever_has_a_rating_is_not_swept_away(store: &Fixture) {
    let people = people(store, &["Ada", "Bob"]).await;
    let id = game(store, &people).await;
    store.finish_game(finish(id, &[1, 2], Some("duel")), KEEP).await.unwrap();
    store.remove_game(id).await.unwrap();
    let stranger = people_without_rating(store).await;
    let late = i64::MAX / 2;
    assert_eq!(store.sweep(late, late).await.unwrap(), 1);
    assert_eq!(store.account(stranger).await.unwrap(), None);
    assert!(store.account(people[0].id).await.unwrap().is_some());
}

async fn people_without_rating(store: &Fixture) -> Uuid {
    people(store, &["Cy"]).await[0].id
}

contract! {
    a_game_is_rated_once_however_often_its_end_is_stored
    the_end_and_the_ratings_are_stored_together_or_not_at_all
    what_is_not_ranked_or_broken_off_is_not_rated
    a_history_keeps_the_newest
    a_history_is_read_page_by_page
    an_erased_person_gets_no_result_and_takes_ratings_along
    whoever_has_a_rating_is_not_swept_away
}
