//! Violations are planted into an honest history, and each is found by its name.

use std::time::Duration;

use sovereign_core::command::{Spawn, Surrender};
use sovereign_core::id::TerritoryId;
use sovereign_core::{Answer, Rules, Seed, SystemOrder};

use super::*;

/// A short game with all that two of its players were told. A third never chooses a start, so that they can
/// change theirs for long.
struct Plot {
    history: History,
    replay: Replay,
    map: Arc<Map>,
}

impl Plot {
    fn new(fog: u32) -> Self {
        let map = Arc::new(Map::shipped("classic").unwrap());
        let mut draft = sovereign_core::rules::RulesDraft::clone(&Rules::preset("blitz").unwrap());
        draft.fog.radius = fog;
        let rules = Arc::new(Rules::try_from(draft).unwrap());
        let game = sovereign_core::Game::new(map.clone(), rules, Seed::from(3), 3).unwrap();
        let header = sovereign_core::ReplayHeader::of(&game);
        let replay = Replay { header, batches: Vec::new() };
        let history = History { seats: 2, ..History::default() };
        let mut plot = Self { history, replay, map };
        plot.fill(Session::new(game));
        plot
    }

    fn fill(&mut self, mut session: Session) {
        let join = |seat| SystemOrder::Join { player: PlayerId(seat), bot: false, team: 0 };
        let begin = [join(0), join(1), join(2), SystemOrder::Start].map(Order::System);
        self.step(&mut session, begin.to_vec());
        for seq in 1..=4 {
            let orders = [0, 1].map(|seat| {
                let command = spawn(u32::from(seat) * 10 + seq);
                self.note(seat, What::Sent { seq, command });
                Order::Player { player: PlayerId(seat), seq, command }
            });
            self.step(&mut session, orders.to_vec());
        }
    }

    fn note(&mut self, seat: u16, what: What) {
        let at = Duration::from_millis(self.history.records.len() as u64);
        self.history.records.push(Record { at, seat, page: 0, what });
    }

    fn step(&mut self, session: &mut Session, orders: Vec<Order>) {
        let commands = orders.clone();
        let step = session.step(orders);
        for (player, answer) in step.answers {
            self.note(player.0, What::told(&answer));
            self.answered(player, answer, &commands);
        }
        let fog = session.game().rules().fog.radius > 0;
        for seat in 0..2 {
            let viewer = fog.then_some(PlayerId(seat));
            let (tick, shows) = (step.batch.tick.0, digest(&session.game().view(viewer)));
            let check = session.game().mirror_check();
            self.note(seat, What::Saw { epoch: 1, tick, check, shows });
        }
        self.replay.batches.push(step.batch);
    }

    fn answered(&mut self, player: PlayerId, answer: Answer, orders: &[Order]) {
        for order in orders {
            if let Order::Player { player: of, seq, command } = *order
                && (of, seq) == (player, answer.seq)
            {
                let ran = answer.result.ok().map(|tick| tick.0);
                self.note(of.0, What::Answered { seq, command, ran, sent: Duration::ZERO });
            }
        }
    }

    fn found(&self) -> Vec<Breach> {
        let verdict = judge(&self.history, &self.replay, self.map.clone());
        let mut found: Vec<Breach> =
            verdict.findings.iter().map(|finding| finding.breach).collect();
        found.sort();
        found.dedup();
        found
    }

    /// The replay as a fleet would have it that carried out these orders: each batch with the hash that it
    /// really leads to.
    fn play_again(&mut self, change: impl Fn(usize, &mut Vec<Order>)) {
        let game = self.replay.header.game(self.map.clone()).unwrap();
        let mut session = Session::new(game);
        for (number, batch) in self.replay.batches.iter_mut().enumerate() {
            change(number, &mut batch.orders);
            *batch = session.step(batch.orders.clone()).batch;
        }
    }

    fn last(&mut self, is: impl Fn(&What) -> bool) -> &mut What {
        let found = self.history.records.iter_mut().rev().find(|record| is(&record.what));
        &mut found.unwrap().what
    }
}

fn spawn(territory: u32) -> Command {
    Command::Spawn(Spawn { territory: TerritoryId(territory) })
}

#[test]
fn an_honest_fleet_passes() {
    for fog in [0, 1] {
        let plot = Plot::new(fog);
        let verdict = judge(&plot.history, &plot.replay, plot.map.clone());
        assert_eq!(verdict.findings, []);
        assert_eq!((verdict.acknowledged, verdict.frames), (8, 10));
    }
}

#[test]
fn an_acknowledged_order_that_is_gone_is_found() {
    let mut plot = Plot::new(0);
    plot.play_again(|number, orders| {
        if number == 4 {
            orders.pop();
        }
    });
    assert_eq!(plot.found(), [Breach::Lost, Breach::TakenBack]);
}

#[test]
fn an_order_that_ran_twice_is_found() {
    let mut plot = Plot::new(0);
    let again = plot.replay.batches[4].orders[0];
    plot.replay.batches[4].orders.push(again);
    // A session refuses to do it; a replay that says so is no replay either way.
    assert_eq!(plot.found(), [Breach::Replay]);
    let mut verdict = Verdict::default();
    let played = Played {
        fog: false,
        shown: BTreeMap::new(),
        executed: vec![(0, 1, 5, spawn(1)), (0, 1, 6, spawn(1))],
    };
    played.each_ran_once(&mut verdict);
    assert_eq!(verdict.findings[0].breach, Breach::Duplicated);
}

#[test]
fn an_answer_that_changes_is_found() {
    let mut plot = Plot::new(0);
    let what = plot.last(|what| matches!(what, What::Told { .. })).clone();
    let What::Told { seq, result: Ok(tick) } = what else { panic!("{what:?}") };
    let seat = plot.history.records.last().unwrap().seat;
    plot.note(seat, What::Told { seq, result: Ok(tick + 1) });
    assert_eq!(plot.found(), [Breach::Duplicated]);
}

#[test]
fn an_order_that_nobody_sent_is_found() {
    let mut plot = Plot::new(0);
    plot.history.records.retain(|r| !matches!(r.what, What::Sent { seq: 3, .. }));
    assert_eq!(plot.found(), [Breach::Invented]);
}

#[test]
fn an_acknowledgement_of_another_order_is_found() {
    let mut plot = Plot::new(0);
    let what = plot.last(|what| matches!(what, What::Answered { ran: Some(_), .. }));
    let What::Answered { command, .. } = what else { unreachable!() };
    *command = Command::Surrender(Surrender {});
    assert_eq!(plot.found(), [Breach::Invented]);
}

#[test]
fn orders_out_of_their_sequence_are_found() {
    let mut verdict = Verdict::default();
    let played = Played {
        fog: false,
        shown: BTreeMap::new(),
        executed: vec![(0, 2, 5, spawn(1)), (1, 1, 5, spawn(2)), (0, 1, 6, spawn(3))],
    };
    played.in_sequence(&mut verdict);
    assert_eq!(verdict.findings.len(), 1);
    assert_eq!(verdict.findings[0].breach, Breach::Order);
}

#[test]
fn a_sight_that_was_taken_back_is_found() {
    for fog in [0, 1] {
        let mut plot = Plot::new(fog);
        let What::Saw { shows, .. } = plot.last(|what| matches!(what, What::Saw { .. })) else {
            unreachable!()
        };
        *shows ^= 1;
        assert_eq!(plot.found(), [Breach::TakenBack]);
    }
    let mut plot = Plot::new(0);
    if let What::Saw { check, .. } = plot.last(|what| matches!(what, What::Saw { .. })) {
        *check ^= 1;
    }
    assert_eq!(plot.found(), [Breach::TakenBack]);
    let mut plot = Plot::new(0);
    plot.note(0, What::Broken("the mirror differs".to_owned()));
    assert_eq!(plot.found(), [Breach::TakenBack]);
}

#[test]
fn epochs_and_ticks_that_fall_are_found() {
    let mut plot = Plot::new(0);
    if let What::Saw { epoch, .. } = plot.last(|what| matches!(what, What::Saw { .. })) {
        *epoch = 0;
    }
    assert_eq!(plot.found(), [Breach::Fallen]);
    let mut plot = Plot::new(0);
    let first = plot.history.records.iter().find(|r| matches!(r.what, What::Saw { .. })).cloned();
    let first = first.unwrap();
    plot.note(first.seat, first.what.clone());
    assert_eq!(plot.found(), [Breach::Fallen]);
    // Who loads the page anew knows nothing of before.
    plot.history.records.last_mut().unwrap().page = 1;
    assert_eq!(plot.found(), []);
}

#[test]
fn a_log_with_a_gap_is_found() {
    let mut plot = Plot::new(0);
    plot.replay.batches.remove(3);
    assert_eq!(plot.found(), [Breach::Replay]);
}
