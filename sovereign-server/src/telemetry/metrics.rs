//! The metrics, each with a function that records it.
//!
//! `game_active_count`, `player_connected_count`, `message_processed_total` and
//! `command_latency_ms` keep their published names; all others are in base units.

use std::sync::OnceLock;
use std::time::Duration;

use ::metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use super::catalogue::Kind;
pub use super::catalogue::{METRICS, MetricDoc};

/// Upper bounds of the buckets of `command_latency_ms`, in milliseconds.
const LATENCY_MS: &[f64] =
    &[5.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 80.0, 100.0, 150.0, 250.0, 500.0, 1000.0, 5000.0];
/// Upper bounds of the buckets of every duration, in seconds.
const SECONDS: &[f64] = &[
    0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
    1.0, 5.0,
];
/// Upper bounds of the buckets of a commit's entries.
const ENTRIES: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0];

static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Installs the recorder of this process, once.
pub fn install() {
    RECORDER.get_or_init(|| {
        let builder = buckets(PrometheusBuilder::new())?;
        let handle = builder.install_recorder().ok()?;
        describe();
        Some(handle)
    });
}

fn buckets(builder: PrometheusBuilder) -> Option<PrometheusBuilder> {
    builder
        .set_buckets_for_metric(Matcher::Full("command_latency_ms".to_owned()), LATENCY_MS)
        .and_then(|b| b.set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), SECONDS))
        .and_then(|b| b.set_buckets_for_metric(Matcher::Suffix("_entries".to_owned()), ENTRIES))
        .and_then(|b| b.set_buckets_for_metric(Matcher::Suffix("_orders".to_owned()), ENTRIES))
        .ok()
}

/// Names what each metric means, and shows as zero what has no labels, so that dashboards
/// find it before anything has happened.
fn describe() {
    for metric in METRICS {
        let (name, meaning, bare) = (metric.name, metric.meaning, metric.labels.is_empty());
        match metric.kind {
            Kind::Counter => {
                describe_counter!(name, meaning);
                bare.then(|| counter!(name).increment(0));
            }
            Kind::Gauge => {
                describe_gauge!(name, meaning);
                bare.then(|| gauge!(name).increment(0.0));
            }
            Kind::Histogram => {
                describe_histogram!(name, meaning);
                bare.then(|| histogram!(name));
            }
        }
    }
}

/// All metrics as Prometheus text, empty before [`install`].
#[must_use]
pub fn render() -> String {
    let Some(Some(handle)) = RECORDER.get() else { return String::new() };
    handle.run_upkeep();
    handle.render()
}

/// A game starts or stops being played.
pub fn game_active(change: i32) {
    gauge!("game_active_count").increment(f64::from(change));
}

/// A player's socket joined or left a room.
pub fn player_connected(change: i32) {
    gauge!("player_connected_count").increment(f64::from(change));
}

/// A room pauses or goes on.
pub fn room_paused(change: i32) {
    gauge!("room_paused_count").increment(f64::from(change));
}

/// A connection opened or closed.
pub fn connection_open(change: i32) {
    gauge!("connection_open_count").increment(f64::from(change));
}

/// A client's message was taken.
pub fn message(command: &'static str) {
    counter!("message_processed_total", "command" => command).increment(1);
}

/// An order was answered.
pub fn latency(command: &'static str, taken: Duration) {
    histogram!("command_latency_ms", "command" => command).record(taken.as_secs_f64() * 1000.0);
}

/// An order was refused.
pub fn rejected(reason: &'static str) {
    counter!("order_rejected_total", "reason" => reason).increment(1);
}

/// A limit refused something.
pub fn limit_hit(limit: &'static str) {
    counter!("limit_hit_total", "limit" => limit).increment(1);
}

/// An answer that many ask for was kept, or had to be looked up.
pub fn hot_answer(kept: bool) {
    let result = if kept { "kept" } else { "looked" };
    counter!("hot_answer_total", "result" => result).increment(1);
}

/// Redis was asked something, and has answered or not.
pub fn redis(answered: bool) {
    let result = if answered { "ok" } else { "failed" };
    counter!("redis_asked_total", "result" => result).increment(1);
}

/// So many copies of snapshots were put in Redis, found there or missed.
pub fn hot_snapshots(result: &'static str, count: usize) {
    counter!("hot_snapshot_total", "result" => result).increment(count as u64);
}

/// News for other nodes or from them.
pub fn news(result: &'static str) {
    counter!("news_total", "result" => result).increment(1);
}

/// So many people are in the ranked queue.
pub fn queue_people(people: usize) {
    // Exact up to 2^53.
    gauge!("queue_people_count").set(people as f64);
}

/// Somebody was matched after this time.
pub fn queue_waited(time: Duration) {
    histogram!("queue_wait_seconds").record(time);
}

/// A password was hashed.
pub fn password_hashed() {
    counter!("password_hashed_total").increment(1);
}

/// Somebody asked to be let in or out.
pub fn auth(action: &'static str, outcome: &'static str) {
    counter!("auth_total", "action" => action, "outcome" => outcome).increment(1);
}

/// An outside issuer's key set was looked at.
pub fn key_set_looked(succeeded: bool) {
    let outcome = if succeeded { "ok" } else { "failed" };
    counter!("key_set_looked_total", "outcome" => outcome).increment(1);
}

/// A socket was closed with this code.
pub fn socket_closed(code: u16) {
    counter!("socket_closed_total", "code" => code.to_string()).increment(1);
}

/// A tick's work is done.
pub fn tick(taken: Duration) {
    histogram!("tick_duration_seconds").record(taken);
}

/// A tick started this much after its time.
pub fn tick_lateness(late: Duration) {
    histogram!("tick_lateness_seconds").record(late);
}

/// The frames of a tick were written this much after the tick was due.
pub fn flush_lateness(late: Duration) {
    histogram!("flush_lateness_seconds").record(late);
}

/// A commit of the log ended.
pub fn log_append(taken: Duration, entries: usize, succeeded: bool) {
    histogram!("log_append_seconds").record(taken);
    // Exact up to 2^53.
    histogram!("log_append_entries").record(entries as f64);
    if !succeeded {
        counter!("log_append_failed_total").increment(1);
    }
}

/// An entry was released this long after it was handed over.
pub fn log_release(taken: Duration) {
    histogram!("gate_delay_seconds").record(taken);
}

/// This many orders waited for a tick; a tick without orders is not counted.
pub fn inbox(orders: usize) {
    if orders > 0 {
        histogram!("inbox_depth_orders").record(orders as f64);
    }
}

/// Bytes of a client's message came.
pub fn received(bytes: usize) {
    counter!("socket_received_bytes_total").increment(bytes as u64);
}

/// Bytes of a message went to a client.
pub fn sent(bytes: usize) {
    counter!("socket_sent_bytes_total").increment(bytes as u64);
}

/// A slow reader gets a snapshot in place of what waits.
pub fn resync() {
    counter!("resync_total").increment(1);
}

/// Entries were handed to the log or released.
pub fn log_queue(change: i32) {
    gauge!("log_queue_entries").increment(f64::from(change));
}

/// A game's oldest entry on its way to the log is this old.
pub fn log_lag(age: Duration) {
    histogram!("log_lag_seconds").record(age);
}

/// A pool of connections to PostgreSQL gave one away after this time; so many are open, and so
/// many of them idle.
pub fn postgres_connection(pool: &'static str, waited: Duration, open: u32, idle: u32) {
    histogram!("postgres_wait_seconds", "pool" => pool).record(waited);
    let used = open.saturating_sub(idle);
    gauge!("postgres_connection_count", "pool" => pool, "state" => "used").set(used);
    gauge!("postgres_connection_count", "pool" => pool, "state" => "idle").set(idle);
}

/// A snapshot of this age was replaced.
pub fn snapshot_age(age: Duration) {
    histogram!("snapshot_age_seconds").record(age);
}

/// Somebody without the token asked the admin listener.
pub fn admin_denied() {
    counter!("admin_denied_total").increment(1);
}

/// A trace was dropped.
pub fn trace_dropped() {
    counter!("trace_dropped_total").increment(1);
}

/// How a panic of the engine ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PanicEnd {
    /// An order was found guilty and refused.
    Refused,
    /// The game was restored and goes on.
    Restored,
    /// The game is frozen.
    Frozen,
}

/// A panic of the engine has come to its end.
pub fn panic_ended(end: PanicEnd) {
    let end = match end {
        PanicEnd::Refused => "refused",
        PanicEnd::Restored => "restored",
        PanicEnd::Frozen => "frozen",
    };
    counter!("engine_panic_total", "end" => end).increment(1);
}

/// A game cannot go on, or its operator has mended it.
pub fn game_frozen(change: i32) {
    gauge!("game_frozen_count").increment(f64::from(change));
}

/// The log has lost entries of a game that it had acknowledged.
pub fn log_lost() {
    counter!("log_lost_total").increment(1);
}

/// A snapshot was stored, or could not be.
pub fn snapshot(stored: bool) {
    let result = if stored { "stored" } else { "failed" };
    counter!("snapshot_total", "result" => result).increment(1);
}

/// How full this node is: the greatest of these parts, and each of them.
pub fn fullness(most: f64, parts: &[(&'static str, f64)]) {
    gauge!("node_fullness_ratio").set(most);
    for (part, share) in parts {
        gauge!("node_fullness_part_ratio", "part" => *part).set(*share);
    }
}

/// A stage of taking games over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takeover {
    /// Whose node is dead was asked.
    Find,
    /// They were made this node's.
    Move,
    /// They were claimed, and read; their rooms open by themselves.
    Read,
}

/// Some games have come through a stage of being taken over.
pub fn takeover(stage: Takeover, taken: Duration) {
    let stage = match stage {
        Takeover::Find => "find",
        Takeover::Move => "move",
        Takeover::Read => "read",
    };
    histogram!("takeover_stage_seconds", "stage" => stage).record(taken);
}

/// A game was restored.
pub fn recovery(taken: Duration) {
    histogram!("recovery_seconds").record(taken);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_names_are_rendered_with_their_types() {
        install();
        message("attack");
        latency("attack", Duration::from_millis(31));
        tick(Duration::from_micros(70));
        let text = render();
        for line in [
            "# TYPE game_active_count gauge",
            "# TYPE player_connected_count gauge",
            "# TYPE message_processed_total counter",
            "# TYPE command_latency_ms histogram",
            "# TYPE tick_duration_seconds histogram",
            "command_latency_ms_bucket{command=\"attack\",le=\"40\"}",
        ] {
            assert!(text.contains(line), "{line} is missing in\n{text}");
        }
    }
}
