//! Golden games: their hashes are the same on every machine and in every build, and
//! change only together with `RULES_VERSION`.

use sovereign_core::testing::{GOLDEN_GAMES, golden_game};

/// The hashes of the golden games. `scripts/portable` reads them from here.
const GOLDEN: [u64; GOLDEN_GAMES as usize] = [
    4906572125413979931,
    1241317009564143440,
    8533223020518430222,
    10541068361394469563,
    17401688405380828243,
    14200304347088311197,
    11296085418202774003,
    16913124330699110496,
];

#[test]
fn golden_games_keep_their_hashes() {
    let hashes: Vec<_> = (0..GOLDEN_GAMES).map(golden_game).collect();
    assert_eq!(hashes, GOLDEN, "rules changed? then raise RULES_VERSION");
}
