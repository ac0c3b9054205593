//! Golden games: their hashes are the same on every machine and in every build, and
//! change only together with `RULES_VERSION`.

use sovereign_core::testing::{GOLDEN_GAMES, golden_game};

/// The hashes of the golden games. `scripts/portable` reads them from here.
const GOLDEN: [u64; GOLDEN_GAMES as usize] = [
    10547118823750496479,
    14601987457138115681,
    2686448180219135891,
    649503118684369395,
    17487990089603992582,
    17541358599779586915,
    3889159249202461971,
    2517171139586696990,
];

#[test]
fn golden_games_keep_their_hashes() {
    let hashes: Vec<_> = (0..GOLDEN_GAMES).map(golden_game).collect();
    assert_eq!(hashes, GOLDEN, "rules changed? then raise RULES_VERSION");
}
