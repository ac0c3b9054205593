//! Every bound of the server in one place, each with its unit in its name.

use serde::{Deserialize, Serialize};

use super::ConfigError;

/// Name, default and meaning of one limit, for documentation.
#[derive(Clone, Copy, Debug)]
pub struct LimitDoc {
    /// The key in section `limits`; its suffix is its unit.
    pub name: &'static str,
    /// The value when nothing is set.
    pub default: u64,
    /// What it bounds and what happens at the bound.
    pub meaning: &'static str,
}

macro_rules! limits {
    ($($(#[doc = $doc:literal])+ $name:ident = $default:literal,)+) => {
        /// Every bound of the server. A suffix names the unit: `_bytes`, `_ms`, `_s`,
        /// `_ticks` (50 ms each); without one it is a count.
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
            },)+];

            fn values(&self) -> impl Iterator<Item = (&'static str, u64)> {
                [$((stringify!($name), self.$name),)+].into_iter()
            }
        }
    };
}

limits! {
    /// Open connections in all; the next one waits to be accepted.
    connections = 10_000,
    /// Open connections from one address; the next one is closed at once.
    connections_per_address = 64,
    /// Time to send a request's headers, and how long an idle connection is kept.
    header_read_ms = 10_000,
    /// Size of a request's body; more is answered 413.
    request_body_bytes = 65_536,
    /// HTTP requests of one address per second; more are answered 429.
    requests_per_second = 50,
    /// HTTP requests of one address at once.
    requests_burst = 200,
    /// New guests of one address per minute; more are answered 429.
    guests_per_minute = 60,
    /// Games one account may create per minute; more are answered 429.
    games_per_minute = 20,
    /// Time for a socket's first message, the authentication; then closed 4002.
    auth_ms = 5_000,
    /// Size of a socket's first message; more is closed 1009.
    auth_message_bytes = 2_048,
    /// Size of a message from a client; more is closed 1009.
    message_bytes = 8_192,
    /// Messages of one socket per second; more are refused, and cost an offence.
    messages_per_second = 40,
    /// Messages of one socket at once.
    messages_burst = 120,
    /// Messages of one account per second over all of its sockets; more are refused.
    account_messages_per_second = 80,
    /// Unreadable or refused-by-rate messages until a socket is closed 1008.
    offences_per_socket = 32,
    /// Time between the server's pings.
    ping_ms = 5_000,
    /// Silence after which a socket is closed 4009.
    silence_ms = 15_000,
    /// Bytes waiting for one slow reader until one snapshot replaces them.
    out_queue_bytes = 1_048_576,
    /// Age of the oldest frame waiting for a slow reader until one snapshot replaces them.
    out_queue_age_ms = 3_000,
    /// Time for one write to a socket; then it is closed 4008.
    write_ms = 10_000,
    /// Kernel send buffer of one socket.
    send_buffer_bytes = 262_144,
    /// Rooms on this node, lobbies included; more are answered 503.
    rooms = 1_000,
    /// Unfinished games that one account may have created.
    rooms_per_account = 8,
    /// Seats in one game.
    seats_per_room = 64,
    /// Spectators of one game.
    spectators_per_room = 200,
    /// Orders waiting in one room; more are refused as busy.
    inbox_orders = 4_096,
    /// Ticks that a room may run ahead of its log; then it pauses visibly.
    run_ahead_ticks = 4,
    /// Ticks of frames kept for clients that resume.
    ring_ticks = 400,
    /// Bytes of frames kept for clients that resume, per audience and codec.
    ring_bytes = 4_194_304,
    /// Ticks with changes between two snapshots.
    snapshot_ticks = 200,
    /// Log of one game between two snapshots.
    snapshot_log_bytes = 262_144,
    /// How long a person may be without a socket until the game calls them away.
    away_s = 10,
    /// How long a person is away until a bot plays on.
    takeover_s = 60,
    /// How long a running game without a connected person lasts.
    empty_room_s = 300,
    /// How long a lobby that nobody starts lasts.
    lobby_s = 1_800,
    /// How long a game restored at start waits, paused, for a person to come back.
    restored_room_s = 21_600,
    /// How long a finished room stays open for its players to look around and ask for a rematch.
    finished_room_s = 300,
    /// Size of log.db; beyond it games pause as on a full disk.
    log_bytes = 68_719_476_736,
    /// Replays kept; the oldest go first.
    replays = 2_000,
    /// Sockets that watch replays.
    replay_viewers = 200,
    /// Time for rooms to commit and sockets to close when the server stops.
    drain_ms = 10_000,
}

impl Limits {
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

    #[test]
    fn every_limit_is_documented_with_its_default() {
        let text = include_str!("../../../docs/operations.md").replace(',', "");
        for limit in Limits::DOCS {
            let row =
                format!("| `{}` | {} | {} |", limit.name, limit.default, limit.meaning.trim());
            let row = row.replace(',', "");
            assert!(text.contains(&row), "docs/operations.md lacks the row\n{row}");
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
