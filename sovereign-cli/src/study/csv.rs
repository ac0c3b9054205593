//! A study's findings as comma-separated values: one number a line, so that any tool can
//! pick what it needs.

use std::fmt::Write;

use super::findings::{CellFindings, Findings, SideFindings};
use crate::stats::{Share, Spread};

/// Every number of the findings: cell, what is measured, of what, the value, and for shares
/// the counts and the 95 % interval.
pub(crate) fn csv(findings: &Findings) -> String {
    let mut out = "cell,measure,of,value,count,total,low,high,p\n".to_owned();
    findings.cells.iter().for_each(|cell| cell.put(&mut out));
    out
}

/// A word as comma-separated values have it.
pub(crate) fn quoted(word: &str) -> String {
    if word.contains(['"', ',', '\n']) {
        format!("\"{}\"", word.replace('"', "\"\""))
    } else {
        word.to_owned()
    }
}

impl CellFindings {
    fn put(&self, out: &mut String) {
        let cell = quoted(&self.name);
        let mut put = |measure: &str, of: &str, rest: &str| {
            let _ = writeln!(out, "{cell},{measure},{},{rest}", quoted(of));
        };
        put("games", "", &format!("{},,,,,", self.games));
        put("stalemates", "", &share(&self.stalemates, None));
        for side in &self.seats {
            put("seat wins", &side.name, &of_side(side));
        }
        for side in &self.bots {
            put("bot wins", &side.name, &of_side(side));
        }
        for (tenth, wins) in (1..).zip(&self.snowball) {
            put("leader wins", &format!("{tenth}0 %"), &share(wins, None));
        }
        let spreads =
            [("ticks", self.ticks), ("orders", self.orders), ("lead changes", self.lead_changes)];
        for (measure, spread) in spreads.into_iter().filter_map(|(m, s)| Some((m, s?))) {
            for (of, value) in parts(spread) {
                put(measure, of, &format!("{value},,,,,"));
            }
        }
        for (rule, count) in &self.used {
            put("used", rule, &format!("{count},,,,,"));
        }
    }
}

/// The parts of a spread with their names.
pub(crate) fn parts(spread: Spread<u64>) -> [(&'static str, u64); 5] {
    let Spread { min, median, p90, p99, max } = spread;
    [("least", min), ("median", median), ("90 %", p90), ("99 %", p99), ("most", max)]
}

fn of_side(side: &SideFindings) -> String {
    share(&side.wins, Some(side.verdict.p))
}

fn share(share: &Share, p: Option<f64>) -> String {
    let Share { count, of, share, low, high } = share;
    let p = p.map_or_else(String::new, |p| p.to_string());
    format!("{share},{count},{of},{low},{high},{p}")
}
