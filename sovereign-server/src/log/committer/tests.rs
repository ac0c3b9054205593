use super::super::memory::MemoryLog;
use super::*;
use bytes::Bytes;

fn entry(game: GameId, epoch: u64, seq: u64) -> Entry {
    let batch = Bytes::from(format!("batch {seq}"));
    Entry { game, epoch, seq, tick: u32::try_from(seq).unwrap(), batch, prev_hash: seq }
}

async fn start(log: &Arc<MemoryLog>) -> (LogHandle, GameId, tokio::task::JoinHandle<()>) {
    let game = GameId::now_v7();
    log.create(game).await.unwrap();
    let (committer, handle) = Committer::new(Arc::clone(log));
    (handle, game, tokio::spawn(committer.run()))
}

fn durable(seq: u64) -> Option<CommitNotice> {
    Some(CommitNotice { seq, outcome: Outcome::Durable })
}

#[tokio::test(start_paused = true)]
async fn each_entry_is_released_in_order_by_its_commit() {
    let log = Arc::new(MemoryLog::new());
    let (handle, game, _task) = start(&log).await;
    let (notify, mut heard) = mpsc::unbounded_channel();
    for seq in 1..=3 {
        handle.append(entry(game, 1, seq), notify.clone()).unwrap();
    }
    for seq in 1..=3 {
        assert_eq!(heard.recv().await, durable(seq));
    }
    assert_eq!(log.read_from(game, 1).await.unwrap().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn one_commit_is_in_flight_and_what_waits_forms_the_next() {
    let log = Arc::new(MemoryLog::new());
    let (handle, game, _task) = start(&log).await;
    let (notify, mut heard) = mpsc::unbounded_channel();
    log.stall(true);
    for seq in 1..=5 {
        handle.append(entry(game, 1, seq), notify.clone()).unwrap();
        tokio::task::yield_now().await;
    }
    assert!(heard.try_recv().is_err(), "nothing leaves before its commit");
    log.stall(false);
    for seq in 1..=5 {
        assert_eq!(heard.recv().await, durable(seq));
    }
    assert_eq!(log.appends(), 2, "the first alone, the four that waited together");
}

#[tokio::test(start_paused = true)]
async fn a_failed_append_is_tried_again_with_the_same_bytes() {
    let log = Arc::new(MemoryLog::new());
    let (handle, game, _task) = start(&log).await;
    let (notify, mut heard) = mpsc::unbounded_channel();
    let mut health = handle.health();
    log.fail(true);
    handle.append(entry(game, 1, 1), notify.clone()).unwrap();
    health.wait_for(|h| matches!(h, LogHealth::Stalled(_))).await.unwrap();
    handle.append(entry(game, 1, 2), notify.clone()).unwrap();
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(heard.try_recv().is_err());
    log.fail(false);
    assert_eq!(heard.recv().await, durable(1));
    assert_eq!(heard.recv().await, durable(2));
    health.wait_for(|h| *h == LogHealth::Writing).await.unwrap();
    assert_eq!(log.read_from(game, 1).await.unwrap(), [entry(game, 1, 1), entry(game, 1, 2)]);
}

#[tokio::test(start_paused = true)]
async fn an_append_whose_answer_was_lost_is_not_written_twice() {
    let log = Arc::new(MemoryLog::new());
    let (handle, game, _task) = start(&log).await;
    let (notify, mut heard) = mpsc::unbounded_channel();
    log.lose_next_answer();
    handle.append(entry(game, 1, 1), notify.clone()).unwrap();
    handle.append(entry(game, 1, 2), notify.clone()).unwrap();
    assert_eq!(heard.recv().await, durable(1));
    assert_eq!(heard.recv().await, durable(2));
    assert_eq!(log.read_from(game, 1).await.unwrap().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_append_that_was_given_up_and_kept_later_is_released() {
    let log = Arc::new(MemoryLog::new());
    let (handle, game, _task) = start(&log).await;
    let (notify, mut heard) = mpsc::unbounded_channel();
    log.keep_next_late();
    handle.append(entry(game, 1, 1), notify.clone()).unwrap();
    handle.append(entry(game, 1, 2), notify.clone()).unwrap();
    assert_eq!(heard.recv().await, durable(1), "its room must not stop");
    assert_eq!(heard.recv().await, durable(2));
    assert_eq!(log.read_from(game, 1).await.unwrap(), [entry(game, 1, 1), entry(game, 1, 2)]);
}

#[tokio::test(start_paused = true)]
async fn in_doubt_and_taken_over_means_fenced() {
    let log = Arc::new(MemoryLog::new());
    let (handle, game, _task) = start(&log).await;
    let (notify, mut heard) = mpsc::unbounded_channel();
    log.fail(true);
    handle.append(entry(game, 1, 1), notify.clone()).unwrap();
    tokio::time::sleep(Duration::from_millis(10)).await;
    log.claim(game, 1).await.unwrap();
    log.fail(false);
    let fenced = CommitNotice { seq: 1, outcome: Outcome::Fenced };
    assert_eq!(heard.recv().await, Some(fenced));
    assert!(log.read_from(game, 1).await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_an_older_owner_left_behind_does_not_take_the_newer_with_it() {
    let log = Arc::new(MemoryLog::new());
    let (handle, game, _task) = start(&log).await;
    let (notify_old, mut heard_old) = mpsc::unbounded_channel();
    let (notify, mut heard) = mpsc::unbounded_channel();
    let fenced = |seq| Some(CommitNotice { seq, outcome: Outcome::Fenced });
    log.fail(true);
    handle.append(entry(game, 1, 1), notify_old.clone()).unwrap();
    tokio::time::sleep(Duration::from_millis(10)).await;
    log.claim(game, 1).await.unwrap();
    handle.append(entry(game, 2, 1), notify.clone()).unwrap();
    log.fail(false);
    assert_eq!(heard_old.recv().await, fenced(1));
    assert_eq!(heard.recv().await, durable(1));
    log.claim(game, 2).await.unwrap();
    handle.append(entry(game, 2, 2), notify_old).unwrap();
    handle.append(entry(game, 3, 2), notify).unwrap();
    assert_eq!(heard_old.recv().await, fenced(2));
    assert_eq!(heard.recv().await, durable(2));
}

#[tokio::test(start_paused = true)]
async fn one_game_that_fails_does_not_stall_the_others() {
    let log = Arc::new(MemoryLog::new());
    let (handle, bad, _task) = start(&log).await;
    let good = GameId::now_v7();
    log.create(good).await.unwrap();
    log.fail_game(Some(bad));
    let (notify_bad, mut heard_bad) = mpsc::unbounded_channel();
    let (notify, mut heard) = mpsc::unbounded_channel();
    handle.append(entry(bad, 1, 1), notify_bad).unwrap();
    for seq in 1..=20 {
        handle.append(entry(good, 1, seq), notify.clone()).unwrap();
        assert_eq!(heard.recv().await, durable(seq));
    }
    assert!(heard_bad.try_recv().is_err());
    log.fail_game(None);
    assert_eq!(heard_bad.recv().await, durable(1));
}

#[tokio::test(start_paused = true)]
async fn the_committer_ends_once_nothing_waits() {
    let log = Arc::new(MemoryLog::new());
    let (handle, game, task) = start(&log).await;
    let (notify, mut heard) = mpsc::unbounded_channel();
    log.fail(true);
    handle.append(entry(game, 1, 1), notify).unwrap();
    drop(handle);
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(!task.is_finished(), "an entry still waits");
    log.fail(false);
    assert_eq!(heard.recv().await, durable(1));
    task.await.unwrap();
}
