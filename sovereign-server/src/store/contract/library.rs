//! What a keeper of the [`Library`](crate::store::Library) must do.

use serde_json::json;
use uuid::Uuid;

use super::Fixture;
use crate::auth::Sealed;
use crate::log::GameId;
use crate::store::{Finish, GameRecord, GameStatus, Keep, ReplaySummary, SeatRecord};

const fn keep(replays: u64) -> Keep {
    Keep { replays, results: 10 }
}

fn lobby(private: bool) -> GameRecord {
    let id = GameId::now_v7();
    GameRecord::lobby(id, id.to_string(), json!({ "private": private }).to_string())
}

fn ids(replays: &[ReplaySummary]) -> Vec<GameId> {
    replays.iter().map(|replay| replay.id).collect()
}

async fn the_oldest_replays_go_first(store: &Fixture) {
    let made: Vec<GameId> = (0..5).map(|_| GameId::now_v7()).collect();
    for (number, id) in (0..).zip(&made) {
        let finish = Finish { replay: vec![number], ..Finish::bare(*id) };
        store.finish_game(finish, keep(3)).await.unwrap();
    }
    assert_eq!(ids(&store.replays(10).await.unwrap()), [made[4], made[3], made[2]]);
    assert_eq!(store.replay(made[4]).await.unwrap(), Some(vec![4]));
    assert_eq!(store.replay(made[0]).await.unwrap(), None);
    assert_eq!(store.prune_replays(2, 0).await.unwrap(), 1);
    assert_eq!(ids(&store.replays(1).await.unwrap()), [made[4]]);
    assert_eq!(store.prune_replays(2, i64::MAX).await.unwrap(), 2, "however few");
}

async fn a_game_goes_with_its_replay(store: &Fixture) {
    let (old, new) = (lobby(false), lobby(false));
    for game in [&old, &new] {
        store.create_game(game.clone()).await.unwrap();
        store.finish_game(Finish::bare(game.id), keep(1)).await.unwrap();
        assert_eq!(store.game(game.id).await.unwrap().unwrap().status, GameStatus::Finished);
    }
    store.prune_games().await.unwrap();
    assert_eq!(store.game(old.id).await.unwrap(), None);
    assert!(store.game(new.id).await.unwrap().is_some());
}

async fn lists_show_public_games_and_ones_own(store: &Fixture) {
    let (public, private, me) = (lobby(false), lobby(true), Uuid::new_v4());
    let seat = |seat| SeatRecord { seat, account: Some(me), name: "Ada".to_owned(), host: true };
    for game in [&public, &private] {
        store.create_seated_game(game.clone(), vec![seat(0)]).await.unwrap();
        store.finish_game(Finish::bare(game.id), keep(10)).await.unwrap();
    }
    assert_eq!(ids(&store.public_replays(10).await.unwrap()), [public.id]);
    assert_eq!(ids(&store.replays_of(me, 10).await.unwrap()), [private.id, public.id]);
    assert_eq!(ids(&store.replays_of(me, 1).await.unwrap()), [private.id]);
    assert!(store.replays_of(Uuid::new_v4(), 10).await.unwrap().is_empty());
}

async fn signed_results_stay_with_the_replay_and_their_keys_for_good(store: &Fixture) {
    let (signed, plain) = (GameId::now_v7(), GameId::now_v7());
    let (kid, jwk) = ("k1".to_owned(), json!({ "kid": "k1", "kty": "OKP" }));
    for jws in ["first", "second"] {
        let sealed = Sealed { kid: kid.clone(), jwk: jwk.clone(), jws: jws.to_owned() };
        let finish = Finish { sealed: Some(sealed), ..Finish::bare(signed) };
        store.finish_game(finish, keep(2)).await.unwrap();
    }
    store.finish_game(Finish::bare(plain), keep(2)).await.unwrap();
    assert_eq!(store.result(signed).await.unwrap().as_deref(), Some("first"));
    assert_eq!(store.result(plain).await.unwrap(), None);
    assert_eq!(store.result(GameId::now_v7()).await.unwrap(), None);
    store.prune_replays(0, 0).await.unwrap();
    assert_eq!(store.result(signed).await.unwrap(), None);
    assert_eq!(store.result_keys().await.unwrap(), [jwk]);
}

contract! {
    the_oldest_replays_go_first
    a_game_goes_with_its_replay
    lists_show_public_games_and_ones_own
    signed_results_stay_with_the_replay_and_their_keys_for_good
}
