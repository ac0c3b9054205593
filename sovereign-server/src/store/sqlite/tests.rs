use super::*;
use crate::log::GameId;

#[tokio::test]
async fn a_newer_schema_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    drop(SqliteStore::open(folder.path()).await.unwrap());
    let file = Connection::open(folder.path().join("main.db")).unwrap();
    file.pragma_update(None, "user_version", 99).unwrap();
    let refused = SqliteStore::open(folder.path()).await.unwrap_err();
    assert!(matches!(refused, StoreError::TooNew { found: 99, .. }), "{refused}");
}

#[tokio::test]
async fn games_that_are_claimed_at_once_are_each_answered() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path()).await.unwrap();
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
