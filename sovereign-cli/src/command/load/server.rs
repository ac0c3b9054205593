//! What the server says of itself, and the system of its process.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use serde::Serialize;

use crate::error::CliError;

/// In which `/proc` counts processor time: ticks a second, on every Linux of our days.
const USER_HZ: f64 = 100.0;
/// How long the operations listener may take.
const OPS_TIMEOUT: Duration = Duration::from_secs(5);
/// The metrics that are read.
const METRICS: [&str; 4] =
    ["flush_lateness_seconds", "tick_duration_seconds", "gate_delay_seconds", "log_append_seconds"];

/// A moment of the server.
#[derive(Clone, Debug, Default)]
pub(super) struct Moment {
    user_s: f64,
    system_s: f64,
    rss_bytes: u64,
    /// Of each metric how many were at most so many seconds.
    metrics: BTreeMap<&'static str, Vec<(f64, f64)>>,
}

/// What the server took between two moments.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Spent {
    /// Cores that were busy.
    pub(super) cores: f64,
    pub(super) user_cores: f64,
    pub(super) system_cores: f64,
    pub(super) cpu_s: f64,
    pub(super) rss_mib: f64,
    /// Bound that 99 of 100 kept, in milliseconds, by metric.
    pub(super) p99_ms: BTreeMap<&'static str, f64>,
}

impl Moment {
    /// Looks at a process of this machine and at an operations listener.
    pub(super) fn look(pid: Option<u32>, ops: Option<&str>) -> Result<Self, CliError> {
        let mut moment = pid.map_or_else(|| Ok(Self::default()), Self::of_process)?;
        if let Some(ops) = ops {
            let text = metrics_text(ops)?;
            moment.metrics = METRICS.iter().map(|name| (*name, buckets(&text, name))).collect();
        }
        Ok(moment)
    }

    fn of_process(pid: u32) -> Result<Self, CliError> {
        let read = |file: &str| {
            let path = format!("/proc/{pid}/{file}");
            fs::read_to_string(&path).map_err(CliError::file("read", Path::new(&path)))
        };
        let strange = || CliError::input(format!("/proc/{pid} is not as Linux writes it"));
        let (user_s, system_s) = seconds(&read("stat")?).ok_or_else(strange)?;
        let rss_bytes = resident(&read("status")?).ok_or_else(strange)?;
        Ok(Self { user_s, system_s, rss_bytes, metrics: BTreeMap::new() })
    }

    /// Processor time so far, in seconds.
    pub(super) const fn cpu_s(&self) -> f64 {
        self.user_s + self.system_s
    }

    /// Memory in use, in bytes.
    pub(super) const fn rss_bytes(&self) -> u64 {
        self.rss_bytes
    }

    /// What was spent since `before`, in `seconds`.
    pub(super) fn since(&self, before: &Self, seconds: f64) -> Spent {
        let (user, system) = (self.user_s - before.user_s, self.system_s - before.system_s);
        let p99 = |name: &&'static str| {
            let now = self.metrics.get(name)?;
            Some((*name, quantile(before.metrics.get(name)?, now, 0.99)? * 1_000.0))
        };
        Spent {
            cores: (user + system) / seconds,
            user_cores: user / seconds,
            system_cores: system / seconds,
            cpu_s: user + system,
            rss_mib: self.rss_bytes as f64 / 1_048_576.0,
            p99_ms: METRICS.iter().filter_map(p99).collect(),
        }
    }
}

/// User and system seconds of `/proc/PID/stat`: the fields 14 and 15. The second one, the
/// program's name, may hold anything but ends with the last parenthesis.
fn seconds(stat: &str) -> Option<(f64, f64)> {
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace().skip(11);
    let mut next = || fields.next()?.parse::<f64>().ok();
    Some((next()? / USER_HZ, next()? / USER_HZ))
}

fn resident(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1_024)
}

fn metrics_text(ops: &str) -> Result<String, CliError> {
    let config = ureq::Agent::config_builder().timeout_global(Some(OPS_TIMEOUT)).build();
    let agent: ureq::Agent = config.into();
    let url = format!("{}/metrics", ops.trim_end_matches('/'));
    let failed = |error: ureq::Error| CliError::input(format!("{url}: {error}"));
    let mut answer = agent.get(&url).call().map_err(failed)?;
    answer.body_mut().read_to_string().map_err(failed)
}

/// The buckets of a histogram in Prometheus text, over all of its labels.
fn buckets(text: &str, name: &str) -> Vec<(f64, f64)> {
    let mut sums: BTreeMap<u64, f64> = BTreeMap::new();
    for line in text.lines() {
        let Some(rest) = line.strip_prefix(name).and_then(|rest| rest.strip_prefix("_bucket{"))
        else {
            continue;
        };
        let bound = rest.split_once("le=\"").and_then(|(_, bound)| bound.split_once('"'));
        let count = rest.rsplit_once(' ').and_then(|(_, count)| count.parse::<f64>().ok());
        if let (Some(Ok(bound)), Some(count)) = (bound.map(|(b, _)| b.parse::<f64>()), count) {
            // Positive floats stand in the order of their bits.
            *sums.entry(bound.to_bits()).or_default() += count;
        }
    }
    sums.into_iter().map(|(bits, count)| (f64::from_bits(bits), count)).collect()
}

/// The bound of the bucket in which the quantile of what came between lies.
fn quantile(before: &[(f64, f64)], now: &[(f64, f64)], share: f64) -> Option<f64> {
    let old =
        |bound: f64| before.iter().find(|(b, _)| *b == bound).map_or(0.0, |(_, count)| *count);
    let total =
        now.last().map(|(bound, count)| count - old(*bound)).filter(|total| *total > 0.0)?;
    let reaches = |(bound, count): &&(f64, f64)| count - old(*bound) >= share * total;
    now.iter().find(reaches).map(|(bound, _)| *bound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_read_whatever_the_program_is_called() {
        let stat = "7 (a) b) S 1 1 1 0 -1 4 9 0 0 0 250 50 0 0 20 0 4 0 9 9 9";
        assert_eq!(seconds(stat), Some((2.5, 0.5)));
        assert_eq!(seconds("7 (x) S 1"), None);
        assert_eq!(resident("Name:\tx\nVmRSS:\t    2048 kB\n"), Some(2_097_152));
    }

    #[test]
    fn a_quantile_is_taken_of_what_came_between() {
        let text = |low, high| {
            format!(
                "a_bucket{{le=\"0.01\"}} {low}\na_bucket{{le=\"0.1\"}} {high}\n\
                 a_bucket{{le=\"+Inf\"}} {high}\na_sum 1\nab_bucket{{le=\"0.01\"}} 9\n"
            )
        };
        let (before, now) = (buckets(&text(1_000, 2_000), "a"), buckets(&text(1_099, 2_100), "a"));
        assert_eq!(before, [(0.01, 1_000.0), (0.1, 2_000.0), (f64::INFINITY, 2_000.0)]);
        assert_eq!(quantile(&before, &now, 0.99), Some(0.01));
        assert_eq!(quantile(&before, &now, 0.999), Some(0.1));
        assert_eq!(quantile(&now, &now, 0.99), None);
    }
}
