//! What every [`CommandLog`](super::CommandLog) must do, as one suite for all of them.

use bytes::Bytes;

use super::{CommandLog, Entry, GameId, LogError, Outcome, Position, Recovery, Snapshot};

/// Instantiates the suite for an expression, which may await, that makes a log and
/// something to keep for as long as the log.
macro_rules! suite {
    ($make:expr) => {
        $crate::log::contract::suite!(@ $make;
            appended_entries_are_read_back,
            a_wrong_epoch_or_number_is_fenced,
            one_commit_holds_many_games_and_numbers,
            a_fenced_game_does_not_hold_up_others,
            a_claim_fences_the_owner_before,
            only_the_present_epoch_can_be_claimed,
            a_game_is_created_once,
            an_unknown_game_is_an_error,
            two_snapshots_are_kept,
            a_forgotten_game_is_gone,
            racing_claims_have_one_winner,
            a_gap_within_a_batch_ends_it_there,
            owners_that_race_leave_one_entry_a_number,
            bytes_sent_again_are_not_kept_twice,
            snapshots_take_no_entry_out_of_reach,
            a_snapshot_of_a_forgotten_game_is_not_kept,
            the_chain_comes_back_as_it_was_written,
            games_are_taken_over_with_all_that_they_need,
        );
    };
    (@ $make:expr; $($test:ident,)+) => {
        $(#[tokio::test]
        async fn $test() {
            let (log, _folder) = $make;
            $crate::log::contract::$test(&log).await;
        })+
    };
}
pub(crate) use suite;

fn entry(game: GameId, epoch: u64, seq: u64) -> Entry {
    let batch = Bytes::from(format!("{game} {epoch} {seq}"));
    Entry { game, epoch, seq, tick: seq as u32 * 2, batch, prev_hash: seq ^ 0xABCD }
}

fn snapshot(game: GameId, seq: u64) -> Snapshot {
    let (tick, hash) = (seq as u32 * 2, u64::MAX - seq);
    Snapshot { game, seq, tick, hash, rules_version: 1, blob: vec![seq as u8; 1000] }
}

async fn created(log: &impl CommandLog) -> GameId {
    let game = GameId::now_v7();
    assert_eq!(log.create(game).await.unwrap(), Position { epoch: 1, seq: 0 });
    game
}

async fn append(log: &impl CommandLog, entry: Entry) -> Outcome {
    log.append(vec![entry]).await.unwrap()[0]
}

pub(crate) async fn appended_entries_are_read_back(log: &impl CommandLog) {
    let game = created(log).await;
    for seq in 1..=5 {
        assert_eq!(append(log, entry(game, 1, seq)).await, Outcome::Durable);
    }
    let all: Vec<Entry> = (1..=5).map(|seq| entry(game, 1, seq)).collect();
    assert_eq!(log.read_from(game, 0).await.unwrap(), all);
    assert_eq!(log.read_from(game, 1).await.unwrap(), all);
    assert_eq!(log.read_from(game, 4).await.unwrap(), all[3..]);
    assert!(log.read_from(game, 6).await.unwrap().is_empty());
    assert_eq!(log.position(game).await.unwrap(), Position { epoch: 1, seq: 5 });
}

pub(crate) async fn a_wrong_epoch_or_number_is_fenced(log: &impl CommandLog) {
    let game = created(log).await;
    assert_eq!(append(log, entry(game, 1, 1)).await, Outcome::Durable);
    for (epoch, seq) in [(1, 1), (1, 3), (1, 0), (0, 2), (2, 2)] {
        assert_eq!(append(log, entry(game, epoch, seq)).await, Outcome::Fenced, "{epoch} {seq}");
    }
    assert_eq!(log.read_from(game, 1).await.unwrap(), [entry(game, 1, 1)]);
}

pub(crate) async fn one_commit_holds_many_games_and_numbers(log: &impl CommandLog) {
    let (a, b) = (created(log).await, created(log).await);
    let batch = vec![entry(a, 1, 1), entry(b, 1, 1), entry(a, 1, 2), entry(a, 1, 3)];
    assert_eq!(log.append(batch).await.unwrap(), [Outcome::Durable; 4]);
    assert_eq!(log.position(a).await.unwrap().seq, 3);
    assert_eq!(log.position(b).await.unwrap().seq, 1);
}

pub(crate) async fn a_fenced_game_does_not_hold_up_others(log: &impl CommandLog) {
    let (a, b) = (created(log).await, created(log).await);
    let batch = vec![entry(a, 9, 1), entry(b, 1, 1), entry(a, 1, 2)];
    let outcomes = log.append(batch).await.unwrap();
    assert_eq!(outcomes, [Outcome::Fenced, Outcome::Durable, Outcome::Fenced]);
    assert!(log.append(Vec::new()).await.unwrap().is_empty());
}

pub(crate) async fn a_claim_fences_the_owner_before(log: &impl CommandLog) {
    let game = created(log).await;
    append(log, entry(game, 1, 1)).await;
    assert_eq!(log.claim(game, 1).await.unwrap(), Position { epoch: 2, seq: 1 });
    assert_eq!(append(log, entry(game, 1, 2)).await, Outcome::Fenced);
    assert_eq!(append(log, entry(game, 2, 2)).await, Outcome::Durable);
}

pub(crate) async fn only_the_present_epoch_can_be_claimed(log: &impl CommandLog) {
    let game = created(log).await;
    log.claim(game, 1).await.unwrap();
    for seen in [0, 1, 3] {
        let refused = log.claim(game, seen).await;
        assert!(matches!(refused, Err(LogError::Taken { epoch: 2, .. })), "{refused:?}");
    }
}

pub(crate) async fn a_game_is_created_once(log: &impl CommandLog) {
    let game = created(log).await;
    assert!(matches!(log.create(game).await, Err(LogError::Taken { epoch: 1, .. })));
}

pub(crate) async fn an_unknown_game_is_an_error(log: &impl CommandLog) {
    let game = GameId::now_v7();
    assert!(matches!(log.position(game).await, Err(LogError::Unknown(_))));
    assert!(matches!(log.claim(game, 1).await, Err(LogError::Unknown(_))));
    assert!(matches!(log.read_from(game, 1).await, Err(LogError::Unknown(_))));
    assert_eq!(append(log, entry(game, 1, 1)).await, Outcome::Fenced);
}

pub(crate) async fn two_snapshots_are_kept(log: &impl CommandLog) {
    let game = created(log).await;
    for seq in 1..=9 {
        append(log, entry(game, 1, seq)).await;
    }
    assert!(log.snapshots(game).await.unwrap().is_empty());
    for seq in [3, 6, 9] {
        log.put_snapshot(snapshot(game, seq)).await.unwrap();
    }
    assert_eq!(log.snapshots(game).await.unwrap(), [snapshot(game, 9), snapshot(game, 6)]);
}

pub(crate) async fn a_forgotten_game_is_gone(log: &impl CommandLog) {
    let (game, other) = (created(log).await, created(log).await);
    append(log, entry(game, 1, 1)).await;
    append(log, entry(other, 1, 1)).await;
    log.forget(game).await.unwrap();
    assert!(matches!(log.position(game).await, Err(LogError::Unknown(_))));
    assert!(log.snapshots(game).await.unwrap().is_empty());
    assert_eq!(append(log, entry(game, 1, 2)).await, Outcome::Fenced);
    assert_eq!(log.read_from(other, 1).await.unwrap().len(), 1);
}

pub(crate) async fn racing_claims_have_one_winner(log: &impl CommandLog) {
    let game = created(log).await;
    for epoch in 1..=10 {
        let claims = futures_util::future::join_all((0..8).map(|_| log.claim(game, epoch))).await;
        let won: Vec<_> = claims.into_iter().filter_map(Result::ok).collect();
        assert_eq!(won, [Position { epoch: epoch + 1, seq: 0 }]);
    }
}

pub(crate) async fn a_gap_within_a_batch_ends_it_there(log: &impl CommandLog) {
    let game = created(log).await;
    let batch = vec![entry(game, 1, 1), entry(game, 1, 3), entry(game, 1, 2)];
    let outcomes = log.append(batch).await.unwrap();
    assert_eq!(outcomes, [Outcome::Durable, Outcome::Fenced, Outcome::Fenced]);
    assert_eq!(log.read_from(game, 1).await.unwrap(), [entry(game, 1, 1)]);
}

/// Whoever claims writes until it is fenced; all at once, several times over.
pub(crate) async fn owners_that_race_leave_one_entry_a_number(log: &impl CommandLog) {
    let game = created(log).await;
    let owner = || async {
        let seen = log.position(game).await.unwrap().epoch;
        let Ok(Position { epoch, seq }) = log.claim(game, seen).await else { return 0 };
        let mut written = 0;
        for seq in seq + 1..seq + 5 {
            if append(log, entry(game, epoch, seq)).await == Outcome::Fenced {
                break;
            }
            written += 1;
        }
        written
    };
    let mut acknowledged = 0;
    for _ in 0..5 {
        let (a, b, c, d) = tokio::join!(owner(), owner(), owner(), owner());
        acknowledged += a + b + c + d;
    }
    let entries = log.read_from(game, 1).await.unwrap();
    assert_eq!(entries.len(), acknowledged, "what was acknowledged is there, and nothing else");
    for (number, pair) in (2..).zip(entries.windows(2)) {
        assert_eq!(pair[1].seq, number);
        assert!(pair[0].epoch <= pair[1].epoch, "epochs never fall");
    }
}

pub(crate) async fn bytes_sent_again_are_not_kept_twice(log: &impl CommandLog) {
    let game = created(log).await;
    let batch = vec![entry(game, 1, 1), entry(game, 1, 2)];
    log.append(batch.clone()).await.unwrap();
    assert_eq!(log.append(batch.clone()).await.unwrap(), [Outcome::Fenced; 2]);
    assert_eq!(log.position(game).await.unwrap().seq, 2, "this is how a sender finds out");
    assert_eq!(log.read_from(game, 1).await.unwrap(), batch);
}

pub(crate) async fn snapshots_take_no_entry_out_of_reach(log: &impl CommandLog) {
    let game = created(log).await;
    for seq in 1..=40 {
        assert_eq!(append(log, entry(game, 1, seq)).await, Outcome::Durable);
        if seq % 7 == 0 {
            log.put_snapshot(snapshot(game, seq)).await.unwrap();
        }
    }
    for from in [0, 1, 2, 20, 28, 29, 36, 40, 41] {
        let expected: Vec<Entry> = (from.max(1)..=40).map(|seq| entry(game, 1, seq)).collect();
        assert_eq!(log.read_from(game, from).await.unwrap(), expected, "from {from}");
    }
    assert_eq!(log.position(game).await.unwrap(), Position { epoch: 1, seq: 40 });
    assert_eq!(append(log, entry(game, 1, 41)).await, Outcome::Durable);
}

pub(crate) async fn a_snapshot_of_a_forgotten_game_is_not_kept(log: &impl CommandLog) {
    let game = created(log).await;
    append(log, entry(game, 1, 1)).await;
    log.forget(game).await.unwrap();
    let late = log.put_snapshot(snapshot(game, 1)).await;
    assert!(matches!(late, Err(LogError::Unknown(_))), "{late:?}");
    assert!(log.snapshots(game).await.unwrap().is_empty());
}

pub(crate) async fn the_chain_comes_back_as_it_was_written(log: &impl CommandLog) {
    let game = created(log).await;
    let chain = [0, u64::MAX, 1, 1 << 63, 0xDEAD_BEEF];
    for (seq, prev_hash) in (1..).zip(chain) {
        append(log, Entry { prev_hash, ..entry(game, 1, seq) }).await;
    }
    let entries = log.read_from(game, 1).await.unwrap();
    assert_eq!(entries.iter().map(|e| e.prev_hash).collect::<Vec<_>>(), chain);
}

pub(crate) async fn games_are_taken_over_with_all_that_they_need(log: &impl CommandLog) {
    let (fresh, short, long) = (created(log).await, created(log).await, created(log).await);
    for seq in 1..=9 {
        append(log, entry(long, 1, seq)).await;
        if seq < 3 {
            append(log, entry(short, 1, seq)).await;
        }
        if seq == 4 || seq == 6 {
            log.put_snapshot(snapshot(long, seq)).await.unwrap();
        }
    }
    let unknown = GameId::now_v7();
    let mut taken = log.take_over(&[unknown, long, fresh, short]).await.unwrap();
    taken.sort_by_key(|(_, recovery)| recovery.position.seq);
    let expected = |game, last, held: Option<u64>| {
        let entries = (held.unwrap_or(0) + 1..=last).map(|seq| entry(game, 1, seq)).collect();
        let snapshot = held.map(|seq| snapshot(game, seq));
        (game, Recovery { position: Position { epoch: 2, seq: last }, snapshot, entries })
    };
    let all = [expected(fresh, 0, None), expected(short, 2, None), expected(long, 9, Some(6))];
    assert_eq!(taken, all);
    assert_eq!(append(log, entry(short, 1, 3)).await, Outcome::Fenced);
    assert_eq!(append(log, entry(short, 2, 3)).await, Outcome::Durable);
    assert!(log.take_over(&[]).await.unwrap().is_empty());
}
