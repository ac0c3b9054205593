//! The fight for one place, run ahead on copies with the battle's own arithmetic.

use alloc::vec::Vec;

use super::Outcome;
use crate::id::{PlayerId, TerritoryId};
use crate::quantity::{Permille, TROOPS_MAX, Tick};
use crate::rng::Seed;
use crate::state::State;
use crate::state::row::{ATTACK, ArmyRow, RETURN, TerritoryRow};
use crate::tick::battle::{self, Luck, Party, PerParty};

/// How many rounds are looked ahead, so that a preview of huge armies stays bounded.
const ROUNDS_MAX: usize = 512;

/// How often a fight in which luck has a say is tried, each time with other dice.
const TRIES: u64 = 16;

/// An army that will come to the place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrival {
    pub(super) tick: Tick,
    owner: PlayerId,
    troops: u32,
    /// Its strength by the way it comes.
    landing: Permille,
    purpose: u8,
}

impl Arrival {
    /// An attack that sets out now.
    pub(super) fn new(
        state: &State,
        owner: PlayerId,
        from: TerritoryId,
        to: TerritoryId,
        troops: u32,
        tick: Tick,
    ) -> Self {
        let landing = battle::landing(state, from, to);
        Self { tick, owner, troops, landing, purpose: ATTACK }
    }

    fn of(state: &State, army: &ArmyRow) -> Self {
        let (from, to) = (TerritoryId(army.from), TerritoryId(army.to));
        Self {
            tick: Tick(army.arrives),
            owner: PlayerId(army.owner),
            troops: army.troops,
            landing: battle::landing(state, from, to),
            purpose: army.purpose,
        }
    }
}

/// A copy of the place, as time runs ahead there and nowhere else.
struct Place<'s> {
    state: &'s State,
    me: PlayerId,
    at: TerritoryId,
    /// Not the game's: what these throw is told.
    dice: Seed,
    owner: Option<PlayerId>,
    /// The garrison, true of `now`.
    row: TerritoryRow,
    now: Tick,
    fighters: Vec<Arrival>,
    /// The next round, while a battle goes on.
    due: Option<Tick>,
    losses: u64,
    foes: u64,
}

/// What becomes of `at` if these armies set out for it too: where luck has a say, the mean of
/// [`TRIES`] fights with dice of their own. O(armies + rounds * parties^2).
pub(crate) fn forecast(
    state: &State,
    me: PlayerId,
    at: TerritoryId,
    departing: Vec<Arrival>,
) -> Outcome {
    let bound = |army: &&ArmyRow| army.to == at.0 && army.fighting == 0;
    let marching = state.armies().map(|(_, army)| army).filter(bound);
    let mut arrivals: Vec<_> = marching.map(|army| Arrival::of(state, army)).collect();
    arrivals.extend(departing);
    arrivals.sort_by_key(|arrival| arrival.tick);
    let fight = |dice: u64| {
        let mut place = Place::new(state, me, at, Seed::from(dice));
        place.run(&arrivals);
        place.outcome()
    };
    let lucky = state.setting.rules.battle.model.has_luck();
    if lucky { mean((0..TRIES).map(fight)) } else { fight(0) }
}

/// The mean of [`TRIES`] outcomes, rounded down.
fn mean(outcomes: impl Iterator<Item = Outcome>) -> Outcome {
    let mut sums = [0_u64; 5];
    for Outcome { odds, losses, foes, garrison, over } in outcomes {
        for (sum, part) in sums.iter_mut().zip([odds.0, losses, foes, garrison, over.0]) {
            *sum += u64::from(part);
        }
    }
    let [odds, losses, foes, garrison, over] = sums.map(|sum| (sum / TRIES) as u32);
    Outcome { odds: Permille(odds), losses, foes, garrison, over: Tick(over) }
}

impl<'s> Place<'s> {
    fn new(state: &'s State, me: PlayerId, at: TerritoryId, dice: Seed) -> Self {
        let fighters = state.fighters(at).filter_map(|id| state.army(id));
        Self {
            state,
            me,
            at,
            dice,
            owner: state.owner(at),
            row: state.rebased(at),
            now: state.tick,
            fighters: fighters.map(|army| Arrival::of(state, army)).collect(),
            due: state.battle(at).map(|battle| Tick(battle.due)),
            losses: 0,
            foes: 0,
        }
    }

    /// Lets arrivals and rounds happen in the order in which ticks deal with them.
    fn run(&mut self, mut arrivals: &[Arrival]) {
        for _ in 0..ROUNDS_MAX + arrivals.len() {
            let next = arrivals.first().filter(|a| self.due.is_none_or(|due| a.tick <= due));
            if let Some(arrival) = next {
                arrivals = &arrivals[1..];
                self.arrive(*arrival);
            } else if let Some(due) = self.due {
                self.round(due);
            } else {
                return;
            }
        }
    }

    fn arrive(&mut self, arrival: Arrival) {
        self.pass_to(arrival.tick);
        let home = arrival.purpose == RETURN;
        match self.owner {
            Some(owner) if owner == arrival.owner => self.join(arrival.troops),
            Some(owner) if self.state.friendly(arrival.owner, owner) => {
                if arrival.purpose != ATTACK {
                    self.join(arrival.troops);
                }
            }
            Some(_) if self.immune() && !home => {}
            _ => self.engage(arrival),
        }
    }

    fn immune(&self) -> bool {
        self.state.immunity().is_some_and(|end| self.now < end)
    }

    fn join(&mut self, troops: u32) {
        self.row.troops = (self.row.troops + troops).min(TROOPS_MAX);
    }

    fn engage(&mut self, arrival: Arrival) {
        self.fighters.push(arrival);
        if self.due.is_none() {
            self.due = Some(self.next_round());
            if self.row.troops == 0 {
                self.decide();
            }
        }
    }

    fn next_round(&self) -> Tick {
        self.now.after(self.state.setting.rules.battle.round_ticks)
    }

    /// The garrison grows, unless it fights.
    fn pass_to(&mut self, tick: Tick) {
        let grows = self.due.is_none() && self.owner.is_some();
        if grows && tick > self.now {
            let growth = self.state.growth(self.at, &self.row);
            self.row.troops = growth.at(self.row.troops, self.now, tick);
        }
        self.now = self.now.max(tick);
    }

    fn parties(&self) -> PerParty<Party> {
        let garrison = (self.row.troops > 0).then_some(self.row.troops);
        let armies = self.fighters.iter().map(|a| (a.owner, a.troops, a.landing));
        let garrison = garrison.map(|troops| (troops, self.state.defence(self.at)));
        let mut parties = PerParty::new();
        battle::line_up(&mut parties, garrison, armies);
        parties
    }

    fn round(&mut self, due: Tick) {
        self.now = due;
        let mut parties = self.parties();
        let allied = |a, b| self.state.allied(a, b);
        let luck = Luck { seed: self.dice, tick: due, at: self.at };
        battle::fight(&mut parties, &self.state.setting.rules.battle, luck, allied);
        for party in parties {
            let loss = party.fallen;
            match party.attacker {
                None => self.row.troops = self.row.troops.saturating_sub(loss as u32),
                Some(attacker) => self.bleed(attacker, loss),
            }
            let side = party.attacker.or(self.owner);
            *if side == Some(self.me) { &mut self.losses } else { &mut self.foes } += loss;
        }
        self.fighters.retain(|army| army.troops > 0);
        self.due = Some(self.next_round());
        self.decide();
    }

    fn bleed(&mut self, attacker: PlayerId, mut loss: u64) {
        for army in self.fighters.iter_mut().filter(|army| army.owner == attacker) {
            let fallen = loss.min(army.troops.into()) as u32;
            army.troops -= fallen;
            loss -= u64::from(fallen);
        }
    }

    /// Ends the battle if it is over, as [`crate::tick::battle`] does.
    fn decide(&mut self) {
        if self.fighters.is_empty() {
            self.due = None;
            return;
        }
        let parties = self.parties();
        let allied = |a, b| self.state.allied(a, b);
        if self.row.troops == 0
            && let Some((winner, troops)) = battle::winner(parties.iter(), allied)
        {
            self.owner = Some(winner);
            let troops = troops.min(TROOPS_MAX.into()) as u32;
            self.row = TerritoryRow { owner: winner.0, troops, away: 0, ..self.row };
            self.fighters.clear();
            self.due = None;
        }
    }

    fn outcome(&self) -> Outcome {
        let mine = self.owner == Some(self.me);
        Outcome {
            odds: if mine { Permille::ONE } else { Permille(0) },
            losses: self.losses.min(u32::MAX.into()) as u32,
            foes: self.foes.min(u32::MAX.into()) as u32,
            garrison: self.row.troops,
            over: self.now,
        }
    }
}
