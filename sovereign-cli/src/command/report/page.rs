//! The page as a whole: what it is about, the verdict at a glance, then section by section.

use std::fmt::Write;

use super::Reported;
use super::section;
use super::style::{STYLE, escaped};
use crate::stats::chance::ALPHA;
use crate::study::Study;
use crate::study::findings::CellFindings;

/// Ticks of a minute of a real-time game.
pub(super) const TICKS_PER_MINUTE: f64 = 20.0 * 60.0;
/// What a mode should stay below: games that nobody wins.
const STALEMATES_MAX: f64 = 0.01;
/// What a mode should stay below: games that the leader at half-time wins.
pub(super) const HALF_TIME_MAX: f64 = 0.75;

/// The page.
pub(super) fn page(reported: &Reported, study: &Study) -> String {
    let mut out = String::from("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">");
    out.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    let title = format!("{} on {}: balance", reported.rules, reported.map);
    let _ =
        write!(out, "<title>{}</title><style>{STYLE}</style></head><body><main>", escaped(&title));
    let base = &reported.findings.cells[0];
    put_head(&mut out, reported, base);
    put_cards(&mut out, base);
    section::put_all(&mut out, reported, study);
    put_foot(&mut out, reported);
    out + "</main></body></html>\n"
}

fn put_head(out: &mut String, reported: &Reported, base: &CellFindings) {
    let (rules, map) = (escaped(&reported.rules), escaped(&reported.map));
    let bots = escaped(&reported.bots.join(", "));
    let games = base.games;
    let _ = write!(
        out,
        "<h1>The rules “{rules}” on the map “{map}”</h1>\
         <p class=\"dim\">{games} games of {bots}. The bots moved on by one seat from game to game.</p>"
    );
}

/// A number at a glance.
struct Card {
    value: String,
    what: String,
    /// Good, bad, or neither.
    good: Option<bool>,
}

fn put_cards(out: &mut String, base: &CellFindings) {
    out.push_str("<div class=\"cards\">");
    for card in [seats(base), length(base), stalemates(base), half_time(base)] {
        let class = match card.good {
            Some(true) => "",
            Some(false) => " bad",
            None => " plain",
        };
        let (value, what) = (escaped(&card.value), escaped(&card.what));
        let _ = write!(out, "<div class=\"card{class}\"><b>{value}</b><span>{what}</span></div>");
    }
    out.push_str("</div>");
}

fn seats(base: &CellFindings) -> Card {
    let off = |side: &&crate::study::findings::SideFindings| (side.wins.share - side.fair).abs();
    let worst = base.seats.iter().max_by(|a, b| off(a).total_cmp(&off(b)));
    let found: Vec<_> = base.seats.iter().filter(|seat| seat.verdict.found).collect();
    let value = if found.is_empty() { "fair seats".to_owned() } else { "unfair seats".to_owned() };
    let what = worst.map_or_else(String::new, |seat| {
        let points = (seat.wins.share - seat.fair) * 100.0;
        let luck = if found.is_empty() { ", which luck explains" } else { "" };
        format!("{} is furthest off: {points:+.1} points{luck}", seat.name)
    });
    Card { value, what, good: Some(found.is_empty()) }
}

fn length(base: &CellFindings) -> Card {
    let Some(ticks) = base.ticks else {
        return Card { value: "no games".to_owned(), what: String::new(), good: None };
    };
    let minutes = |ticks: u64| ticks as f64 / TICKS_PER_MINUTE;
    let value = format!("{:.1} min", minutes(ticks.median));
    let what = format!("median length; 99 in 100 end within {:.1} min", minutes(ticks.p99));
    Card { value, what, good: None }
}

fn stalemates(base: &CellFindings) -> Card {
    let share = base.stalemates.share;
    let value = format!("{:.1} %", share * 100.0);
    let what = "of the games nobody won; under 1 % is good".to_owned();
    Card { value, what, good: Some(share < STALEMATES_MAX) }
}

fn half_time(base: &CellFindings) -> Card {
    let share = base.half_time().share;
    let value = format!("{:.0} %", share * 100.0);
    let what = "of those who lead at half-time win; under 75 % is good".to_owned();
    Card { value, what, good: Some(share < HALF_TIME_MAX) }
}

fn put_foot(out: &mut String, reported: &Reported) {
    let Reported { engine, rules_version, map_hash, rules_hash, .. } = reported;
    let (command, comparisons) = (escaped(&reported.command), reported.findings.comparisons);
    let percent = ALPHA * 100.0;
    let _ = write!(
        out,
        "<footer><p>Intervals hold the true share with 95 % confidence (Wilson). A finding is what \
         chance alone brings in at most {percent} % of reports, by exact binomial tests corrected for \
         all {comparisons} comparisons (Holm). Beside this page stand the same numbers as CSV and \
         JSON.</p><p><code>{command}</code><br>engine {engine}, rules version {rules_version}<br>\
         map <code>{map_hash}</code><br>rules <code>{rules_hash}</code></p></footer>"
    );
}
