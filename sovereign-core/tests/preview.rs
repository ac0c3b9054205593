//! A preview says what then happens, and changes nothing.

use proptest::prelude::*;
use sovereign_core::command::{Attack, Command};
use sovereign_core::id::PlayerId;
use sovereign_core::testing::{Chaos, random_game};
use sovereign_core::{Game, Order, Outcome, Phase, Preview};

fn order(player: PlayerId, command: Command) -> Order {
    Order::Bot { player, seq: 1, command }
}

/// The only army is the one that is about to set out, and no supply line sends another:
/// nothing else intervenes.
fn quiet(game: &Game) -> bool {
    let view = game.view(None);
    game.state().phase == Phase::Playing
        && view.armies().next().is_none()
        && view.map().territories().all(|id| view.territory(id).ready.is_none())
        && view.players().all(|player| game.view(Some(player)).supplies().next().is_none())
}

/// Plays the attack out on a copy, and compares.
fn plays_out(game: &Game, player: PlayerId, attack: Attack, preview: Preview) {
    let mut game = game.clone();
    let outcome: Outcome = preview.outcome.expect("an attack has an outcome");
    game.execute(&order(player, Command::Attack(attack))).expect("it was previewed");
    assert_eq!(game.view(None).armies().next().map(|(_, army)| army.arrives), Some(preview.at));
    let immune = game.view(None).immune_until().is_some_and(|end| preview.at < end);
    game.advance_to(outcome.over);
    let site = game.view(None).territory(attack.to);
    let taken = site.owner == Some(player);
    if game.state().phase == Phase::Playing && !(immune && site.owner.is_some()) {
        assert_eq!(taken, outcome.odds.0 == 1000, "{attack:?} {preview:?} {site:?}");
        assert_eq!(site.troops, outcome.garrison, "{attack:?} {preview:?}");
        assert!(!site.besieged, "it is over");
        assert_eq!(!taken, attack.troops == outcome.losses.into(), "{attack:?} {preview:?}");
    }
}

/// Without luck and without interference, what is told is what comes.
#[test]
fn what_is_told_comes_true() {
    let lucky = |number: &u64| random_game(*number).rules().battle.model.has_luck();
    let games = (0..32).filter(|number| !lucky(number));
    let played: usize = games.map(play_out_a_game).sum();
    assert!(played > 300, "only {played} attacks were compared");
}

/// Plays a random game, and each attack that is possible in its quiet moments.
fn play_out_a_game(number: u64) -> usize {
    let mut game = random_game(number);
    let mut chaos = Chaos::new(number);
    let mut played = 0;
    for _ in 0..40 {
        for command in chaos.orders(&game, 3) {
            let _ = game.execute(&command);
        }
        game.advance_to(game.tick().after(150));
        for player in (0..game.seats()).map(PlayerId).filter(|_| quiet(&game)) {
            let view = game.view(Some(player));
            for shape in view.legal() {
                let hash = game.hash();
                let preview = view.preview(shape.most()).expect("what is legal can be told");
                assert_eq!(game.hash(), hash);
                if let Command::Attack(attack) = shape.most() {
                    plays_out(&game, player, attack, preview);
                    played += 1;
                }
            }
        }
    }
    played
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// What is refused is refused with the same reason.
    #[test]
    fn a_refusal_is_that_of_the_order(number: u64) {
        let mut game = random_game(number);
        let mut chaos = Chaos::new(number);
        for _ in 0..300 {
            let next = chaos.order(&game);
            if let Order::Player { player, command, .. } | Order::Bot { player, command, .. } = next {
                let told = game.view(Some(player)).preview(command).map(|_| ());
                prop_assert_eq!(told, game.validate(&next));
            }
            let _ = game.execute(&next);
            game.advance_to(game.tick().after(2));
        }
    }
}
