//! `perft` against a slow, obviously right count: no undo but copies, no generator but every
//! command there is, tried one by one. The counts of `perft.txt` are of both.
//!
//! `SOVEREIGN_WRITE_PERFT=1 cargo test -p sovereign-core --test perft` writes them anew.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use sovereign_core::command::{
    Amount, AnswerAlliance, Attack, BreakAlliance, Build, Command, Demolish, Deploy, DonateGold,
    Embargo, EndTurn, ExtendAlliance, Move, OfferDraw, ProposeAlliance, Retreat, Spawn, Strike,
    Supply, Surrender,
};
use sovereign_core::id::{ArmyId, PlayerId, TerritoryId};
use sovereign_core::map::generate;
use sovereign_core::perft::{POSITIONS as NAMED, Perft, divide, perft};
use sovereign_core::testing::{Chaos, hectic_rules};
use sovereign_core::{Game, Order, Rules, Seed, Structure, SystemOrder};

/// A position: territories, seats, rules, random orders thrown beforehand; then depth and
/// ticks a ply.
type Position = (u32, u16, &'static str, u64, u32, u32);

const POSITIONS: [Position; 12] = [
    (6, 2, "classic", 0, 3, 1),
    (6, 2, "classic", 6, 3, 12),
    (7, 3, "classic", 4, 3, 9),
    (8, 2, "hectic", 0, 3, 5),
    (6, 2, "hectic", 9, 3, 3),
    (6, 2, "poor", 12, 3, 8),
    (6, 2, "poor", 16, 3, 12),
    (7, 2, "poor", 20, 3, 7),
    (8, 3, "poor", 10, 3, 4),
    (8, 3, "poor", 14, 4, 1),
    (9, 4, "poor", 11, 3, 10),
    (12, 4, "poor", 13, 3, 2),
];

fn rules(name: &str) -> Rules {
    match name {
        "hectic" => hectic_rules(),
        "poor" => {
            let text = hectic_rules().to_toml().replace("\ngold = 100\n", "\ngold = 0\n");
            Rules::from_toml(&text).expect("a number in its range was changed")
        }
        preset => Rules::preset(preset).expect("shipped"),
    }
}

fn game((territories, seats, name, orders, _, _): Position) -> Game {
    let number = u64::from(territories) * 1000 + orders;
    let map = generate::random(number, territories);
    let mut game = Game::new(map.into(), rules(name).into(), Seed::from(number), seats)
        .expect("the map has room for these seats");
    for player in (0..seats).map(PlayerId) {
        let join = SystemOrder::Join { player, bot: false, team: 0 };
        game.execute(&Order::System(join)).expect("the seat is open");
    }
    game.execute(&Order::System(SystemOrder::Start)).expect("enough players sit");
    let mut chaos = Chaos::new(number);
    for _ in 0..orders {
        let _ = game.execute(&chaos.order(&game));
        game.advance_to(game.tick().after(3));
    }
    game
}

/// The count by copies.
fn reference(game: &Game, turn: PlayerId, depth: u32, ticks: u32) -> Perft {
    if depth == 0 {
        return Perft { leaves: 1, hash: game.hash() };
    }
    let mut sum = Perft::default();
    let next = PlayerId((turn.0 + 1) % game.seats());
    let turn = game.view(None).turn().unwrap_or(turn);
    for choice in commands(game, turn).into_iter().map(Some).chain([None]) {
        let mut copy = game.clone();
        if let Some(command) = choice {
            copy.execute(&order(turn, command)).expect("it was validated");
        }
        for _ in 0..ticks {
            copy.advance();
        }
        let below = reference(&copy, next, depth - 1, ticks);
        sum.leaves += below.leaves;
        sum.hash = sum.hash.wrapping_add(below.hash);
    }
    sum
}

fn order(player: PlayerId, command: Command) -> Order {
    Order::Player { player, seq: 0, command }
}

/// Every command that `validate` accepts, amounts discretised.
fn commands(game: &Game, me: PlayerId) -> Vec<Command> {
    let lands = || (0..game.map().len()).map(TerritoryId::from_index);
    let others = || (0..game.seats()).map(PlayerId);
    let armies = u32::from(game.seats()) * game.rules().march.armies_max;
    let mut all = vec![Command::Surrender(Surrender {}), Command::OfferDraw(OfferDraw {})];
    all.push(Command::EndTurn(EndTurn {}));
    for from in lands() {
        all.extend(lands().map(|target| Command::Strike(Strike { from, target })));
    }
    all.extend(lands().map(|territory| Command::Spawn(Spawn { territory })));
    all.extend(lands().map(|territory| Command::Demolish(Demolish { territory })));
    all.extend((0..armies).map(|id| Command::Retreat(Retreat { army: ArmyId(id) })));
    for structure in Structure::ALL {
        all.extend(lands().map(|territory| Command::Build(Build { territory, structure })));
    }
    for player in others() {
        all.push(Command::ProposeAlliance(ProposeAlliance { to: player }));
        all.push(Command::BreakAlliance(BreakAlliance { with: player }));
        all.push(Command::ExtendAlliance(ExtendAlliance { with: player }));
        for yes in [false, true] {
            all.push(Command::AnswerAlliance(AnswerAlliance { from: player, accept: yes }));
            all.push(Command::Embargo(Embargo { with: player, on: yes }));
        }
    }
    for (from, to) in lands().flat_map(|from| lands().map(move |to| (from, to))) {
        all.push(Command::Strike(Strike { from, target: to }));
        all.push(Command::Supply(Supply { from, to: Some(to) }));
    }
    all.extend(lands().map(|from| Command::Supply(Supply { from, to: None })));
    all.retain(|command| game.validate(&order(me, *command)).is_ok());
    for (from, to) in lands().flat_map(|from| lands().map(move |to| (from, to))) {
        let attack = |troops| Command::Attack(Attack { from, to, troops });
        let moving = |troops| Command::Move(Move { from, to, troops });
        let most = game.view(None).troops(from).into();
        all.extend(amounts(game, me, most, |n| attack(Amount::Troops(n as u32))));
        all.extend(amounts(game, me, most, |n| moving(Amount::Troops(n as u32))));
    }
    let reserve = game.view(Some(me)).reserve().into();
    for territory in lands() {
        let deploy = |n| Command::Deploy(Deploy { territory, troops: Amount::Troops(n as u32) });
        all.extend(amounts(game, me, reserve, deploy));
    }
    let gold = game.view(Some(me)).gold();
    for to in others() {
        let gift = |amount| Command::DonateGold(DonateGold { to, amount });
        all.extend(amounts(game, me, gold, gift));
    }
    all
}

/// The least, the middle and the greatest of all amounts that are accepted.
fn amounts(game: &Game, me: PlayerId, most: u64, command: impl Fn(u64) -> Command) -> Vec<Command> {
    let verdict = |amount: u64| game.validate(&order(me, command(amount)));
    let amounts_matter =
        ["no_troops", "too_few_troops", "too_few_in_reserve", "no_gold", "not_enough_gold"];
    if verdict(1).is_err_and(|reason| !amounts_matter.contains(&reason.code())) {
        return Vec::new();
    }
    let legal = |amount: &u64| verdict(*amount).is_ok();
    let legal: Vec<_> = (0..=most + 1).filter(legal).collect();
    let (Some(low), Some(high)) = (legal.first(), legal.last()) else { return Vec::new() };
    assert_eq!(legal.len() as u64, high - low + 1, "amounts are one range");
    let tried = BTreeSet::from([*low, low.midpoint(*high), *high]);
    tried.into_iter().map(command).collect()
}

#[test]
fn counts_are_those_of_the_reference_and_of_the_file() {
    let mut text = String::new();
    let writing = std::env::var_os("SOVEREIGN_WRITE_PERFT").is_some();
    for position in POSITIONS {
        let (territories, seats, rules, orders, depth, ticks) = position;
        let mut game = game(position);
        let before = game.snapshot();
        let counted = perft(&mut game, depth, ticks);
        assert_eq!(game.snapshot(), before, "{position:?}");
        assert_eq!(counted, reference(&game, PlayerId(0), depth, ticks), "{position:?}");
        writeln!(
            text,
            "territories {territories}, seats {seats}, rules {rules}, orders {orders}, \
             depth {depth}, ticks {ticks}: {}",
            counted.leaves
        )
        .expect("a string takes all text");
    }
    for position in NAMED {
        let mut game = position.game();
        let (depth, ticks) = (position.depth, position.ticks);
        let counted = perft(&mut game, depth, ticks);
        assert_eq!(counted, reference(&game, PlayerId(0), depth, ticks), "{position:?}");
        let parts = divide(&mut game, depth, ticks).into_iter();
        assert_eq!(parts.map(|(_, part)| part.leaves).sum::<u64>(), counted.leaves);
        assert!(writing || counted.leaves == position.leaves, "{position:?}: {}", counted.leaves);
        writeln!(text, "{}: {}", position.name, counted.leaves).expect("a string takes all text");
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/perft.txt");
    if writing {
        std::fs::write(&path, &text).expect("the file can be written");
    }
    let committed = std::fs::read_to_string(path).expect("the counts are committed");
    assert_eq!(text, committed, "rules changed? then write the counts anew");
}
