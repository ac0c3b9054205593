//! The log gate: what leaves, when, and what a crash may not change.

use sovereign_core::command::{Attack, Surrender};
use sovereign_core::id::TerritoryId;
use sovereign_core::quantity::Tick;
use sovereign_core::wire::CloseCode;

use super::super::*;
use super::harness::{Table, executions, spawn};

#[tokio::test(start_paused = true)]
async fn a_game_begins_is_played_and_every_frame_fits_the_mirror() {
    let mut table = Table::open(1, 2, Limits::default()).await;
    let mut player = table.join(Some(0), None).await;
    table.order(&player, 1, spawn(3)).await;
    player.listen_for(Duration::from_secs(60)).await;
    assert!(player.answers[&1].result.is_ok());
    assert_eq!(player.snapshots, 1);
    assert!(player.owns > 0, "gold is told");
    assert!(player.ticks.len() > 100, "{} frames", player.ticks.len());
    let checks = table.replayed_checks().await;
    let last = player.ticks.last().unwrap();
    assert_eq!(checks[last], player.mirror.check(), "what was seen is what the log says");
}

#[tokio::test(start_paused = true)]
async fn nothing_leaves_before_the_log_has_it() {
    let mut table = Table::open(1, 1, Limits::default()).await;
    let mut player = table.join(Some(0), None).await;
    table.services.log.stall(true);
    table.order(&player, 1, spawn(3)).await;
    table.order(&player, 2, Command::Surrender(Surrender {})).await;
    let seen = player.ticks.len();
    player.listen_for(Duration::from_secs(5)).await;
    assert_eq!(player.ticks.len(), seen, "no frame without a commit");
    assert!(player.answers.is_empty(), "no answer without a commit");
    assert_eq!(player.paused, Some(PauseReason::Storage), "the pause is visible");
    table.services.log.stall(false);
    player.listen().await;
    assert_eq!(player.paused, None);
    assert!(player.answers[&1].result.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_stall_is_no_burst_afterwards() {
    let mut table = Table::open(2, 1, Limits::default()).await;
    let mut player = table.join(Some(0), None).await;
    table.services.log.stall(true);
    table.order(&player, 1, spawn(3)).await;
    player.listen_for(Duration::from_secs(10)).await;
    table.services.log.stall(false);
    player.listen_for(Duration::from_millis(1_000)).await;
    let last = *player.ticks.last().unwrap();
    assert!(last < 40, "200 ticks of stall are not made up for, yet the game is at tick {last}");
}

#[tokio::test(start_paused = true)]
async fn a_failing_log_pauses_and_loses_nothing() {
    let mut table = Table::open(2, 1, Limits::default()).await;
    let mut player = table.join(Some(0), None).await;
    table.order(&player, 1, spawn(3)).await;
    player.listen().await;
    table.services.log.fail(true);
    table.order(&player, 2, spawn(5)).await;
    player.listen_for(Duration::from_secs(3)).await;
    assert_eq!(player.paused, Some(PauseReason::Storage));
    assert!(!player.answers.contains_key(&2));
    table.services.log.fail(false);
    player.listen_for(Duration::from_secs(2)).await;
    assert!(player.answers[&2].result.is_ok());
    let executed = executions(&table).await;
    assert_eq!(executed, [(0, 1), (0, 2)]);
}

#[tokio::test(start_paused = true)]
async fn g5_a_repeated_order_runs_once_and_gets_the_same_answer() {
    let mut table = Table::open(1, 1, Limits::default()).await;
    let mut player = table.join(Some(0), None).await;
    table.order(&player, 5, spawn(3)).await;
    table.order(&player, 5, spawn(3)).await;
    player.listen().await;
    let first = player.answers[&5];
    player.answers.clear();
    table.order(&player, 5, spawn(4)).await;
    table.order(&player, 2, spawn(4)).await;
    player.listen().await;
    assert_eq!(player.answers[&5], first);
    assert!(player.answers[&2].result.is_err(), "below the last number: superseded");
    assert_eq!(executions(&table).await, [(0, 5)]);
}

#[tokio::test(start_paused = true)]
async fn a_refused_order_is_answered_and_not_logged() {
    let mut table = Table::open(1, 1, Limits::default()).await;
    let mut player = table.join(Some(0), None).await;
    let attack = Attack { from: TerritoryId(0), to: TerritoryId(1), troops: 5.into() };
    table.order(&player, 1, Command::Attack(attack)).await;
    player.listen().await;
    assert!(player.answers[&1].result.is_err());
    assert!(executions(&table).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_restored_game_goes_on_where_it_was_seen_once_somebody_is_back() {
    let mut table = Table::open(1, 2, Limits::default()).await;
    let mut player = table.join(Some(0), None).await;
    table.order(&player, 1, spawn(3)).await;
    player.listen_for(Duration::from_secs(40)).await;
    let seen = *player.ticks.last().unwrap();
    table.crash_and_restore().await;
    let logged = table.entries().await.last().unwrap().tick;
    tokio::time::sleep(Duration::from_secs(30)).await;
    assert_eq!(table.entries().await.last().unwrap().tick, logged, "it waits, paused");
    assert_eq!(table.handle.info().paused, Some(PauseReason::Empty));
    let resume = player.resume();
    player.out = OutQueue::new(&table.services.limits);
    table.attach(&player, resume).await;
    player.listen_for(Duration::from_secs(10)).await;
    assert_eq!(player.epoch, 2, "the owner has changed");
    assert_eq!(player.last_seq, 1);
    assert!(*player.ticks.last().unwrap() > seen + 100, "it goes on");
    let checks = table.replayed_checks().await;
    assert_eq!(checks[player.ticks.last().unwrap()], player.mirror.check());
}

/// The orders by which a game begins change it without a tick: who saw it before them misses them.
#[tokio::test(start_paused = true)]
async fn a_tick_that_was_seen_before_its_last_entry_is_not_taken_for_the_whole() {
    let mut table = Table::open(1, 1, Limits::default()).await;
    while table.entries().await.is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    table.crash_and_restore().await;
    assert_eq!(table.entries().await.iter().map(|entry| entry.tick).collect::<Vec<_>>(), [0]);
    let before = Resume { epoch: 1, tick: Tick(0) };
    let player = table.join(Some(0), Some(before)).await;
    assert_eq!(player.snapshots, 1);
}

#[tokio::test(start_paused = true)]
async fn restoring_from_a_snapshot_equals_restoring_from_the_start() {
    let limits = Limits { snapshot_ticks: 50, ..Limits::default() };
    let mut table = Table::open(1, 3, limits).await;
    let mut player = table.join(Some(0), None).await;
    player.listen_for(Duration::from_secs(60)).await;
    let snapshots = table.services.log.snapshots(table.id).await.unwrap();
    assert_eq!(snapshots.len(), 2, "two are kept");
    table.crash_and_restore().await;
    player.out = OutQueue::new(&table.services.limits);
    table.attach(&player, None).await;
    player.listen_for(Duration::from_secs(5)).await;
    let checks = table.replayed_checks().await;
    assert_eq!(checks[player.ticks.last().unwrap()], player.mirror.check());
}

#[tokio::test(start_paused = true)]
async fn a_fenced_room_stops_and_shows_nothing_more() {
    let mut table = Table::open(1, 1, Limits::default()).await;
    let mut player = table.join(Some(0), None).await;
    table.services.log.claim(table.id, 1).await.unwrap();
    let seen = player.ticks.len();
    player.listen_for(Duration::from_secs(3)).await;
    assert_eq!(player.ticks.len(), seen);
    assert_eq!(player.closed, Some(CloseCode::Migrate));
    assert_eq!(table.task.await.unwrap(), RoomEnd::Fenced);
}

#[tokio::test(start_paused = true)]
async fn a_drained_room_commits_closes_and_goes_on_later() {
    let mut table = Table::open(1, 1, Limits::default()).await;
    let mut player = table.join(Some(0), None).await;
    table.order(&player, 1, spawn(3)).await;
    player.listen().await;
    table.handle.tell(ToRoom::Drain { moves: false }).await.unwrap();
    player.listen_for(Duration::from_secs(1)).await;
    assert_eq!(player.closed, Some(CloseCode::Restart));
    assert_eq!((&mut table.task).await.unwrap(), RoomEnd::Drained);
    table.crash_and_restore().await;
    let back = table.join(Some(0), None).await;
    assert_eq!(back.last_seq, 1);
}

#[tokio::test(start_paused = true)]
async fn a_corrupt_snapshot_gives_way_to_the_older_one_and_then_to_the_log() {
    let limits = Limits { snapshot_ticks: 50, ..Limits::default() };
    let mut table = Table::open(1, 3, limits).await;
    let mut player = table.join(Some(0), None).await;
    player.listen_for(Duration::from_secs(60)).await;
    for damaged in 1..=2 {
        let snapshots = table.services.log.snapshots(table.id).await.unwrap();
        let mut newest = snapshots[damaged - 1].clone();
        newest.blob[50] ^= 1;
        table.services.log.put_snapshot(newest).await.unwrap();
        table.crash_and_restore().await;
        player.out = OutQueue::new(&table.services.limits);
        table.attach(&player, None).await;
        player.listen_for(Duration::from_secs(1)).await;
        let checks = table.replayed_checks().await;
        assert_eq!(checks[player.ticks.last().unwrap()], player.mirror.check());
    }
    assert_eq!(player.epoch, 3, "both times it was restored");
}
