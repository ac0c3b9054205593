//! Ways over the map.

use sovereign_core::Map;
use sovereign_core::id::TerritoryId;

/// Where an arrow points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// To the top.
    Up,
    /// To the bottom.
    Down,
    /// To the left.
    Left,
    /// To the right.
    Right,
}

/// The territory that lies next in a direction: near, and more ahead than aside.
pub(super) fn next_in(map: &Map, from: TerritoryId, direction: Direction) -> Option<TerritoryId> {
    let [x, y] = map.position(from).map(i64::from);
    let cost = |id: TerritoryId| {
        let [to_x, to_y] = map.position(id).map(i64::from);
        let (right, down) = (to_x - x, to_y - y);
        let (ahead, aside) = match direction {
            Direction::Up => (-down, right.abs()),
            Direction::Down => (down, right.abs()),
            Direction::Left => (-right, down.abs()),
            Direction::Right => (right, down.abs()),
        };
        (ahead > 0 && aside <= 2 * ahead).then_some((ahead + 2 * aside, id))
    };
    let others = (0..map.len()).map(TerritoryId::from_index).filter(|id| *id != from);
    others.filter_map(cost).min().map(|(_, id)| id)
}
