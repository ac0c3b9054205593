//! Where games go: when a node dies or leaves, by what nodes can play, and how full they are.

use super::*;

#[tokio::test]
async fn the_games_of_a_dead_node_go_to_those_that_live() {
    let world = World::default();
    let mut nodes = world.nodes(["a", "b", "c"]).await;
    let games: Vec<GameId> = (0..20).map(|_| world.game(&nodes[1])).collect();
    drop(nodes.remove(1));
    for node in &nodes {
        node.sees(&["a", "c"]).await;
    }
    let mut at = HashSet::new();
    for game in &games {
        let (status, text) = nodes[0].ask(&format!("/v1/games/{game}")).await;
        assert_eq!(status, StatusCode::OK, "{text}");
        at.insert(text.chars().next().unwrap());
    }
    assert_eq!(at, HashSet::from(['a', 'c']));
    let left: usize = nodes.iter().map(|node| node.games.count()).sum();
    assert_eq!(left, games.len());
}

#[tokio::test]
async fn a_game_goes_to_nodes_alone_that_know_its_rules() {
    let world = World::default();
    let mut nodes = world.nodes(["a", "b", "c"]).await;
    nodes[0].fleet.roster().change_me(|me| me.rules = (1, 2));
    let [old, new, unknown] = [Some(1), Some(2), Some(3)].map(|rules| {
        let games: Vec<GameId> = (0..10).map(|_| GameId::new_v4()).collect();
        for game in &games {
            let located = Located { game: *game, node: "b".to_owned(), finished: false, rules };
            world.directory.put("CODE42", located);
        }
        games
    });
    // Both know what the first can play before the second dies.
    let told = |node: &Node| node.fleet.roster().find("a").is_some_and(|a| a.rules == (1, 2));
    while !told(&nodes[2]) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    drop(nodes.remove(1));
    for node in &nodes {
        node.sees(&["a", "c"]).await;
    }
    let mut at = HashSet::new();
    for node in &nodes {
        for game in &old {
            at.insert(node.ask(&format!("/v1/games/{game}")).await.1.chars().next());
        }
        for game in &new {
            let (status, text) = node.ask(&format!("/v1/games/{game}")).await;
            assert!(status == StatusCode::OK && text.starts_with('a'), "{text}");
        }
        for game in &unknown {
            let (status, text) = node.ask(&format!("/v1/games/{game}")).await;
            assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{text}");
        }
    }
    assert_eq!(at, HashSet::from([Some('a'), Some('c')]));
    assert_eq!(world.directory.games_of("b").await.unwrap().len(), unknown.len());
}

#[tokio::test]
async fn a_node_gives_away_what_it_cannot_play() {
    let world = World::default();
    let games: Vec<GameId> = (0..10).map(|_| GameId::new_v4()).collect();
    for game in &games {
        let located =
            Located { game: *game, node: "a".to_owned(), finished: false, rules: Some(2) };
        world.directory.put("CODE42", located);
    }
    let nodes = world.nodes(["a", "b"]).await;
    nodes[1].fleet.roster().change_me(|me| me.rules = (1, 2));
    let given = async {
        while nodes[1].games.count() < games.len() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(PATIENCE, given).await.expect("it looks after its games now and then");
    assert_eq!(nodes[0].games.count(), 0);
}

#[tokio::test]
async fn a_full_node_passes_the_wish_for_a_game_on() {
    let world = World::default();
    let nodes = world.nodes(["a", "b", "c"]).await;
    let begun = async |node: &Node| node.ask("/v1/games").await.1.chars().next();
    assert_eq!(begun(&nodes[0]).await, Some('a'));
    nodes[0].games.1.store(true, Ordering::Relaxed);
    for _ in 0..3 {
        world.game(&nodes[1]);
    }
    let emptier = async {
        while begun(&nodes[0]).await != Some('c') {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(PATIENCE, emptier).await.expect("the one with fewer games gets it");
    for node in &nodes {
        node.games.1.store(true, Ordering::Relaxed);
    }
    // Once all know that all are full, the one that was asked answers by itself.
    let refused = async {
        while begun(&nodes[0]).await != Some('a') {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(PATIENCE, refused).await.expect("all are full");
}

#[tokio::test]
async fn a_node_that_leaves_hands_its_games_over() {
    let world = World::default();
    let nodes = world.nodes(["a", "b", "c"]).await;
    let games: Vec<GameId> = (0..20).map(|_| world.game(&nodes[1])).collect();
    nodes[1].fleet.announce_leaving().await;
    nodes[1].games.0.lock().unwrap().clear();
    nodes[1].fleet.give_rest().await;
    nodes[1].fleet.leave().await;
    // All of them are taken up by now, and by who has them.
    assert!(world.directory.games_of("b").await.unwrap().is_empty());
    for node in [&nodes[0], &nodes[2]] {
        let mine = world.directory.games_of(&node.fleet.roster().me().name).await.unwrap();
        let has = node.games.0.lock().unwrap().clone();
        assert_eq!(mine.iter().map(|located| located.game).collect::<HashSet<_>>(), has);
        assert!(!has.is_empty());
    }
    // And what comes to the one that leaves goes where it belongs.
    let (status, text) = nodes[1].ask(&format!("/v1/games/{}", games[0])).await;
    assert_eq!(status, StatusCode::OK);
    assert!(!text.starts_with('b'), "{text}");
}
