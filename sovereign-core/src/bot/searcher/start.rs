//! Where the searcher starts: where most land is nearer to it than to anybody else.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use crate::bot::BotDice;
use crate::command::{Command, Spawn};
use crate::id::{PlayerId, TerritoryId};
use crate::map::{EdgeKind, Map, Terrain};
use crate::quantity::Tick;
use crate::view::View;

/// How long it lets others choose first, in ticks, and how much longer by its seat, so that
/// those who wait for each other do not choose at once.
const WAIT: u32 = 20;
const WAIT_PER_SEAT: u32 = 10;
const SEATS_APART: u32 = 8;
/// It looks again after so many ticks, and chooses at the latest so long before the end.
const LOOK: u32 = 10;
/// The largest map of which every territory is thought of; of others so many by the dice.
const WHOLE_MAX: usize = 192;
const DRAWN: usize = 64;
/// How many territories round a start are looked at, and round all of others.
const NEAR_MAX: usize = 256;
const FAR_MAX: usize = 4096;

/// Borders between a territory and the nearest of where a search began.
type Distances = BTreeMap<TerritoryId, u32>;

/// Chooses where to start once all others have, or when it has waited long enough; says
/// when to look again.
pub(super) fn choose(
    view: &View<'_>,
    me: PlayerId,
    dice: &mut BotDice,
    wishes: &mut Vec<Command>,
) -> Tick {
    let look = view.tick().after(LOOK);
    if view.territory_count(me) == 0 && (is_last(view, me) || has_waited(view, me)) {
        wishes.extend(best(view, dice).map(|territory| Command::Spawn(Spawn { territory })));
    }
    look
}

fn is_last(view: &View<'_>, me: PlayerId) -> bool {
    let mut others = view.players().filter(|p| *p != me && view.is_playing(*p));
    others.all(|p| view.territory_count(p) > 0)
}

fn has_waited(view: &View<'_>, me: PlayerId) -> bool {
    let wait = WAIT + WAIT_PER_SEAT * (u32::from(me.0) % SEATS_APART);
    let ends = view.game().until.is_some_and(|end| view.tick().after(2 * LOOK) >= end);
    view.tick() >= Tick(wait) || ends
}

fn best(view: &View<'_>, dice: &mut BotDice) -> Option<TerritoryId> {
    let map = view.map();
    let taken: Vec<_> = view.players().flat_map(|player| view.land_of(player)).collect();
    let others = distances(map, &taken, FAR_MAX);
    let free =
        |id: &TerritoryId| map.terrain(*id) != Terrain::Impassable && view.owner(*id).is_none();
    let rank = |id: &TerritoryId| (prospect(view, *id, &others), core::cmp::Reverse(*id));
    candidates(map, dice).into_iter().filter(free).max_by_key(rank)
}

fn candidates(map: &Map, dice: &mut BotDice) -> Vec<TerritoryId> {
    let lands = map.len();
    if lands <= WHOLE_MAX {
        return (0..lands).map(TerritoryId::from_index).collect();
    }
    (0..DRAWN).map(|_| TerritoryId::from_index(dice.below(lands))).collect()
}

/// How well a player grows from here: by the growth of all land that is nearer to it than to
/// any of the others, the less the farther it is; half of it where both are as near.
fn prospect(view: &View<'_>, start: TerritoryId, others: &Distances) -> u64 {
    let worth = |(id, borders): (&TerritoryId, &u32)| {
        let rules = view.rules().terrain(view.map().terrain(*id));
        let growth = rules.map_or(0, |terrain| 1 + u64::from(terrain.growth));
        let near = 2 * growth / u64::from(1 + borders);
        match others.get(id) {
            Some(other) if other < borders => 0,
            Some(other) if other == borders => near / 2,
            _ => near,
        }
    };
    distances(view.map(), &[start], NEAR_MAX).iter().map(worth).sum()
}

/// Over edges that need no port, among the first `limit` territories met.
fn distances(map: &Map, from: &[TerritoryId], limit: usize) -> Distances {
    let mut met: Vec<_> = from.to_vec();
    let mut distances: Distances = met.iter().map(|id| (*id, 0)).collect();
    let mut next = 0;
    while let Some(here) = met.get(next).copied() {
        let away = distances[&here] + 1;
        for edge in map.edges(here).iter().filter(|edge| edge.kind != EdgeKind::Sea) {
            if met.len() < limit && !distances.contains_key(&edge.to) {
                distances.insert(edge.to, away);
                met.push(edge.to);
            }
        }
        next += 1;
    }
    distances
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{Order, SystemOrder};
    use crate::game::Game;
    use crate::map::generate::grid;
    use crate::rng::Seed;
    use crate::rules::Rules;

    /// Two who sit at a board of nine by three.
    fn spawning() -> Game {
        let rules = Rules::preset("classic").expect("shipped");
        let mut game = Game::new(grid(9, 3).into(), rules.into(), Seed::from(1), 2).expect("fits");
        let join = |seat| SystemOrder::Join { player: PlayerId(seat), bot: true, team: 0 };
        for order in [join(0), join(1), SystemOrder::Start] {
            game.execute(&Order::System(order)).expect("all are legal");
        }
        game
    }

    fn chosen(game: &Game) -> Option<TerritoryId> {
        let mut wishes = Vec::new();
        let view = game.view(Some(PlayerId(1)));
        let _ = choose(&view, PlayerId(1), &mut BotDice::new(Seed::from(1)), &mut wishes);
        match wishes.pop()? {
            Command::Spawn(spawn) => Some(spawn.territory),
            _ => None,
        }
    }

    #[test]
    fn it_lets_others_choose_first_but_not_for_ever() {
        let mut game = spawning();
        assert_eq!(chosen(&game), None);
        game.advance_to(Tick(WAIT + WAIT_PER_SEAT));
        assert_eq!(chosen(&game), Some(TerritoryId(13)), "the middle, where nobody is");
    }

    #[test]
    fn it_starts_where_most_land_is_nearer_to_it() {
        let mut game = spawning();
        let command = Command::Spawn(Spawn { territory: TerritoryId(12) });
        game.execute(&Order::Bot { player: PlayerId(0), seq: 1, command }).expect("it is free");
        assert_eq!(chosen(&game), Some(TerritoryId(14)), "on the wider side, a step away");
    }
}
