//! Every metric with its kind, labels and meaning: the source of the page's table and of
//! the help texts.

/// What a metric is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Only rises.
    Counter,
    /// Rises and falls.
    Gauge,
    /// Values in buckets.
    Histogram,
}

impl Kind {
    /// Its name in Prometheus text.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// One metric. No label ever holds a person, an address or a game: their number is unbounded.
#[derive(Clone, Copy, Debug)]
pub struct MetricDoc {
    /// Its name; but for the published ones a suffix names the base unit.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// Its labels, each with few values that the code fixes.
    pub labels: &'static [&'static str],
    /// What it says.
    pub meaning: &'static str,
}

const fn metric(
    kind: Kind,
    name: &'static str,
    labels: &'static [&'static str],
    meaning: &'static str,
) -> MetricDoc {
    MetricDoc { name, kind, labels, meaning }
}

use Kind::{Counter, Gauge, Histogram};

/// All metrics.
pub const METRICS: &[MetricDoc] = &[
    metric(Gauge, "game_active_count", &[], "Games being played on this node"),
    metric(
        Gauge,
        "node_fullness_ratio",
        &[],
        "How full this node is, 1 is full: the greatest of its parts; what an autoscaler looks at",
    ),
    metric(
        Gauge,
        "node_fullness_part_ratio",
        &["part"],
        "The used share of one bound: rooms, sockets, work, lateness, log",
    ),
    metric(Gauge, "player_connected_count", &[], "Players with an open socket"),
    metric(Gauge, "queue_people_count", &[], "People in the ranked queue"),
    metric(Histogram, "queue_wait_seconds", &[], "Time from entering the queue to a game"),
    metric(Counter, "password_hashed_total", &[], "Passwords hashed, right or wrong"),
    metric(Counter, "key_set_looked_total", &["outcome"], "Looks at outside issuers' keys"),
    metric(Counter, "auth_total", &["action", "outcome"], "Registrations, logins and the like"),
    metric(Counter, "message_processed_total", &["command"], "Messages of clients"),
    metric(
        Histogram,
        "command_latency_ms",
        &["command"],
        "From the arrival of an order to its durable answer, in milliseconds",
    ),
    metric(Gauge, "room_paused_count", &[], "Games that wait for the log or for their players"),
    metric(Gauge, "connection_open_count", &[], "Open connections, sockets included"),
    metric(Histogram, "tick_duration_seconds", &[], "Work of one tick of one game"),
    metric(Histogram, "tick_lateness_seconds", &[], "How late a tick started"),
    metric(
        Histogram,
        "flush_lateness_seconds",
        &[],
        "From when a tick was due to the last write of its frames",
    ),
    metric(Histogram, "inbox_depth_orders", &[], "Orders that a tick with orders found waiting"),
    metric(Counter, "order_rejected_total", &["reason"], "Refused orders"),
    metric(Counter, "limit_hit_total", &["limit"], "Requests and messages refused by a limit"),
    metric(Counter, "socket_closed_total", &["code"], "Closed sockets"),
    metric(Counter, "socket_received_bytes_total", &[], "Bytes of messages from clients"),
    metric(
        Counter,
        "socket_sent_bytes_total",
        &[],
        "Bytes of messages to clients, after compression",
    ),
    metric(Counter, "resync_total", &[], "Slow readers whose waiting frames a snapshot replaced"),
    metric(Histogram, "gate_delay_seconds", &[], "From handing an entry to the log to its release"),
    metric(Gauge, "log_queue_entries", &[], "Entries handed to the log and not yet released"),
    metric(Histogram, "log_lag_seconds", &[], "Age of a game's oldest entry that is not durable"),
    metric(Histogram, "log_append_seconds", &[], "One commit of the log"),
    metric(Histogram, "log_append_entries", &[], "Entries in one commit of the log"),
    metric(Counter, "log_append_failed_total", &[], "Commits of the log that failed"),
    metric(
        Counter,
        "log_lost_total",
        &[],
        "Games of which PostgreSQL lost acknowledged entries: an old copy was promoted",
    ),
    metric(
        Gauge,
        "postgres_connection_count",
        &["pool", "state"],
        "Open connections to PostgreSQL, used or idle",
    ),
    metric(Counter, "news_total", &["result"], "News between nodes: sent, heard, failed, dropped"),
    metric(
        Counter,
        "hot_snapshot_total",
        &["result"],
        "Copies of snapshots in Redis: put, failed, found, missing",
    ),
    metric(
        Counter,
        "hot_answer_total",
        &["result"],
        "Answers that many ask for: kept in memory, or looked up",
    ),
    metric(Counter, "redis_asked_total", &["result"], "What Redis was asked"),
    metric(Histogram, "postgres_wait_seconds", &["pool"], "Waiting for a connection to PostgreSQL"),
    metric(
        Histogram,
        "snapshot_age_seconds",
        &[],
        "Age of a game's newest snapshot when the next one replaces it",
    ),
    metric(Counter, "snapshot_total", &["result"], "Snapshots of games, stored or failed"),
    metric(
        Histogram,
        "takeover_stage_seconds",
        &["stage"],
        "Taking a dead node's games over, all at once: to find, to move and to read them",
    ),
    metric(Histogram, "recovery_seconds", &[], "Restoring one game from snapshot and log"),
    metric(Counter, "engine_panic_total", &["end"], "Panics of the engine, by how they ended"),
    metric(Gauge, "game_frozen_count", &[], "Games that cannot go on: an operator must look"),
    metric(Counter, "admin_denied_total", &[], "Requests to the admin listener without its token"),
    metric(Counter, "trace_dropped_total", &[], "Traces that the collector did not take"),
];
