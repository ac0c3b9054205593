//! Who hears what is said.

use super::super::*;
use super::harness::{Client, Table, start};

/// Three people and somebody who watches, in a game that allows words.
async fn table() -> (Table, Vec<Client>, Client) {
    let (mut start, map) = start(3, 0);
    start.chat = Chat::Free;
    let mut table = Table::open_with((start, map), Limits::default()).await;
    let mut players = Vec::new();
    for seat in 0..3 {
        players.push(table.join(Some(seat), None).await);
    }
    let mut watcher = table.client(None, Codec::Json);
    watcher.name = Some("Grace".to_owned());
    table.attach(&watcher, None).await;
    watcher.listen().await;
    (table, players, watcher)
}

async fn say(table: &Table, by: &Client, to: Option<u16>, allies: bool, text: &str) {
    let (socket, to, text) = (by.socket, to.map(PlayerId), text.to_owned());
    table.handle.tell(ToRoom::Chat { socket, to, allies, text }).await.unwrap();
}

async fn mute(table: &Table, by: &Client, player: u16, on: bool) {
    let (socket, player) = (by.socket, PlayerId(player));
    table.handle.tell(ToRoom::Mute { socket, player, on }).await.unwrap();
}

async fn listen(players: &mut [Client], watcher: &mut Client) {
    for client in players {
        client.listen().await;
    }
    watcher.listen().await;
}

/// What each has heard since the last time: the three, then who watches.
fn words(players: &mut [Client], watcher: &mut Client) -> [Vec<String>; 4] {
    let mut heard = players.iter_mut().chain([watcher]).map(|client| {
        let words = std::mem::take(&mut client.words);
        words.into_iter().map(|(_, text)| text).collect()
    });
    std::array::from_fn(|_| heard.next().unwrap())
}

const fn none() -> Vec<String> {
    Vec::new()
}

#[tokio::test(start_paused = true)]
async fn words_reach_those_they_are_for() {
    let (table, mut players, mut watcher) = table().await;
    for (to, allies, text) in
        [(None, false, "all"), (Some(1), false, "you"), (None, true, "allies")]
    {
        say(&table, &players[0], to, allies, text).await;
    }
    listen(&mut players, &mut watcher).await;
    let heard = words(&mut players, &mut watcher);
    assert_eq!(heard[0], ["all", "you", "allies"], "one's own words come back");
    assert_eq!(heard[1], ["all", "you"]);
    assert_eq!((&heard[2], &heard[3]), (&vec!["all".to_owned()], &vec!["all".to_owned()]));
}

#[tokio::test(start_paused = true)]
async fn what_spectators_say_reaches_no_player() {
    let (mut table, mut players, mut watcher) = table().await;
    let mut nobody = table.join(None, None).await;
    for to in [None, Some(0)] {
        say(&table, &watcher, to, false, "psst").await;
    }
    say(&table, &nobody, None, false, "who am I").await;
    nobody.listen().await;
    listen(&mut players, &mut watcher).await;
    let heard = words(&mut players, &mut watcher);
    assert_eq!(heard[..3], [none(), none(), none()]);
    assert_eq!(heard[3], ["psst", "psst"]);
    assert_eq!(nobody.words.len(), 2);
    assert_eq!(nobody.notices, ["account_needed"]);
}

#[tokio::test(start_paused = true)]
async fn whoever_is_muted_is_not_heard_by_who_muted_him_also_after_he_came_back() {
    let (mut table, mut players, mut watcher) = table().await;
    mute(&table, &players[1], 0, true).await;
    mute(&table, &watcher, 0, true).await;
    mute(&table, &players[1], 999, true).await;
    players[1] = table.join(Some(1), None).await;
    for (to, text) in [(None, "all"), (Some(1), "you")] {
        say(&table, &players[0], to, false, text).await;
    }
    let (socket, to, kind) = (players[0].socket, None, SocialKind::QuickChat);
    table.handle.tell(ToRoom::Social { socket, to, kind, index: 1 }).await.unwrap();
    listen(&mut players, &mut watcher).await;
    let heard = words(&mut players, &mut watcher);
    assert_eq!(heard[0], ["all", "you"], "who is muted is not told");
    assert_eq!((&heard[1], &heard[3]), (&none(), &none()));
    assert_eq!(heard[2], ["all"]);
    assert!(players[1].heard.is_empty() && !players[2].heard.is_empty(), "phrases too");
    mute(&table, &players[1], 0, false).await;
    say(&table, &players[0], None, false, "again").await;
    listen(&mut players, &mut watcher).await;
    assert_eq!(words(&mut players, &mut watcher)[1], ["again"]);
}

#[tokio::test(start_paused = true)]
async fn words_are_refused_where_only_phrases_are_allowed() {
    let mut table = Table::open(2, 0, Limits::default()).await;
    let mut one = table.join(Some(0), None).await;
    let mut two = table.join(Some(1), None).await;
    say(&table, &one, None, false, "hello").await;
    one.listen().await;
    two.listen().await;
    assert_eq!(one.notices, ["chat_closed"]);
    assert!(two.words.is_empty() && one.words.is_empty());
}

#[tokio::test(start_paused = true)]
async fn evidence_is_what_a_seat_has_heard() {
    let (table, mut players, mut watcher) = table().await;
    mute(&table, &players[2], 1, true).await;
    say(&table, &players[0], None, false, "mine").await;
    say(&table, &players[1], None, false, "rude").await;
    say(&table, &players[1], Some(0), false, "ruder").await;
    listen(&mut players, &mut watcher).await;
    let mut heard = Vec::new();
    for seat in 0..3 {
        let (reply, told) = oneshot::channel();
        table.handle.tell(ToRoom::Evidence { seat: PlayerId(seat), reply }).await.unwrap();
        let lines = told.await.unwrap().lines;
        heard.push(lines.into_iter().map(|line| line.text).collect::<Vec<_>>());
    }
    let all = vec!["mine", "rude", "ruder"];
    assert_eq!(heard, [all.clone(), all, vec!["mine"]]);
}
