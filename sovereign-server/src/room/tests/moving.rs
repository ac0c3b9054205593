//! Games that go on at another node.

use sovereign_core::wire::CloseCode;
use tokio_util::task::TaskTracker;

use super::super::*;
use super::harness::{Table, spawn};
use super::host::opened;

async fn moved(table: &mut Table) -> Left {
    let (taker, left) = oneshot::channel();
    table.handle.tell(ToRoom::Move(taker)).await.unwrap();
    let left = left.await.unwrap();
    assert_eq!((&mut table.task).await.unwrap(), RoomEnd::Drained);
    left
}

#[tokio::test(start_paused = true)]
async fn a_game_that_moves_takes_its_players_along() {
    let mut table = Table::open(1, 1, Limits::default()).await;
    let other = LocalHost::new(Arc::clone(&table.services));
    let (start, map) = (table.start.clone(), Arc::clone(&table.map));
    let mut player = table.join(Some(0), None).await;
    assert!(other.warm(table.id, start.clone(), Arc::clone(&map)).await);
    // What is ordered before it moves is carried out before, though the copy lacks it.
    table.order(&player, 1, spawn(3)).await;
    let (left, counted) = (moved(&mut table).await, TaskTracker::new());
    player.listen().await;
    assert!(player.answers[&1].result.is_ok());
    assert_eq!((player.paused, player.closed), (None, None));
    left.hand_on("n2", &counted);
    let onward = player.out.handed_on().await;
    assert_eq!((&*onward.node, onward.resume), ("n2", player.resume()));
    assert_eq!(counted.len(), 1);
    let room = opened(&mut other.open(table.id, start, map, Origin::Log)).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(room.info().paused, None, "it waits for nobody");
    room.tell(ToRoom::Attach(player.attach(onward.resume))).await.unwrap();
    player.listen().await;
    assert_eq!((player.last_seq, player.epoch, player.snapshots), (1, 2, 1));
}

#[tokio::test(start_paused = true)]
async fn whom_nobody_takes_along_comes_back_by_himself() {
    let mut table = Table::open(1, 1, Limits::default()).await;
    let mut player = table.join(Some(0), None).await;
    drop(moved(&mut table).await);
    player.listen().await;
    assert_eq!(player.closed, Some(CloseCode::Migrate));
}

#[tokio::test(start_paused = true)]
async fn a_game_that_nobody_copied_waits_for_its_players() {
    let mut table = Table::open(1, 1, Limits::default()).await;
    let other = LocalHost::new(Arc::clone(&table.services));
    let player = table.join(Some(0), None).await;
    let _left = moved(&mut table).await;
    let (start, map) = (table.start.clone(), Arc::clone(&table.map));
    let room = opened(&mut other.open(table.id, start, map, Origin::Log)).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(room.info().paused, Some(PauseReason::Empty));
    room.tell(ToRoom::Attach(player.attach(player.resume()))).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(room.info().paused, None);
}
