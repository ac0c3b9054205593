//! Every bound of the server in one place, each with its unit in its name.

use serde::{Deserialize, Serialize};

use super::{ConfigError, Effect};
use Answer::{Acts, Close, Notice, Status};

/// What happens at a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The request is answered with this HTTP status.
    Status(u16),
    /// The socket is closed with this code.
    Close(u16),
    /// The socket is told by a notice with this code, and goes on.
    Notice(&'static str),
    /// Nobody is refused; what happens instead.
    Acts(&'static str),
}

/// What is known of one limit, for documentation.
#[derive(Clone, Copy, Debug)]
pub struct LimitDoc {
    /// The key in section `limits`; its suffix is its unit.
    pub name: &'static str,
    /// The value when nothing is set.
    pub default: u64,
    /// What it bounds.
    pub meaning: &'static str,
    /// What happens at the bound.
    pub answer: Answer,
    /// The metric in which that is seen; empty where nothing is refused.
    pub metric: &'static str,
}

/// Counted by limit.
const HIT: &str = "limit_hit_total";
/// Counted as a change to a snapshot.
const RESYNC: &str = "resync_total";
/// Nothing is refused.
const NONE: &str = "";

/// Limits that are taken once, at the start; all others are reloaded.
const AT_START: &[&str] = &[
    "connections",
    "connections_per_second",
    "denials_per_minute",
    "request_body_bytes",
    "send_buffer_bytes",
    "write_ms",
    "password_hashes",
    "password_hashes_waiting",
    "sessions_per_account",
    "log_bytes",
    "replay_viewers",
    "waiting_requests",
    "relayed_requests",
    "peer_connect_ms",
    "peer_answer_ms",
    "peer_proof_s",
    "link_beat_ms",
    "link_silence_ms",
    "node_beat_ms",
    "node_silence_ms",
    "redis_beat_ms",
    "redis_silence_ms",
    "redis_echo_ms",
    "online_beat_ms",
    "online_silence_ms",
    "redis_connections",
    "hot_snapshot_bytes",
    "hot_snapshot_s",
    "redis_answer_ms",
    "fleet_cache_ms",
    "hot_answers",
    "hot_answer_ms",
    "fleet_cache_games",
    "orphan_look_ms",
    "logs_swept",
    "revocation_look_ms",
    "follow_ms",
    "postgres_connections",
    "postgres_log_connections",
    "postgres_connect_ms",
    "postgres_statement_ms",
    "postgres_lock_ms",
    "postgres_commit_ms",
    "postgres_commit_lock_ms",
];

macro_rules! limits {
    ($($(#[doc = $doc:literal])+ $name:ident = $default:literal => $answer:expr, $metric:expr;)+) => {
        /// Every bound of the server. A suffix names the unit: `_bytes`, `_ms`, `_s`, `_days`,
        /// `_ticks` (50 ms each), `_per_second`; without one it is a count.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct Limits {
            $($(#[doc = $doc])+ pub $name: u64,)+
        }

        impl Default for Limits {
            fn default() -> Self {
                Self { $($name: $default,)+ }
            }
        }

        impl Limits {
            /// All limits with their defaults and meanings, in order of declaration.
            pub const DOCS: &'static [LimitDoc] = &[$(LimitDoc {
                name: stringify!($name),
                default: $default,
                meaning: concat!($($doc),+),
                answer: $answer,
                metric: $metric,
            },)+];

            fn values(&self) -> impl Iterator<Item = (&'static str, u64)> {
                [$((stringify!($name), self.$name),)+].into_iter()
            }
        }
    };
}

limits! {
    /// Open connections in all.
    connections = 10_000 => Acts("the next one waits to be accepted"), "connection_open_count";
    /// Open connections from one address.
    connections_per_address = 64 => Acts("the next one is cut at once"), HIT;
    /// Connections taken in per second, of all addresses together, and as many at once.
    connections_per_second = 1_000 => Acts("the next one waits to be accepted"), NONE;
    /// New connections of one address per second, and four times as many at once.
    connections_per_address_per_second = 200 => Acts("the next one is cut at once"), HIT;
    /// Time to send a request's headers, and how long an idle connection is kept.
    header_read_ms = 10_000 => Acts("the connection is cut"), HIT;
    /// Size of a request's body.
    request_body_bytes = 65_536 => Status(413), HIT;
    /// Time for a request's body to come and its answer to be made.
    request_ms = 30_000 => Status(408), HIT;
    /// HTTP requests of one address per second.
    requests_per_second = 50 => Status(429), HIT;
    /// HTTP requests of one address at once.
    requests_burst = 200 => Status(429), HIT;
    /// Sockets that one address may open per minute.
    connects_per_minute = 6_000 => Status(429), HIT;
    /// New guests of one address per minute.
    guests_per_minute = 60 => Status(429), HIT;
    /// New accounts with a password of one address per minute.
    registrations_per_minute = 10 => Status(429), HIT;
    /// Passwords tried from one address per minute.
    logins_per_minute = 20 => Status(429), HIT;
    /// Passwords tried for one login name per minute, whether it exists or not.
    logins_per_name_per_minute = 10 => Status(429), HIT;
    /// Refresh tokens of one address per minute.
    refreshes_per_minute = 120 => Status(429), HIT;
    /// Passwords hashed at once, each with 19 MiB; the next ones wait.
    password_hashes = 4 => Acts("the next one waits"), NONE;
    /// Passwords that wait to be hashed.
    password_hashes_waiting = 32 => Status(503), HIT;
    /// Sessions of one account.
    sessions_per_account = 32 => Acts("the one unused for longest ends"), NONE;
    /// Games one account may create per minute.
    games_per_minute = 20 => Status(429), HIT;
    /// Changes of lobbies, parties and the queue by one account per minute.
    acts_per_minute = 120 => Status(429), HIT;
    /// People in the ranked queue.
    queue_people = 10_000 => Status(503), HIT;
    /// How long somebody in the queue may be without asking how it stands.
    queue_silence_s = 60 => Acts("the search ends"), NONE;
    /// How far a ranked search reaches at first, in points of rating.
    queue_width_points = 150 => Acts("who is farther away is not matched yet"), NONE;
    /// How much farther a ranked search reaches with each second.
    queue_points_per_second = 10 => Acts("the search widens"), NONE;
    /// How far a ranked search reaches at most, in points of rating.
    queue_width_max_points = 3_000 => Acts("who is farther away is not matched"), NONE;
    /// Parties.
    parties = 2_000 => Status(503), HIT;
    /// People of one party.
    party_people = 8 => Status(409), HIT;
    /// How long a party lasts that none of its members looks at.
    party_idle_s = 1_800 => Acts("the party ends"), NONE;
    /// How long an invitation to a party is good.
    party_invitation_s = 3_600 => Acts("it opens nothing any more"), NONE;
    /// Results of one person that are kept.
    history_games = 500 => Acts("the oldest go first"), NONE;
    /// Requests that wait for news at once.
    waiting_requests = 4_000 => Status(503), HIT;
    /// How long a request waits for news.
    news_wait_ms = 25_000 => Acts("the answer comes without news"), NONE;
    /// Time for a socket's first message, the authentication.
    auth_ms = 5_000 => Close(4002), HIT;
    /// Size of a socket's first message.
    auth_message_bytes = 2_048 => Close(1009), HIT;
    /// Size of a message from a client.
    message_bytes = 8_192 => Close(1009), HIT;
    /// Messages of one socket per second; each one more costs an offence.
    messages_per_second = 40 => Notice("rate_limited"), HIT;
    /// Messages of one socket at once; each one more costs an offence.
    messages_burst = 120 => Notice("rate_limited"), HIT;
    /// Messages of one account per second over all of its sockets.
    account_messages_per_second = 80 => Notice("rate_limited"), HIT;
    /// Lines of chat of one account per minute; each one more costs an offence.
    chat_per_minute = 20 => Notice("rate_limited"), HIT;
    /// Lines of chat of one account at once; each one more costs an offence.
    chat_burst = 5 => Notice("rate_limited"), HIT;
    /// Characters of one line of chat; each longer one costs an offence.
    chat_chars = 200 => Notice("chat_unfit"), HIT;
    /// Bytes of one line of chat, in UTF-8; each longer one costs an offence.
    chat_bytes = 600 => Notice("chat_unfit"), HIT;
    /// Complaints of one account per minute.
    reports_per_minute = 5 => Status(429), HIT;
    /// Unreadable or refused-by-rate messages of a socket.
    offences_per_socket = 32 => Close(1008), HIT;
    /// Time between the server's pings.
    ping_ms = 5_000 => Acts("a ping is sent"), NONE;
    /// Open sockets of one account, at all nodes together.
    sockets_per_account = 32 => Close(1013), HIT;
    /// Silence of a socket, pongs included, and the time for one message.
    silence_ms = 15_000 => Close(4009), HIT;
    /// Bytes waiting for one slow reader.
    out_queue_bytes = 1_048_576 => Acts("one snapshot replaces them"), RESYNC;
    /// Age of the oldest frame waiting for a slow reader.
    out_queue_age_ms = 3_000 => Acts("one snapshot replaces them"), RESYNC;
    /// Time in which the other end of a connection takes some of what is sent to it.
    write_ms = 10_000 => Acts("the connection is cut"), HIT;
    /// Kernel send buffer of one socket.
    send_buffer_bytes = 262_144 => Acts("frames wait in the server's own queue"), NONE;
    /// Rooms on this node, lobbies included.
    rooms = 1_000 => Status(503), HIT;
    /// How full a node may be in anything but games (`node_fullness_part_ratio`, as a percentage)
    /// and still begin new ones; those of dead nodes it takes all the same.
    node_full_percent = 90 => Status(503), HIT;
    /// Unfinished games that one account may have created.
    rooms_per_account = 8 => Status(429), HIT;
    /// Seats in one game.
    seats_per_room = 64 => Status(400), HIT;
    /// Spectators of one game.
    spectators_per_room = 200 => Close(1013), HIT;
    /// Least delay of those who watch a game with fog, or a ranked one.
    spectator_delay_least_s = 60 => Acts("a shorter one is raised to it"), NONE;
    /// Longest delay of those who watch a game.
    spectator_delay_most_s = 300 => Status(400), HIT;
    /// Orders waiting in one room.
    inbox_orders = 4_096 => Notice("busy"), HIT;
    /// Ticks that a room may run ahead of its log.
    run_ahead_ticks = 4 => Acts("the game pauses visibly"), "room_paused_count";
    /// Ticks of frames kept for clients that resume.
    ring_ticks = 400 => Acts("older ones get a snapshot"), NONE;
    /// Bytes of frames kept for clients that resume, per audience and codec.
    ring_bytes = 4_194_304 => Acts("older ones get a snapshot"), NONE;
    /// Ticks with changes between two snapshots.
    snapshot_ticks = 200 => Acts("a snapshot is stored"), NONE;
    /// Log of one game between two snapshots.
    snapshot_log_bytes = 262_144 => Acts("a snapshot is stored"), NONE;
    /// How long a person may be without a socket.
    away_s = 10 => Acts("the game calls them away"), NONE;
    /// How long a person is away.
    takeover_s = 60 => Acts("a bot plays on"), NONE;
    /// How long a running game without a connected person lasts.
    empty_room_s = 300 => Acts("the game ends"), NONE;
    /// How long a lobby that nobody starts lasts.
    lobby_s = 1_800 => Acts("the lobby goes"), NONE;
    /// How long a game restored at start waits, paused, for a person to come back.
    restored_room_s = 21_600 => Acts("the game ends"), NONE;
    /// How long a finished room stays open for its players to look around and ask for a rematch.
    finished_room_s = 300 => Acts("sockets are closed 1000"), NONE;
    /// Size of log.db.
    log_bytes = 68_719_476_736 => Acts("games pause as on a full disk"), "log_append_failed_total";
    /// Connections to PostgreSQL for everything but the log.
    postgres_connections = 16 => Acts("the next one waits"), "postgres_connection_count";
    /// Connections to PostgreSQL for the log: one appends, the others claim and read back.
    postgres_log_connections = 4 => Acts("the next one waits"), "postgres_connection_count";
    /// Time to get or to make a connection to PostgreSQL.
    postgres_connect_ms = 1_000 => Acts("the request fails; games pause"), NONE;
    /// Time for one statement, but for those of the log.
    postgres_statement_ms = 30_000 => Acts("the request fails"), NONE;
    /// How long one statement waits for a lock, but for those of the log.
    postgres_lock_ms = 2_000 => Acts("the request fails"), NONE;
    /// Time for one commit of the log in PostgreSQL; what became of it is read back after that.
    postgres_commit_ms = 3_000 => Acts("it is tried again"), "log_append_failed_total";
    /// How long a commit of the log waits for a row that somebody else has locked.
    postgres_commit_lock_ms = 50 => Acts("its games are tried one by one"), "log_append_failed_total";
    /// Replays kept.
    replays = 2_000 => Acts("the oldest go first"), NONE;
    /// Age of a replay that is kept.
    replay_days = 365 => Acts("it goes"), NONE;
    /// Complaints kept.
    reports = 10_000 => Acts("the oldest go first"), NONE;
    /// Age of a complaint that is kept, with what was said.
    report_days = 180 => Acts("it goes"), NONE;
    /// Age of an event of the audit log that is kept.
    audit_days = 730 => Acts("it goes; the chain goes on from the next"), NONE;
    /// Sockets that watch replays.
    replay_viewers = 200 => Status(503), HIT;
    /// Requests without the admin token that the audit log notes per minute.
    denials_per_minute = 60 => Acts("more are only counted"), "admin_denied_total";
    /// How long clients of a server that restarts are told to stay away.
    restart_s = 3 => Acts("in the reason of close 1012"), NONE;
    /// Requests and sockets that go through this node of a fleet to another one, at once.
    relayed_requests = 10_000 => Status(503), HIT;
    /// Time for a connection to another node.
    peer_connect_ms = 1_000 => Acts("the request is answered 503"), NONE;
    /// Time for what one node asks of another on its own behalf.
    peer_answer_ms = 1_000 => Acts("the node goes on without it"), NONE;
    /// How far a node's clock may be from another's, and how long its proof of a request is good.
    peer_proof_s = 30 => Acts("the other node refuses it"), NONE;
    /// Time between two signs of life over the link from one node to another.
    link_beat_ms = 200 => Acts("a byte is sent"), NONE;
    /// Silence of a link after which its node is taken for dead, unless it can be reached anew.
    link_silence_ms = 1_000 => Acts("its games are taken over"), NONE;
    /// Time between two heartbeats of a node in PostgreSQL.
    node_beat_ms = 1_000 => Acts("a heartbeat is stored"), NONE;
    /// Silence in PostgreSQL after which a node is taken for dead.
    node_silence_ms = 5_000 => Acts("its games are taken over"), NONE;
    /// Time between two heartbeats of a node in Redis.
    redis_beat_ms = 100 => Acts("a key is set"), NONE;
    /// Silence in Redis after which a node is taken for dead.
    redis_silence_ms = 500 => Acts("its games are taken over"), NONE;
    /// Time between two messages of a node to itself by which it knows that it hears the others.
    redis_echo_ms = 500 => Acts("a message is published"), NONE;
    /// Time between two times that a node tells in Redis whose sockets it has.
    online_beat_ms = 5_000 => Acts("a key is set for each account"), NONE;
    /// How long that counts: so long are sockets counted of a node that has died.
    online_silence_ms = 15_000 => Acts("it is forgotten"), NONE;
    /// Bytes of the largest snapshot of which a copy is put in Redis.
    hot_snapshot_bytes = 1_048_576 => Acts("there is none"), NONE;
    /// How long the copy of a snapshot stays in Redis.
    hot_snapshot_s = 600 => Acts("it is gone"), NONE;
    /// Connections to Redis.
    redis_connections = 8 => Acts("the next one waits"), NONE;
    /// Time for Redis to answer; once it has not, nobody waits for it until it answers a heartbeat.
    redis_answer_ms = 300 => Acts("the node goes on without it"), NONE;
    /// How long a node keeps what it knows of who has a game, and the list of the other nodes' games.
    fleet_cache_ms = 1_000 => Acts("it asks again"), NONE;
    /// Games of which a node keeps who has them.
    fleet_cache_games = 100_000 => Acts("it forgets them and asks again"), NONE;
    /// Answers that many ask for which a node keeps: lists of replays and of the best, signed results.
    hot_answers = 1_000 => Acts("the one that nobody asked for longest goes"), NONE;
    /// How long a node keeps such an answer: so old may it be where a change was not told.
    hot_answer_ms = 5_000 => Acts("it looks again"), NONE;
    /// Games that a node of a fleet claims and reads at once when it takes them up.
    games_taken_up = 32 => Acts("the next one waits"), NONE;
    /// Games that have ended at nodes that are gone, and whose logs are dropped at once.
    logs_swept = 100 => Acts("the next ones go ten minutes later"), NONE;
    /// Time that players have to change over to another node when theirs stops.
    follow_ms = 10_000 => Acts("their sockets are closed with 4010"), NONE;
    /// Time between two looks for games whose node is gone.
    orphan_look_ms = 2_000 => Acts("it looks"), NONE;
    /// Time between two looks for what other nodes have revoked: so long may a token that is void,
    /// or somebody who is shut out, still be let in by another node.
    revocation_look_ms = 1_000 => Acts("it looks"), NONE;
    /// Time for rooms to commit and sockets to close when the server stops.
    drain_ms = 10_000 => Acts("what is left is cut"), NONE;
}

impl Limits {
    /// When a change of this limit takes effect.
    pub(super) fn effect(name: &str) -> Effect {
        if AT_START.contains(&name) { Effect::Restart } else { Effect::Reload }
    }

    /// No limit may be zero: that would be a server which refuses everything.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        match self.values().find(|(_, value)| *value == 0) {
            None => Ok(()),
            Some((name, _)) => Err(ConfigError::bounds(&format!("limits.{name}"), "at least 1")),
        }
    }

    /// A limit as a count of things in memory.
    #[must_use]
    pub fn count(value: u64) -> usize {
        usize::try_from(value).unwrap_or(usize::MAX)
    }

    /// A limit as a rate's or burst's number, at least 1.
    #[must_use]
    pub fn rate(value: u64) -> std::num::NonZeroU32 {
        let value = u32::try_from(value).unwrap_or(u32::MAX);
        std::num::NonZeroU32::new(value).unwrap_or(std::num::NonZeroU32::MIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whoever adds a limit makes it countable, or says what happens instead.
    #[test]
    fn every_limit_that_refuses_is_counted() {
        let mut sources = Vec::new();
        gather(std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")), &mut sources);
        // A burst belongs to its rate.
        let counted =
            Limits::DOCS.iter().filter(|l| l.metric == HIT && !l.name.ends_with("_burst"));
        for limit in counted {
            let name = format!("\"{}\"", limit.name);
            assert!(sources.iter().any(|text| text.contains(&name)), "nothing counts {name}");
        }
        for limit in Limits::DOCS {
            let refuses = !matches!(limit.answer, Acts(_));
            assert!(!refuses || limit.metric == HIT, "{} refuses uncounted", limit.name);
        }
    }

    fn gather(folder: &std::path::Path, texts: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                gather(&path, texts);
            } else if !path.ends_with("config/limits.rs") {
                texts.extend(std::fs::read_to_string(&path));
            }
        }
    }

    #[test]
    fn no_limit_may_be_zero() {
        for limit in Limits::DOCS {
            let table = format!("{} = 0", limit.name);
            let limits: Limits = toml::from_str(&table).unwrap();
            assert!(limits.check().is_err(), "{}", limit.name);
        }
    }
}
