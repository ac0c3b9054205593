//! Sockets of a room: coming, going, falling behind; and the end of a game.

use sovereign_core::command::Surrender;
use sovereign_core::wire::CloseCode;

use tokio::task::JoinHandle;

use super::super::*;
use super::harness::{Client, Table, executions, spawn};

#[tokio::test(start_paused = true)]
async fn g9_a_second_socket_fences_the_first() {
    let mut table = Table::open(2, 0, Limits::default()).await;
    let mut first = table.join(Some(0), None).await;
    let mut second = table.join(Some(0), None).await;
    first.listen().await;
    assert_eq!(first.closed, Some(CloseCode::Replaced));
    table.order(&first, 1, spawn(3)).await;
    table.handle.tell(ToRoom::Detach(first.socket)).await.unwrap();
    second.listen().await;
    assert!(executions(&table).await.is_empty(), "the old socket is not heard");
    table.order(&second, 1, spawn(3)).await;
    second.listen().await;
    assert!(second.answers[&1].result.is_ok(), "the old one's leaving does not unseat the new one");
}

#[tokio::test(start_paused = true)]
async fn a_mark_reaches_those_it_is_for() {
    let mut table = Table::open(3, 0, Limits::default()).await;
    let mut clients = Vec::new();
    for seat in 0..3 {
        clients.push(table.join(Some(seat), None).await);
    }
    let socket = clients[0].socket;
    let nowhere = table.map.len() as u32;
    for (index, to) in [(nowhere, None), (4, None), (5, Some(PlayerId(1)))] {
        let kind = SocialKind::Mark;
        table.handle.tell(ToRoom::Social { socket, to, kind, index }).await.unwrap();
        for client in &mut clients {
            client.listen_for(Duration::from_secs(1)).await;
        }
    }
    let mark = |index| (0, SocialKind::Mark, index);
    assert_eq!(clients[0].heard, [mark(4), mark(5)], "one's own marks");
    assert_eq!(clients[1].heard, [mark(5)], "no ally, but named");
    assert!(clients[2].heard.is_empty(), "neither");
}

#[tokio::test(start_paused = true)]
async fn the_new_socket_hears_of_orders_that_the_old_one_had_sent() {
    let mut table = Table::open(2, 0, Limits::default()).await;
    let first = table.join(Some(0), None).await;
    table.order(&first, 9, spawn(3)).await;
    let second = table.join(Some(0), None).await;
    assert_eq!(second.last_seq, 9);
    assert!(second.answers[&9].result.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_page_that_was_loaded_anew_is_not_fenced_by_the_one_before() {
    let mut table = Table::open(2, 0, Limits::default()).await;
    let mut before = table.client(Some(0), Codec::Msgpack);
    let mut after = table.client(Some(0), Codec::Msgpack);
    // Both have waited for the room, and the newer one is let in first.
    table.attach(&after, None).await;
    table.attach(&before, None).await;
    table.order(&before, 1, spawn(3)).await;
    table.order(&after, 2, spawn(4)).await;
    before.listen().await;
    after.listen().await;
    assert_eq!((before.closed, after.closed), (Some(CloseCode::Replaced), None));
    assert!(before.answers.is_empty());
    assert_eq!(after.answers.keys().collect::<Vec<_>>(), [&2]);
}

#[tokio::test(start_paused = true)]
async fn a_short_absence_is_made_up_from_the_ring() {
    let mut table = Table::open(1, 2, Limits::default()).await;
    let mut player = table.join(Some(0), None).await;
    player.listen_for(Duration::from_secs(20)).await;
    table.handle.tell(ToRoom::Detach(player.socket)).await.unwrap();
    tokio::time::sleep(Duration::from_secs(5)).await;
    let resume = player.resume();
    player.out = OutQueue::new(&table.services.limits);
    player.socket = SocketId(1_000);
    table.attach(&player, resume).await;
    player.listen_for(Duration::from_secs(2)).await;
    assert_eq!(player.snapshots, 1, "only the first");
    let gaps = player.ticks.windows(2).map(|w| w[1] - w[0]).max().unwrap();
    assert!(gaps <= 20, "no frame is missing, the widest gap is {gaps} ticks");
}

#[tokio::test(start_paused = true)]
async fn a_long_absence_is_made_up_by_one_snapshot() {
    let limits = Limits { ring_ticks: 5, ..Limits::default() };
    let mut table = Table::open(1, 2, limits).await;
    let mut player = table.join(Some(0), None).await;
    player.listen_for(Duration::from_secs(25)).await;
    table.handle.tell(ToRoom::Detach(player.socket)).await.unwrap();
    tokio::time::sleep(Duration::from_secs(8)).await;
    let resume = player.resume();
    player.out = OutQueue::new(&table.services.limits);
    player.socket = SocketId(1_000);
    table.attach(&player, resume).await;
    player.listen_for(Duration::from_secs(2)).await;
    assert_eq!(player.snapshots, 2);
    assert!(player.ticks.len() > 10);
}

#[tokio::test(start_paused = true)]
async fn a2_a_slow_reader_gets_one_snapshot_then_is_closed() {
    let mut table = Table::open(2, 1, Limits::default()).await;
    let mut quick = table.join(Some(1), None).await;
    let mut slow = table.join(Some(0), None).await;
    quick.listen_for(Duration::from_secs(6)).await;
    slow.listen().await;
    assert_eq!(slow.closed, None);
    assert_eq!(slow.snapshots, 2, "what waited was replaced by one snapshot");
    quick.listen_for(Duration::from_secs(20)).await;
    slow.listen().await;
    assert_eq!(slow.closed, Some(CloseCode::TooSlow));
    assert!(quick.closed.is_none() && quick.snapshots == 1, "nobody else notices");
}

#[tokio::test(start_paused = true)]
async fn an_idle_game_shows_that_it_goes_on_every_second() {
    let mut table = Table::open(2, 0, Limits::default()).await;
    let mut player = table.join(Some(0), None).await;
    player.listen_for(Duration::from_secs(8)).await;
    let gaps = player.ticks.windows(2).map(|w| w[1] - w[0]).max().unwrap();
    assert!(gaps <= 20, "{gaps} ticks without a sign of life");
}

#[tokio::test(start_paused = true)]
async fn an_absent_person_is_away_then_replaced_then_back() {
    let mut table = Table::open(2, 0, Limits::default()).await;
    let mut player = table.join(Some(0), None).await;
    player.listen_for(Duration::from_secs(90)).await;
    let presence = |client: &Client| client.mirror.view().player(PlayerId(1)).presence;
    assert_eq!(presence(&player), sovereign_core::Presence::TakenOver);
    let _other = table.join(Some(1), None).await;
    player.listen().await;
    assert_eq!(presence(&player), sovereign_core::Presence::Here);
}

#[tokio::test(start_paused = true)]
async fn a_finished_game_is_archived_and_its_log_dropped() {
    let mut table = Table::open(2, 0, Limits::default()).await;
    let mut player = table.join(Some(0), None).await;
    table.order(&player, 1, spawn(3)).await;
    player.listen_for(Duration::from_secs(25)).await;
    table.order(&player, 2, Command::Surrender(Surrender {})).await;
    player.listen_for(Duration::from_secs(5)).await;
    let mut info = table.handle.watch();
    info.wait_for(|info| info.archived).await.unwrap();
    let bytes = table.services.store.replay(table.id).await.unwrap().unwrap();
    let replay = sovereign_core::Replay::from_bytes(&bytes).unwrap();
    let verified = replay.verify(Arc::clone(&table.map)).unwrap();
    assert_eq!(verified.state.phase, Phase::Finished);
    assert!(table.services.log.position(table.id).await.is_err(), "the log is gone");
    table.handle.tell(ToRoom::Detach(player.socket)).await.unwrap();
    assert_eq!(table.task.await.unwrap(), RoomEnd::Finished);
}

#[tokio::test(start_paused = true)]
async fn a_finished_game_with_a_damaged_log_is_frozen_and_kept_for_the_operator() {
    let mut table = Table::open(2, 0, Limits::default()).await;
    let mut player = table.join(Some(0), None).await;
    table.order(&player, 1, spawn(3)).await;
    player.listen_for(Duration::from_secs(25)).await;
    table.services.log.garble(table.id);
    table.order(&player, 2, Command::Surrender(Surrender {})).await;
    player.listen_for(Duration::from_secs(5)).await;
    table.handle.tell(ToRoom::Detach(player.socket)).await.unwrap();
    assert_eq!((&mut table.task).await.unwrap(), RoomEnd::Frozen, "it does not try for ever");
    assert!(table.services.store.replay(table.id).await.unwrap().is_none());
    assert!(table.services.log.position(table.id).await.is_ok(), "nothing is thrown away");
    let noted = table.services.store.audit_rows(i64::MAX, 10).await.unwrap();
    let noted = (noted[0].action.as_str(), noted[0].outcome.as_str(), noted[0].subject.as_str());
    assert_eq!(noted, ("archive", "damaged", table.id.to_string().as_str()));
}

#[tokio::test(start_paused = true)]
async fn an_empty_game_ends_after_its_time() {
    let limits = Limits { empty_room_s: 30, ..Limits::default() };
    let table = Table::open(1, 1, limits).await;
    assert_eq!(table.task.await.unwrap(), RoomEnd::Finished);
    assert!(table.services.store.replay(table.id).await.unwrap().is_some());
}

#[tokio::test(start_paused = true)]
async fn a_ranked_game_goes_on_with_bots_when_all_have_left() {
    let limits = Limits { empty_room_s: 30, ..Limits::default() };
    let (mut start, map) = super::harness::start(2, 1);
    start.ladder = Some("duel".to_owned());
    let mut table = Table::open_with((start, map), limits).await;
    tokio::time::sleep(Duration::from_secs(120)).await;
    let mut player = table.join(Some(0), None).await;
    player.listen_for(Duration::from_secs(1)).await;
    let presence = player.mirror.view().player(PlayerId(1)).presence;
    assert_eq!(presence, sovereign_core::Presence::TakenOver);
    assert!(*player.ticks.last().unwrap() > 2_000, "it has not stood still");
}

#[tokio::test(start_paused = true)]
async fn json_tells_the_same_game() {
    let mut table = Table::open(1, 2, Limits::default()).await;
    let mut player = table.client(Some(0), Codec::Json);
    table.attach(&player, None).await;
    player.listen_for(Duration::from_secs(30)).await;
    let checks = table.replayed_checks().await;
    assert_eq!(checks[player.ticks.last().unwrap()], player.mirror.check());
}

#[tokio::test(start_paused = true)]
async fn g7_spectators_are_limited_and_not_heard() {
    let limits = Limits { spectators_per_room: 1, ..Limits::default() };
    let mut table = Table::open(1, 1, limits).await;
    let mut watcher = table.join(None, None).await;
    let turned_away = table.join(None, None).await;
    assert_eq!(turned_away.closed, Some(CloseCode::TryLater));
    table.order(&watcher, 1, spawn(3)).await;
    watcher.listen_for(Duration::from_secs(2)).await;
    assert!(watcher.answers.is_empty());
    assert!(executions(&table).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a1_a_game_takes_so_many_orders_for_a_tick() {
    let limits = Limits { inbox_orders: 5, ..Limits::default() };
    let mut table = Table::open(2, 0, limits).await;
    let mut player = table.join(Some(0), None).await;
    for seq in 1..=20 {
        table.order(&player, seq, spawn(3)).await;
    }
    player.listen_for(Duration::from_secs(1)).await;
    assert_eq!(player.notices, vec!["busy"; 15], "the others are told to come again");
    assert_eq!(player.answers.len(), 5);
}

/// Whoever talks most to his game delays no other one: a tick takes in so many messages.
#[tokio::test(start_paused = true)]
async fn a8_a_tick_takes_in_so_many_messages_and_no_more() {
    let table = Table::open(2, 0, Limits::default()).await;
    let send = |n: usize| {
        let (handle, socket) = (table.handle.clone(), SocketId(n as u64));
        async move { handle.tell(ToRoom::Detach(socket)).await }
    };
    let mut waiting = Vec::new();
    for n in 0..INBOX * 3 {
        waiting.push(tokio::spawn(send(n)));
    }
    let told = |waiting: &[JoinHandle<_>]| waiting.iter().filter(|w| w.is_finished()).count();
    // No time passes while somebody has something to do.
    for _ in 0..1_000 {
        tokio::task::yield_now().await;
    }
    let mut before = told(&waiting);
    assert_eq!(before, INBOX, "the rest waits at the door");
    while before < INBOX * 3 {
        tokio::time::sleep(TICK).await;
        let now = told(&waiting);
        assert!(now - before <= INBOX, "{now} after {before}");
        before = now;
    }
}

/// A database that answers nobody stops no game: only what is asked of it waits.
#[tokio::test(start_paused = true)]
async fn a10_a_database_that_hangs_stops_no_game() {
    let limits = Limits { snapshot_ticks: 20, ..Limits::default() };
    let mut table = Table::open(1, 2, limits).await;
    let mut player = table.join(Some(0), None).await;
    let hung = table.database.hang().await;
    table.order(&player, 1, spawn(3)).await;
    player.listen_for(Duration::from_secs(60)).await;
    assert!(player.answers[&1].result.is_ok());
    assert!(player.ticks.len() > 100 && player.paused.is_none(), "{} frames", player.ticks.len());
    drop(hung);
    table.services.store.ping().await.unwrap();
}
