//! What must be true of every state, after every step.

use alloc::collections::BTreeMap;
use alloc::string::String;

use super::row::{ATTACK, BUILDING, CAPITAL, FALLOUT, HIGHER_EXTENDS, PactRow, RETURN, STILL};
use super::{Phase, State, index::Index};
use crate::id::{PlayerId, TerritoryId};
use crate::map::Terrain;
use crate::quantity::{GOLD_MAX, TROOPS_MAX};

/// Stops with the reason unless the condition holds.
macro_rules! hold {
    ($condition:expr, $($reason:tt)*) => {
        if !$condition {
            return Err(alloc::format!($($reason)*));
        }
    };
}

impl State {
    /// Checks every invariant. O(territories + edges of battles); for tests and debug builds.
    pub(crate) fn check_invariants(&self) -> Result<(), String> {
        hold!(self.rows_hash() == self.hash_from_scratch(), "the hash is not that of the rows");
        hold!(self.index == Index::rebuilt(self), "the index is not that of the rows");
        let timed = self.phase() == Phase::Playing && self.setting.rules.victory.time_ticks > 0;
        let deadline = self.phase() == Phase::Spawn || timed || self.rounds_are_over();
        hold!((self.game.until != 0) == deadline, "only some phases have a deadline");
        self.check_turn()?;
        self.check_territories()?;
        self.check_armies()?;
        self.check_battles()?;
        self.check_supplies()?;
        self.check_players()
    }

    fn check_territories(&self) -> Result<(), String> {
        for id in self.setting.map.territories() {
            let row = self.territory(id);
            let impassable = self.setting.map.terrain(id) == Terrain::Impassable;
            hold!(!impassable || PlayerId::from_raw(row.owner).is_none(), "{id} is impassable");
            hold!(row.troops <= TROOPS_MAX, "{id} holds too many troops");
            hold!(row.since <= self.tick.0, "{id} is from the future");
            let fallout = (row.flags & FALLOUT != 0) == (self.strike(id).fallout != 0);
            hold!(fallout, "{id} has fallout without an end, or an end without fallout");
            let building = row.flags & BUILDING != 0;
            hold!(building == (row.ready != 0), "{id} builds without an end");
            hold!(!building || row.kind().is_some(), "{id} builds nothing");
            hold!((row.structure != 0) == (row.levels_owned() > 0), "{id} has an empty structure");
            hold!(
                row.flags <= BUILDING | STILL | CAPITAL | FALLOUT,
                "{id} has a flag without meaning"
            );
        }
        self.check_away()
    }

    /// The troops counted as away from a territory are those of its armies.
    fn check_away(&self) -> Result<(), String> {
        let mut away = BTreeMap::<TerritoryId, u64>::new();
        for (_, army) in self.armies() {
            let origin = TerritoryId(army.origin);
            let row = self.territory(origin);
            if (self.raw_lord(row.owner), row.taken) == (army.owner, army.origin_taken) {
                *away.entry(origin).or_default() += u64::from(army.troops);
            }
        }
        for id in self.setting.map.territories() {
            let (counted, out) = (self.territory(id).away, away.get(&id).copied().unwrap_or(0));
            hold!(u64::from(counted) == out, "{id} counts {counted} away, not {out}");
        }
        Ok(())
    }

    fn check_armies(&self) -> Result<(), String> {
        for (id, army) in self.armies() {
            hold!(army.troops > 0, "army {id} is empty");
            hold!(army.troops <= TROOPS_MAX, "army {id} is too large");
            hold!((ATTACK..=RETURN).contains(&army.purpose), "army {id} has no purpose");
            let march = army.departed <= self.tick.0 && army.departed <= army.arrives;
            hold!(march, "army {id} marches against time");
            let owner = PlayerId::from_raw(army.owner).unwrap_or(PlayerId(0));
            let ahead = army.meets == 0 || army.fighting == 0;
            let meeting = ahead && (army.meets == 0) == (army.meets_at == 0);
            hold!(meeting, "army {id} meets nobody, or while it fights");
            let numbered = id.0 % u32::from(self.setting.seats) == u32::from(owner.0);
            hold!(numbered, "army {id} bears another seat's number");
            hold!(self.is_playing(owner), "army {id} belongs to somebody who is out");
            if army.fighting == 1 {
                let at = TerritoryId(army.to);
                hold!(self.battle(at).is_some(), "army {id} fights where there is no battle");
                let friend = self.owner(at).is_some_and(|holder| self.friendly(owner, holder));
                hold!(!friend, "army {id} fights a friend");
            }
        }
        Ok(())
    }

    fn check_battles(&self) -> Result<(), String> {
        for (id, battle) in self.battles() {
            hold!(self.fighters(id).next().is_some(), "nobody attacks at {id}");
            hold!(battle.due > 0, "the battle at {id} has no next round");
            hold!(self.territory(id).flags & STILL != 0, "{id} grows in battle");
        }
        Ok(())
    }

    fn check_supplies(&self) -> Result<(), String> {
        for (from, line) in self.supplies() {
            let owner = PlayerId::from_raw(line.owner);
            let ends = [from, TerritoryId(line.to)].map(|end| self.owner(end));
            hold!(owner.is_some() && ends == [owner; 2], "the line from {from} lost an end");
            hold!(from.0 != line.to, "the line from {from} leads nowhere");
        }
        Ok(())
    }

    /// It is somebody's turn only where players take turns, and he has a place in their order.
    fn check_turn(&self) -> Result<(), String> {
        let turns = self.setting.rules.turns.are_on() && self.phase() >= Phase::Playing;
        let turn = PlayerId::from_raw(self.game.turn);
        hold!(turn.is_none() || turns, "it is somebody's turn where there are none");
        hold!(turn.is_some() || self.game.turn_until == 0, "nobody's turn has an end");
        hold!(turn.is_none_or(|turn| self.player(turn).order > 0), "a turn out of order");
        Ok(())
    }

    fn check_players(&self) -> Result<(), String> {
        for id in self.players() {
            hold!(self.player(id).gold <= GOLD_MAX, "player {id} has too much gold");
            hold!(self.player(id).gold_since <= self.tick.0, "player {id} earns in the future");
            hold!(self.player(id).reserve <= TROOPS_MAX, "player {id} has too large a reserve");
            let heir = PlayerId::from_raw(self.player(id).heir);
            hold!(heir.is_none() || self.is_out(id), "player {id} is in and has an heir");
            let free = heir.is_none_or(|heir| self.lord(heir) == heir);
            hold!(free, "the heir of player {id} has an heir");
        }
        for (index, pact) in self.pacts() {
            let (a, b) = super::pact_players(index);
            hold!(pact.state <= HIGHER_EXTENDS, "the pact of {a} and {b} has no meaning");
            let both = self.is_playing(a) && self.is_playing(b);
            hold!(*pact == PactRow::BLANK || both, "the pact of {a} and {b} outlives one of them");
            hold!(pact.embargo <= 3, "the embargo of {a} and {b} has no meaning");
            let friends = self.allied(a, b);
            hold!(pact.embargo == 0 || !friends, "{a} and {b} are friends under an embargo");
            hold!(pact.state == 0 || !self.teammates(a, b), "teammates {a} and {b} have a pact");
        }
        Ok(())
    }
}
