//! What is seen of a map, as a number to compare; `benches/chaos` takes this file as it is.

use sovereign_core::id::TerritoryId;
use sovereign_core::view::View;

/// Of owners and troops of all land.
pub(crate) fn digest(view: &View<'_>) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for id in 0..view.map().len() {
        let id = TerritoryId::from_index(id);
        let owner = view.owner(id).map_or(0, |player| u64::from(player.0) + 1);
        let row = owner << 32 | u64::from(view.troops(id));
        hash = (hash ^ row).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(17);
    }
    hash
}
