//! Nodes that stop.

use sovereign_core::wire::{CloseCode, Codec, ToClient};

use super::*;
use crate::room::Framed;

/// Who is connected through a node that stops is asked to change over, then told to reconnect;
/// never in the midst of a message.
#[tokio::test]
async fn whoever_is_relayed_by_a_node_that_stops_is_told_so() {
    let world = World::default();
    let nodes = world.nodes(["a", "b"]).await;
    let game = world.game(&nodes[1]);
    let json = "sec-websocket-protocol: sovereign.v1.json\r\n";
    let mut socket = socket(&nodes[0], game, json).await;
    // The other node says what it is told: a text of two letters, of which one is missing yet.
    socket.write_all(b"\x81\x02h").await.unwrap();
    let mut begun = [0; 3];
    timeout(PATIENCE, socket.read_exact(&mut begun)).await.unwrap().unwrap();
    let seen_off = tokio::spawn({
        let fleet = nodes[0].fleet.clone();
        async move { fleet.see_off().await }
    });
    let before = timeout(Duration::from_millis(300), socket.read_u8()).await;
    assert!(before.is_err(), "within a message nothing is said: {before:?}");
    socket.write_all(b"i").await.unwrap();
    let mut rest = Vec::new();
    timeout(PATIENCE, socket.read_to_end(&mut rest)).await.unwrap().unwrap();
    let migrate = ToClient::Migrate { url: None, closes_s: Some(1) };
    let migrate = crate::room::encode(&migrate, Codec::Json);
    let close = Framed::close(CloseCode::Migrate, 0);
    assert_eq!(rest, [b"i", &migrate.bytes()[..], &close.bytes()[..]].concat());
    drop(socket);
    timeout(PATIENCE, seen_off).await.unwrap().unwrap();
}

#[tokio::test]
async fn games_are_handed_over_one_by_one_whether_the_other_node_can_copy_them_or_not() {
    for copies in [true, false] {
        let world = World::default();
        let nodes = world.nodes(["a", "b", "c"]).await;
        let games: Vec<GameId> = (0..20).map(|_| world.game(&nodes[1])).collect();
        nodes.iter().for_each(|node| node.games.1.store(copies, Ordering::Relaxed));
        nodes[1].fleet.announce_leaving().await;
        nodes[1].fleet.hand_games_over().await;
        assert_eq!(nodes[1].games.count(), 0);
        let there: usize = nodes.iter().map(|node| node.games.count()).sum();
        assert_eq!(there, games.len(), "all are taken up");
        assert!(world.directory.games_of("b").await.unwrap().is_empty());
    }
}
