//! What a viewer imagines agrees with what it sees, and rests on nothing else.

use proptest::prelude::*;
use sovereign_core::command::{AnswerAlliance, Command, ProposeAlliance};
use sovereign_core::id::PlayerId;
use sovereign_core::testing::{Chaos, random_game};
use sovereign_core::view::Territory;
use sovereign_core::{Game, Mirror, Order, Phase, Seed, View};

const SEED: u64 = 77;

/// Looks at a random game again and again while it is played.
fn watch(number: u64, mut look: impl FnMut(&Game)) {
    let mut game = random_game(number);
    let mut chaos = Chaos::new(number);
    for _ in 0..60 {
        look(&game);
        for order in chaos.orders(&game, 6) {
            let _ = game.execute(&order);
        }
        let ticks = chaos.dice().below(8) as u32;
        game.advance_to(game.tick().after(ticks));
    }
}

fn viewers(game: &Game) -> impl Iterator<Item = Option<PlayerId>> + use<> {
    (0..game.seats()).map(|seat| Some(PlayerId(seat))).chain([None])
}

/// A client's copy, made of what the client is told.
fn mirror(game: &Game, viewer: Option<PlayerId>) -> Mirror {
    let (map, rules) = (game.map().clone(), game.rules().clone());
    let mut mirror = Mirror::new(map, rules, game.seats(), viewer);
    mirror.apply(&game.full_delta()).expect("a snapshot fits an empty mirror");
    if let Some(own) = game.view(viewer).own() {
        mirror.apply_own(&own);
    }
    mirror
}

/// Everything that a viewer sees, but for the caps that rest on where armies set out.
fn reading(view: View<'_>) -> String {
    let land = |id| Territory { cap: 0, ..view.territory(id) };
    let lands: Vec<_> = view.map().territories().map(land).collect();
    let armies: Vec<_> = view.armies().collect();
    let battles: Vec<_> = view.battles().collect();
    let players: Vec<_> = view.players().map(|p| view.player(p)).collect();
    format!("{:?} {lands:?} {armies:?} {battles:?} {players:?} {:?}", view.game(), view.own())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    /// A mirror never learned the seed, others' gold or proposals between others: what
    /// imagines the same from it does not rest on them.
    #[test]
    fn a_mirror_imagines_the_same_game(number: u64) {
        watch(number, |game| {
            for viewer in viewers(game) {
                let imagined = game.view(viewer).imagine(Seed::from(SEED));
                let told = mirror(game, viewer).view().imagine(Seed::from(SEED));
                assert_eq!(imagined.snapshot(), told.snapshot());
            }
        });
    }

    /// It is a sound game, and looks to the viewer as the real one does.
    #[test]
    fn what_is_imagined_looks_like_what_is_seen(number: u64) {
        watch(number, |game| {
            for viewer in viewers(game) {
                let mut imagined = game.view(viewer).imagine(Seed::from(SEED));
                imagined.check_invariants().expect("an imagined game is a sound one");
                assert_eq!(reading(imagined.view(viewer)), reading(game.view(viewer)));
                imagined.advance_to(imagined.tick().after(40));
            }
        });
    }
}

/// Two games that differ only in what the first player may not know.
#[test]
fn secrets_of_others_change_nothing() {
    let mut game = playing_game();
    let view = |game: &Game| game.view(Some(PlayerId(0))).imagine(Seed::from(SEED)).snapshot();
    let before = view(&game);
    let propose = Command::ProposeAlliance(ProposeAlliance { to: PlayerId(2) });
    game.execute(&Order::Player { player: PlayerId(1), seq: 1, command: propose }).expect("legal");
    assert_eq!(view(&game), before);
    let accept = Command::AnswerAlliance(AnswerAlliance { from: PlayerId(1), accept: true });
    game.execute(&Order::Player { player: PlayerId(2), seq: 1, command: accept }).expect("legal");
    assert_ne!(view(&game), before, "an alliance is public");
}

fn playing_game() -> Game {
    let mut game = (1..).map(random_game).find(|game| game.seats() >= 3).expect("some have");
    while game.state().phase != Phase::Playing {
        game.advance();
    }
    game
}
