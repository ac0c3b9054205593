//! Golden games: their hashes are the same on every machine and in every build, and
//! change only together with `RULES_VERSION`.

use sovereign_core::testing::{GOLDEN_GAMES, golden_game};

/// The hashes of the golden games. `scripts/portable` reads them from here.
const GOLDEN: [u64; GOLDEN_GAMES as usize] = [
    16835548026267165439,
    142701498244683963,
    8317026282136402161,
    6679446328167996619,
    15340097854024170363,
    1554522867480880415,
    15707872447432776473,
    7975146093397528541,
];

#[test]
fn golden_games_keep_their_hashes() {
    let hashes: Vec<_> = (0..GOLDEN_GAMES).map(golden_game).collect();
    assert_eq!(hashes, GOLDEN, "rules changed? then raise RULES_VERSION");
}
