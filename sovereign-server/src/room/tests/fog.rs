//! Games with fog: each player is told what he sees, when he may know it.

use std::collections::BTreeSet;

use sovereign_core::Rules;
use sovereign_core::rules::RulesDraft;
use sovereign_core::wire::CloseCode;

use super::super::*;
use super::harness::{Client, Table, spawn, start_with};

/// Two people at the two ends of the map, and two bots between them.
async fn table() -> (Table, Client, Client) {
    let mut draft = RulesDraft::clone(&Rules::preset("classic").unwrap());
    draft.fog.radius = 1;
    let start = start_with(2, 2, Rules::try_from(draft).unwrap());
    let mut table = Table::open_with(start, Limits::default()).await;
    let (mut one, mut two) = (table.join(Some(0), None).await, table.join(Some(1), None).await);
    table.order(&one, 1, spawn(0)).await;
    table.order(&two, 1, spawn(41)).await;
    listen(&mut one, &mut two, 1).await;
    assert!(one.answers[&1].result.is_ok() && two.answers[&1].result.is_ok());
    (table, one, two)
}

async fn listen(one: &mut Client, two: &mut Client, seconds: u64) {
    let time = Duration::from_secs(seconds);
    tokio::join!(one.listen_for(time), two.listen_for(time));
}

/// What a client shows is what the log's game shows its player at that tick.
async fn check(table: &Table, client: &Client) {
    let mut session = restore::fresh(&table.start, Arc::clone(&table.map)).unwrap().session;
    let last = *client.ticks.last().unwrap();
    for entry in table.entries().await.iter().filter(|entry| entry.tick <= last) {
        session.replay(&restore::decode(entry).unwrap()).unwrap();
    }
    let (shown, known) = (client.mirror.view(), session.game().view(client.seat));
    for at in table.map.territories() {
        assert_eq!((shown.sees(at), shown.owner(at)), (known.sees(at), known.owner(at)), "{at}");
    }
    let unseen = table.map.territories().filter(|at| !shown.sees(*at)).count();
    assert!(unseen > 0, "fog lies somewhere");
    assert!(table.map.territories().all(|at| shown.sees(at) || shown.owner(at).is_none()));
}

#[tokio::test(start_paused = true)]
async fn g8_each_player_is_told_what_he_sees_and_no_more_often() {
    let (table, mut one, mut two) = table().await;
    listen(&mut one, &mut two, 60).await;
    check(&table, &one).await;
    check(&table, &two).await;
    let entries: BTreeSet<u32> = table.entries().await.iter().map(|entry| entry.tick).collect();
    for client in [&one, &two] {
        assert!(client.ticks.len() < entries.len() / 2, "others' doings bring no frames");
        let gaps = client.ticks.windows(2).map(|pair| pair[1] - pair[0]);
        assert!(gaps.max().unwrap() <= 20, "a sign of life once a second");
    }
    assert_eq!(table.handle.info().tick % 20, 0, "nor does the lobby tell of them");
}

#[tokio::test(start_paused = true)]
async fn nobody_watches_a_game_with_fog() {
    let (mut table, ..) = table().await;
    assert_eq!(table.join(None, None).await.closed, Some(CloseCode::NotSeated));
}

#[tokio::test(start_paused = true)]
async fn a_short_absence_is_made_up_under_fog_too() {
    let (table, mut one, mut two) = table().await;
    listen(&mut one, &mut two, 30).await;
    table.handle.tell(ToRoom::Detach(one.socket)).await.unwrap();
    two.listen_for(Duration::from_secs(5)).await;
    let (resume, before) = (one.resume(), one.snapshots);
    one.out = OutQueue::new(&table.services.limits);
    one.socket = SocketId(1_000);
    table.attach(&one, resume).await;
    listen(&mut one, &mut two, 5).await;
    assert_eq!(one.snapshots, before, "deltas served");
    check(&table, &one).await;
}

#[tokio::test(start_paused = true)]
async fn after_a_restart_everybody_begins_anew() {
    let (mut table, mut one, mut two) = table().await;
    listen(&mut one, &mut two, 30).await;
    table.crash_and_restore().await;
    let (resume, before) = (one.resume(), one.snapshots);
    one.out = OutQueue::new(&table.services.limits);
    table.attach(&one, resume).await;
    one.listen_for(Duration::from_secs(10)).await;
    assert_eq!(one.snapshots, before + 1, "numbers of armies are new");
    check(&table, &one).await;
}
