//! `sovereign load`: many bounded bots over real sockets, and what they saw.
//!
//! Invariant: it opens no more sockets and lasts no longer than was asked for, both within
//! hard bounds, and speaks to no other machine unless that is named twice.

mod drive;
mod eye;
mod follower;
mod hostile;
mod line;
mod orders;
mod player;
mod report;
mod server;
mod stage;
mod tally;
mod workload;

use std::net::{SocketAddr, ToSocketAddrs};

use clap::{Args, ValueEnum};
use serde::Serialize;

use crate::error::CliError;
use crate::remote::Remote;
use crate::ui::Ui;

/// The most sockets that are opened.
const SOCKETS_MAX: i64 = 20_000;
/// The longest that is measured, in seconds.
const SECONDS_MAX: i64 = 600;

/// What the sockets do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Profile {
    /// Play in games of `--seats`, sending `--orders` a second each.
    Play,
    /// Watch games in which nothing happens.
    Idle,
    /// Play, and break the line every few seconds to come back where they left off.
    Storm,
    /// Watch the games of `--beside` players: every other one at 1 KB/s, every other one
    /// not at all for seconds at a time.
    Slow,
    /// Do the server harm beside the games of `--beside` players: requests and sockets that
    /// stay half open, trickle, flood, or speak nonsense.
    Flood,
    /// Come to watch the games of `--beside` players, all in the same moment.
    Joins,
}

/// What to load, with what, for how long.
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Every frame is checked: each client's copy of the game against the hash that the server states, and
against what the other clients of the game got. Exit code 1 if a single one is not as it should be.

The server's limits hold for this too: a server to be loaded from one address is started with raised
ones, such as `sovereign serve --config benches/load.toml`.

Examples:
  sovereign load --profile play --sockets 800 --pid $(pidof sovereign-server)
  sovereign load --profile slow --sockets 2 --beside 200 --seconds 30
  sovereign load --profile flood --sockets 10000 --beside 80 --ops http://127.0.0.1:9464")]
pub(crate) struct LoadArgs {
    /// The server.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    url: String,
    /// What the sockets do.
    #[arg(long, value_enum, default_value = "play")]
    profile: Profile,
    /// How many there are, at most 20,000.
    #[arg(long, default_value_t = 80, value_parser = clap::value_parser!(u32).range(1..=SOCKETS_MAX))]
    sockets: u32,
    /// Players beside them, for `slow`, `flood` and `joins`.
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u32).range(0..=SOCKETS_MAX))]
    beside: u32,
    /// How long is measured, in seconds, at most 600.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=SECONDS_MAX as u64))]
    seconds: u64,
    /// How long before that is not measured.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(0..=60))]
    warm_up: u64,
    /// Play the published workload of this size instead of games, with as many players as it
    /// says. The server must have been built with the feature `workload`.
    #[arg(long, value_parser = ["A", "B", "C"])]
    workload: Option<String>,
    /// Players in a game.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u16).range(2..=64))]
    seats: u16,
    /// Orders of each player a second.
    #[arg(long, default_value_t = 2.0)]
    orders: f64,
    /// The map of the games.
    #[arg(long, default_value = "world")]
    map: String,
    /// Their rules, a shipped name or a file.
    #[arg(long, default_value = "classic")]
    rules: String,
    /// The server's process on this machine, whose work and memory are measured.
    #[arg(long)]
    pid: Option<u32>,
    /// The server's operations listener, whose metrics are read.
    #[arg(long)]
    ops: Option<String>,
    /// Load this host although it is another machine: its name as in `--url`.
    #[arg(long)]
    target: Option<String>,
}

/// Runs `sovereign load`.
pub(crate) fn run(args: &LoadArgs, ui: &Ui) -> Result<(), CliError> {
    let remote = Remote::new(&args.url)?;
    let address = permitted(remote.authority(), args.target.as_deref())?;
    if !(0.01..=40.0).contains(&args.orders) {
        return Err(CliError::input("--orders is a number from 0.01 to 40 a second"));
    }
    let stage = match &args.workload {
        Some(size) => workload::build(args, &remote, address, size)?,
        None => stage::build(args, &remote, address, ui)?,
    };
    let report = drive::drive(args, &remote, stage, ui)?;
    ui.show(&report)?;
    report.verdict()
}

/// The address behind an authority, if it may be loaded: on this machine, or named twice.
fn permitted(authority: &str, target: Option<&str>) -> Result<SocketAddr, CliError> {
    let found = authority.to_socket_addrs().map_err(CliError::input)?;
    let addresses: Vec<SocketAddr> = found.collect();
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    let local = addresses.iter().all(|address| address.ip().is_loopback());
    if !local && target != Some(host) {
        let say = format!("{host} is another machine; if you may load it, say --target {host}");
        return Err(CliError::input(say));
    }
    addresses.first().copied().ok_or_else(|| CliError::input(format!("{host} has no address")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_machine_is_loaded_only_if_it_is_named_twice() {
        assert!(permitted("127.0.0.1:8080", None).is_ok());
        assert!(permitted("localhost:8080", None).is_ok());
        for other in ["192.0.2.7:8080", "[2001:db8::1]:80"] {
            let host = other.rsplit_once(':').expect("a port").0;
            assert!(permitted(other, None).is_err(), "{other}");
            assert!(permitted(other, Some("example.org")).is_err(), "{other}");
            assert!(permitted(other, Some(host)).is_ok(), "{other}");
        }
    }
}
