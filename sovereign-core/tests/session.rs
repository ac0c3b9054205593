//! Orders run at most once, in sequence, and an order sent again gets the same answer.

use sovereign_core::command::{Build, Surrender};
use sovereign_core::id::{PlayerId, TerritoryId};
use sovereign_core::quantity::Tick;
use sovereign_core::session::ANSWERS_KEPT;
use sovereign_core::testing::random_game;
use sovereign_core::{Answer, Command, Order, Reject, Session, Structure, SystemOrder};

const ME: PlayerId = PlayerId(0);

fn playing() -> Session {
    let mut session = Session::new(random_game(4));
    while session.game().view(None).land_of(ME).next().is_none() {
        session.step(Vec::new());
    }
    session
}

fn order(seq: u32, command: Command) -> Order {
    Order::Player { player: ME, seq, command }
}

fn build(session: &Session) -> Command {
    let territory = session.game().view(None).land_of(ME).next().expect("own land");
    Command::Build(Build { territory, structure: Structure::City })
}

fn answers(session: &mut Session, orders: Vec<Order>) -> Vec<Answer> {
    session.step(orders).answers.into_iter().map(|(_, answer)| answer).collect()
}

#[test]
fn g5_an_order_sent_again_is_answered_again_and_not_carried_out_again() {
    let mut session = playing();
    let command = build(&session);
    let first = answers(&mut session, vec![order(7, command)]);
    assert!(first[0].result.is_ok());
    let step = session.step(vec![order(7, command), order(7, Command::Surrender(Surrender {}))]);
    assert_eq!(step.answers, [(ME, first[0]), (ME, first[0])]);
    assert!(step.batch.orders.is_empty());
    assert_eq!(session.answers(ME), (7, first));
}

#[test]
fn g5_a_number_below_the_last_one_is_superseded() {
    let mut session = playing();
    let command = build(&session);
    answers(&mut session, vec![order(7, command)]);
    let late = answers(&mut session, vec![order(6, Command::Surrender(Surrender {}))]);
    assert_eq!(late, [Answer { seq: 6, result: Err(Reject::Superseded) }]);
}

#[test]
fn a_refused_order_may_be_sent_again_and_is_judged_anew() {
    let mut session = playing();
    let nowhere = TerritoryId(9_999);
    let wish = Command::Build(Build { territory: nowhere, structure: Structure::City });
    let refused = Answer { seq: 3, result: Err(Reject::UnknownTerritory { territory: nowhere }) };
    assert_eq!(answers(&mut session, vec![order(3, wish)]), [refused]);
    assert_eq!(session.answers(ME).0, 0);
    let command = build(&session);
    let now = answers(&mut session, vec![order(3, command)]);
    assert_eq!(now[0].result, Ok(session.game().tick()));
}

#[test]
fn each_players_orders_run_in_sequence_whatever_the_order_of_arrival() {
    let mut session = playing();
    let (first, second) = (build(&session), Command::Surrender(Surrender {}));
    let step = session.step(vec![order(2, second), order(1, first)]);
    let done: Vec<_> = step.answers.iter().map(|(_, answer)| answer.seq).collect();
    assert_eq!(done, [1, 2]);
    assert!(step.answers.iter().all(|(_, answer)| answer.result.is_ok()));
}

#[test]
fn the_system_comes_first() {
    let mut session = playing();
    let person = (0..session.game().seats()).map(PlayerId).find(|player| {
        session.game().view(None).player(*player).seat == sovereign_core::Seat::Person
    });
    let away = Order::System(SystemOrder::Away { player: person.expect("somebody sits") });
    let command = build(&session);
    let step = session.step(vec![order(1, command), away]);
    assert_eq!(step.batch.orders, [away, order(1, command)]);
}

#[test]
fn the_answers_survive_a_snapshot_and_a_replay_of_the_log() {
    let mut session = playing();
    let fresh = random_game(4);
    let before = session.snapshot();
    let command = build(&session);
    let step = session.step(vec![order(5, command)]);
    let restored = Session::restore(&fresh, &session.snapshot()).expect("just written");
    assert_eq!(restored.answers(ME), session.answers(ME));
    let mut recovered = Session::restore(&fresh, &before).expect("written before");
    recovered.replay(&step.batch).expect("the same order");
    assert_eq!(recovered.answers(ME), session.answers(ME));
    assert_eq!(recovered.game().hash(), session.game().hash());
}

#[test]
fn old_answers_are_forgotten_in_the_end() {
    let mut session = playing();
    let mut seq = 0;
    let mut done = Vec::new();
    while done.len() <= ANSWERS_KEPT {
        seq += 1;
        let proposal = sovereign_core::command::ProposeAlliance { to: PlayerId(1) };
        let answer = answers(&mut session, vec![order(seq, Command::ProposeAlliance(proposal))]);
        if answer[0].result.is_ok() {
            done.push(seq);
        }
        assert!(session.game().tick() < Tick(100_000), "proposals lapse and can be made again");
    }
    let (last, kept) = session.answers(ME);
    assert_eq!((last, kept.len()), (*done.last().expect("some"), ANSWERS_KEPT));
    let first = answers(&mut session, vec![order(done[0], Command::Surrender(Surrender {}))]);
    assert_eq!(first[0].result, Err(Reject::Superseded));
}
