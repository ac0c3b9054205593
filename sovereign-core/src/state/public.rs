//! Rows as everybody may know them, and back: the two directions of a [`Delta`].

use alloc::vec::Vec;

use super::journal::Undo;
use super::row::{
    ALLIED, ArmyRow, BUILDING, BattleRow, GameRow, PROPOSED_BY_HIGHER, PROPOSED_BY_LOWER, PactRow,
    PlayerRow, STILL, TerritoryRow,
};
use super::{Phase, Presence, Seat, Standing, State, Structure, pact_index, pact_players};
use crate::event::{
    Army, ArmyChange, Battle, BattleChange, Delta, EndReason, GameState, PactChange, PlayerChange,
    Purpose, Site, TerritoryChange,
};
use crate::hash::mirror_row_hash;
use crate::id::{PlayerId, TerritoryId};
use crate::quantity::{TICK_MAX, Tick};
use crate::view::Own;

/// A row's share of a mirror's hash. The words are listed in `docs/protocol.md`.
pub(crate) trait PublicRow {
    fn check(&self, id: u32) -> u32;
}

impl PublicRow for GameRow {
    fn check(&self, _: u32) -> u32 {
        let kind = u32::from(self.phase) | u32::from(self.end) << 8;
        mirror_row_hash(0, &[kind, owner_word(self.winner), self.until, self.started])
    }
}

impl PublicRow for TerritoryRow {
    fn check(&self, id: u32) -> u32 {
        let kind = u32::from(self.structure) | u32::from(self.flags) << 8;
        let words =
            [id, owner_word(self.owner), kind, self.troops, self.since, self.away, self.ready];
        mirror_row_hash(1, &words)
    }
}

impl PublicRow for PlayerRow {
    fn check(&self, id: u32) -> u32 {
        let kind =
            u32::from(self.seat) | u32::from(self.standing) << 8 | u32::from(self.presence) << 16;
        mirror_row_hash(2, &[id, kind, u32::from(self.place), self.ended, self.traitor_until])
    }
}

impl PublicRow for ArmyRow {
    fn check(&self, id: u32) -> u32 {
        if self.is_free() {
            return 0;
        }
        let kind = u32::from(self.purpose) | u32::from(self.fighting) << 8;
        let owner = u32::from(self.owner);
        let march = [self.from, self.to, self.departed, self.arrives];
        let [from, to, departed, arrives] = march;
        mirror_row_hash(3, &[id, owner, kind, self.troops, from, to, departed, arrives])
    }
}

impl PublicRow for BattleRow {
    fn check(&self, id: u32) -> u32 {
        if *self == Self::BLANK { 0 } else { mirror_row_hash(4, &[id, self.began, self.due]) }
    }
}

impl PublicRow for PactRow {
    fn check(&self, id: u32) -> u32 {
        let (a, b) = pact_players(id as usize);
        let words = [u32::from(a.0), u32::from(b.0), self.until];
        if self.state == ALLIED { mirror_row_hash(5, &words) } else { 0 }
    }
}

fn owner_word(raw: u16) -> u32 {
    PlayerId::from_raw(raw).map_or(0, |owner| u32::from(owner.0) + 1)
}

/// What is public of rows, gathered from what they replaced.
#[derive(Default)]
struct Gathered {
    delta: Delta,
    /// How the mirror's hash moves.
    moved: u32,
}

impl Gathered {
    fn row<R: PublicRow + PartialEq>(&mut self, id: u32, old: &R, new: &R) {
        self.moved = self.moved.wrapping_sub(old.check(id)).wrapping_add(new.check(id));
    }
}

impl State {
    /// The hash of a mirror of this state, from scratch. O(rows).
    pub(crate) fn public_check(&self) -> u32 {
        fn sum<R: PublicRow>(rows: &[R]) -> u32 {
            let hashes = rows.iter().enumerate().map(|(id, row)| row.check(id as u32));
            hashes.fold(0, u32::wrapping_add)
        }
        let battles = self.battles.iter().map(|(id, row)| row.check(id.0));
        battles
            .fold(self.game.check(0), u32::wrapping_add)
            .wrapping_add(sum(&self.territories))
            .wrapping_add(sum(&self.players))
            .wrapping_add(sum(&self.armies))
            .wrapping_add(sum(&self.pacts))
    }

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
    fn first_changes(&self) -> Vec<Undo> {
        let entries = self.journal.all().iter().filter(|undo| !matches!(undo, Undo::Event(_)));
        let mut first: Vec<_> =
            entries.enumerate().map(|(i, undo)| (key_of(undo), i, *undo)).collect();
        first.sort_unstable_by_key(|(key, order, _)| (*key, *order));
        first.dedup_by_key(|(key, ..)| *key);
        first.into_iter().map(|(.., undo)| undo).collect()
    }

    fn gather(&self, gathered: &mut Gathered, undo: Undo) {
        match undo {
            Undo::Game(old) if old != self.game => {
                gathered.row(0, &old, &self.game);
                gathered.delta.game = Some(game_state(&self.game));
            }
            Undo::Territory(id, old) => self.gather_territory(gathered, id, &old),
            Undo::Player(id, old) => {
                let new = self.player(id);
                gathered.row(u32::from(id.0), &old, new);
                if public_player(id, &old) != public_player(id, new) {
                    gathered.delta.players.push(public_player(id, new));
                }
            }
            Undo::Army(id, old) => {
                let new = self.army(id).copied().unwrap_or(ArmyRow::BLANK);
                gathered.row(id.0, &old, &new);
                if public_army(&old) != public_army(&new) {
                    gathered.delta.armies.push(ArmyChange { id, army: public_army(&new) });
                }
            }
            Undo::Battle(territory, old) => {
                let new = self.battle(territory).copied().unwrap_or(BattleRow::BLANK);
                gathered.row(territory.0, &old, &new);
                if old != new {
                    let battle = public_battle(&new);
                    gathered.delta.battles.push(BattleChange { territory, battle });
                }
            }
            Undo::Pact(index, old) => self.gather_pact(gathered, index, &old),
            Undo::Game(_) | Undo::Event(_) => {}
        }
    }

    fn gather_territory(&self, gathered: &mut Gathered, id: TerritoryId, old: &TerritoryRow) {
        let new = self.territory(id);
        gathered.row(id.0, old, new);
        let site = (site(old) != site(new)).then(|| site(new));
        let owner = (old.owner != new.owner).then(|| PlayerId::from_raw(new.owner));
        let numbers = (old.troops, old.since) != (new.troops, new.since);
        if numbers || site.is_some() || owner.is_some() {
            let (troops, since) = (new.troops, Tick(new.since));
            gathered.delta.territories.push(TerritoryChange { id, troops, since, owner, site });
        }
    }

    fn gather_pact(&self, gathered: &mut Gathered, index: u32, old: &PactRow) {
        let new = self.pacts[index as usize];
        gathered.row(index, old, &new);
        let alliance = |row: &PactRow| (row.state == ALLIED).then_some(Tick(row.until));
        if alliance(old) != alliance(&new) {
            let (a, b) = pact_players(index as usize);
            gathered.delta.pacts.push(PactChange { a, b, until: alliance(&new) });
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
        let allied = self.pacts().filter(|(_, pact)| pact.state == ALLIED);
        let pact = |(index, row): (usize, &PactRow)| {
            let (a, b) = pact_players(index);
            PactChange { a, b, until: Some(Tick(row.until)) }
        };
        delta.pacts = allied.map(pact).collect();
        delta.game = Some(game_state(&self.game));
        delta
    }

    /// Puts what a delta says into the rows, and moves the mirror's hash along.
    /// Every id has been checked.
    pub(crate) fn apply_checked(&mut self, delta: &Delta, check: u32) -> u32 {
        self.journal.commit();
        self.apply_public(delta);
        let mut gathered = Gathered::default();
        for undo in self.first_changes() {
            self.gather(&mut gathered, undo);
        }
        self.journal.commit();
        check.wrapping_add(gathered.moved)
    }

    /// Puts what only a viewer may know into the rows: gold and open proposals.
    pub(crate) fn apply_own(&mut self, viewer: PlayerId, own: &Own) {
        let (gold, gold_since) = (own.gold, own.gold_since.0);
        self.set_player(viewer, PlayerRow { gold, gold_since, ..*self.player(viewer) });
        for other in self.players().filter(|other| *other != viewer) {
            let pact = self.pact(viewer, other);
            if pact.state != ALLIED && *pact != PactRow::BLANK {
                self.set_pact(viewer, other, PactRow::BLANK);
            }
        }
        for proposal in &own.proposals {
            if proposal.with == viewer || !self.is_seat(proposal.with) {
                continue;
            }
            let lower = (proposal.with < viewer) == proposal.incoming;
            let state = if lower { PROPOSED_BY_LOWER } else { PROPOSED_BY_HIGHER };
            let until = proposal.until.0.min(TICK_MAX);
            self.set_pact(viewer, proposal.with, PactRow { state, until });
        }
        self.journal.commit();
    }

    fn apply_public(&mut self, delta: &Delta) {
        for change in &delta.territories {
            let row = territory_row(self.territory(change.id), change);
            self.change(Undo::Territory(change.id, row));
        }
        for change in &delta.players {
            let row = player_row(self.player(change.id), change);
            self.change(Undo::Player(change.id, row));
        }
        for change in &delta.armies {
            self.change(Undo::Army(change.id, army_row(change.army)));
        }
        for change in &delta.battles {
            let row = change.battle.map_or(BattleRow::BLANK, |battle| BattleRow {
                began: battle.began.0,
                due: battle.next_round.0,
            });
            self.change(Undo::Battle(change.territory, row));
        }
        for change in &delta.pacts {
            let pact = |until: Tick| PactRow { state: ALLIED, until: until.0 };
            let row = change.until.map_or(PactRow::BLANK, pact);
            self.change(Undo::Pact(pact_index(change.a, change.b) as u32, row));
        }
        if let Some(game) = delta.game {
            self.change(Undo::Game(game_row(&game)));
        }
        self.tick = delta.tick;
    }
}

fn key_of(undo: &Undo) -> (u8, u32) {
    match undo {
        Undo::Game(_) => (0, 0),
        Undo::Territory(id, _) => (1, id.0),
        Undo::Player(id, _) => (2, u32::from(id.0)),
        Undo::Army(id, _) => (3, id.0),
        Undo::Battle(id, _) => (4, id.0),
        Undo::Pact(index, _) => (5, *index),
        Undo::Event(_) => (6, 0),
    }
}

pub(crate) fn game_state(row: &GameRow) -> GameState {
    GameState {
        phase: Phase::from_code(row.phase).expect("only codes of phases are stored"),
        until: (row.until != 0).then_some(Tick(row.until)),
        started: Tick(row.started),
        winner: PlayerId::from_raw(row.winner),
        reason: EndReason::from_raw(row.end),
    }
}

fn game_row(game: &GameState) -> GameRow {
    GameRow {
        phase: game.phase.code(),
        end: game.reason.map_or(0, |reason| reason as u8 + 1),
        winner: PlayerId::raw(game.winner),
        until: game.until.map_or(0, |tick| tick.0),
        started: game.started.0,
    }
}

fn site(row: &TerritoryRow) -> Site {
    Site {
        structure: Structure::from_raw(row.structure),
        ready: (row.flags & BUILDING != 0).then_some(Tick(row.ready)),
        still: row.flags & STILL != 0,
        away: row.away,
    }
}

fn territory_row(old: &TerritoryRow, change: &TerritoryChange) -> TerritoryRow {
    let mut row = TerritoryRow { troops: change.troops, since: change.since.0, ..*old };
    if let Some(owner) = change.owner {
        row.owner = PlayerId::raw(owner);
    }
    if let Some(site) = change.site {
        let building = if site.ready.is_some() { BUILDING } else { 0 };
        let still = if site.still { STILL } else { 0 };
        row.structure = Structure::raw(site.structure);
        row.flags = building | still;
        row.ready = site.ready.map_or(0, |tick| tick.0);
        row.away = site.away;
    }
    row
}

pub(crate) fn public_player(id: PlayerId, row: &PlayerRow) -> PlayerChange {
    PlayerChange {
        id,
        seat: Seat::from_code(row.seat).expect("only codes of seats are stored"),
        standing: Standing::from_code(row.standing).expect("only codes of standings are stored"),
        presence: Presence::from_code(row.presence).expect("only codes of presences are stored"),
        place: row.place,
        ended: Tick(row.ended),
        traitor_until: Tick(row.traitor_until),
    }
}

fn player_row(old: &PlayerRow, change: &PlayerChange) -> PlayerRow {
    PlayerRow {
        seat: change.seat.code(),
        standing: change.standing.code(),
        presence: change.presence.code(),
        place: change.place,
        ended: change.ended.0,
        traitor_until: change.traitor_until.0,
        ..*old
    }
}

pub(crate) fn public_army(row: &ArmyRow) -> Option<Army> {
    let purpose = match row.purpose {
        1 => Purpose::Attack,
        2 => Purpose::Move,
        _ => Purpose::Return,
    };
    PlayerId::from_raw(row.owner).map(|owner| Army {
        owner,
        purpose,
        fighting: row.fighting == 1,
        troops: row.troops,
        from: TerritoryId(row.from),
        to: TerritoryId(row.to),
        departed: Tick(row.departed),
        arrives: Tick(row.arrives),
    })
}

fn army_row(army: Option<Army>) -> ArmyRow {
    army.map_or(ArmyRow::BLANK, |army| ArmyRow {
        owner: army.owner.0,
        purpose: army.purpose as u8,
        fighting: u8::from(army.fighting),
        troops: army.troops,
        from: army.from.0,
        to: army.to.0,
        departed: army.departed.0,
        arrives: army.arrives.0,
        ..ArmyRow::BLANK
    })
}

pub(crate) fn public_battle(row: &BattleRow) -> Option<Battle> {
    let battle = Battle { began: Tick(row.began), next_round: Tick(row.due) };
    (*row != BattleRow::BLANK).then_some(battle)
}
