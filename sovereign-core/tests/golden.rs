//! Golden games: their hashes are the same on every machine and in every build, and
//! change only together with `RULES_VERSION`.

use sovereign_core::testing::{GOLDEN_GAMES, golden_game};

/// The hashes of the golden games. `scripts/portable` reads them from here.
const GOLDEN: [u64; GOLDEN_GAMES as usize] = [
    9592733211429711826,
    13101336477167394236,
    15079126995679877836,
    15014607733428041744,
    10302002237195184026,
    6961210219153119809,
    6080866616607738147,
    11105390645158868643,
];

#[test]
fn golden_games_keep_their_hashes() {
    let hashes: Vec<_> = (0..GOLDEN_GAMES).map(golden_game).collect();
    assert_eq!(hashes, GOLDEN, "rules changed? then raise RULES_VERSION");
}
