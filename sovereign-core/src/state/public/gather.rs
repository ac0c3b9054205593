//! What an audience learns of the rows that changed.

use alloc::vec::Vec;

use super::super::journal::Undo;
use super::super::row::{ArmyRow, BattleRow, GameRow, PactRow, PlayerRow, TerritoryRow};
use super::super::{State, pact_players};
use super::PublicRow;
use super::convert::{game_state, public_army, public_battle, public_pact, public_player, site};
use crate::event::{ArmyChange, BattleChange, Delta, PactChange, Site, TerritoryChange};
use crate::id::{ArmyId, PlayerId, TerritoryId};
use crate::quantity::Tick;

/// What is public of rows, gathered from what they replaced.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) delta: Delta,
    /// How the mirror's hash moves.
    pub(super) moved: u32,
}

impl Gathered {
    fn row<R: PublicRow + PartialEq>(&mut self, id: u32, old: &R, new: &R) {
        self.moved = self.moved.wrapping_sub(old.check(id)).wrapping_add(new.check(id));
    }

    pub(super) fn game(&mut self, old: &GameRow, new: &GameRow) {
        self.row(0, old, new);
        if old != new {
            self.delta.game = Some(game_state(new));
        }
    }

    pub(super) fn territory(&mut self, id: TerritoryId, old: &TerritoryRow, new: &TerritoryRow) {
        self.row(id.0, old, new);
        let site = (site(old) != site(new)).then(|| site(new));
        let owner = (old.owner != new.owner).then(|| PlayerId::from_raw(new.owner));
        let numbers = (old.troops, old.since) != (new.troops, new.since);
        if numbers || site.is_some() || owner.is_some() {
            let (troops, since) = (new.troops, Tick(new.since));
            self.delta.territories.push(TerritoryChange { id, troops, since, owner, site });
        }
    }

    pub(super) fn player(&mut self, id: PlayerId, old: &PlayerRow, new: &PlayerRow) {
        self.row(u32::from(id.0), old, new);
        if public_player(id, old) != public_player(id, new) {
            self.delta.players.push(public_player(id, new));
        }
    }

    pub(super) fn army(&mut self, id: ArmyId, old: &ArmyRow, new: &ArmyRow) {
        self.row(id.0, old, new);
        if public_army(old) != public_army(new) {
            self.delta.armies.push(ArmyChange { id, army: public_army(new) });
        }
    }

    pub(super) fn battle(&mut self, territory: TerritoryId, old: &BattleRow, new: &BattleRow) {
        self.row(territory.0, old, new);
        if old != new {
            self.delta.battles.push(BattleChange { territory, battle: public_battle(new) });
        }
    }

    pub(super) fn pact(&mut self, index: u32, old: &PactRow, new: &PactRow) {
        self.row(index, old, new);
        let (a, b) = pact_players(index as usize);
        let change = public_pact(a, b, new);
        if public_pact(a, b, old) != change {
            self.delta.pacts.push(change);
        }
    }
}

impl State {
    /// What everybody learns of everything since the last commit. `check` is the
    /// hash of the mirror before. O(changes * log changes).
    pub(crate) fn public_delta(&self, check: u32) -> Delta {
        let mut gathered = Gathered::default();
        for undo in self.first_changes() {
            self.gather(&mut gathered, undo);
        }
        let mut delta = gathered.delta;
        let events = self.journal.all().iter().filter_map(|undo| match undo {
            Undo::Event(event) if event.confidants().is_none() => Some(*event),
            _ => None,
        });
        delta.events = events.collect();
        delta.tick = self.tick;
        delta.check = check.wrapping_add(gathered.moved);
        delta
    }

    /// The oldest value of each row that was replaced since the last commit, by
    /// table and rising id.
    pub(super) fn first_changes(&self) -> Vec<Undo> {
        let entries = self.journal.all().iter().filter(|undo| !undo.is_event());
        let mut first: Vec<_> =
            entries.enumerate().map(|(i, undo)| (undo.place(), i, *undo)).collect();
        first.sort_unstable_by_key(|(place, order, _)| (*place, *order));
        first.dedup_by_key(|(place, ..)| *place);
        first.into_iter().map(|(.., undo)| undo).collect()
    }

    pub(super) fn gather(&self, gathered: &mut Gathered, undo: Undo) {
        match undo {
            Undo::Game(old) => gathered.game(&old, &self.game),
            Undo::Territory(id, old) => gathered.territory(id, &old, self.territory(id)),
            Undo::Player(id, old) => gathered.player(id, &old, self.player(id)),
            Undo::Army(id, old) => {
                let new = self.army(id).copied().unwrap_or(ArmyRow::BLANK);
                gathered.army(id, &old, &new);
            }
            Undo::Battle(at, old) => gathered.battle(at, &old, self.battle_row(at)),
            Undo::Pact(index, old) => gathered.pact(index, &old, &self.pacts[index as usize]),
            Undo::Strike(..) | Undo::Supply(..) | Undo::Event(_) => {}
        }
    }

    /// Everything public, as a delta from the untouched map. O(territories).
    pub(crate) fn public_snapshot(&self) -> Delta {
        let mut delta = Delta { tick: self.tick, check: self.public_check(), ..Delta::default() };
        for id in self.setting.map.territories() {
            let (row, untouched) = (self.territory(id), Self::untouched(&self.setting, id));
            if *row != untouched {
                let owner = (row.owner != untouched.owner).then(|| PlayerId::from_raw(row.owner));
                let site = (site(row) != Site::default()).then(|| site(row));
                let (troops, since) = (row.troops, Tick(row.since));
                delta.territories.push(TerritoryChange { id, troops, since, owner, site });
            }
        }
        delta.players = self.players().map(|id| public_player(id, self.player(id))).collect();
        let armies = self.armies().map(|(id, row)| ArmyChange { id, army: public_army(row) });
        delta.armies = armies.collect();
        let battle = |(territory, row)| BattleChange { territory, battle: public_battle(row) };
        delta.battles = self.battles().map(battle).collect();
        let pact = |(index, row): (usize, &PactRow)| {
            let (a, b) = pact_players(index);
            public_pact(a, b, row)
        };
        let known = |pact: &PactChange| pact.until.is_some() || pact.embargo != 0;
        delta.pacts = self.pacts().map(pact).filter(known).collect();
        delta.game = Some(game_state(&self.game));
        delta
    }
}
