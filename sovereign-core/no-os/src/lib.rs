//! The engine without a standard library: see Cargo.toml.
#![no_std]

extern crate alloc;

use alloc::sync::Arc;

use sovereign_core::id::PlayerId;
use sovereign_core::{Game, Map, Order, Rules, Seed, SystemOrder};

#[global_allocator]
static HEAP: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}

/// Plays a tick, so that the whole engine is compiled in. Returns the game's hash.
pub extern "C" fn play() -> u64 {
    let (Some(map), Some(rules)) = (Map::shipped("world"), Rules::preset("classic")) else {
        return 0;
    };
    let Ok(mut game) = Game::new(Arc::new(map), Arc::new(rules), Seed::from(1), 2) else {
        return 0;
    };
    let join = |player| Order::System(SystemOrder::Join { player, bot: true, team: 0 });
    let begun = [join(PlayerId(0)), join(PlayerId(1)), Order::System(SystemOrder::Start)]
        .iter()
        .try_for_each(|order| game.execute(order));
    game.advance();
    if begun.is_ok() { game.hash() } else { 0 }
}
