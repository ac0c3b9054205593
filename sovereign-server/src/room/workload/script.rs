//! What a room of the published workload does in each step: the same numbers in any language.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sovereign_core::command::{Amount, Attack};
use sovereign_core::event::{PlayerChange, Site, TerritoryChange};
use sovereign_core::id::{PlayerId, TerritoryId};
use sovereign_core::quantity::Tick;
use sovereign_core::{Delta, Map, Mirror, Presence, Rules, Seat, Standing, map, mirror_row_hash};

/// Players of every room.
pub(super) const PLAYERS: u16 = 32;
/// Troops are below this.
const TROOPS: u32 = 10_000;
/// Gold is below this.
const GOLD: u32 = 100_000;
/// Every so many steps the players' rows change.
const PLAYERS_EVERY: u32 = 20;
/// The seed of the first room; the others follow.
const SEED: u32 = 12_345;
/// The flag of a mirror's territory in which troops do not grow.
const STILL: u32 = 2 << 8;

/// A size of the workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Size {
    /// How many rooms there are.
    pub rooms: u32,
    /// How many clients each room is for.
    pub clients: u32,
    /// The sides of the grid of territories.
    pub width: u32,
    /// The other one.
    pub height: u32,
    /// Territories drawn in each step.
    pub updates: u32,
}

impl Size {
    /// The size of this name: `A`, `B` or `C`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let (rooms, clients, width, height, updates) = match name {
            "A" => (1, 100, 40, 25, 50),
            "B" => (1, 500, 100, 100, 200),
            "C" => (100, 8, 20, 10, 10),
            _ => return None,
        };
        Some(Self { rooms, clients, width, height, updates })
    }
}

/// The script's numbers.
struct Dice(u32);

impl Dice {
    const fn below(&mut self, n: u32) -> u32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ((self.0 as u64 * n as u64) >> 32) as u32
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Land {
    owner: u16,
    troops: u32,
    since: u32,
}

impl Land {
    fn check(&self, id: u32) -> u32 {
        mirror_row_hash(1, &[id, u32::from(self.owner) + 1, STILL, self.troops, self.since, 0, 0])
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Purse {
    gold: u32,
    troops_total: u32,
    territories: u32,
}

impl Purse {
    /// The three numbers travel in a player's row where a game's moments are.
    fn change(&self, id: u16) -> PlayerChange {
        PlayerChange {
            id: PlayerId(id),
            seat: Seat::Person,
            standing: Standing::Playing,
            presence: Presence::Here,
            team: 0,
            place: 0,
            ended: Tick(self.gold),
            traitor_until: Tick(self.troops_total),
            draw_until: Tick(self.territories),
            heir: None,
            order: 0,
        }
    }
}

/// The hash of a player's row in a mirror.
fn player_check(player: &PlayerChange) -> u32 {
    let kinds = player.seat as u32
        | (player.standing as u32) << 8
        | (player.presence as u32) << 16
        | u32::from(player.team) << 24;
    let [ended, traitor, draw] =
        [player.ended, player.traitor_until, player.draw_until].map(|tick| tick.0);
    let (id, place) = (u32::from(player.id.0), u32::from(player.place));
    mirror_row_hash(2, &[id, kinds, place, ended, traitor, draw, 0])
}

/// One room's state.
pub(super) struct Script {
    size: Size,
    map: Arc<Map>,
    dice: Dice,
    lands: Vec<Land>,
    purses: [Purse; PLAYERS as usize],
    step: u32,
    /// The hash of a mirror of it.
    check: u32,
    /// Of the lands drawn in this step, what they were before.
    before: Vec<(u32, Land)>,
    drawn: Vec<bool>,
    /// Commands from land of another player: looked up and counted, not refused.
    foreign: u64,
}

impl Script {
    /// The room of this number at its start.
    pub(super) fn new(size: Size, room: u32, rules: &Arc<Rules>) -> Self {
        let (mut dice, count) = (Dice(SEED.wrapping_add(room)), size.width * size.height);
        let land = |_| Land {
            owner: dice.below(u32::from(PLAYERS)) as u16,
            troops: dice.below(TROOPS),
            since: 0,
        };
        let lands: Vec<Land> = (0..count).map(land).collect();
        let mut script = Self {
            size,
            map: Arc::new(map::generate::grid(size.width, size.height)),
            dice,
            lands,
            purses: Default::default(),
            step: 0,
            check: 0,
            before: Vec::new(),
            drawn: vec![false; count as usize],
            foreign: 0,
        };
        script.count_up();
        let mut mirror = Mirror::new(Arc::clone(&script.map), Arc::clone(rules), PLAYERS, None);
        // It differs from the hash that was not known yet: the mirror's own is what is asked for.
        let _ = mirror.apply(&script.full());
        script.check = mirror.check();
        script
    }

    pub(super) const fn map(&self) -> &Arc<Map> {
        &self.map
    }

    pub(super) const fn tick(&self) -> u32 {
        self.step
    }

    pub(super) const fn check(&self) -> u32 {
        self.check
    }

    /// Commands that were counted as from another's land.
    pub(super) const fn foreign(&self) -> u64 {
        self.foreign
    }

    /// SHA-256 of all (owner, troops), as little-endian numbers of 16 and 32 bits.
    pub(super) fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for land in &self.lands {
            hash.update(land.owner.to_le_bytes());
            hash.update(land.troops.to_le_bytes());
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// All there is, as bytes to store.
    pub(super) fn snapshot(&self) -> Vec<u8> {
        let bytes = |land: &Land| [u32::from(land.owner), land.troops].map(u32::to_le_bytes);
        self.lands.iter().flat_map(bytes).flatten().collect()
    }

    /// Everything, from the untouched map.
    pub(super) fn full(&self) -> Delta {
        let site = Some(Site { still: true, ..Site::default() });
        let land = |(id, land): (usize, &Land)| TerritoryChange {
            id: TerritoryId(id as u32),
            troops: land.troops,
            since: Tick(land.since),
            owner: Some(Some(PlayerId(land.owner))),
            site,
        };
        Delta {
            tick: Tick(self.step),
            territories: self.lands.iter().enumerate().map(land).collect(),
            players: self.players(),
            check: self.check,
            ..Delta::default()
        }
    }

    fn players(&self) -> Vec<PlayerChange> {
        (0..PLAYERS).zip(&self.purses).map(|(id, purse)| purse.change(id)).collect()
    }

    /// Whether a command is one; what it does, it does in the next step.
    pub(super) fn accepts(&self, attack: &Attack) -> bool {
        let inside = |id: TerritoryId| id.index() < self.lands.len();
        let Amount::Troops(amount) = attack.troops else { return false };
        let positive = (1..1 << 31).contains(&amount);
        inside(attack.from) && inside(attack.to) && attack.from != attack.to && positive
    }

    /// One step: the commands that were accepted, then the script.
    pub(super) fn step(&mut self, commands: impl Iterator<Item = (u16, Attack)>) -> Delta {
        self.step += 1;
        for (player, attack) in commands {
            self.foreign += u64::from(self.lands[attack.from.index()].owner != player);
            let land = self.draw(attack.to.0);
            land.owner = player;
            land.troops = attack.troops.of(0);
        }
        for _ in 0..self.size.updates {
            let id = self.dice.below(self.lands.len() as u32);
            let changes_hands = self.dice.below(4) == 0;
            let owner = changes_hands.then(|| self.dice.below(u32::from(PLAYERS)) as u16);
            let troops = self.dice.below(TROOPS);
            let land = self.draw(id);
            land.owner = owner.unwrap_or(land.owner);
            land.troops = troops;
        }
        let players =
            if self.step.is_multiple_of(PLAYERS_EVERY) { self.renew() } else { Vec::new() };
        self.delta(players)
    }

    /// A land that changes in this step.
    fn draw(&mut self, id: u32) -> &mut Land {
        let at = id as usize;
        if !std::mem::replace(&mut self.drawn[at], true) {
            self.before.push((id, self.lands[at]));
        }
        self.lands[at].since = self.step;
        &mut self.lands[at]
    }

    fn renew(&mut self) -> Vec<PlayerChange> {
        let old = self.players();
        self.count_up();
        let new = self.players();
        for (old, new) in old.iter().zip(&new) {
            let moved = player_check(new).wrapping_sub(player_check(old));
            self.check = self.check.wrapping_add(moved);
        }
        new
    }

    /// The exact sums, and new gold.
    fn count_up(&mut self) {
        for purse in &mut self.purses {
            *purse = Purse { gold: self.dice.below(GOLD), ..Purse::default() };
        }
        for land in &self.lands {
            let purse = &mut self.purses[usize::from(land.owner)];
            purse.troops_total = purse.troops_total.wrapping_add(land.troops);
            purse.territories += 1;
        }
    }

    fn delta(&mut self, players: Vec<PlayerChange>) -> Delta {
        self.before.sort_unstable_by_key(|(id, _)| *id);
        let mut territories = Vec::with_capacity(self.before.len());
        for (id, old) in self.before.drain(..) {
            self.drawn[id as usize] = false;
            let new = &self.lands[id as usize];
            self.check = self.check.wrapping_sub(old.check(id)).wrapping_add(new.check(id));
            territories.push(TerritoryChange {
                id: TerritoryId(id),
                troops: new.troops,
                since: Tick(new.since),
                owner: (old.owner != new.owner).then_some(Some(PlayerId(new.owner))),
                site: None,
            });
        }
        let (tick, check) = (Tick(self.step), self.check);
        Delta { tick, territories, players, check, ..Delta::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_the_published_ones() {
        let mut dice = Dice(12_345);
        let drawn = [32, 10_000, 32, 10_000].map(|n| dice.below(n));
        // s = 12345: 87628868, then 71072467, 2332836374 and 2726892157 of 2^32.
        assert_eq!(drawn, [0, 165, 17, 6349]);
    }

    #[test]
    fn a_mirror_follows_every_step_and_has_the_same_digest() {
        let rules = Arc::new(Rules::preset("classic").unwrap());
        let size = Size { rooms: 1, clients: 2, width: 10, height: 5, updates: 20 };
        let mut script = Script::new(size, 3, &rules);
        let mut mirror = Mirror::new(Arc::clone(script.map()), Arc::clone(&rules), PLAYERS, None);
        mirror.apply(&script.full()).unwrap();
        let late = mirror.clone();
        for step in 1..=50_u32 {
            let to = TerritoryId(step % 50);
            let from = TerritoryId((step + 1) % 50);
            let attack = Attack { from, to, troops: (1_000_000 + step).into() };
            assert!(script.accepts(&attack));
            let delta = script.step([(7, attack)].into_iter());
            assert_eq!(delta.players.len(), if step % 20 == 0 { 32 } else { 0 });
            mirror.apply(&delta).unwrap();
        }
        assert_ne!(late.check(), mirror.check());
        for (id, land) in (0..50).map(TerritoryId).zip(&script.lands) {
            let view = mirror.view();
            assert_eq!(
                (view.owner(id), view.troops(id)),
                (Some(PlayerId(land.owner)), land.troops)
            );
        }
        let mut anew = Mirror::new(Arc::clone(script.map()), rules, PLAYERS, None);
        anew.apply(&script.full()).unwrap();
        assert_eq!(anew.check(), mirror.check());
    }

    #[test]
    fn what_is_no_command_is_refused() {
        let rules = Arc::new(Rules::preset("classic").unwrap());
        let size = Size { rooms: 1, clients: 2, width: 10, height: 5, updates: 20 };
        let script = Script::new(size, 0, &rules);
        let attack = |from, to, troops: u32| Attack {
            from: TerritoryId(from),
            to: TerritoryId(to),
            troops: troops.into(),
        };
        assert!(script.accepts(&attack(0, 49, 1)));
        for wrong in [attack(0, 50, 1), attack(50, 0, 1), attack(3, 3, 1), attack(0, 1, 0)] {
            assert!(!script.accepts(&wrong), "{wrong:?}");
        }
        assert!(!script.accepts(&attack(0, 1, 1 << 31)));
    }
}
