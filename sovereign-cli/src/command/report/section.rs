//! The page's sections.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::Reported;
use super::chart::{Point, Row, curve, histogram, intervals, range};
use super::page::{HALF_TIME_MAX, TICKS_PER_MINUTE};
use super::style::escaped;
use crate::study::Study;
use crate::study::findings::{CellFindings, SideFindings};
use crate::study::line::GameLine;

/// How many rules of a kind are listed by how often they are used.
const RULES_SHOWN: usize = 40;

/// Every section that has something to say.
pub(super) fn put_all(out: &mut String, reported: &Reported, study: &Study) {
    let (base, games) = (&reported.findings.cells[0], &study.games[0]);
    out.push_str("<div class=\"grid2\">");
    put_wins(out, "Wins by seat", &base.seats);
    put_wins(out, "Wins by bot", &base.bots);
    put_length(out, base, games);
    put_snowball(out, base);
    put_leads(out, games);
    put_restricted(out, &reported.findings.cells);
    out.push_str("</div>");
    put_sweeps(out, &reported.findings.cells);
    put_rules(out, base);
    put_cells(out, &reported.findings.cells);
}

fn put(out: &mut String, title: &str, note: &str, body: &str) {
    let (title, note) = (escaped(title), escaped(note));
    let _ = write!(out, "<section><h2>{title}</h2><p class=\"note\">{note}</p>{body}</section>");
}

fn rows(sides: &[SideFindings]) -> Vec<Row> {
    let row = |side: &SideFindings| Row {
        name: side.name.clone(),
        share: side.wins,
        fair: side.fair,
        found: side.verdict.found,
    };
    sides.iter().map(row).collect()
}

fn put_wins(out: &mut String, title: &str, sides: &[SideFindings]) {
    let found: Vec<_> = sides.iter().filter(|side| side.verdict.found).collect();
    let note = match found[..] {
        _ if sides.iter().all(|side| side.fair >= 1.0) => "All bots are of one kind.".to_owned(),
        [] => {
            "Nobody wins more or less than luck explains. The strokes are fair shares.".to_owned()
        }
        _ => {
            let names: Vec<_> = found.iter().map(|side| side.name.as_str()).collect();
            format!("Not explained by luck: {}. The strokes are fair shares.", names.join(", "))
        }
    };
    put(out, title, &note, &intervals(title, &rows(sides)));
}

fn put_length(out: &mut String, base: &CellFindings, games: &[GameLine]) {
    let Some(ticks) = base.ticks else { return };
    let minutes = |ticks: u64| ticks as f64 / TICKS_PER_MINUTE;
    let numbers: Vec<_> = games.iter().map(|game| minutes(u64::from(game.ticks))).collect();
    let marks = [("median", ticks.median), ("90 %", ticks.p90), ("99 %", ticks.p99)];
    let marks = marks.map(|(name, ticks)| (name, minutes(ticks)));
    let note = format!(
        "Half of the games end by {:.1} minutes, nine in ten by {:.1}, the longest at {:.1}.",
        minutes(ticks.median),
        minutes(ticks.p90),
        minutes(ticks.max)
    );
    put(out, "Length", &note, &histogram("Length", "minutes of play", &numbers, &marks));
}

fn put_snowball(out: &mut String, base: &CellFindings) {
    let tenths = (1..).zip(&base.snowball);
    let points: Vec<_> =
        tenths.map(|(tenth, share)| Point { x: f64::from(tenth) * 10.0, share: *share }).collect();
    let half = base.half_time();
    let note = format!(
        "Who has most land after so much of a game, wins so often. At half-time: {}. \
         The dashed line is 75 %.",
        half.percent()
    );
    let unit = "percent of a game's length";
    put(out, "Snowball", &note, &curve("Snowball", unit, &points, Some(HALF_TIME_MAX)));
}

fn put_leads(out: &mut String, games: &[GameLine]) {
    let numbers: Vec<_> = games.iter().map(|game| game.lead_changes as f64).collect();
    let never = games.iter().filter(|game| game.lead_changes == 0).count();
    let share = never as f64 / games.len().max(1) as f64 * 100.0;
    let note =
        format!("How often the lead went to somebody else. In {share:.0} % of the games never.");
    put(out, "Lead changes", &note, &histogram("Lead changes", "changes in a game", &numbers, &[]));
}

/// What bots are worth that do without something.
fn put_restricted(out: &mut String, cells: &[CellFindings]) {
    let handicapped = |cell: &CellFindings| {
        let restriction = cell.restriction.as_ref()?;
        let mark = format!(":no-{restriction}");
        let sides = cell.bots.iter().filter(|side| side.name.contains(&mark));
        let name = |side: &SideFindings| side.name.replace(":no-", " without ");
        Some(sides.map(|side| Row { name: name(side), ..row_of(side) }).collect::<Vec<_>>())
    };
    let rows: Vec<_> = cells.iter().filter_map(handicapped).flatten().collect();
    if rows.is_empty() {
        return;
    }
    let note =
        "Bots that do without, against as many that do not: what a rule is worth to who uses it.";
    put(out, "What rules are worth", note, &intervals("What rules are worth", &rows));
}

fn row_of(side: &SideFindings) -> Row {
    Row { name: String::new(), share: side.wins, fair: side.fair, found: side.verdict.found }
}

/// For every rule that takes several numbers: length, half-time, stalemates along it.
fn put_sweeps(out: &mut String, cells: &[CellFindings]) {
    let mut rules: BTreeMap<&str, Vec<(f64, &CellFindings)>> = BTreeMap::new();
    for cell in cells {
        // Curves are of one rule at a time; combinations are in the table.
        if let [setting] = &cell.settings[..]
            && let Ok(value) = setting.value.parse()
        {
            rules.entry(&setting.rule).or_default().push((value, cell));
        }
    }
    for (rule, mut cells) in rules.into_iter().filter(|(_, cells)| cells.len() > 1) {
        cells.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        put_sweep(out, rule, &cells);
    }
}

fn put_sweep(out: &mut String, rule: &str, cells: &[(f64, &CellFindings)]) {
    let _ = write!(out, "<div class=\"grid2\">");
    let minutes = |ticks: u64| ticks as f64 / TICKS_PER_MINUTE;
    let length = |(x, cell): &(f64, &CellFindings)| {
        let ticks = cell.ticks?;
        Some((*x, [minutes(ticks.min), minutes(ticks.median), minutes(ticks.p99)]))
    };
    let lengths: Vec<_> = cells.iter().filter_map(length).collect();
    let title = format!("{rule}: length");
    let note = "Median length in minutes; the band is from the shortest to 99 in 100 games.";
    put(out, &title, note, &range(&title, rule, &lengths));
    let along = |pick: fn(&CellFindings) -> crate::stats::Share| -> Vec<_> {
        cells.iter().map(|(x, cell)| Point { x: *x, share: pick(cell) }).collect()
    };
    let title = format!("{rule}: half-time");
    let note = "How often the leader at half-time wins.";
    let half = along(CellFindings::half_time);
    put(out, &title, note, &curve(&title, rule, &half, Some(HALF_TIME_MAX)));
    if cells.iter().any(|(_, cell)| cell.stalemates.count > 0) {
        let title = format!("{rule}: stalemates");
        let stalemates = along(|cell| cell.stalemates);
        put(out, &title, "Games that nobody won.", &curve(&title, rule, &stalemates, Some(0.01)));
    }
    out.push_str("</div>");
}

/// What was used, and what never.
fn put_rules(out: &mut String, base: &CellFindings) {
    let mut used: Vec<_> = base.used.iter().filter(|(_, count)| **count > 0).collect();
    used.sort_by_key(|(name, count)| (std::cmp::Reverse(**count), name.as_str()));
    let most = used.first().map_or(1, |(_, count)| **count) as f64;
    let mut body =
        String::from("<table><tr><th>rule</th><th class=\"n\">a game</th><th></th></tr>");
    for (name, count) in used.into_iter().take(RULES_SHOWN) {
        let (each, width) =
            (*count as f64 / base.games.max(1) as f64, *count as f64 / most * 100.0);
        let _ = write!(
            body,
            "<tr><td>{}</td><td class=\"n\">{each:.2}</td><td style=\"width:45%\"><svg viewBox=\"0 0 100 6\" \
             preserveAspectRatio=\"none\" style=\"height:8px\"><rect class=\"bar\" width=\"{width:.2}\" \
             height=\"6\"/></svg></td></tr>",
            escaped(&name.replace('_', " "))
        );
    }
    body.push_str("</table>");
    let chips = |name: &String| format!("<span>{}</span>", escaped(&name.replace('_', " ")));
    let never: String = base.never_used.iter().map(chips).collect();
    out.push_str("<div class=\"grid2\">");
    put(out, "Rules that were used", "How often in a game, on average.", &body);
    let note = "In no game of this report: either these bots do not use them, or they are not worth using.";
    put(out, "Rules that were never used", note, &format!("<div class=\"chips\">{never}</div>"));
    out.push_str("</div>");
}

/// Every combination in a table.
fn put_cells(out: &mut String, cells: &[CellFindings]) {
    if cells.len() < 2 {
        return;
    }
    let mut body = String::from(
        "<div class=\"scroll\"><table><tr><th>rules</th><th class=\"n\">games</th><th class=\"n\">median, min</th>\
         <th class=\"n\">99 %, min</th><th class=\"n\">stalemates</th><th class=\"n\">half-time leader wins</th>\
         <th>not explained by luck</th></tr>",
    );
    for cell in cells {
        let minutes = |pick: fn(&crate::stats::Spread<u64>) -> u64| {
            cell.ticks.as_ref().map_or(0.0, |ticks| pick(ticks) as f64 / TICKS_PER_MINUTE)
        };
        let sides = cell.seats.iter().chain(&cell.bots).filter(|side| side.verdict.found);
        let found: Vec<_> = sides.map(|side| side.name.as_str()).collect();
        let _ = write!(
            body,
            "<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{:.1}</td><td class=\"n\">{:.1}</td>\
             <td class=\"n\">{:.1} %</td><td class=\"n\">{:.1} %</td><td class=\"bad-text\">{}</td></tr>",
            escaped(&cell.name),
            cell.games,
            minutes(|ticks| ticks.median),
            minutes(|ticks| ticks.p99),
            cell.stalemates.share * 100.0,
            cell.half_time().share * 100.0,
            escaped(&found.join(", "))
        );
    }
    body.push_str("</table></div>");
    let _ = write!(out, "<section class=\"wide\"><h2>Every combination</h2>{body}</section>");
}
