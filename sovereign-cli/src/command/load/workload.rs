//! The published workload: its rooms, and whether their clients end with the server's state.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};
use sovereign_core::{View, map};

use super::eye::Table;
use super::line::Place;
use super::orders::Habit;
use super::player::Seat;
use super::stage::{Stage, seated};
use super::{LoadArgs, Profile};
use crate::error::CliError;
use crate::remote::Remote;

/// How long rooms may take to stand still.
const STOPPING: Duration = Duration::from_secs(5);
/// How often it is looked whether they do, and how long the last frames may take.
const LOOK: Duration = Duration::from_millis(200);

/// Opens the rooms of a size, with all of its clients.
pub(super) fn build(
    args: &LoadArgs,
    remote: &Remote,
    address: SocketAddr,
    size: &str,
) -> Result<Stage, CliError> {
    let workload = remote.workload(size)?;
    let size = workload.size;
    let map = Arc::new(map::generate::grid(size.width, size.height));
    let script = Habit::Script(size.width * size.height);
    let room = |id: &String| {
        let watch = Seat {
            table: Arc::new(Table::new(Arc::clone(&map))),
            place: Place::of_game(address, remote.authority(), id),
            habit: Habit::Watch,
            token: None,
            number: 0,
        };
        let play = Seat { habit: script, ..watch.clone() };
        (0..size.clients).map(|_| play.clone()).chain([watch]).collect()
    };
    let games = workload.rooms.iter().map(room).collect();
    let watchers = match args.profile {
        Profile::Slow | Profile::Flood | Profile::Joins => args.sockets,
        Profile::Play | Profile::Idle | Profile::Storm => 0,
    };
    Ok(seated(watchers, workload.rooms, games))
}

/// Lets the rooms stand still; whether the clients' states are then theirs. Nothing if
/// these are no rooms of a workload.
pub(super) fn verify(
    remote: &Remote,
    rooms: &[String],
    tables: &[Arc<Table>],
) -> Result<Option<bool>, CliError> {
    if rooms.is_empty() {
        return Ok(None);
    }
    remote.stop_workload()?;
    let theirs: Result<Vec<String>, CliError> = rooms.iter().map(|id| digest(remote, id)).collect();
    let theirs = theirs?;
    sleep(LOOK);
    let ours = tables.iter().map(|table| table.shared(|follower| sum(follower.view())));
    Ok(Some(ours.zip(theirs).all(|(ours, theirs)| ours == Some(theirs))))
}

fn digest(remote: &Remote, room: &str) -> Result<String, CliError> {
    let began = Instant::now();
    loop {
        if let Some(digest) = remote.workload_digest(room)? {
            return Ok(digest);
        }
        if began.elapsed() > STOPPING {
            return Err(CliError::input("the rooms of the workload do not stand still"));
        }
        sleep(LOOK);
    }
}

/// SHA-256 of all (owner, troops), as little-endian numbers of 16 and 32 bits.
fn sum(view: View<'_>) -> String {
    let mut hash = Sha256::new();
    for id in view.map().territories() {
        hash.update(view.owner(id).map_or(u16::MAX, |owner| owner.0).to_le_bytes());
        hash.update(view.troops(id).to_le_bytes());
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
