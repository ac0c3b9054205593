//! Sets the stage: guests, games that have begun, and who will sit where.

use std::net::SocketAddr;
use std::sync::Arc;

use rayon::prelude::*;
use serde_json::json;
use sovereign_core::Map;

use super::eye::Table;
use super::line::Place;
use super::orders::Habit;
use super::player::Seat;
use super::{LoadArgs, Profile};
use crate::error::CliError;
use crate::remote::{Guest, Remote};
use crate::source;
use crate::ui::Ui;

/// Who only watches is spread over games, so many to each: the server's default limit.
const SPECTATORS: u32 = 200;

/// Everything is set up; no socket is open yet.
#[derive(Debug)]
pub(super) struct Stage {
    /// The rooms of a workload; games have none here.
    pub(super) workload: Vec<String>,
    pub(super) tables: Vec<Arc<Table>>,
    /// Those who play as they should.
    pub(super) players: Vec<Seat>,
    /// Seats to watch from, one for each other socket.
    pub(super) watchers: Vec<Seat>,
}

/// How many there are of what.
struct Cast {
    players: u32,
    watchers: u32,
    games: u32,
}

impl Cast {
    fn of(args: &LoadArgs) -> Result<Self, CliError> {
        let (players, watchers) = match args.profile {
            Profile::Play | Profile::Storm => (args.sockets, 0),
            Profile::Idle => (0, args.sockets),
            Profile::Slow | Profile::Flood | Profile::Joins => (args.beside, args.sockets),
        };
        if players == 1 {
            return Err(CliError::input("one player is no game: at least 2 are needed"));
        }
        let games = match players {
            0 => watchers.div_ceil(SPECTATORS),
            _ => players / u32::from(args.seats),
        };
        Ok(Self { players, watchers, games: games.max(1) })
    }

    /// Players of the game of this number.
    const fn players_of(&self, game: u32) -> u32 {
        self.players / self.games + (game < self.players % self.games) as u32
    }
}

/// Makes guests and games on the server, and begins them.
pub(super) fn build(
    args: &LoadArgs,
    remote: &Remote,
    address: SocketAddr,
    ui: &Ui,
) -> Result<Stage, CliError> {
    let cast = Cast::of(args)?;
    let map = Arc::new(map(remote, &args.map)?);
    let rules = source::rules_text(&args.rules)?;
    let wish = json!({ "map": args.map, "rules": rules, "private": true });
    let bar = ui.progress(u64::from(cast.games), "setting up games");
    let made: Result<Vec<Vec<Seat>>, CliError> = (0..cast.games)
        .into_par_iter()
        .map(|number| {
            let (id, guests) = game(remote, &wish, cast.players_of(number))?;
            bar.inc(1);
            let place = Place::of_game(address, remote.authority(), &id);
            Ok(seats(&Arc::new(Table::new(Arc::clone(&map))), &place, guests))
        })
        .collect();
    bar.finish_and_clear();
    Ok(seated(cast.watchers, Vec::new(), made?))
}

fn seats(table: &Arc<Table>, place: &Place, guests: Vec<Guest>) -> Vec<Seat> {
    let watch = Seat {
        table: Arc::clone(table),
        place: place.clone(),
        habit: Habit::Watch,
        token: None,
        number: 0,
    };
    let play =
        |guest: Guest| Seat { habit: Habit::Play, token: Some(guest.token), ..watch.clone() };
    guests.into_iter().map(play).chain([watch.clone()]).collect()
}

/// Makes a game of so many guests and begins it; one without players has two who never come.
fn game(
    remote: &Remote,
    wish: &serde_json::Value,
    players: u32,
) -> Result<(String, Vec<Guest>), CliError> {
    let seats = players.max(2);
    let guests: Result<Vec<Guest>, CliError> = (0..seats).map(|_| remote.guest(None)).collect();
    let mut guests = guests?;
    let mut wish = wish.clone();
    wish["seats"] = json!(seats);
    let id = remote.new_game(&guests[0].token, &wish)?.id;
    for guest in &guests[1..] {
        remote.join(&guest.token, &id)?;
    }
    remote.start(&guests[0].token, &id)?;
    guests.truncate(players as usize);
    Ok((id, guests))
}

/// Numbers all seats. The last one of each game is for those who watch.
pub(super) fn seated(watchers: u32, workload: Vec<String>, games: Vec<Vec<Seat>>) -> Stage {
    let numbered = |(number, seat): (usize, Seat)| Seat { number: number as u32, ..seat };
    let watch: Vec<Seat> = games.iter().filter_map(|seats| seats.last().cloned()).collect();
    let players = games.into_iter().flatten().filter(|seat| seat.habit != Habit::Watch);
    Stage {
        workload,
        tables: watch.iter().map(|seat| Arc::clone(&seat.table)).collect(),
        players: players.enumerate().map(numbered).collect(),
        watchers: watch
            .into_iter()
            .cycle()
            .take(watchers as usize)
            .enumerate()
            .map(numbered)
            .collect(),
    }
}

fn map(remote: &Remote, name: &str) -> Result<Map, CliError> {
    match Map::shipped(name) {
        Some(map) => Ok(map),
        None => Map::from_json(&remote.map(name)?).map_err(CliError::input),
    }
}
