//! What one player is told under fog: public rows, those of unseen land as if untouched.
//!
//! A delta is made of two sieved states, the one before a step and the one after it, and of
//! nothing else: what is in neither cannot get into it.

use alloc::vec::Vec;

use super::super::journal::Undo;
use super::super::row::{ALLIED, BattleRow, GameRow, PactRow, PlayerRow, TerritoryRow};
use super::super::{Phase, Setting, State, pact_players};
use super::PublicRow;
use super::convert::army_row;
use super::gather::Gathered;
use crate::event::{Delta, Event};
use crate::id::{PlayerId, TerritoryId};
use crate::view::{Roster, Sighting, seen_armies};

/// What has changed since the last commit, for [`crate::Audience::news`] to tell of: the
/// oldest value of each row, by table and rising id.
#[derive(Clone, Debug)]
pub struct Changes {
    rows: Vec<Undo>,
    /// Who held land before whose row has another owner now, by rising territory.
    owners: Vec<(TerritoryId, u16)>,
}

impl Changes {
    fn find(&self, key: (u8, u32)) -> Option<&Undo> {
        let at = self.rows.binary_search_by_key(&key, Undo::place).ok()?;
        Some(&self.rows[at])
    }

    fn territory(&self, at: TerritoryId) -> Option<&TerritoryRow> {
        match self.find(Undo::Territory(at, TerritoryRow::BLANK).place())? {
            Undo::Territory(_, row) => Some(row),
            _ => None,
        }
    }

    fn battle(&self, at: TerritoryId) -> Option<&BattleRow> {
        match self.find(Undo::Battle(at, BattleRow::BLANK).place())? {
            Undo::Battle(_, row) => Some(row),
            _ => None,
        }
    }

    fn has_armies(&self) -> bool {
        self.rows.iter().any(|undo| matches!(undo, Undo::Army(..)))
    }
}

/// Land that a player may have to be told of: whether he saw it, and whether he sees it.
struct Look {
    at: TerritoryId,
    before: bool,
    now: bool,
}

impl State {
    /// What everything since the last commit changes. O(changes * log changes).
    pub(crate) fn changes(&self) -> Changes {
        let rows = self.first_changes();
        let owner = |undo: &Undo| match undo {
            Undo::Territory(id, old) if old.owner != self.territory(*id).owner => {
                Some((*id, old.owner))
            }
            _ => None,
        };
        let owners = rows.iter().filter_map(owner).collect();
        Changes { rows, owners }
    }

    /// Whether a player's sight changed in ways that are told by a new snapshot: fog fell or
    /// lifted, he went out, his side took a capital, or whose sight he shares changed.
    pub(crate) fn must_begin_anew(&self, viewer: PlayerId, changes: &Changes) -> bool {
        let allied = |row: &PactRow| row.state >= ALLIED;
        changes.rows.iter().any(|undo| match undo {
            Undo::Game(old) => {
                let playing = Phase::Playing.code();
                (old.phase == playing) != (self.game.phase == playing)
            }
            Undo::Player(id, old) => {
                let new = self.player(*id);
                let friend = |heir: &PlayerId| self.friendly(viewer, *heir);
                let inherits = PlayerId::from_raw(new.heir).is_some_and(|heir| friend(&heir));
                (old.standing != new.standing && friend(id)) || (old.heir != new.heir && inherits)
            }
            Undo::Pact(index, old) => {
                let (a, b) = pact_players(*index as usize);
                let mine = a == viewer || b == viewer;
                mine && allied(old) != allied(&self.pacts[*index as usize])
            }
            _ => false,
        })
    }

    /// What a player learns of what was replaced, unless he must begin anew; `check` is his
    /// mirror's hash before. O(changes * (log changes + degree ^ radius)), and as much for
    /// each territory near one that his side won or lost; where armies moved or he sees
    /// other land than before, also O(armies * (log armies + degree ^ radius)).
    pub(crate) fn tell(
        &self,
        viewer: PlayerId,
        changes: &Changes,
        roster: &mut Roster,
        check: u32,
    ) -> Delta {
        let (mut gathered, looks) = (Gathered::default(), self.looks(viewer, changes));
        for look in &looks {
            self.tell_land(&mut gathered, look, changes);
        }
        let players =
            |undo: &&Undo| matches!(undo, Undo::Player(..) | Undo::Pact(..) | Undo::Game(_));
        for undo in changes.rows.iter().filter(players) {
            self.gather(&mut gathered, *undo);
        }
        if changes.has_armies() || looks.iter().any(|look| look.before != look.now) {
            tell_armies(&mut gathered, self.muster(viewer, roster));
        }
        gathered.delta.events = self.tell_events(|at| {
            let look = looks.binary_search_by_key(&at, |look| look.at);
            look.map_or_else(|_| self.sees(viewer, at), |i| looks[i].before || looks[i].now)
        });
        self.sealed(gathered, check)
    }

    /// All that a player may know, as a delta from the untouched map, whose hash is
    /// `untouched`. O(land of his side * degree ^ radius + seats ^ 2 + armies known).
    pub(crate) fn tell_all(&self, viewer: PlayerId, roster: &Roster, untouched: u32) -> Delta {
        let mut gathered = Gathered::default();
        for at in self.seen_land(viewer) {
            gathered.territory(at, &Self::untouched(&self.setting, at), self.territory(at));
            gathered.battle(at, &BattleRow::BLANK, self.battle_row(at));
        }
        for player in self.players() {
            gathered.player(player, &PlayerRow::BLANK, self.player(player));
        }
        for (index, pact) in self.pacts() {
            gathered.pact(index as u32, &PactRow::BLANK, pact);
        }
        gathered.game(&GameRow::BLANK, &self.game);
        tell_armies(&mut gathered, roster.known().map(|(id, army)| (id, None, Some(army))));
        self.sealed(gathered, untouched)
    }

    /// What happened since the last commit where `told` agrees, and to players.
    pub(crate) fn tell_events(&self, told: impl Fn(TerritoryId) -> bool) -> Vec<Event> {
        let public = self.journal.events().filter(|event| event.confidants().is_none());
        public.filter(|event| event.place().is_none_or(&told)).collect()
    }

    /// Takes the armies that a player sees now into his roster.
    pub(crate) fn muster(&self, viewer: PlayerId, roster: &mut Roster) -> Vec<Sighting> {
        roster.update(self.setting.seats, viewer, seen_armies(self, viewer))
    }

    fn sealed(&self, gathered: Gathered, check: u32) -> Delta {
        Delta { tick: self.tick, check: check.wrapping_add(gathered.moved), ..gathered.delta }
    }

    /// The land of which there may be something to tell: whose row or battle was replaced,
    /// and that near land which the viewer's side won or lost. By rising id.
    fn looks(&self, viewer: PlayerId, changes: &Changes) -> Vec<Look> {
        let side =
            |owner: Option<PlayerId>| owner.is_some_and(|owner| self.friendly(viewer, owner));
        let before = |at: TerritoryId| {
            let moved = changes.owners.binary_search_by_key(&at, |(id, _)| *id);
            moved.map_or_else(|_| self.owner(at), |i| self.holder(changes.owners[i].1))
        };
        let mut lands: Vec<_> = changes.rows.iter().filter_map(place).collect();
        let rows = lands.len();
        for (at, old) in &changes.owners {
            if side(self.holder(*old)) != side(self.owner(*at)) {
                self.add_near(*at, &mut lands);
            }
        }
        let turned = lands.len() > rows;
        lands.sort_unstable();
        lands.dedup();
        let look = |at| {
            let now = self.sees(viewer, at);
            let before = if turned { self.would_see(viewer, at, before) } else { now };
            Look { at, before, now }
        };
        lands.into_iter().map(look).filter(|look| look.before || look.now).collect()
    }

    fn tell_land(&self, gathered: &mut Gathered, look: &Look, changes: &Changes) {
        let (at, untouched) = (look.at, Self::untouched(&self.setting, look.at));
        let (new, battle) = (self.territory(at), self.battle_row(at));
        let old = changes.territory(at).unwrap_or(new);
        let fought = changes.battle(at).unwrap_or(battle);
        let sieve = |seen, row| if seen { row } else { &untouched };
        gathered.territory(at, sieve(look.before, old), sieve(look.now, new));
        let sieve = |seen, row| if seen { row } else { &BattleRow::BLANK };
        gathered.battle(at, sieve(look.before, fought), sieve(look.now, battle));
    }
}

fn tell_armies(gathered: &mut Gathered, sightings: impl IntoIterator<Item = Sighting>) {
    for (id, old, new) in sightings {
        gathered.army(id, &army_row(old), &army_row(new));
    }
}

fn place(undo: &Undo) -> Option<TerritoryId> {
    match undo {
        Undo::Territory(at, _) | Undo::Battle(at, _) => Some(*at),
        _ => None,
    }
}

impl Setting {
    /// The hash of a mirror of which nothing has been told. O(territories).
    pub(crate) fn untouched_check(&self) -> u32 {
        let lands = self.map.territories();
        let lands = lands.map(|at| State::untouched(self, at).check(at.0));
        let seats = (0..u32::from(self.seats)).map(|seat| PlayerRow::BLANK.check(seat));
        lands.chain(seats).fold(GameRow::BLANK.check(0), u32::wrapping_add)
    }
}
