//! Who plays whom: a pure function of who waits, for how long, and how good they are.
//!
//! Each search begins narrow and widens. Two meet if the difference of their points lies
//! within both searches: whoever has just come is not thrown to somebody far away only
//! because that one waits for long.

use std::collections::BTreeMap;
use std::time::Duration;

/// Tickets near one in points that are looked at for a game around it.
const SEEN: usize = 256;
/// Of these, so many may take part.
const CANDIDATES: usize = 24;
/// Steps of the search for one game.
const STEPS: u32 = 512;

/// Somebody who waits, or a party.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Names it.
    pub id: u64,
    /// How many people.
    pub people: usize,
    /// Their rating in points, of a party its mean.
    pub points: i32,
    /// For how long they have waited.
    pub waited: Duration,
}

/// How far a search reaches, in points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Search {
    /// In the beginning.
    pub start: u64,
    /// Growth for each second.
    pub per_second: u64,
    /// At most.
    pub most: u64,
}

/// What a game needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// How many sides: teams, or people who play alone.
    pub sides: usize,
    /// People of each side.
    pub size: usize,
}

/// A game: the tickets of each side.
pub type Match = Vec<Vec<u64>>;

impl Search {
    /// How far a search reaches that has lasted for so long. Never shrinks.
    #[must_use]
    pub fn width(&self, waited: Duration) -> u64 {
        let grown = u128::from(self.per_second) * waited.as_millis() / 1_000;
        let grown = u64::try_from(grown).unwrap_or(u64::MAX);
        self.start.saturating_add(grown).min(self.most)
    }

    fn joins(&self, a: &Ticket, b: &Ticket) -> bool {
        u64::from(a.points.abs_diff(b.points)) <= self.width(a.waited.min(b.waited))
    }
}

impl Shape {
    /// All people of a game.
    #[must_use]
    pub const fn players(self) -> usize {
        self.sides * self.size
    }
}

/// The games that can begin now. Whoever waits for longest chooses first, those nearest in
/// points; the order of `tickets` does not matter.
///
/// O(n log n) with a bounded number of steps for each ticket.
#[must_use]
pub fn find(tickets: &[Ticket], shape: Shape, search: &Search) -> Vec<Match> {
    let mut pool: BTreeMap<(i32, u64), Ticket> =
        tickets.iter().map(|ticket| ((ticket.points, ticket.id), *ticket)).collect();
    let mut order: Vec<&Ticket> = tickets.iter().collect();
    order.sort_by_key(|ticket| (std::cmp::Reverse(ticket.waited), ticket.id));
    let mut games = Vec::new();
    for first in order {
        if !pool.contains_key(&(first.points, first.id)) {
            continue;
        }
        if let Some((taken, game)) = Choice::around(first, &pool, shape, search) {
            for ticket in taken {
                pool.remove(&(ticket.points, ticket.id));
            }
            games.push(game);
        }
    }
    games
}

/// The search for one game.
struct Choice<'a> {
    shape: Shape,
    search: &'a Search,
    candidates: Vec<Ticket>,
    steps: u32,
}

impl Choice<'_> {
    fn around(
        first: &Ticket,
        pool: &BTreeMap<(i32, u64), Ticket>,
        shape: Shape,
        search: &Search,
    ) -> Option<(Vec<Ticket>, Match)> {
        let candidates = nearest(first, pool, search);
        let mut choice = Choice { shape, search, candidates, steps: STEPS };
        let mut chosen = vec![*first];
        let game = choice.complete(&mut chosen, 0)?;
        Some((chosen, game))
    }

    /// Adds candidates, the nearest first, until there is a game.
    fn complete(&mut self, chosen: &mut Vec<Ticket>, from: usize) -> Option<Match> {
        let people: usize = chosen.iter().map(|ticket| ticket.people).sum();
        if people >= self.shape.players() {
            return (people == self.shape.players()).then(|| split(chosen, self.shape)).flatten();
        }
        for at in from..self.candidates.len() {
            self.steps = self.steps.checked_sub(1)?;
            let next = self.candidates[at];
            if chosen.iter().all(|other| self.search.joins(&next, other)) {
                chosen.push(next);
                if let Some(game) = self.complete(chosen, at + 1) {
                    return Some(game);
                }
                chosen.pop();
            }
        }
        None
    }
}

/// Those who could play with one, the nearest in points first.
fn nearest(first: &Ticket, pool: &BTreeMap<(i32, u64), Ticket>, search: &Search) -> Vec<Ticket> {
    let key = (first.points, first.id);
    let mut below = pool.range(..key).rev().map(|(_, ticket)| *ticket).peekable();
    let mut above = pool.range(key..).skip(1).map(|(_, ticket)| *ticket).peekable();
    let far = |ticket: Option<&Ticket>| ticket.map(|t| t.points.abs_diff(first.points));
    let mut found = Vec::new();
    for _ in 0..SEEN {
        let next = match (far(below.peek()), far(above.peek())) {
            (Some(down), Some(up)) if down <= up => below.next(),
            (Some(_), None) => below.next(),
            _ => above.next(),
        };
        let Some(next) = next else { break };
        if search.joins(first, &next) {
            found.push(next);
        }
        if found.len() == CANDIDATES {
            break;
        }
    }
    found
}

/// Deals tickets out to sides of equal size whose strengths differ least; nothing if parties
/// do not fit.
fn split(tickets: &[Ticket], shape: Shape) -> Option<Match> {
    let mut tickets = tickets.to_vec();
    tickets.sort_by_key(|ticket| (std::cmp::Reverse((ticket.people, ticket.points)), ticket.id));
    let mut deal = Deal { shape, sides: vec![Vec::new(); shape.sides], best: None };
    deal.place(&tickets);
    deal.best.map(|(_, game)| game)
}

struct Deal {
    shape: Shape,
    sides: Vec<Vec<Ticket>>,
    best: Option<(i64, Match)>,
}

impl Deal {
    fn place(&mut self, left: &[Ticket]) {
        let Some((next, rest)) = left.split_first() else { return self.judge() };
        for side in 0..self.sides.len() {
            let was_empty = self.sides[side].is_empty();
            let people: usize = self.sides[side].iter().map(|ticket| ticket.people).sum();
            if people + next.people <= self.shape.size {
                self.sides[side].push(*next);
                self.place(rest);
                self.sides[side].pop();
            }
            if was_empty {
                // All empty sides are alike.
                return;
            }
        }
    }

    fn judge(&mut self) {
        let strength = |side: &Vec<Ticket>| -> i64 {
            side.iter().map(|ticket| i64::from(ticket.points) * ticket.people as i64).sum()
        };
        let strengths = || self.sides.iter().map(strength);
        let spread = strengths().max().unwrap_or(0) - strengths().min().unwrap_or(0);
        if self.best.as_ref().is_none_or(|(best, _)| spread < *best) {
            let ids = |side: &Vec<Ticket>| side.iter().map(|ticket| ticket.id).collect();
            self.best = Some((spread, self.sides.iter().map(ids).collect()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    const SEARCH: Search = Search { start: 100, per_second: 10, most: 1_000 };
    const DUEL: Shape = Shape { sides: 2, size: 1 };

    fn ticket(id: u64, people: usize, points: i32, seconds: u64) -> Ticket {
        Ticket { id, people, points, waited: Duration::from_secs(seconds) }
    }

    fn waiting(parties: usize) -> impl Strategy<Value = Vec<Ticket>> {
        let one = (1..=parties, 0..3_000_i32, 0..200_000_u64);
        let named = |(id, (people, points, waited)): (usize, (usize, i32, u64))| Ticket {
            id: id as u64,
            people,
            points,
            waited: Duration::from_millis(waited),
        };
        prop::collection::vec(one, 0..20)
            .prop_map(move |all| all.into_iter().enumerate().map(named).collect())
    }

    fn shapes() -> impl Strategy<Value = Shape> {
        let shape = |(sides, size)| Shape { sides, size };
        prop::sample::select(vec![(2, 1), (4, 1), (8, 1), (2, 2), (2, 4), (3, 2), (4, 2)])
            .prop_map(shape)
    }

    #[test]
    fn a_search_widens_up_to_its_bound() {
        let at = |seconds| SEARCH.width(Duration::from_secs(seconds));
        assert_eq!([at(0), at(1), at(30), at(90), at(u64::MAX)], [100, 110, 400, 1_000, 1_000]);
    }

    #[test]
    fn the_nearest_meet_and_both_must_have_waited() {
        let far = [ticket(1, 1, 1_500, 60), ticket(2, 1, 1_900, 0)];
        assert!(find(&far, DUEL, &SEARCH).is_empty(), "the second has just come");
        let later = [ticket(1, 1, 1_500, 90), ticket(2, 1, 1_900, 30)];
        assert_eq!(find(&later, DUEL, &SEARCH), [vec![vec![2], vec![1]]]);
        let three = [ticket(1, 1, 1_500, 9), ticket(2, 1, 1_590, 9), ticket(3, 1, 1_480, 9)];
        assert_eq!(find(&three, DUEL, &SEARCH)[0].concat(), [1, 3]);
    }

    #[test]
    fn teams_are_even_and_parties_stay_together() {
        let shape = Shape { sides: 2, size: 2 };
        let four = [1_560, 1_540, 1_520, 1_500].map(|points| (points, 0));
        let four: Vec<Ticket> =
            four.iter().zip(1..).map(|((points, _), id)| ticket(id, 1, *points, 0)).collect();
        assert_eq!(find(&four, shape, &SEARCH), [vec![vec![1, 4], vec![2, 3]]]);
        let party = [ticket(1, 2, 1_500, 0), ticket(2, 1, 1_550, 0), ticket(3, 1, 1_450, 0)];
        assert_eq!(find(&party, shape, &SEARCH), [vec![vec![1], vec![2, 3]]]);
        let odd = [ticket(1, 2, 1_500, 0), ticket(2, 1, 1_500, 9), ticket(3, 2, 1_500, 0)];
        assert_eq!(find(&odd, shape, &SEARCH).concat().concat(), [1, 3], "a party is not torn");
    }

    proptest! {
        #[test]
        fn games_are_whole_and_fair(tickets in waiting(4), shape in shapes()) {
            let mut seen = BTreeSet::new();
            for game in find(&tickets, shape, &SEARCH) {
                prop_assert_eq!(game.len(), shape.sides);
                let of = |id: &u64| tickets.iter().find(|t| t.id == *id).unwrap();
                for side in &game {
                    let people: usize = side.iter().map(|id| of(id).people).sum();
                    prop_assert_eq!(people, shape.size);
                }
                let ids = game.concat();
                for (a, b) in ids.iter().flat_map(|a| ids.iter().map(move |b| (of(a), of(b)))) {
                    let apart = u64::from(a.points.abs_diff(b.points));
                    prop_assert!(apart <= SEARCH.width(a.waited).min(SEARCH.width(b.waited)));
                }
                for id in ids {
                    prop_assert!(seen.insert(id), "nobody plays two games");
                }
            }
        }

        #[test]
        fn the_order_of_tickets_does_not_matter(tickets in waiting(3), shape in shapes()) {
            let mut turned = tickets.clone();
            turned.reverse();
            prop_assert_eq!(find(&tickets, shape, &SEARCH), find(&turned, shape, &SEARCH));
        }

        #[test]
        fn nobody_waits_who_could_play(tickets in waiting(1)) {
            let playing: BTreeSet<u64> =
                find(&tickets, DUEL, &SEARCH).concat().concat().into_iter().collect();
            let left: Vec<&Ticket> = tickets.iter().filter(|t| !playing.contains(&t.id)).collect();
            for (at, a) in left.iter().enumerate() {
                for b in &left[at + 1..] {
                    prop_assert!(!SEARCH.joins(a, b), "{a:?} could play {b:?}");
                }
            }
        }

        /// In virtual time: people come one after the other; each pair that is within the widest
        /// search plays once both have waited long enough.
        #[test]
        fn everybody_finds_a_game_in_time(
            people in prop::collection::vec((0..900_i32, 0..60_u64), 2..16),
        ) {
            let mut waiting: Vec<(u64, i32, u64)> = people
                .iter().zip(0..).map(|((points, comes), id)| (id, *points, *comes)).collect();
            for now in 0..=60 + 90 {
                let here = waiting.iter().filter(|(.., comes)| *comes <= now);
                let tickets: Vec<Ticket> = here
                    .map(|(id, points, comes)| ticket(*id, 1, *points, now - comes)).collect();
                let playing = find(&tickets, DUEL, &SEARCH).concat().concat();
                waiting.retain(|(id, ..)| !playing.contains(id));
            }
            prop_assert!(waiting.len() <= 1, "{waiting:?} still wait");
        }
    }
}
