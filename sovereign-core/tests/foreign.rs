//! Logic from elsewhere runs on our game: the search of `minimax`, and the rollback test of
//! `ggrs`, which knows nothing of our journal.

use ggrs::{Config, GgrsRequest, PredictRepeatLast, SessionBuilder};
use minimax::{Evaluation, Evaluator, Game as Rules2, Negamax, Random, Strategy, Winner};
use sovereign_core::command::Command;
use sovereign_core::id::PlayerId;
use sovereign_core::testing::{Dice, hectic_rules};
use sovereign_core::{Game, Mark, Order, Phase, Seed, SystemOrder, map};

/// Two players on a small grid, who have chosen where to start.
fn duel(number: u64) -> Game {
    let board = map::generate::grid(3, 2).into();
    let mut game = Game::new(board, hectic_rules().into(), Seed::from(number), 2).expect("two fit");
    for player in [PlayerId(0), PlayerId(1)] {
        let join = SystemOrder::Join { player, bot: true, team: 0 };
        game.execute(&Order::System(join)).expect("the seat is open");
    }
    game.execute(&Order::System(SystemOrder::Start)).expect("two sit");
    while game.state().phase != Phase::Playing {
        game.advance();
    }
    game.advance_to(game.tick().after(40));
    game
}

/// A duel in turns: one order or none, then some ticks.
#[derive(Clone)]
struct Turns {
    game: Game,
    turn: PlayerId,
    marks: Vec<Mark>,
}

const TICKS: u32 = 25;

fn other(player: PlayerId) -> PlayerId {
    PlayerId(1 - player.0)
}

struct InTurns;

impl Rules2 for InTurns {
    type S = Turns;
    type M = Option<Command>;

    fn generate_moves(state: &Turns, moves: &mut Vec<Self::M>) -> Option<Winner> {
        let marches = state.game.legal(state.turn).filter(|shape| shape.amounts().is_some());
        moves.extend(marches.map(|shape| Some(shape.most())));
        moves.push(None);
        Self::get_winner(state)
    }

    fn apply(state: &mut Turns, choice: Self::M) -> Option<Turns> {
        state.marks.push(state.game.mark());
        if let Some(command) = choice {
            let order = Order::Bot { player: state.turn, seq: 0, command };
            state.game.execute(&order).expect("it was generated here");
        }
        state.game.advance_to(state.game.tick().after(TICKS));
        state.turn = other(state.turn);
        None
    }

    fn undo(state: &mut Turns, _: Self::M) {
        let mark = state.marks.pop().expect("what is undone was applied");
        state.game.rollback(mark).expect("moves are undone last in, first out");
        state.turn = other(state.turn);
    }

    fn get_winner(state: &Turns) -> Option<Winner> {
        let end = state.game.state();
        let just_moved = Some(other(state.turn));
        (end.phase == Phase::Finished).then(|| match end.winner {
            None => Winner::Draw,
            winner if winner == just_moved => Winner::PlayerJustMoved,
            Some(_) => Winner::PlayerToMove,
        })
    }
}

struct Strength;

impl Evaluator for Strength {
    type G = InTurns;

    fn evaluate(&self, state: &Turns) -> Evaluation {
        let view = state.game.view(None);
        let of = |player: PlayerId| -> i64 {
            let land = view.land_of(player).map(|id| i64::from(view.troops(id)) + 60);
            let armies = view.armies_of(player).map(|(_, army)| i64::from(army.troops));
            land.sum::<i64>() + armies.sum::<i64>()
        };
        (of(state.turn) - of(other(state.turn))).clamp(-20_000, 20_000) as Evaluation
    }
}

/// How much land more the searching player has in the end.
fn play(number: u64, searcher: PlayerId) -> i64 {
    let mut state = Turns { game: duel(number), turn: PlayerId(0), marks: Vec::new() };
    let mut search = Negamax::new(Strength, 3);
    let mut random = Random::<InTurns>::new();
    for _ in 0..60 {
        if InTurns::get_winner(&state).is_some() {
            break;
        }
        let before = state.game.snapshot();
        let searches = state.turn == searcher;
        let chosen = if searches { search.choose_move(&state) } else { random.choose_move(&state) };
        assert_eq!(state.game.snapshot(), before, "a search leaves no trace");
        InTurns::apply(&mut state, chosen.expect("one can always wait"));
    }
    let view = state.game.view(None);
    let land = |player| i64::from(view.territory_count(player));
    land(searcher) - land(other(searcher))
}

#[test]
fn minimax_beats_random() {
    let ahead: i64 = (0..4).map(|n| play(n, PlayerId(n as u16 % 2))).sum();
    assert!(ahead >= 8, "only {ahead} territories ahead in four games of six");
}

struct Synced;

impl Config for Synced {
    type Input = u32;
    type InputPredictor = PredictRepeatLast;
    type State = Game;
    type Address = u8;
}

/// A tick in which each player orders what its input points at.
fn tick(game: &mut Game, inputs: &[u32]) {
    for (seat, input) in inputs.iter().enumerate().filter(|(_, input)| **input > 0) {
        let player = PlayerId::from_index(seat);
        let shapes: Vec<_> =
            game.legal(player).filter(|shape| shape.least().name() != "surrender").collect();
        let Some(shape) = shapes.get(*input as usize % shapes.len().max(1)) else { continue };
        let command = shape.with_amount(u64::from(*input % 120));
        game.execute(&Order::Player { player, seq: 0, command }).expect("it is legal");
    }
    game.advance();
}

#[test]
fn ggrs_finds_no_difference_after_rollbacks() {
    let mut session = SessionBuilder::<Synced>::new()
        .with_num_players(2)
        .expect("two are enough")
        .with_max_prediction_window(8)
        .with_check_distance(7)
        .start_synctest_session()
        .expect("a sound setting");
    let (mut game, mut dice) = (duel(5), Dice::new(Seed::from(5)));
    let (mut loads, start) = (0, game.hash());
    for _ in 0..400 {
        for seat in 0..2 {
            let input = if dice.once_in(4) { 1 + dice.below(10_000) as u32 } else { 0 };
            session.add_local_input(seat, input).expect("a known seat");
        }
        for request in session.advance_frame().expect("no checksum differs") {
            match request {
                GgrsRequest::SaveGameState { cell, frame } => {
                    cell.save(frame, Some(game.clone()), Some(game.hash().into()));
                }
                GgrsRequest::LoadGameState { cell, .. } => {
                    game = cell.load().expect("it was saved");
                    loads += 1;
                }
                GgrsRequest::AdvanceFrame { inputs } => {
                    let inputs: Vec<_> = inputs.into_iter().map(|(input, _)| input).collect();
                    tick(&mut game, &inputs);
                }
            }
        }
    }
    assert!(loads > 300, "only {loads} rollbacks");
    assert_ne!(game.hash(), start);
}
