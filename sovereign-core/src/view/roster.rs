//! The numbers by which a player knows armies under fog.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::iter;
use core::mem;

use crate::event::Army;
use crate::id::{ArmyId, PlayerId, TerritoryId};
use crate::quantity::Tick;

/// The armies that a player knows of. His own bear their numbers in the game; those of others
/// bear the lowest of their owner's numbers that is free in this list.
///
/// A pure function of what the player has seen: it follows an army by its march alone and
/// gives numbers in the order of what armies look like, so that nothing of the game's own
/// numbers shows through.
#[derive(Clone, Debug, Default)]
pub(crate) struct Roster {
    known: BTreeMap<ArmyId, Army>,
}

/// An army that a roster knew or knows: its number, and it before and now.
pub(crate) type Sighting = (ArmyId, Option<Army>, Option<Army>);

/// Others' armies that are not yet matched, sorted by [`order`].
type Unmatched = (Vec<(ArmyId, Army)>, Vec<Army>);

impl Roster {
    /// What is known, by rising number.
    pub(crate) fn known(&self) -> impl Iterator<Item = (ArmyId, Army)> + '_ {
        self.known.iter().map(|(id, army)| (*id, *army))
    }

    /// Takes in all armies that `viewer` sees now, and says what is new of them, by rising
    /// number. O(armies * log armies).
    pub(crate) fn update(
        &mut self,
        seats: u16,
        viewer: PlayerId,
        seen: impl Iterator<Item = (ArmyId, Army)>,
    ) -> Vec<Sighting> {
        let (own, others): (Vec<_>, Vec<_>) = seen.partition(|(_, army)| army.owner == viewer);
        let before = mem::take(&mut self.known);
        let known = before.iter().filter(|(_, army)| army.owner != viewer);
        let mut known: Vec<_> = known.map(|(id, army)| (*id, *army)).collect();
        known.sort_unstable_by_key(|(id, army)| (order(army), *id));
        let mut others: Vec<_> = others.into_iter().map(|(_, army)| army).collect();
        others.sort_unstable_by_key(order);
        self.known.extend(own);
        let left = self.keep((known, others), order);
        let (_, new) = self.keep(left, march);
        self.number(new, seats);
        changes(&before, &self.known)
    }

    /// Lets armies that have the same key as one that was known keep its number.
    fn keep<K: Ord>(&mut self, (known, seen): Unmatched, key: impl Fn(&Army) -> K) -> Unmatched {
        let (mut gone, mut new) = (Vec::new(), Vec::new());
        let mut known = known.into_iter().peekable();
        for army in seen {
            let wanted = key(&army);
            gone.extend(iter::from_fn(|| known.next_if(|(_, old)| key(old) < wanted)));
            match known.next_if(|(_, old)| key(old) == wanted) {
                Some((id, _)) => drop(self.known.insert(id, army)),
                None => new.push(army),
            }
        }
        gone.extend(known);
        (gone, new)
    }

    /// Gives each the lowest free number of its owner's.
    fn number(&mut self, new: Vec<Army>, seats: u16) {
        for army in new {
            let mut numbers = (u32::from(army.owner.0)..).step_by(usize::from(seats)).map(ArmyId);
            let free = numbers.find(|id| !self.known.contains_key(id));
            self.known.extend(free.map(|id| (id, army)));
        }
    }
}

/// What tells one march from another.
fn march(army: &Army) -> (PlayerId, TerritoryId, TerritoryId, Tick, Tick) {
    (army.owner, army.from, army.to, army.departed, army.arrives)
}

/// Sorts by march, then by all else that is seen of an army.
fn order(army: &Army) -> (impl Ord + use<>, Army) {
    (march(army), *army)
}

fn changes(before: &BTreeMap<ArmyId, Army>, now: &BTreeMap<ArmyId, Army>) -> Vec<Sighting> {
    let mut ids: Vec<_> = before.keys().chain(now.keys()).copied().collect();
    ids.sort_unstable();
    ids.dedup();
    let pair = |id| (id, before.get(&id).copied(), now.get(&id).copied());
    ids.into_iter().map(pair).filter(|(_, old, new)| old != new).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Purpose;

    const ME: PlayerId = PlayerId(1);

    fn army(owner: u16, to: u32, troops: u32) -> Army {
        Army {
            owner: PlayerId(owner),
            purpose: Purpose::Attack,
            fighting: false,
            troops,
            from: TerritoryId(0),
            to: TerritoryId(to),
            departed: Tick(5),
            arrives: Tick(9),
        }
    }

    fn told(roster: &mut Roster, seen: &[(u32, Army)]) -> Vec<(u32, Option<u32>)> {
        let seen = seen.iter().map(|(id, army)| (ArmyId(*id), *army));
        let changes = roster.update(3, ME, seen).into_iter();
        changes.map(|(id, _, now)| (id.0, now.map(|army| army.troops))).collect()
    }

    #[test]
    fn own_armies_bear_their_numbers_and_others_the_lowest_of_their_owners() {
        let mut roster = Roster::default();
        let seen = [(7, army(1, 1, 10)), (300, army(0, 2, 20)), (200, army(2, 1, 30))];
        assert_eq!(told(&mut roster, &seen), [(0, Some(20)), (2, Some(30)), (7, Some(10))]);
        let more = [(900, army(2, 2, 5)), (7, army(1, 1, 10)), (200, army(2, 1, 30))];
        assert_eq!(told(&mut roster, &more), [(0, None), (5, Some(5))]);
    }

    #[test]
    fn an_army_is_followed_by_its_march_whatever_its_number() {
        let mut roster = Roster::default();
        told(&mut roster, &[(0, army(0, 1, 10)), (3, army(0, 2, 20)), (6, army(0, 3, 30))]);
        let later = [(9, army(0, 2, 15)), (12, army(0, 3, 30)), (15, army(0, 4, 5))];
        assert_eq!(told(&mut roster, &later), [(0, Some(5)), (3, Some(15))]);
    }

    #[test]
    fn two_that_look_alike_are_one_thing_twice() {
        let mut roster = Roster::default();
        told(&mut roster, &[(0, army(0, 1, 10)), (3, army(0, 1, 10))]);
        let mut other = roster.clone();
        let one = told(&mut roster, &[(0, army(0, 1, 4)), (3, army(0, 1, 10))]);
        let two = told(&mut other, &[(0, army(0, 1, 10)), (3, army(0, 1, 4))]);
        assert_eq!(one, two);
    }
}
