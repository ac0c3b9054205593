//! Random games for property tests, fuzzing and benchmarks (feature `testing`).

mod turns;

use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::command::{
    Amount, AnswerAlliance, Attack, BreakAlliance, Build, Command, Demolish, DonateGold, Embargo,
    ExtendAlliance, Move, OfferDraw, Order, ProposeAlliance, Retreat, Spawn, Strike, Supply,
    Surrender, SystemOrder,
};
use crate::game::Game;
use crate::id::{ArmyId, PlayerId, TerritoryId};
use crate::map::{self, Map};
use crate::quantity::{Permille, Tick};
use crate::rng::{Purpose, Seed};
use crate::rules::{Bonus, CombatModel, Rules, RulesDraft, SpawnMode};
use crate::state::{Standing, Structure};

/// A source of numbers for tests: a counted sequence of throws.
#[derive(Clone, Debug)]
pub struct Dice {
    seed: Seed,
    count: u64,
}

impl Dice {
    /// Equal seeds throw equally.
    #[must_use]
    pub const fn new(seed: Seed) -> Self {
        Self { seed, count: 0 }
    }

    /// A throw from 0 to `sides - 1`; 0 if there are no sides.
    pub fn below(&mut self, sides: u64) -> u64 {
        self.count += 1;
        self.seed.below(Tick(0), Purpose::Bot, u64::MAX, self.count, sides)
    }

    /// True once in `sides`.
    pub fn once_in(&mut self, sides: u64) -> bool {
        self.below(sides) == 0
    }

    fn pick<T: Copy>(&mut self, choices: &[T]) -> Option<T> {
        let index = self.below(choices.len() as u64) as usize;
        choices.get(index).copied()
    }
}

/// Rules under which much happens in little time: short phases, quick marches,
/// cheap structures, alliances that lapse soon.
///
/// # Panics
/// Never: the file is valid.
#[must_use]
pub fn hectic_rules() -> Rules {
    Rules::from_toml(include_str!("hectic.toml")).expect("a test plays with these rules")
}

/// The rules of a random game: the hectic ones, and now and then a variant of them.
fn rules_of(number: u64) -> Rules {
    let mut draft = RulesDraft::clone(&hectic_rules());
    match number % 8 {
        3 | 7 => draft.seats.teams = 2,
        1 | 5 => draft.victory.capitals = true,
        2 => {
            draft.victory.time_ticks = 400;
            draft.income.bonus = Bonus::Reserve;
        }
        4 => draft.diplomacy.draw_ticks = 0,
        0 => turns::vary(&mut draft, number),
        6 if number % 16 == 6 => draft.spawn.mode = SpawnMode::Random,
        6 => draft.spawn.mode = SpawnMode::Fair,
        _ => {}
    }
    draft.battle.model = CombatModel::ALL[(number / 4 % 4) as usize];
    Rules::try_from(draft).expect("every variant is within its ranges")
}

/// A game on a random map of 6 to 60 territories with 2 to 6 players, who have sat
/// down and begun.
///
/// # Panics
/// If the engine refuses what it must accept: a bug.
#[must_use]
pub fn random_game(number: u64) -> Game {
    let mut dice = Dice::new(Seed::from(number));
    let map: Arc<Map> = Arc::new(map::generate::random(number, 6 + dice.below(55) as u32));
    let seats = (2 + dice.below(5) as u16).min(map.playable_count() as u16);
    let mut game = Game::new(map, Arc::new(rules_of(number)), Seed::from(number), seats)
        .expect("the map has room for these seats");
    for player in (0..seats).map(PlayerId) {
        let bot = dice.once_in(2);
        let team = game.rules().seats.team_of(player);
        let join = Order::System(SystemOrder::Join { player, bot, team });
        game.execute(&join).expect("the seat is open");
    }
    game.execute(&Order::System(SystemOrder::Start)).expect("enough players sit");
    game.commit();
    game
}

/// How many golden games have a committed hash.
pub const GOLDEN_GAMES: u64 = 8;

/// The hash of a golden game: 600 random orders, with a tick after every third. It is the
/// same on every machine and in every build, and changes only with
/// [`crate::rules::RULES_VERSION`].
#[must_use]
pub fn golden_game(number: u64) -> u64 {
    let mut game = random_game(number);
    let mut chaos = Chaos::new(number);
    for round in 0..600 {
        let order = chaos.order(&game);
        // Many are refused, as in life.
        let _ = game.execute(&order);
        if round % 3 == 0 {
            game.advance();
        }
        game.commit();
    }
    game.hash()
}

/// Throws random orders at a game: mostly sensible, often not.
#[derive(Clone, Debug)]
pub struct Chaos {
    dice: Dice,
    seq: u32,
}

impl Chaos {
    /// Equal seeds give equal orders for equal games.
    #[must_use]
    pub fn new(number: u64) -> Self {
        Self { dice: Dice::new(Seed::from(number ^ 0xC0A5)), seq: 0 }
    }

    /// The dice.
    pub const fn dice(&mut self) -> &mut Dice {
        &mut self.dice
    }

    /// Any order, legal or not.
    pub fn order(&mut self, game: &Game) -> Order {
        self.seq += 1;
        let player = self.author(game);
        // Nobody plays while the game is paused: it does not stay so for long.
        let often = if game.state().paused { 4 } else { 60 };
        if self.dice.once_in(often) {
            return Order::System(self.system(player));
        }
        let command = self.command(game, player);
        let seq = self.seq;
        if self.dice.once_in(3) {
            Order::Bot { player, seq, command }
        } else {
            Order::Player { player, seq, command }
        }
    }

    /// Several orders.
    pub fn orders(&mut self, game: &Game, count: u64) -> Vec<Order> {
        (0..count).map(|_| self.order(game)).collect()
    }

    fn player(&mut self, game: &Game) -> PlayerId {
        let over = u64::from(self.dice.once_in(100));
        PlayerId(self.dice.below(u64::from(game.seats()) + over) as u16)
    }

    fn system(&mut self, player: PlayerId) -> SystemOrder {
        match self.dice.below(18) {
            0 => SystemOrder::Join { player, bot: self.dice.once_in(2), team: 0 },
            1 => SystemOrder::Start,
            2 if self.dice.once_in(16) => SystemOrder::Kick { player },
            2 if self.dice.once_in(8) => SystemOrder::Leave { player },
            12 if self.dice.once_in(3) => SystemOrder::Pause,
            13..18 => SystemOrder::Resume,
            2..=5 => SystemOrder::Away { player },
            6..=8 => SystemOrder::Takeover { player },
            _ => SystemOrder::Back { player },
        }
    }

    fn command(&mut self, game: &Game, player: PlayerId) -> Command {
        let other = self.player(game);
        if let Some(command) = self.turn(game, player) {
            return command;
        }
        match self.dice.below(100) {
            0..50 => self.attack(game, player),
            50..65 => self.moving(game, player),
            65..72 => Command::Retreat(Retreat { army: self.army(game, player) }),
            72..79 => self.build(game, player),
            79 => self.supply(game, player),
            80 => self.strike(game, player),
            81 => Command::Demolish(Demolish { territory: self.land(game, player) }),
            82..88 => Command::ProposeAlliance(ProposeAlliance { to: other }),
            88..92 => {
                let accept = !self.dice.once_in(3);
                Command::AnswerAlliance(AnswerAlliance { from: other, accept })
            }
            92..94 => self.diplomacy(game, player, other),
            94..99 => Command::Spawn(Spawn { territory: self.land(game, player) }),
            _ if self.dice.once_in(30) => Command::Surrender(Surrender {}),
            _ => self.attack(game, player),
        }
    }

    fn strike(&mut self, game: &Game, player: PlayerId) -> Command {
        let land = if player.0 < game.seats() {
            game.view(None).land_of(player).collect()
        } else {
            Vec::new()
        };
        let silo =
            |at: &TerritoryId| game.view(None).territory(*at).structure == Some(Structure::Silo);
        let silos: Vec<_> = land.into_iter().filter(silo).collect();
        let from = self.dice.pick(&silos).unwrap_or_else(|| self.land(game, player));
        Command::Strike(Strike { from, target: self.any_land(game) })
    }

    fn supply(&mut self, game: &Game, player: PlayerId) -> Command {
        let from = self.land(game, player);
        let to = (!self.dice.once_in(4)).then(|| self.land(game, player));
        Command::Supply(Supply { from, to })
    }

    fn build(&mut self, game: &Game, player: PlayerId) -> Command {
        let territory = self.land(game, player);
        let here = game.map().contains(territory);
        let standing = here.then(|| game.view(None).territory(territory).structure).flatten();
        let structure = Structure::ALL[self.dice.below(Structure::ALL.len() as u64) as usize];
        let higher = standing.filter(|_| !self.dice.once_in(3));
        Command::Build(Build { territory, structure: higher.unwrap_or(structure) })
    }

    fn diplomacy(&mut self, game: &Game, player: PlayerId, with: PlayerId) -> Command {
        match self.dice.below(10) {
            0..4 => Command::BreakAlliance(BreakAlliance { with }),
            4..6 => Command::ExtendAlliance(ExtendAlliance { with }),
            6..8 => Command::Embargo(Embargo { with, on: !self.dice.once_in(3) }),
            8 => Command::OfferDraw(OfferDraw {}),
            _ => self.gift(game, player, with),
        }
    }

    /// Mostly to a friend.
    fn gift(&mut self, game: &Game, player: PlayerId, other: PlayerId) -> Command {
        let view = game.view(None);
        let known = player.0 < game.seats();
        let friend = |to: &PlayerId| known && *to != player && view.friendly(player, *to);
        let friends: Vec<_> = view.players().filter(friend).collect();
        let to = self.dice.pick(&friends).unwrap_or(other);
        Command::DonateGold(DonateGold { to, amount: self.dice.below(40) })
    }

    fn attack(&mut self, game: &Game, player: PlayerId) -> Command {
        let (from, to, troops) = self.march(game, player);
        Command::Attack(Attack { from, to, troops })
    }

    fn moving(&mut self, game: &Game, player: PlayerId) -> Command {
        let (from, near, troops) = self.march(game, player);
        let to = if self.dice.once_in(2) { self.land(game, player) } else { near };
        Command::Move(Move { from, to, troops })
    }

    fn march(&mut self, game: &Game, player: PlayerId) -> (TerritoryId, TerritoryId, Amount) {
        let from = self.land(game, player);
        let map = game.map();
        let edges: Vec<_> =
            if map.contains(from) { map.edges(from).iter().collect() } else { Vec::new() };
        let neighbour = self.dice.pick(&edges).map(|edge| edge.to);
        let to =
            neighbour.filter(|_| !self.dice.once_in(30)).unwrap_or_else(|| self.any_land(game));
        let troops = if map.contains(from) { game.view(None).troops(from) } else { 0 };
        let amount = match self.dice.below(20) {
            0 => Amount::Troops(u32::MAX),
            1 => Amount::Troops(troops),
            2..8 => Amount::Share(Permille(self.dice.below(1100) as u32)),
            _ => Amount::Troops(self.dice.below(u64::from(troops)) as u32),
        };
        (from, to, amount)
    }

    /// Mostly the player's own land.
    fn land(&mut self, game: &Game, player: PlayerId) -> TerritoryId {
        if player.0 >= game.seats() || self.dice.once_in(15) {
            return self.any_land(game);
        }
        let land: Vec<_> = game.view(None).land_of(player).collect();
        self.dice.pick(&land).unwrap_or_else(|| self.any_land(game))
    }

    fn any_land(&mut self, game: &Game) -> TerritoryId {
        TerritoryId(self.dice.below(game.map().len() as u64 + 1) as u32)
    }

    fn army(&mut self, game: &Game, player: PlayerId) -> ArmyId {
        let known =
            player.0 < game.seats() && game.view(None).player(player).standing == Standing::Playing;
        let armies: Vec<_> = if known {
            game.view(None).armies_of(player).map(|(id, _)| id).collect()
        } else {
            Vec::new()
        };
        let any = ArmyId(self.dice.below(20) as u32);
        self.dice.pick(&armies).unwrap_or(any)
    }
}
