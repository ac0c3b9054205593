//! What a load run found.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde::Serialize;

use super::eye::Table;
use super::server::Spent;
use super::tally::{Tally, Times};
use super::{LoadArgs, Profile};
use crate::error::CliError;
use crate::ui::{Report, table};

/// What it took to let many in at once.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Burst {
    pub(super) sockets: u64,
    /// Until the last was in.
    pub(super) seconds: f64,
    /// The server's work meanwhile, that of the running games included.
    pub(super) cpu_s: f64,
}

/// What was seen from outside of the bots.
pub(super) struct Seen {
    /// Sockets that were open at the end.
    pub(super) open: i64,
    pub(super) spent: Spent,
    /// What the server's memory grew by since no socket was open.
    pub(super) grown: u64,
    pub(super) burst: Option<Burst>,
    /// Whether the final states were the server's; nothing where there is none to compare.
    pub(super) verified: Option<bool>,
}

/// All figures of a run. Times are in milliseconds.
#[derive(Debug, Serialize)]
pub(super) struct LoadReport {
    profile: Profile,
    seconds: u64,
    workload: Option<String>,
    rooms: usize,
    /// Sockets that were open at the end.
    sockets: i64,
    frames_per_second: f64,
    bytes_per_second: f64,
    bodies: u64,
    body_bytes_mean: f64,
    /// Of the bodies without rows of players.
    bytes_per_change: Option<f64>,
    snapshots: u64,
    orders: u64,
    done: u64,
    refused: BTreeMap<String, u64>,
    /// Between two bodies at a client.
    gap_ms: Times,
    /// From an order to its effect at its sender.
    effect_ms: Times,
    /// From connecting to the first sight of the game.
    join_ms: Times,
    burst: Option<Burst>,
    /// Lines that ended, by how.
    lost: BTreeMap<String, u64>,
    /// Frames that were not what they should be, and the first of them.
    wrong: u64,
    faults: Vec<String>,
    /// Whether the final states of a workload, by SHA-256, are the server's.
    verified: Option<bool>,
    server: Option<Spent>,
    /// What the server's memory grew by since no socket was open, for each socket.
    bytes_per_socket: Option<f64>,
}

impl LoadReport {
    pub(super) fn new(args: &LoadArgs, tally: &Tally, tables: &[Arc<Table>], seen: Seen) -> Self {
        let Seen { open, spent, grown, burst, verified } = seen;
        let counts = tally.counts();
        let seconds = args.seconds as f64;
        Self {
            profile: args.profile,
            seconds: args.seconds,
            workload: args.workload.clone(),
            rooms: tables.len(),
            sockets: open,
            frames_per_second: counts.frames as f64 / seconds,
            bytes_per_second: counts.bytes as f64 / seconds,
            bodies: counts.bodies,
            body_bytes_mean: counts.body_bytes as f64 / counts.bodies.max(1) as f64,
            bytes_per_change: bytes_per_change(tables),
            snapshots: counts.snapshots,
            orders: counts.orders,
            done: counts.done,
            gap_ms: Times::from(&counts.gap),
            effect_ms: Times::from(&counts.effect),
            join_ms: Times::from(&counts.join),
            refused: counts.refused,
            burst,
            lost: counts.lost,
            wrong: tally.wrong.load(Ordering::Relaxed),
            faults: tally.faults(),
            verified,
            bytes_per_socket: args.pid.map(|_| grown as f64 / open.max(1) as f64),
            server: (args.pid.is_some() || args.ops.is_some()).then_some(spent),
        }
    }

    /// A check that failed, if a single frame was not what it should be.
    pub(super) fn verdict(&self) -> Result<(), CliError> {
        match self.wrong {
            0 if self.verified == Some(false) => {
                Err(CliError::Check("a final state is not the server's".to_owned()))
            }
            0 => Ok(()),
            wrong => Err(CliError::Check(format!("{wrong} frames were not as they should be"))),
        }
    }

    fn times(&self) -> String {
        let row = |what: &str, times: &Times| {
            let ms = |time: f64| format!("{time:.1}");
            let Times { count, p50, p90, p99, p999, max } = *times;
            let mut row = vec![what.to_owned(), count.to_string()];
            row.extend([p50, p90, p99, p999, max].map(ms));
            row
        };
        let all = [("gap", &self.gap_ms), ("effect", &self.effect_ms), ("join", &self.join_ms)];
        let rows: Vec<Vec<String>> =
            all.iter().filter(|(_, t)| t.count > 0).map(|(what, t)| row(what, t)).collect();
        table(&["ms", "count", "p50", "p90", "p99", "p99.9", "max"], &rows)
    }

    fn server(&self) -> String {
        let Some(spent) = &self.server else { return String::new() };
        let mut text = format!(
            "server: {:.3} cores ({:.3} user, {:.3} system), {:.1} MiB",
            spent.cores, spent.user_cores, spent.system_cores, spent.rss_mib
        );
        if let Some(bytes) = self.bytes_per_socket {
            let _ = write!(text, ", {:.1} KiB a socket", bytes / 1_024.0);
        }
        for (name, ms) in &spent.p99_ms {
            let _ = write!(text, "\n{name}: p99 within {ms} ms");
        }
        text + "\n"
    }
}

/// Mean of the foremost client of each game.
fn bytes_per_change(tables: &[Arc<Table>]) -> Option<f64> {
    let all = tables.iter().filter_map(|table| table.shared(|follower| follower.changes));
    let (changes, bytes) = all.fold((0, 0), |sum, of| (sum.0 + of.0, sum.1 + of.1));
    (changes > 0).then(|| bytes as f64 / changes as f64)
}

fn counted(what: &str, counts: &BTreeMap<String, u64>) -> String {
    let all: Vec<String> = counts.iter().map(|(why, count)| format!("{count} {why}")).collect();
    if all.is_empty() { String::new() } else { format!("{what}: {}\n", all.join(", ")) }
}

impl Report for LoadReport {
    fn text(&self) -> String {
        let mut text = format!(
            "{} sockets in {} rooms for {} s: {:.0} frames/s, {:.0} bytes/s, {:.0} bytes a body\n\
             {} orders, {} carried out; {} snapshots\n",
            self.sockets,
            self.rooms,
            self.seconds,
            self.frames_per_second,
            self.bytes_per_second,
            self.body_bytes_mean,
            self.orders,
            self.done,
            self.snapshots,
        );
        text += &self.times();
        if let Some(Burst { sockets, seconds, cpu_s }) = self.burst {
            let _ =
                writeln!(text, "{sockets} came at once: {seconds:.2} s, {cpu_s:.2} CPU-seconds");
        }
        text += &counted("refused", &self.refused);
        text += &counted("lost", &self.lost);
        text += &self.server();
        if let Some(bytes) = self.bytes_per_change {
            let _ = writeln!(text, "{bytes:.2} bytes a changed territory");
        }
        if let Some(verified) = self.verified {
            let _ =
                writeln!(text, "final states: {}", if verified { "the server's" } else { "WRONG" });
        }
        for fault in &self.faults {
            let _ = writeln!(text, "wrong: {fault}");
        }
        text
    }
}
