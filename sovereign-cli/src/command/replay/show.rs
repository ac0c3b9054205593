//! `sovereign replay show`.

use std::fmt::Write;
use std::path::Path;

use serde::Serialize;
use sovereign_core::event::EndReason;
use sovereign_core::id::PlayerId;
use sovereign_core::quantity::Tick;
use sovereign_core::{Event, Map, Phase, Playback, Replay, Session};

use super::standings::{SeatStanding, standings, standings_table};
use super::{clock, seat};
use crate::error::CliError;
use crate::source;
use crate::ui::{Report, Ui};

/// What a replay holds.
#[derive(Serialize)]
struct ReplayReport {
    rules_version: u32,
    map: String,
    map_hash: String,
    rules: String,
    rules_hash: String,
    seed: String,
    seats: u16,
    batches: usize,
    orders: usize,
    ticks: u32,
    winner: Option<PlayerId>,
    reason: Option<EndReason>,
    /// The tick of the standings.
    at: u32,
    standings: Vec<SeatStanding>,
    timeline: Vec<Moment>,
    #[serde(skip)]
    words: String,
}

/// Something that happened.
#[derive(Serialize)]
struct Moment {
    tick: u32,
    event: Event,
}

pub(super) fn run(
    file: &Path,
    map: Option<&str>,
    at: Option<u32>,
    captures: bool,
    ui: &Ui,
) -> Result<(), CliError> {
    let replay = source::replay(file)?;
    let map = source::map_of(&replay.header, map)?;
    let named = |error: &dyn std::error::Error| format!("{}: {error}", file.display());
    let playback = Playback::new(&replay, map).map_err(|e| CliError::input(named(&e)))?;
    let report = play(&replay, playback, at.map(Tick), captures);
    ui.show(&report.map_err(|e| CliError::Check(named(&e)))?)
}

/// Plays to the end, and looks at the standings where it was asked to.
fn play(
    replay: &Replay,
    mut playback: Playback<'_>,
    at: Option<Tick>,
    captures: bool,
) -> Result<ReplayReport, sovereign_core::session::BatchError> {
    let mut timeline = Vec::new();
    let mut asked = None;
    while let Some(next) = playback.next_tick() {
        if asked.is_none() && at.is_some_and(|at| at < next) {
            asked = Some(glided(playback.session(), at));
        }
        if let Some(step) = playback.step() {
            step?;
            let events = playback.news().delta.events.into_iter();
            let events = events.filter(|e| is_told(e, captures));
            timeline.extend(events.map(|event| Moment { tick: next.0, event }));
        }
    }
    let end = playback.session();
    let shown = asked.unwrap_or_else(|| end.clone());
    Ok(report(replay, end, &shown, timeline))
}

/// The session at a tick at which nothing happened.
fn glided(session: &Session, at: Option<Tick>) -> Session {
    let mut session = session.clone();
    if let Some(at) = at {
        session.glide_to(at.after(1));
    }
    session
}

fn report(replay: &Replay, end: &Session, shown: &Session, timeline: Vec<Moment>) -> ReplayReport {
    let (header, state) = (&replay.header, end.game().state());
    let map = end.game().map();
    ReplayReport {
        rules_version: header.rules_version,
        map: header.map.clone(),
        map_hash: header.map_hash.to_string(),
        rules: end.game().rules().name.clone(),
        rules_hash: header.rules_hash.to_string(),
        seed: header.seed.0.iter().map(|byte| format!("{byte:02x}")).collect(),
        seats: header.seats,
        batches: replay.batches.len(),
        orders: replay.batches.iter().map(|batch| batch.orders.len()).sum(),
        ticks: end.game().tick().0,
        winner: state.winner,
        reason: state.reason,
        at: shown.game().tick().0,
        standings: standings(shown.game()),
        words: timeline.iter().filter_map(|moment| moment.line(map)).collect(),
        timeline,
    }
}

fn is_told(event: &Event, captures: bool) -> bool {
    match event {
        Event::Captured { .. } => captures,
        Event::PhaseBegan { .. }
        | Event::Spawned { .. }
        | Event::AllianceFormed { .. }
        | Event::AllianceEnded { .. }
        | Event::AllianceBroken { .. }
        | Event::Ceded { .. }
        | Event::BarLowered { .. }
        | Event::PlayerKicked { .. }
        | Event::Paused
        | Event::Resumed
        | Event::PlayerOut { .. }
        | Event::PlayerAway { .. }
        | Event::PlayerTakenOver { .. }
        | Event::PlayerBack { .. }
        | Event::GameEnded { .. } => true,
        _ => false,
    }
}

impl Moment {
    fn line(&self, map: &Map) -> Option<String> {
        let words = words(&self.event, map)?;
        Some(format!("{:>8} {:>9}  {words}\n", self.tick, clock(self.tick)))
    }
}

/// An event in words; `None` for those that the timeline does not tell.
fn words(event: &Event, map: &Map) -> Option<String> {
    let name = |id| map.territory_name(id);
    Some(match *event {
        Event::PhaseBegan { phase: Phase::Spawn } => "players choose where to start".to_owned(),
        Event::PhaseBegan { phase: Phase::Playing } => "the game begins".to_owned(),
        Event::Spawned { player, territory } => {
            format!("seat {player} starts in {}", name(territory))
        }
        Event::Captured { territory, by, from } => {
            format!("seat {by} takes {} from {}", name(territory), seat(from))
        }
        Event::AllianceFormed { a, b } => format!("seats {a} and {b} are allies"),
        Event::AllianceEnded { a, b } => format!("seats {a} and {b} are no longer allies"),
        Event::AllianceBroken { by, with, traitor } => {
            let shame = if traitor { " and is a traitor" } else { "" };
            format!("seat {by} breaks the alliance with seat {with}{shame}")
        }
        Event::Ceded { from, to } => format!("all land of seat {from} is seat {to}'s"),
        Event::BarLowered { share } => format!("{} per mille of the land win now", share.0),
        Event::PlayerKicked { player } => format!("the host removes seat {player}"),
        Event::Paused => "time stops".to_owned(),
        Event::Resumed => "time goes on".to_owned(),
        Event::PlayerOut { player, place, surrendered } => {
            let how = if surrendered { "gives up" } else { "is out" };
            format!("seat {player} {how}, place {place}")
        }
        Event::PlayerAway { player } => format!("seat {player} is away"),
        Event::PlayerTakenOver { player } => format!("a bot plays on for seat {player}"),
        Event::PlayerBack { player } => format!("seat {player} is back"),
        Event::GameEnded { winner, reason } => ending(winner, reason),
        _ => return None,
    })
}

fn ending(winner: Option<PlayerId>, reason: EndReason) -> String {
    let how = match reason {
        EndReason::Land => "by land",
        EndReason::LastStanding => "as the last one standing",
        EndReason::Nobody => "as all gave up",
        EndReason::Time => "as time is up",
        EndReason::Draw => "as all agreed to a draw",
    };
    format!("{} wins {how}", seat(winner))
}

impl Report for ReplayReport {
    fn text(&self) -> String {
        let mut out = String::new();
        let _ = writeln!(out, "map      {} {}", self.map, self.map_hash);
        let _ = writeln!(out, "rules    {} {}", self.rules, self.rules_hash);
        let _ = writeln!(out, "version  {}, seed {}", self.rules_version, self.seed);
        let _ = writeln!(
            out,
            "length   {} ticks ({}), {} batches, {} orders",
            self.ticks,
            clock(self.ticks),
            self.batches,
            self.orders
        );
        let result = self.reason.map(|reason| ending(self.winner, reason));
        let _ = writeln!(out, "result   {}", result.as_deref().unwrap_or("undecided"));
        let _ = writeln!(out, "\nat tick {} ({}):\n", self.at, clock(self.at));
        let _ = writeln!(out, "{}", standings_table(&self.standings));
        out.push_str(&self.words);
        out
    }
}
