//! An engine that panics: whose order it was, and who notices.

use sovereign_core::command::Surrender;
use sovereign_core::wire::CloseCode;
use sovereign_core::{Order, Reject};

use super::super::*;
use super::harness::{Client, Table, executions, spawn};
use super::traps::plant;

/// The order with which the engine of these tests fails.
const BAD: u32 = 13;

fn is_bad(order: &Order) -> bool {
    matches!(order, Order::Player { command, .. } if *command == spawn(BAD))
}

/// A game for three, whose engine panics on [`BAD`].
async fn table() -> (Table, [Client; 2]) {
    let mut table = Table::open(3, 0, Limits::default()).await;
    plant(table.id, |_, orders| orders.iter().any(is_bad));
    let clients = [table.join(Some(0), None).await, table.join(Some(1), None).await];
    (table, clients)
}

async fn listen(clients: &mut [Client; 2], seconds: u64) {
    let [one, two] = clients;
    let time = Duration::from_secs(seconds);
    tokio::join!(one.listen_for(time), two.listen_for(time));
}

async fn check(table: &Table, client: &Client) {
    let checks = table.replayed_checks().await;
    assert_eq!(checks[client.ticks.last().unwrap()], client.mirror.check());
}

#[tokio::test(start_paused = true)]
async fn the_order_that_panics_is_refused_and_the_others_of_its_tick_run() {
    let (table, mut clients) = table().await;
    let [one, two] = &clients;
    table.order(one, 1, spawn(3)).await;
    table.order(one, 2, spawn(BAD)).await;
    table.order(one, 3, spawn(4)).await;
    table.order(two, 1, spawn(20)).await;
    listen(&mut clients, 2).await;
    let [one, two] = &clients;
    assert_eq!(one.answers[&2].result, Err(Reject::Fault));
    for (client, seq) in [(one, 1), (one, 3), (two, 1)] {
        assert!(client.answers[&seq].result.is_ok(), "{:?}", client.answers);
        assert_eq!((client.closed, client.paused), (None, None), "nobody is thrown out");
        check(&table, client).await;
    }
    let mut executed = executions(&table).await;
    executed.sort_unstable();
    assert_eq!(executed, [(0, 1), (0, 3), (1, 1)]);
    let noted = table.services.store.audit_rows(i64::MAX, 10).await.unwrap();
    assert_eq!((noted.len(), noted[0].action.as_str()), (1, "panic"));
    assert_eq!((noted[0].subject.clone(), &*noted[0].outcome), (table.id.to_string(), "refused"));
    assert!(noted[0].detail.contains("Spawn"), "the operator can try it: {}", noted[0].detail);
}

#[tokio::test(start_paused = true)]
async fn a_refused_order_does_not_bar_its_number_or_its_sender() {
    let (table, mut clients) = table().await;
    table.order(&clients[0], 1, spawn(BAD)).await;
    listen(&mut clients, 1).await;
    assert_eq!(clients[0].answers[&1].result, Err(Reject::Fault));
    table.order(&clients[0], 1, spawn(3)).await;
    listen(&mut clients, 1).await;
    assert!(clients[0].answers[&1].result.is_ok());
}

#[tokio::test(start_paused = true)]
async fn who_panics_the_engine_again_and_again_is_not_tried_any_more() {
    let (table, mut clients) = table().await;
    for seq in 1..=20 {
        table.order(&clients[0], seq, spawn(BAD)).await;
    }
    table.order(&clients[1], 1, spawn(20)).await;
    listen(&mut clients, 3).await;
    assert!(clients[0].answers.values().all(|answer| answer.result == Err(Reject::Fault)));
    assert_eq!(clients[0].answers.len(), 20, "each is answered");
    table.order(&clients[0], 21, spawn(3)).await;
    table.order(&clients[1], 2, spawn(21)).await;
    listen(&mut clients, 1).await;
    assert_eq!(clients[0].answers[&21].result, Err(Reject::Fault), "his orders are not tried");
    assert!(clients[1].answers[&2].result.is_ok(), "the others play on");
}

#[tokio::test(start_paused = true)]
async fn nothing_of_a_panic_shows_while_the_log_stands_still() {
    let (table, mut clients) = table().await;
    table.services.log.stall(true);
    table.order(&clients[0], 1, spawn(3)).await;
    listen(&mut clients, 1).await;
    table.order(&clients[0], 2, spawn(BAD)).await;
    listen(&mut clients, 5).await;
    assert!(clients[0].answers.is_empty());
    table.services.log.stall(false);
    listen(&mut clients, 2).await;
    assert!(clients[0].answers[&1].result.is_ok());
    assert_eq!(clients[0].answers[&2].result, Err(Reject::Fault));
    check(&table, &clients[0]).await;
}

#[tokio::test(start_paused = true)]
async fn a_panic_without_culprit_freezes_that_game_alone() {
    let (mut table, mut clients) = table().await;
    listen(&mut clients, 1).await;
    plant(table.id, |session, _| session.game().tick().0 >= 60);
    listen(&mut clients, 10).await;
    for client in &clients {
        assert_eq!(client.paused, Some(PauseReason::Fault), "it is said");
        assert_eq!(client.closed, None);
    }
    table.order(&clients[0], 1, Command::Surrender(Surrender {})).await;
    listen(&mut clients, 2).await;
    assert!(clients[0].answers.is_empty());
    let late = table.join(Some(2), None).await;
    assert_eq!(late.paused, Some(PauseReason::Fault), "who comes later is told too");
    assert_eq!(late.mirror.check(), clients[0].mirror.check(), "and sees where it stands");
    let last = table.entries().await.last().unwrap().tick;
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(table.entries().await.last().unwrap().tick, last);
    assert_eq!(table.handle.info().paused, Some(PauseReason::Fault));
}

#[tokio::test(start_paused = true)]
async fn a8_other_rooms_never_notice() {
    let (table, mut clients) = table().await;
    let id = GameId::now_v7();
    table.services.log.create(id).await.unwrap();
    let map = Arc::clone(&table.map);
    let room = Room::fresh(&table.services, id, table.start.clone(), map).unwrap();
    let mut other = Table { id, handle: room.handle(), ..table.beside() };
    tokio::spawn(room.run());
    let mut neighbour = other.join(Some(0), None).await;
    for seq in 1..=8 {
        table.order(&clients[0], seq, spawn(BAD)).await;
        table.order(&clients[1], seq, spawn(BAD)).await;
    }
    tokio::join!(listen(&mut clients, 5), neighbour.listen_for(Duration::from_secs(5)));
    assert_eq!(neighbour.paused, None);
    let gaps = neighbour.ticks.windows(2).map(|pair| pair[1] - pair[0]);
    assert!(gaps.max().unwrap() <= 20, "a sign of life once a second all the time");
    assert!(*neighbour.ticks.last().unwrap() >= 80, "its time went on");
}

#[tokio::test(start_paused = true)]
async fn a_corrupt_log_met_after_a_panic_freezes_the_game() {
    let (mut table, mut clients) = table().await;
    listen(&mut clients, 1).await;
    table.services.log.damage(table.id);
    table.order(&clients[0], 1, spawn(BAD)).await;
    listen(&mut clients, 2).await;
    assert_eq!((&mut table.task).await.unwrap(), RoomEnd::Frozen);
}

#[tokio::test(start_paused = true)]
async fn who_sits_in_a_room_that_panics_or_is_about_to_come_in_is_told_to_come_back() {
    let mut table = Table::open(2, 0, Limits::default()).await;
    let mut one = table.join(Some(0), None).await;
    one.listen_for(Duration::from_millis(200)).await;
    assert!(one.closed.is_none() && !one.ticks.is_empty());
    table.handle.tell(ToRoom::Panic).await.unwrap();
    let mut two = table.join(Some(1), None).await;
    // Neither says a word meanwhile.
    for (client, code) in [(&mut one, CloseCode::Internal), (&mut two, CloseCode::TryLater)] {
        client.listen().await;
        assert_eq!(client.closed, Some(code));
    }
}
