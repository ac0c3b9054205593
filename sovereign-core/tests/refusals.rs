//! Rows G of the security matrix that the engine answers for: what may not be ordered is
//! refused, and a refusal changes nothing.

use sovereign_core::command::{
    Attack, Build, Command, Demolish, Deploy, DonateGold, EndTurn, Move, OfferDraw, Retreat, Spawn,
    Strike, Supply, Surrender,
};
use sovereign_core::id::{ArmyId, PlayerId, TerritoryId};
use sovereign_core::quantity::Permille;
use sovereign_core::testing::{Chaos, random_game};
use sovereign_core::{Game, Order, Phase, Structure};

/// Looks at random games again and again while they are played.
fn watch(mut look: impl FnMut(&mut Game, PlayerId, &mut Chaos)) {
    for number in 0..12 {
        let mut game = random_game(number);
        let mut chaos = Chaos::new(number);
        for _ in 0..25 {
            let player = PlayerId(chaos.dice().below(u64::from(game.seats())) as u16);
            look(&mut game, player, &mut chaos);
            for order in chaos.orders(&game, 6) {
                let _ = game.execute(&order);
            }
            let ticks = chaos.dice().below(8) as u32;
            game.advance_to(game.tick().after(ticks));
        }
    }
}

/// Each of these is refused, and the game is the same afterwards.
fn refused(game: &mut Game, player: PlayerId, commands: impl IntoIterator<Item = Command>) {
    let before = game.hash();
    for command in commands {
        let order = Order::Player { player, seq: 1, command };
        assert!(game.execute(&order).is_err(), "{player} {command:?}");
    }
    assert_eq!(game.hash(), before, "a refusal changes nothing");
}

fn with_amounts(from: TerritoryId, to: TerritoryId, player: PlayerId) -> Vec<Command> {
    let mut commands = Vec::new();
    for amount in [0, u32::MAX / 2, u32::MAX - 1, u32::MAX] {
        let troops = amount.into();
        commands.push(Command::Attack(Attack { from, to, troops }));
        commands.push(Command::Move(Move { from, to, troops }));
        commands.push(Command::Deploy(Deploy { territory: from, troops }));
    }
    for share in [0, 2_000, u32::MAX] {
        let troops = Permille(share).into();
        commands.push(Command::Attack(Attack { from, to, troops }));
    }
    for amount in [0, i64::MAX as u64, u64::MAX - 1, u64::MAX] {
        commands.push(Command::DonateGold(DonateGold { to: player, amount }));
    }
    commands
}

#[test]
fn g1_amounts_at_the_edges_are_refused() {
    watch(|game, player, chaos| {
        let map = game.map().len() as u64;
        let mut any = || TerritoryId(chaos.dice().below(map) as u32);
        let (from, to) = (any(), any());
        let own = game.view(None).land_of(player).next().unwrap_or(from);
        let other = PlayerId((player.0 + 1) % game.seats());
        refused(game, player, with_amounts(own, to, other));
    });
}

fn of_territory(from: TerritoryId, to: TerritoryId) -> [Command; 6] {
    let troops = 1.into();
    [
        Command::Attack(Attack { from, to, troops }),
        Command::Move(Move { from, to, troops }),
        Command::Build(Build { territory: from, structure: Structure::City }),
        Command::Demolish(Demolish { territory: from }),
        Command::Strike(Strike { from, target: to }),
        Command::Supply(Supply { from, to: Some(to) }),
    ]
}

#[test]
fn g3_what_is_not_ones_own_obeys_nobody_else() {
    watch(|game, player, chaos| {
        let land: Vec<TerritoryId> = game.map().territories().collect();
        let foreign = |at: &&TerritoryId| game.view(None).owner(**at) != Some(player);
        let foreign: Vec<TerritoryId> = land.iter().filter(foreign).copied().collect();
        for from in foreign {
            let to = land[chaos.dice().below(land.len() as u64) as usize];
            refused(game, player, of_territory(from, to));
        }
        let nowhere = TerritoryId(land.len() as u32);
        refused(game, player, of_territory(nowhere, TerritoryId(u32::MAX)));
        let armies: Vec<ArmyId> = game
            .view(None)
            .armies()
            .filter(|(_, army)| army.owner != player)
            .map(|(id, _)| id)
            .collect();
        let nobodys = [ArmyId(u32::MAX), ArmyId(u32::MAX - 1)];
        let calls = armies.into_iter().chain(nobodys);
        refused(game, player, calls.map(|army| Command::Retreat(Retreat { army })));
    });
}

/// One of each kind that a player of a game that runs might order.
fn some_of_each(at: TerritoryId) -> Vec<Command> {
    let mut commands = of_territory(at, at).to_vec();
    commands.push(Command::EndTurn(EndTurn {}));
    commands.push(Command::OfferDraw(OfferDraw {}));
    commands.push(Command::Surrender(Surrender {}));
    commands.push(Command::Spawn(Spawn { territory: at }));
    commands
}

#[test]
fn g4_g7_nobody_orders_before_the_start_after_the_end_or_once_out() {
    let (mut out, mut over) = (0, 0);
    for number in 0..40 {
        let mut game = random_game(number);
        let stranger = PlayerId(game.seats());
        refused(&mut game, stranger, some_of_each(TerritoryId(0)));
        for player in (0..game.seats()).map(PlayerId) {
            let give_up =
                Order::Player { player, seq: 1, command: Command::Surrender(Surrender {}) };
            if game.execute(&give_up).is_err() {
                continue;
            }
            if game.state().phase != Phase::Finished {
                out += 1;
                refused(&mut game, player, some_of_each(TerritoryId(0)));
            }
            game.advance_to(game.tick().after(1));
        }
        if game.state().phase == Phase::Finished {
            over += 1;
            for player in (0..game.seats()).map(PlayerId) {
                refused(&mut game, player, some_of_each(TerritoryId(0)));
            }
        }
    }
    assert!(out > 0 && over > 0, "{out} were out, {over} games ended");
}
