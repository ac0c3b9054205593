//! The host: what happens around rooms.

use sovereign_core::command::Surrender;
use sovereign_core::wire::CloseCode;
use sovereign_core::{Order, Session};

use super::super::*;
use super::harness::{Client, Table, spawn};
use crate::log::memory::MemoryLog;
use crate::log::{Entry, Snapshot};

pub(super) async fn opened(state: &mut watch::Receiver<RoomState>) -> Option<RoomHandle> {
    let done = |state: &RoomState| !matches!(state, RoomState::Opening);
    match &*state.wait_for(done).await.unwrap() {
        RoomState::Open(handle) => Some(handle.clone()),
        _ => None,
    }
}

fn host(table: &Table) -> LocalHost<MemoryLog> {
    LocalHost::new(Arc::clone(&table.services))
}

async fn attach(client: &Client, handle: &RoomHandle) {
    handle.tell(ToRoom::Attach(client.attach(None))).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_room_that_panics_is_restored_and_nothing_is_lost() {
    let mut table = Table::open(1, 1, Limits::default()).await;
    let (host, id) = (host(&table), GameId::now_v7());
    let mut state = host.open(id, table.start.clone(), Arc::clone(&table.map), Origin::New);
    let room = opened(&mut state).await.unwrap();
    let mut player = table.client(Some(0), Codec::Msgpack);
    attach(&player, &room).await;
    let (socket, arrived) = (player.socket, Instant::now());
    room.tell(ToRoom::Order { socket, seq: 1, command: spawn(3), arrived }).await.unwrap();
    player.listen().await;
    room.tell(ToRoom::Panic).await.unwrap();
    player.listen_for(Duration::from_secs(1)).await;
    assert_eq!(player.closed, Some(CloseCode::Internal), "the client is told to come back");
    let room = opened(&mut state).await.unwrap();
    let mut again = table.client(Some(0), Codec::Msgpack);
    attach(&again, &room).await;
    again.listen_for(Duration::from_secs(2)).await;
    assert_eq!((again.last_seq, again.epoch), (1, 2));
    host.drain().await;
    assert!(matches!(&*state.borrow(), RoomState::Ended(RoomEnd::Drained)));
}

#[tokio::test(start_paused = true)]
async fn a_room_that_keeps_panicking_is_frozen_and_others_go_on() {
    let mut table = Table::open(1, 1, Limits::default()).await;
    let (host, id) = (host(&table), GameId::now_v7());
    let mut state = host.open(id, table.start.clone(), Arc::clone(&table.map), Origin::New);
    while let Some(room) = opened(&mut state).await {
        room.tell(ToRoom::Panic).await.unwrap();
        state.changed().await.unwrap();
    }
    assert!(matches!(&*state.borrow(), RoomState::Frozen));
    let mut other = table.join(Some(0), None).await;
    let before = other.ticks.len();
    other.listen_for(Duration::from_secs(2)).await;
    assert!(other.ticks.len() > before);
}

#[tokio::test(start_paused = true)]
async fn a_game_that_was_interrupted_before_its_first_entry_begins_anew() {
    let table = Table::open(1, 1, Limits::default()).await;
    let start = table.start.clone();
    let mut state = host(&table).open(GameId::now_v7(), start, Arc::clone(&table.map), Origin::Log);
    assert!(opened(&mut state).await.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_log_that_ends_before_its_snapshot_is_frozen() {
    let table = Table::open(1, 1, Limits::default()).await;
    let (log, game) = (&table.services.log, GameId::now_v7());
    log.create(game).await.unwrap();
    let blob = Vec::new();
    let ahead = Snapshot { game, seq: 5, tick: 9, hash: 1, rules_version: 1, blob };
    log.put_snapshot(ahead).await.unwrap();
    let start = table.start.clone();
    let mut state = host(&table).open(game, start, Arc::clone(&table.map), Origin::Log);
    assert!(opened(&mut state).await.is_none());
    assert!(matches!(&*state.borrow(), RoomState::Frozen));
}

/// The log of a game up to its end, as it is left by somebody who dies right then.
async fn play_to_the_end(table: &Table, game: GameId) {
    let log = &table.services.log;
    log.create(game).await.unwrap();
    let header = &table.start.header;
    let mut session = Session::new(header.game(Arc::clone(&table.map)).unwrap());
    let mut orders = table.start.orders(session.game().rules());
    for seq in 1.. {
        let prev_hash = session.game().hash();
        let batch = session.step(orders).batch;
        let (tick, batch) = (batch.tick.0, restore::encode(&batch));
        let entry = Entry { game, epoch: 1, seq, tick, batch, prev_hash };
        log.append(vec![entry]).await.unwrap();
        if session.game().state().phase == Phase::Finished {
            return;
        }
        let command = match session.game().state().phase {
            Phase::Spawn => spawn(seq as u32),
            _ => Command::Surrender(Surrender {}),
        };
        orders = vec![Order::Player { player: PlayerId(0), seq: seq as u32, command }];
    }
}

#[tokio::test(start_paused = true)]
async fn a_game_whose_node_died_at_its_end_is_archived_though_nobody_comes_back() {
    let table = Table::open(1, 1, Limits::default()).await;
    let (start, game) = (table.start.clone(), GameId::now_v7());
    play_to_the_end(&table, game).await;
    let mut state = host(&table).open(game, start, Arc::clone(&table.map), Origin::Log);
    let room = opened(&mut state).await.unwrap();
    let archived = async { room.watch().wait_for(|info| info.archived).await.map(drop) };
    tokio::time::timeout(Duration::from_secs(60), archived).await.unwrap().unwrap();
    assert!(table.services.store.replay(game).await.unwrap().is_some());
}
