//! Golden games: their hashes are the same on every machine and in every build, and
//! change only together with `RULES_VERSION`.

use sovereign_core::testing::{GOLDEN_GAMES, golden_game};

/// The hashes of the golden games. `scripts/portable` reads them from here.
const GOLDEN: [u64; GOLDEN_GAMES as usize] = [
    10389835171404720293,
    15585643479040804349,
    5252880288566332188,
    15200491228356034932,
    15326340035784866786,
    11824447721806865630,
    10982906768096765657,
    6752051863310855981,
];

#[test]
fn golden_games_keep_their_hashes() {
    let hashes: Vec<_> = (0..GOLDEN_GAMES).map(golden_game).collect();
    assert_eq!(hashes, GOLDEN, "rules changed? then raise RULES_VERSION");
}
