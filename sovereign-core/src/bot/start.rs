//! Where to begin.

use alloc::collections::BTreeSet;

use super::BotDice;
use crate::command::{Command, Spawn};
use crate::id::{PlayerId, TerritoryId};
use crate::map::{EdgeKind, Terrain};
use crate::search::nearest;
use crate::view::View;

/// How many places are compared.
const PLACES: usize = 48;
/// How far around a place is looked, in territories.
const AROUND_MAX: usize = 24;
/// Players nearer than this are a danger, in borders.
const NEAR: u32 = 5;

/// The best of some free places to start in: much land around it that is soon taken and
/// grows, a region that is soon held, and nobody near.
pub(super) fn choose_good_start(
    view: &View<'_>,
    me: PlayerId,
    dice: &mut BotDice,
) -> Option<Command> {
    let lands = view.map().len();
    let throws = (0..PLACES).map(|_| TerritoryId::from_index(dice.below(lands)));
    let free = throws.filter(|id| is_open(view, *id) && view.owner(*id).is_none());
    let best = free.max_by_key(|id| (promise(view, me, *id), core::cmp::Reverse(*id)))?;
    Some(Command::Spawn(Spawn { territory: best }))
}

fn is_open(view: &View<'_>, id: TerritoryId) -> bool {
    view.map().terrain(id) != Terrain::Impassable
}

/// What can be made of a start.
fn promise(view: &View<'_>, me: PlayerId, start: TerritoryId) -> u64 {
    let around: u64 = ball(view, start).into_iter().map(|id| yields(view, id)).sum();
    let (size, bonus) = view.map().region_of(start).map_or((1, 0), |region| {
        let region = &view.map().regions()[region.index()];
        (region.territories.len() as u64, u64::from(region.bonus))
    });
    let value = around + around * bonus / (4 * size.max(1));
    let taken = |id| view.owner(id).is_some_and(|owner| owner != me);
    match nearest(view.map(), start, 4 * AROUND_MAX, taken) {
        Some((distance, _)) if distance < NEAR => value * u64::from(distance) / u64::from(NEAR),
        _ => value,
    }
}

/// The first territories met from a place by land and strait, nearest first.
fn ball(view: &View<'_>, start: TerritoryId) -> BTreeSet<TerritoryId> {
    let mut ball = BTreeSet::from([start]);
    let mut border = alloc::vec![start];
    for _ in 0..3 {
        let edges = border.iter().flat_map(|id| view.map().edges(*id));
        let dry = edges.filter(|edge| edge.kind != EdgeKind::Sea).map(|edge| edge.to);
        border = dry.filter(|id| is_open(view, *id) && !ball.contains(id)).collect();
        border.truncate(AROUND_MAX);
        ball.extend(border.iter().copied());
    }
    ball
}

/// Growth for the troops that it takes.
fn yields(view: &View<'_>, id: TerritoryId) -> u64 {
    let terrain = view.rules().terrain(view.map().terrain(id));
    let cost = |garrison: u32, defence: u32| u64::from(garrison) * u64::from(defence) / 1000 + 20;
    terrain.map_or(0, |t| u64::from(t.growth) / cost(t.garrison, t.defence.0))
}
