//! What the rows mean now: owners, garrisons and gold at the current tick.

use alloc::borrow::Cow;

use super::index::PlayerIndex;
use super::merged::Merged;
use super::row::{
    ArmyRow, BattleRow, FALLOUT, GameRow, PactRow, PlayerRow, STILL, StrikeRow, TerritoryRow,
};
use super::{Due, Phase, Standing, State, Structure, pact_index};
use crate::id::{ArmyId, NOBODY, PlayerId, TerritoryId};
use crate::map::Terrain;
use crate::quantity::{GOLD_MAX, Permille, RATE_MAX, Tick, phase};
use crate::tick::growth::{Curve, Growth};

impl State {
    #[inline]
    pub(crate) fn game(&self) -> &GameRow {
        &self.game
    }

    #[inline]
    pub(crate) fn phase(&self) -> Phase {
        Phase::from_code(self.game.phase).expect("only codes of phases are stored")
    }

    #[inline]
    pub(crate) fn territory(&self, id: TerritoryId) -> &TerritoryRow {
        &self.territories[id.index()]
    }

    #[inline]
    pub(crate) fn player(&self, id: PlayerId) -> &PlayerRow {
        &self.players[id.index()]
    }

    pub(crate) fn players(&self) -> impl DoubleEndedIterator<Item = PlayerId> + use<> {
        (0..self.setting.seats).map(PlayerId)
    }

    pub(crate) fn is_seat(&self, id: PlayerId) -> bool {
        id.0 < self.setting.seats
    }

    pub(crate) fn is_playing(&self, id: PlayerId) -> bool {
        self.player(id).standing == Standing::Playing.code()
    }

    #[inline]
    pub(crate) fn army(&self, id: ArmyId) -> Option<&ArmyRow> {
        self.armies.get(id.index()).filter(|row| !row.is_free())
    }

    pub(crate) fn armies(&self) -> impl Iterator<Item = (ArmyId, &ArmyRow)> {
        let rows = self.armies.iter().enumerate().filter(|(_, row)| !row.is_free());
        rows.map(|(i, row)| (ArmyId::from_index(i), row))
    }

    /// The armies of a player by rising number.
    pub(crate) fn armies_of(&self, owner: PlayerId) -> impl Iterator<Item = ArmyId> + '_ {
        let armies = self.index.armies.members(owner.index());
        armies.map(move |n| self.index.army_number(owner, n))
    }

    pub(crate) fn army_count(&self, owner: PlayerId) -> u32 {
        self.index.players[owner.index()].armies
    }

    /// The lowest of a seat's numbers that no army bears.
    pub(crate) fn free_army(&self, owner: PlayerId) -> ArmyId {
        self.index.free_army(owner)
    }

    /// The armies that fight at a territory, by rising number.
    pub(crate) fn fighters(&self, at: TerritoryId) -> impl Iterator<Item = ArmyId> + '_ {
        self.index.fighters.under(at.0).map(ArmyId)
    }

    /// The armies on the march that come from a territory, by rising number.
    pub(crate) fn marchers(&self, from: TerritoryId) -> impl Iterator<Item = ArmyId> + '_ {
        self.index.marchers.under(from.0).map(ArmyId)
    }

    /// What strikes have left behind at a territory.
    pub(crate) fn strike(&self, at: TerritoryId) -> StrikeRow {
        self.strikes.get(at).copied().unwrap_or(StrikeRow::BLANK)
    }

    pub(crate) fn strikes(&self) -> impl Iterator<Item = (TerritoryId, &StrikeRow)> {
        self.strikes.iter()
    }

    /// Until when the silo at a territory reloads, if it does.
    pub(crate) fn reloads(&self, at: TerritoryId) -> Option<Tick> {
        let until = self.strike(at).reload;
        (until != 0).then_some(Tick(until))
    }

    pub(crate) fn battle(&self, at: TerritoryId) -> Option<&BattleRow> {
        self.battles.get(at)
    }

    pub(crate) fn battles(&self) -> impl Iterator<Item = (TerritoryId, &BattleRow)> {
        self.battles.iter()
    }

    #[inline]
    pub(crate) fn pact(&self, a: PlayerId, b: PlayerId) -> &PactRow {
        if a == b { &PactRow::BLANK } else { &self.pacts[pact_index(a, b)] }
    }

    pub(crate) fn pacts(&self) -> impl Iterator<Item = (usize, &PactRow)> {
        self.pacts.iter().enumerate()
    }

    /// Whether two players are allies: by a pact, or as teammates.
    #[inline]
    pub(crate) fn allied(&self, a: PlayerId, b: PlayerId) -> bool {
        a != b && self.friendly(a, b)
    }

    /// Whether two different players are of one team.
    pub(crate) fn teammates(&self, a: PlayerId, b: PlayerId) -> bool {
        let team = self.player(a).team;
        team != 0 && a != b && team == self.player(b).team
    }

    /// Whether two players win together: the same player, or teammates.
    pub(crate) fn same_side(&self, a: PlayerId, b: PlayerId) -> bool {
        a == b || self.teammates(a, b)
    }

    /// Whether two owners are one side: the same player, or allies.
    #[inline]
    pub(crate) fn friendly(&self, a: PlayerId, b: PlayerId) -> bool {
        self.index.friendly(a, b)
    }

    pub(crate) fn next_due(&self) -> Option<Due> {
        self.index.next_due()
    }

    /// What falls due next, if its time has come. O(1).
    #[inline]
    pub(crate) fn due_now(&self) -> Option<Due> {
        self.index.due_by(self.tick)
    }

    /// Who holds a territory now: land of players who are out is their heir's or
    /// nobody's. O(1).
    #[inline]
    pub(crate) fn owner(&self, id: TerritoryId) -> Option<PlayerId> {
        self.holder(self.territory(id).owner)
    }

    /// Who an owner's stored form stands for now.
    #[inline]
    pub(crate) fn holder(&self, raw: u16) -> Option<PlayerId> {
        self.index.holder(raw)
    }

    /// Whose the land in a player's name is: his heir's if he has one, else his own. An
    /// heir has none himself: when he loses his capital, all his land gets the next.
    pub(crate) fn lord(&self, owner: PlayerId) -> PlayerId {
        PlayerId::from_raw(self.player(owner).heir).unwrap_or(owner)
    }

    /// Whether the lord of an owner, as rows store them, is a certain one.
    pub(crate) fn lord_is(&self, owner: u16, lord: u16) -> bool {
        PlayerId::from_raw(owner).is_some_and(|owner| self.lord(owner).0 == lord)
    }

    /// In whose names a player holds land: his own, and theirs whose heir he is.
    pub(crate) fn names_of(&self, id: PlayerId) -> impl Iterator<Item = PlayerId> + '_ {
        let heir_of = move |other: &PlayerId| self.player(*other).heir == id.0;
        let inherits = self.index.players[id.index()].inherits;
        let others = self.players().take_while(move |_| inherits > 0).filter(heir_of);
        core::iter::once(id).chain(others)
    }

    pub(crate) fn is_out(&self, id: PlayerId) -> bool {
        self.player(id).is_out()
    }

    /// The land of a player who is in, in rising order of ids. O(1) a territory for each
    /// name in which he holds land.
    pub(crate) fn owned(&self, id: PlayerId) -> impl Iterator<Item = TerritoryId> + '_ {
        let out = self.is_out(id);
        let own = self.index.owned.members(id.index());
        let inherited = self.names_of(id).skip(1);
        let inherited = inherited.map(|name| self.index.owned.members(name.index()));
        Merged::new(own, inherited).map(TerritoryId::from_index).take_while(move |_| !out)
    }

    /// The territory of a player who is in that `n` with lower ids come before.
    /// O(territories / 64), and n more if he holds land in several names.
    #[inline]
    pub(crate) fn nth_owned(&self, id: PlayerId, n: u32) -> Option<TerritoryId> {
        if self.index.players[id.index()].inherits > 0 {
            return self.nth_inherited(id, n);
        }
        let found = self.index.owned.nth(id.index(), n).filter(|_| !self.is_out(id));
        found.map(TerritoryId::from_index)
    }

    #[inline(never)]
    fn nth_inherited(&self, id: PlayerId, n: u32) -> Option<TerritoryId> {
        self.owned(id).nth(n as usize)
    }

    /// How many territories a player holds. O(1).
    #[inline]
    pub(crate) fn territory_count(&self, id: PlayerId) -> u32 {
        if self.is_out(id) { 0 } else { self.index.players[id.index()].territories }
    }

    /// How many levels of a kind a player owns, standing or being built. O(1).
    pub(crate) fn structure_count(&self, id: PlayerId, structure: Structure) -> u32 {
        self.index.players[id.index()].structures[structure as usize]
    }

    /// Whether a structure of this kind works here.
    #[inline]
    pub(crate) fn stands(&self, id: TerritoryId, kind: Structure) -> bool {
        self.territory(id).standing().is_some_and(|(standing, _)| standing == kind)
    }

    /// Time as it passes for a player: it stops when the player is out.
    pub(crate) fn effective_tick(&self, player: &PlayerRow) -> Tick {
        if player.is_out() { Tick(player.ended.min(self.tick.0)) } else { self.tick }
    }

    /// The garrison of a territory now. O(growth bands).
    #[inline]
    pub(crate) fn troops(&self, id: TerritoryId) -> u32 {
        let row = self.territory(id);
        if row.owner == NOBODY || row.flags & STILL != 0 || self.tick.0 <= row.since {
            return row.troops;
        }
        if self.holder(row.owner).is_none() || !row.is_bare() {
            return self.changed_troops(id, row);
        }
        let land = &self.setting.lands[self.setting.map.terrain(id) as usize];
        land.at(row.away, row.troops, Tick(row.since), self.tick)
    }

    /// The garrison where something stands or fallout lies, and where nobody is left.
    #[inline(never)]
    fn changed_troops(&self, id: TerritoryId, row: &TerritoryRow) -> u32 {
        let since = Tick(row.since);
        self.growth(id, row).at(row.troops, since, self.end_of(row).max(since))
    }

    /// Up to when somebody's land grows: until he is out.
    fn end_of(&self, row: &TerritoryRow) -> Tick {
        self.effective_tick(self.player(self.lord(PlayerId(row.owner))))
    }

    /// The growth of a territory while an owner holds it in peace.
    #[inline]
    pub(crate) fn growth(&self, id: TerritoryId, row: &TerritoryRow) -> Growth<'_> {
        let terrain = self.setting.map.terrain(id);
        let land = &self.setting.lands[terrain as usize];
        if self.setting.rules.turns.are_on() {
            return Growth { curve: Cow::Borrowed(land), away: 0 };
        }
        let changed = || Cow::Owned(self.changed_land(terrain, row));
        let curve = if row.is_bare() { Cow::Borrowed(land) } else { changed() };
        Growth { curve, away: row.away }
    }

    /// How land grows on which something stands or fallout lies.
    #[cold]
    fn changed_land(&self, terrain: Terrain, row: &TerritoryRow) -> Curve {
        let rules = &self.setting.rules;
        let (mut cap, mut rate) = rules.terrain(terrain).map_or((0, 0), |t| (t.cap, t.growth));
        if let Some((kind, level)) = row.standing() {
            cap += rules.structure(kind).cap_at(level);
            rate = rules.structure(kind).growth_at(level).of(u64::from(rate)) as u32;
        }
        if row.flags & FALLOUT != 0 {
            rate = rules.strike.fallout_growth.of(u64::from(rate)) as u32;
        }
        Curve::new(&rules.growth, cap, rate)
    }

    /// A territory's row made true of the current tick.
    pub(crate) fn rebased(&self, id: TerritoryId) -> TerritoryRow {
        TerritoryRow { troops: self.troops(id), since: self.tick.0, ..*self.territory(id) }
    }

    /// What a player earns, in millionths of a gold a tick, held at [`RATE_MAX`]. O(1).
    pub(crate) fn income(&self, id: PlayerId) -> u32 {
        if self.is_playing(id) && self.phase() >= Phase::Playing {
            let income = self.index.players[id.index()].income + self.trade(id);
            income.min(u64::from(RATE_MAX)) as u32
        } else {
            0
        }
    }

    /// What the ports of a player earn: they trade with all others who are in, but not
    /// over an embargo of either side. O(players) under an embargo, else O(1).
    fn trade(&self, id: PlayerId) -> u64 {
        let PlayerIndex { ports, embargoes, .. } = self.index.players[id.index()];
        if embargoes == 0 {
            return ports;
        }
        let others = self.players().filter(|other| *other != id && self.is_playing(*other));
        let others = others.count() as u64;
        ports * others.saturating_sub(u64::from(embargoes)) / others.max(1)
    }

    /// With how many players a proposal or an alliance stands.
    pub(crate) fn pact_count(&self, id: PlayerId) -> u32 {
        self.index.players[id.index()].pacts
    }

    /// With how many players an embargo stands, of either side.
    pub(crate) fn embargoes(&self, id: PlayerId) -> u32 {
        self.index.players[id.index()].embargoes
    }

    /// The gold of a player now. O(1).
    pub(crate) fn gold(&self, id: PlayerId) -> u64 {
        let row = self.player(id);
        let (income, now) = (self.income(id), self.effective_tick(row));
        if now.0 <= row.gold_since {
            return row.gold;
        }
        let earned = phase(income, now) - phase(income, Tick(row.gold_since));
        (row.gold + earned).min(GOLD_MAX)
    }

    /// The strength of a defender here, in thousandths of a troop each.
    pub(crate) fn defence(&self, id: TerritoryId) -> Permille {
        let rules = &self.setting.rules;
        let row = self.territory(id);
        let terrain = rules.terrain(self.setting.map.terrain(id));
        let mut defence = u64::from(terrain.map_or(Permille::ONE, |t| t.defence).0);
        if let Some((kind, level)) = row.standing() {
            defence = rules.structure(kind).defence_at(level).of(defence);
        }
        if self.owner(id).is_some_and(|owner| self.is_traitor(owner)) {
            defence = rules.diplomacy.traitor_defence.of(defence);
        }
        Permille(defence as u32)
    }

    pub(crate) fn is_traitor(&self, id: PlayerId) -> bool {
        self.player(id).traitor_until > self.tick.0
    }

    /// Whether players are still safe from each other.
    pub(crate) fn immunity(&self) -> Option<Tick> {
        let end = Tick(self.game.started).after(self.setting.rules.spawn.immunity_ticks);
        (self.phase() == Phase::Playing && self.tick < end).then_some(end)
    }
}
