//! Positions made as a client's mirror is told of them, so that they can be any.

use std::sync::Arc;

use sovereign_core::event::{
    Army, ArmyChange, Battle, BattleChange, Delta, GameState, PlayerChange, Purpose, Site,
    TerritoryChange,
};
use sovereign_core::id::{ArmyId, PlayerId, TerritoryId};
use sovereign_core::quantity::Tick;
use sovereign_core::rules::RulesDraft;
use sovereign_core::{
    Game, Map, Mirror, MirrorError, Phase, Presence, Rules, Seat, Seed, Standing,
};

use crate::quiet_rules;

/// How many players a position has.
pub const SIDES: u16 = 2;
/// The moment of a position: long after immunity.
const NOW: Tick = Tick(10_000);
/// Armies at a front: those that arrive in the next tick, those that fight, all.
const ARRIVING: u32 = 500;
const FIGHTING: u32 = 200;
const ARMIES: u32 = 1_000;

/// A position on a grid of at least 1,000 rows, which two players share: one has the left half.
pub struct Position {
    map: Arc<Map>,
    delta: Delta,
}

impl Position {
    /// All land is taken and at peace.
    #[must_use]
    pub fn halves(map: Arc<Map>) -> Self {
        let width = width(&map);
        let owner = |id: TerritoryId| PlayerId(u16::from(id.0 % width >= width / 2));
        let land = |id| TerritoryChange {
            id,
            troops: 20,
            since: NOW,
            owner: Some(Some(owner(id))),
            site: None,
        };
        let territories = map.territories().map(land).collect();
        let players = (0..SIDES).map(PlayerId).map(playing).collect();
        let game = GameState {
            lowered: 0,
            phase: Phase::Playing,
            paused: false,
            until: None,
            started: Tick(0),
            winner: None,
            reason: None,
            turn: None,
        };
        let delta = Delta { tick: NOW, territories, players, game: Some(game), ..Delta::default() };
        Self { map, delta }
    }

    /// The left side marches on the right one in a thousand rows: in 500 it reaches land
    /// without a garrison in the next tick, in 200 it fights a round, in 300 it is on its way.
    #[must_use]
    pub fn front(map: Arc<Map>) -> Self {
        let mut position = Self::halves(map);
        (0..ARMIES).for_each(|row| position.march(row));
        position
    }

    fn march(&mut self, row: u32) {
        let width = width(&self.map);
        let from = TerritoryId(row * width + width / 2 - 1);
        let to = TerritoryId(from.0 + 1);
        let fighting = (ARRIVING..ARRIVING + FIGHTING).contains(&row);
        let arrives = match row {
            _ if row < ARRIVING => NOW.after(1),
            _ if fighting => NOW,
            _ => NOW.after(50),
        };
        let site = |away, still| Some(Site { away, still, ..Site::default() });
        self.delta.territories[from.index()].site = site(100, false);
        let target = &mut self.delta.territories[to.index()];
        target.site = site(0, fighting);
        target.troops = if fighting { 1_000 } else { 0 };
        let (id, departed) = (ArmyId(row * u32::from(SIDES)), Tick(NOW.0 - 10));
        let (owner, purpose) = (PlayerId(0), Purpose::Attack);
        let army = Army { owner, purpose, fighting, troops: 100, from, to, departed, arrives };
        self.delta.armies.push(ArmyChange { id, army: Some(army) });
        if fighting {
            let battle = Some(Battle { began: departed, next_round: NOW.after(1) });
            self.delta.battles.push(BattleChange { territory: to, battle });
        }
    }

    /// A game in this position.
    ///
    /// # Panics
    /// If the engine finds fault with the position.
    #[must_use]
    pub fn game(mut self) -> Game {
        let rules = many_armies();
        let mirror = || Mirror::new(self.map.clone(), rules.clone(), SIDES, None);
        // Its hash is learned by telling a wrong one first.
        let told = mirror().apply(&self.delta);
        if let Err(MirrorError::Diverged { found, .. }) = told {
            self.delta.check = found;
        }
        let mut mirror = mirror();
        mirror.apply(&self.delta).expect("its ids and numbers are in range");
        let game = mirror.view().imagine(Seed::from(1));
        assert_eq!(game.check_invariants(), Ok(()));
        game
    }
}

fn width(map: &Map) -> u32 {
    // The first territory's right neighbour is 1, the one below it is as far as a row is wide.
    map.edges(TerritoryId(0)).iter().last().map_or(1, |edge| edge.to.0)
}

fn playing(id: PlayerId) -> PlayerChange {
    PlayerChange {
        id,
        seat: Seat::Bot,
        standing: Standing::Playing,
        presence: Presence::Here,
        team: 0,
        place: 0,
        ended: Tick(0),
        traitor_until: Tick(0),
        draw_until: Tick(0),
        heir: None,
        order: 0,
    }
}

fn many_armies() -> Arc<Rules> {
    let mut draft = RulesDraft::clone(&quiet_rules());
    draft.march.armies_max = 4_096;
    Arc::new(Rules::try_from(draft).expect("4,096 armies are allowed"))
}
