//! Which node has something: rendezvous hashing, a pure function of the nodes that live.
//!
//! Each node has a score for each name, and the highest score has it. So a node that comes takes
//! names from all others alike, one that goes leaves its own to all others alike, and no name
//! moves between two nodes that stay. Nobody has to be asked, and nothing has to be agreed on:
//! two nodes that know of different others may differ, which the stored owner of a game settles.

use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use super::Member;

/// The node that should have a game, by its id: of those that stay and have room. Where all are
/// full, one of these all the same, since a game that runs has to be somewhere.
#[must_use]
pub fn place<'a>(name: &[u8], nodes: impl IntoIterator<Item = &'a Member>) -> Option<&'a Member> {
    let staying = nodes.into_iter().filter(|node| !node.leaving);
    staying.max_by_key(|node: &&'a Member| (!node.load.is_full(), rank(name, node)))
}

/// The node that has a job which is one for the whole fleet, full or not.
#[must_use]
pub fn place_job<'a>(
    name: &[u8],
    nodes: impl IntoIterator<Item = &'a Member>,
) -> Option<&'a Member> {
    let staying = nodes.into_iter().filter(|node| !node.leaving);
    staying.max_by_key(|node: &&'a Member| rank(name, node))
}

/// How much a name belongs to a node; never the same for two of them.
fn rank<'a>(name: &[u8], node: &'a Member) -> (u64, &'a str) {
    (xxh3_64_with_seed(name, seed(node)), &node.name)
}

/// A node's part of its scores.
fn seed(node: &Member) -> u64 {
    xxh3_64(node.name.as_bytes())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::cluster::member::tests::node;

    fn nodes(count: u32) -> Vec<Member> {
        (1..=count).map(|number| node(&format!("node-{number}"))).collect()
    }

    fn game(number: u64) -> [u8; 16] {
        let (high, low) = (number.wrapping_mul(0x9e37_79b9_7f4a_7c15), number);
        ((u128::from(high) << 64) | u128::from(low)).to_be_bytes()
    }

    /// Who has each of so many games.
    fn placed(nodes: &[Member], games: u64) -> Vec<&str> {
        (0..games).map(|number| place(&game(number), nodes).unwrap().name.as_str()).collect()
    }

    /// The share of games that moved, in thousandths; each moved from or to `other`.
    fn moves(before: &[&str], after: &[&str], other: &str) -> usize {
        let moved = before.iter().zip(after).filter(|(before, after)| before != after);
        let moved: Vec<_> = moved.collect();
        assert!(moved.iter().all(|(before, after)| **before == other || **after == other));
        moved.len() * 1_000 / before.len()
    }

    #[test]
    fn a_node_that_comes_or_goes_among_ten_moves_its_share_alone() {
        let (ten, eleven) = (nodes(10), nodes(11));
        let (before, after) = (placed(&ten, 20_000), placed(&eleven, 20_000));
        let grown = moves(&before, &after, "node-11");
        let shrunk = moves(&before, &placed(&ten[..9], 20_000), "node-10");
        assert!(grown > 70 && grown < 150, "{grown} of 1000");
        assert!(shrunk > 70 && shrunk < 150, "{shrunk} of 1000");
    }

    #[test]
    fn all_nodes_get_about_the_same() {
        let ten = nodes(10);
        let mut counts = BTreeMap::new();
        for name in placed(&ten, 20_000) {
            *counts.entry(name).or_insert(0_u32) += 1;
        }
        assert_eq!(counts.len(), 10);
        assert!(counts.values().all(|count| (1_800..2_200).contains(count)), "{counts:?}");
    }

    #[test]
    fn the_order_in_which_nodes_are_known_does_not_matter() {
        let mut ten = nodes(10);
        let before: Vec<String> = placed(&ten, 200).into_iter().map(str::to_owned).collect();
        ten.reverse();
        assert_eq!(placed(&ten, 200), before);
    }

    #[test]
    fn full_nodes_get_games_only_where_all_are_and_leaving_ones_never() {
        let mut three = nodes(3);
        three[0].load.rooms = 1_000;
        three[1].leaving = true;
        assert!(placed(&three, 100).iter().all(|name| *name == "node-3"));
        three[2].load.rooms = 1_000;
        let all_full = placed(&three, 100);
        assert!(all_full.contains(&"node-1") && !all_full.contains(&"node-2"));
        assert_eq!(place_job(b"job", &three[..2]).map(|n| n.name.as_str()), Some("node-1"));
        assert_eq!(place(&game(1), &[]), None);
    }

    /// A thousand nodes and a million games; for `docs/operations.md`, printed by
    /// `cargo test -p sovereign-server --release --lib how_a_large_fleet -- --ignored --nocapture`.
    #[test]
    #[ignore = "takes a while, and is there for its figures"]
    fn how_a_large_fleet_is_balanced() {
        const NODES: usize = 1_000;
        const GAMES: u64 = 1_000_000;
        let seeds: Vec<u64> = nodes(1_001).iter().map(seed).collect();
        let best = |name: &[u8], count: usize| {
            let scores = seeds[..count].iter().map(|seed| xxh3_64_with_seed(name, *seed));
            scores.enumerate().max_by_key(|(_, score)| *score).expect("nodes").0
        };
        let (mut counts, mut grown, mut shrunk) = (vec![0_u32; NODES], 0, 0);
        for number in 0..GAMES {
            let name = game(number);
            let home = best(&name, NODES);
            counts[home] += 1;
            // Whoever is not at the node that comes or goes stays, which the small test checks.
            grown += u32::from(best(&name, NODES + 1) == NODES);
            shrunk += u32::from(home == NODES - 1);
        }
        counts.sort_unstable();
        let (least, median, most) = (counts[0], counts[NODES / 2], counts[NODES - 1]);
        println!("{NODES} nodes, {GAMES} games: {least} to {most} a node, median {median}");
        println!("one node more: {grown} games move; one node less: {shrunk} games move");
        assert!(least > 800 && most < 1_200 && grown < 1_500 && shrunk < 1_500);
    }
}
