//! A state that is consistent with what one viewer knows.
//!
//! It is built from what the viewer is told, the public rows and its own, and from
//! nothing else: what it may not know cannot get in. What is missing is guessed.

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::super::row::{
    ArmyRow, BattleRow, FALLOUT, PlayerRow, RETURN, STILL, StrikeRow, TerritoryRow,
};
use super::super::{Phase, Setting, State};
use crate::event::Delta;
use crate::id::{ArmyId, PlayerId, TerritoryId};
use crate::rng::Seed;
use crate::tick::meet;
use crate::view::{Own, Roster};

/// The `origin_taken` of an army whose home changed hands: no tick is that late.
const HOME_LOST: u32 = u32::MAX;

impl State {
    /// A state with this seed as `viewer`, who knows `own`, may imagine this one. O(territories).
    pub(crate) fn imagined(&self, viewer: Option<PlayerId>, own: Option<&Own>, seed: Seed) -> Self {
        let Setting { map, rules, seats, .. } = &*self.setting;
        let setting = Setting::new(map.clone(), rules.clone(), seed, *seats);
        let mut state = Self::new(Arc::new(setting));
        state.apply_public(&self.known_to(viewer));
        if let (Some(viewer), Some(own)) = (viewer, own) {
            state.apply_own(viewer, own);
        }
        state.guess_battles();
        state.guess_whereabouts();
        state.guess_gold(viewer);
        state.guess_origins();
        state.find_meetings();
        state.guess_fallout();
        state.forget();
        state.unjudged = true;
        state
    }

    /// All that a viewer may know. Under fog a mirror of this state gives the same.
    fn known_to(&self, viewer: Option<PlayerId>) -> Delta {
        let Some(viewer) = viewer.filter(|_| self.is_foggy()) else {
            return self.public_snapshot();
        };
        let mut roster = Roster::default();
        self.muster(viewer, &mut roster);
        self.tell_all(viewer, &roster, 0)
    }

    /// Where an own army fights in the dark, a battle goes on, too.
    fn guess_battles(&mut self) {
        let dark = |army: &ArmyRow| {
            let at = TerritoryId(army.to);
            (army.fighting == 1 && self.battle(at).is_none()).then_some(at)
        };
        let dark: Vec<_> = self.armies().filter_map(|(_, army)| dark(army)).collect();
        for at in dark {
            let row = self.rebased(at);
            self.set_territory(at, TerritoryRow { flags: row.flags | STILL, ..row });
            let due = self.tick.after(self.setting.rules.battle.round_ticks).0;
            self.set_battle(at, BattleRow { began: self.tick.0, due });
        }
    }

    /// Players of whom nothing is seen are taken to hold land that is not seen either, if
    /// there is any: else they would be out at once.
    fn guess_whereabouts(&mut self) {
        if self.phase() != Phase::Playing {
            return;
        }
        let lost = |p: &PlayerId| self.territory_count(*p) == 0 && self.army_count(*p) == 0;
        let hidden: Vec<_> = self.players().filter(|p| self.is_playing(*p) && lost(p)).collect();
        for player in hidden {
            let rules = &self.setting.rules;
            let free = |at: &TerritoryId| {
                let passable = rules.terrain(self.setting.map.terrain(*at)).is_some();
                passable && *self.territory(*at) == Self::untouched(&self.setting, *at)
            };
            if let Some(at) = self.setting.map.territories().find(free) {
                let row = TerritoryRow { owner: player.0, ..self.rebased(at) };
                self.set_territory(at, row);
            }
        }
    }

    /// Others are taken to have spent what they earned, and to hold what all began with.
    fn guess_gold(&mut self, viewer: Option<PlayerId>) {
        if self.phase() < Phase::Playing {
            return;
        }
        let (gold, gold_since) = (self.setting.rules.spawn.gold, self.tick.0);
        for player in self.players().filter(|player| Some(*player) != viewer) {
            let row = *self.player(player);
            self.set_player(player, PlayerRow { gold, gold_since, reserve: 0, ..row });
        }
    }

    /// Armies that march towards each other will meet, as far as one can see.
    fn find_meetings(&mut self) {
        let armies: Vec<_> = self.armies().map(|(id, _)| id).collect();
        armies.into_iter().for_each(|id| meet::look_ahead(self, id));
    }

    /// Fallout is taken to have just begun.
    fn guess_fallout(&mut self) {
        let fallout = self.tick.after(self.setting.rules.strike.fallout_ticks).0;
        for at in self.setting.map.clone().territories() {
            if self.territory(at).flags & FALLOUT != 0 {
                self.set_strike(at, StrikeRow { fallout, ..self.strike(at) });
            }
        }
    }

    /// Finds for each army a home that counts its troops as away: where its march began or
    /// leads back to, or else any of its owner's that still misses as many.
    fn guess_origins(&mut self) {
        let mut missing = self.missing();
        let armies: Vec<_> = self.armies().map(|(id, row)| (id, *row)).collect();
        let mut homeless = Vec::new();
        for (id, army) in armies {
            let home = TerritoryId(if army.purpose == RETURN { army.to } else { army.from });
            if !self.lodge(&mut missing, id, army, home) {
                homeless.push((id, army, home));
            }
        }
        for (id, army, guess) in homeless {
            let fits = |home: &TerritoryId| self.could_lodge(&missing, &army, *home);
            let home = missing.keys().copied().find(fits);
            if !home.is_some_and(|home| self.lodge(&mut missing, id, army, home)) {
                let lost = ArmyRow { origin: guess.0, origin_taken: HOME_LOST, ..army };
                self.set_army(id, lost);
            }
        }
        for (id, left) in missing.into_iter().filter(|(_, left)| *left > 0) {
            let row = self.rebased(id);
            self.set_territory(id, TerritoryRow { away: row.away - left, ..row });
        }
    }

    /// The troops that each territory counts as away.
    fn missing(&self) -> BTreeMap<TerritoryId, u32> {
        let lands = self.setting.map.territories().map(|id| (id, self.territory(id).away));
        lands.filter(|(_, away)| *away > 0).collect()
    }

    fn could_lodge(
        &self,
        missing: &BTreeMap<TerritoryId, u32>,
        army: &ArmyRow,
        home: TerritoryId,
    ) -> bool {
        let own = self.territory(home).owner == army.owner;
        own && missing.get(&home).is_some_and(|left| *left >= army.troops)
    }

    fn lodge(
        &mut self,
        missing: &mut BTreeMap<TerritoryId, u32>,
        id: ArmyId,
        army: ArmyRow,
        home: TerritoryId,
    ) -> bool {
        let fits = self.could_lodge(missing, &army, home);
        if let Some(left) = missing.get_mut(&home).filter(|_| fits) {
            *left -= army.troops;
            let origin_taken = self.territory(home).taken;
            self.set_army(id, ArmyRow { origin: home.0, origin_taken, ..army });
        }
        fits
    }
}
