//! Any replay file: refused, or one that survives a round trip and is verified without a panic.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use sovereign_core::testing::random_game;
use sovereign_core::{Game, Replay};

/// The game of the seeds, so that what is read can be played.
static GAME: LazyLock<Game> = LazyLock::new(|| random_game(3));

fuzz_target!(|bytes: &[u8]| {
    if let Ok(replay) = Replay::from_bytes(bytes) {
        assert_eq!(Replay::from_bytes(&replay.to_bytes()), Ok(replay.clone()));
        let _ = replay.verify(GAME.map().clone());
    }
});
