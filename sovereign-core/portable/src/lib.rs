//! The golden games for a host in another language.

use sovereign_core::testing::golden_game;

/// The hash of golden game `number`.
#[unsafe(no_mangle)]
pub extern "C" fn golden(number: u32) -> u64 {
    golden_game(u64::from(number))
}
