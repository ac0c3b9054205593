//! What a run found, as lines and as JSON.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::Serialize;

use crate::checker::{Breach, Finding};
use crate::history::What;
use crate::storm::{Past, Storm};
use crate::table::Done;

/// The rule of three: with so many trials and none that failed, the chance of a failure is
/// below 3 in their number, with a confidence of 95 in a hundred.
const RULE_OF_THREE: f64 = 3.0;
/// Findings that are printed; all of them are in the JSON.
const SHOWN: usize = 20;
/// What a round with several faults is counted as where times are told by kind.
const SEVERAL: &str = "several at once";

/// Times in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Times {
    pub(crate) count: usize,
    pub(crate) p50_ms: u128,
    pub(crate) p99_ms: u128,
    pub(crate) max_ms: u128,
}

impl Times {
    fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        let at = |share: usize| {
            times.get((times.len() * share / 100).min(times.len().saturating_sub(1)))
        };
        let ms = |time: Option<&Duration>| time.map_or(0, Duration::as_millis);
        Self {
            count: times.len(),
            p50_ms: ms(at(50)),
            p99_ms: ms(at(99)),
            max_ms: ms(times.last()),
        }
    }
}

/// All figures of a run.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) seed: u64,
    seconds: u64,
    injections: usize,
    rounds: usize,
    by_kind: BTreeMap<&'static str, usize>,
    games: usize,
    moves: u64,
    cut: u64,
    sent: u64,
    acknowledged: u64,
    refused: u64,
    frames: u64,
    breaches: BTreeMap<Breach, usize>,
    /// The longest silence of each game in each round, by what was broken.
    gaps: BTreeMap<&'static str, Times>,
    /// From when all was mended to the first answer of each game.
    recovery: Times,
    pub(crate) findings: Vec<Finding>,
}

impl Report {
    /// Sums up. A game that answers later than `limit` after all was mended is a finding.
    pub(crate) fn new(
        seed: u64,
        storm: &Storm,
        games: &[Done],
        lasted: Duration,
        limit: Duration,
    ) -> Self {
        let sum = |of: fn(&Done) -> u64| games.iter().map(of).sum();
        let mut by_kind = BTreeMap::new();
        for kind in storm.rounds.iter().flat_map(|round| &round.kinds) {
            *by_kind.entry(*kind).or_default() += 1;
        }
        let (recovery, slow) = recovery(storm, games, limit);
        let mut findings: Vec<Finding> =
            games.iter().flat_map(|game| game.verdict.findings.clone()).chain(slow).collect();
        findings.extend(storm.dead.iter().map(|what| late("", what.clone())));
        if storm.gentle {
            findings.extend(games.iter().flat_map(cut_off));
        }
        let mut breaches = BTreeMap::new();
        for finding in &findings {
            *breaches.entry(finding.breach).or_default() += 1;
        }
        Self {
            seed,
            seconds: lasted.as_secs(),
            injections: storm.rounds.iter().map(|round| round.kinds.len()).sum(),
            rounds: storm.rounds.len(),
            by_kind,
            games: games.len(),
            moves: sum(|game| game.moves),
            cut: sum(|game| game.cut),
            sent: sum(|game| game.sent),
            acknowledged: sum(|game| game.verdict.acknowledged),
            refused: sum(|game| game.verdict.refused),
            frames: sum(|game| game.verdict.frames),
            breaches,
            gaps: gaps(storm, games),
            recovery,
            findings,
        }
    }

    /// Whether anything was found, or nothing was put to the test.
    pub(crate) const fn failed(&self) -> bool {
        !self.findings.is_empty() || self.acknowledged == 0 || self.injections == 0
    }

    fn count(&self, breach: Breach) -> usize {
        self.breaches.get(&breach).copied().unwrap_or(0)
    }
}

/// What players were told who lost their connections.
fn cut_off(game: &Done) -> impl Iterator<Item = Finding> {
    let lost = game.history.records.iter().filter(|record| matches!(record.what, What::Lost(_)));
    lost.map(|record| {
        let (game, what) = (game.history.game.clone(), format!("{record:?}"));
        Finding { game, breach: Breach::CutOff, what }
    })
}

fn late(game: &str, what: String) -> Finding {
    Finding { game: game.to_owned(), breach: Breach::Late, what }
}

/// What a round is called where times are told by kind.
fn name(round: &Past) -> &'static str {
    match round.kinds.as_slice() {
        [kind] => kind,
        _ => SEVERAL,
    }
}

impl Done {
    /// Whether orders were welcome from one moment to the other.
    fn was_open(&self, from: Duration, to: Duration) -> bool {
        self.history.open.0 < from && to < self.history.open.1
    }
}

fn recovery(storm: &Storm, games: &[Done], limit: Duration) -> (Times, Vec<Finding>) {
    let (mut times, mut found) = (Vec::new(), Vec::new());
    for round in &storm.rounds {
        for game in games.iter().filter(|game| game.was_open(round.healed, round.recovered)) {
            let since = game.answers.iter().filter(|(sent, _)| *sent >= round.healed);
            // One that never answered again was silent until its end.
            let first = since.map(|(_, at)| *at).min().unwrap_or(game.history.open.1);
            let took = first.saturating_sub(round.healed);
            times.push(took);
            if took > limit {
                let (ms, at) = (took.as_millis(), round.healed.as_secs_f64());
                let what =
                    format!("answers {ms} ms after {:?} was mended at {at:.3} s", round.kinds);
                found.push(late(&game.history.game, what));
            }
        }
    }
    (Times::of(times), found)
}

fn gaps(storm: &Storm, games: &[Done]) -> BTreeMap<&'static str, Times> {
    let mut gaps: BTreeMap<&'static str, Vec<Duration>> = BTreeMap::new();
    for round in &storm.rounds {
        for game in games.iter().filter(|game| game.was_open(round.began, round.recovered)) {
            let mut heard: Vec<Duration> = game.answers.iter().map(|(_, at)| *at).collect();
            heard.sort_unstable();
            let around = heard
                .windows(2)
                .filter(|pair| pair[1] >= round.began && pair[0] <= round.recovered);
            gaps.entry(name(round)).or_default().extend(around.map(|pair| pair[1] - pair[0]).max());
        }
    }
    gaps.into_iter().map(|(kind, times)| (kind, Times::of(times))).collect()
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { count, p50_ms, p99_ms, max_ms } = self;
        write!(f, "p50 {p50_ms} ms, p99 {p99_ms} ms, longest {max_ms} ms ({count} times)")
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, seconds, injections, rounds, games, sent, .. } = self;
        writeln!(f, "seed           {seed}, {seconds} s")?;
        writeln!(f, "injections     {injections} in {rounds} rounds")?;
        for (kind, count) in &self.by_kind {
            writeln!(f, "  {count:>5}  {kind}")?;
        }
        writeln!(
            f,
            "games          {games}, each held against its replay; {} frames compared",
            self.frames
        )?;
        writeln!(
            f,
            "               {} changes of owners seen, {} connections lost",
            self.moves, self.cut
        )?;
        writeln!(
            f,
            "orders         sent {sent} times, {} acknowledged, {} refused",
            self.acknowledged, self.refused
        )?;
        for breach in [
            Breach::Lost,
            Breach::Duplicated,
            Breach::Invented,
            Breach::Order,
            Breach::TakenBack,
            Breach::Fallen,
            Breach::Replay,
            Breach::Late,
        ] {
            writeln!(f, "{:<14} {}", format!("{breach:?}").to_lowercase(), self.count(breach))?;
        }
        writeln!(f, "longest gap between two answers of a game, by what was broken")?;
        for (kind, times) in &self.gaps {
            writeln!(f, "  {kind:<36} {times}")?;
        }
        writeln!(f, "after healing  {}", self.recovery)?;
        if self.failed() {
            let shown = self.findings.iter().take(SHOWN);
            return { shown }.try_for_each(|finding| writeln!(f, "FOUND {finding}"));
        }
        let bound = |trials: f64| RULE_OF_THREE / trials;
        let (each, order) =
            (bound(*injections as f64) * 100.0, self.acknowledged as f64 / RULE_OF_THREE);
        writeln!(
            f,
            "nothing found  with a confidence of 95 %: an injection does harm in less than {each:.2} % of"
        )?;
        writeln!(
            f,
            "               cases, and less than one acknowledged order in {order:.0} is lost or run twice"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checker::Verdict;
    use crate::history::{History, Record};

    const fn s(tenths: u64) -> Duration {
        Duration::from_millis(tenths * 100)
    }

    /// A game that is open for ten seconds, with these answers: sent and come, in tenths of a second.
    fn game(answers: &[(u64, u64)]) -> Done {
        let history = History { game: "g".to_owned(), open: (s(0), s(100)), ..History::default() };
        let answers = answers.iter().map(|(sent, at)| (s(*sent), s(*at))).collect();
        let verdict = Verdict { acknowledged: 1, ..Verdict::default() };
        Done { verdict, history, replay: None, answers, sent: 1, cut: 0, moves: 0 }
    }

    fn report(game: Done) -> Report {
        let past = Past { kinds: vec!["x"], began: s(10), healed: s(20), recovered: s(30) };
        let storm = Storm { rounds: vec![past], gentle: true, ..Storm::default() };
        Report::new(1, &storm, &[game], s(100), s(20))
    }

    #[test]
    fn the_longest_gap_and_the_recovery_are_told() {
        // The answer at 2.2 s is to an order that was sent before all was mended.
        let report = report(game(&[(1, 9), (2, 11), (19, 22), (21, 24), (90, 91)]));
        assert_eq!(report.gaps["x"].max_ms, 6_700);
        assert_eq!((report.recovery.count, report.recovery.max_ms), (1, 400));
        assert!(!report.failed());
    }

    #[test]
    fn a_game_that_answers_late_or_never_is_found() {
        for answers in [&[(1, 9), (21, 41)][..], &[(1, 9)]] {
            let report = report(game(answers));
            assert_eq!(report.findings.len(), 1, "{answers:?}");
            assert_eq!(report.findings[0].breach, Breach::Late);
            assert!(report.failed());
        }
    }

    #[test]
    fn whoever_is_cut_off_although_nothing_was_broken_is_found() {
        let mut game = game(&[(1, 9), (2, 11), (21, 24), (90, 91)]);
        let what = What::Lost("closed".to_owned());
        game.history.records.push(Record { at: s(50), seat: 1, page: 0, what });
        let report = report(game);
        assert_eq!(report.findings.len(), 1);
        assert_eq!(report.findings[0].breach, Breach::CutOff);
    }

    #[test]
    fn a_run_without_answers_proves_nothing() {
        let mut silent = game(&[(21, 22)]);
        silent.verdict.acknowledged = 0;
        assert!(report(silent).failed());
    }
}
