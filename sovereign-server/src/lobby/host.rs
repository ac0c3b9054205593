//! What a host does before the game begins: settings, teams, kick, and handing on.

use std::sync::Arc;

use uuid::Uuid;

use super::settings::{Changes, Settings};
use super::table::{State, Table, conflict, forbidden};
use super::{Lobby, Maps};
use crate::config::Limits;
use crate::error::ApiError;
use crate::store::{SeatRecord, Store};

/// People that a lobby remembers to have put out.
const BARRED: usize = 64;

impl Lobby {
    /// Changes what the host names of a game that has not begun.
    ///
    /// # Errors
    /// 403 for others, 400 for impossible settings, 409 once it has begun or when more
    /// people sit than would have seats.
    pub async fn change(
        &self,
        table: &Table,
        account: Uuid,
        changes: Changes,
    ) -> Result<(), ApiError> {
        let (maps, limits) = (self.maps(), self.limits());
        table.change(&self.inner.store, maps, &limits, account, changes).await
    }

    /// Puts somebody out who may not come back to this game.
    ///
    /// # Errors
    /// 403 for all but the host, 404 for a seat without a person, 409 once it has begun.
    pub async fn kick(&self, table: &Table, account: Uuid, seat: u16) -> Result<(), ApiError> {
        table.kick(&self.inner.store, account, seat).await
    }

    /// Makes another person the host.
    ///
    /// # Errors
    /// As [`Self::kick`].
    pub async fn hand_over(&self, table: &Table, account: Uuid, seat: u16) -> Result<(), ApiError> {
        table.hand_over(&self.inner.store, account, seat).await
    }

    /// Puts a seat in a team: people their own, the host any; 0 lets it be dealt out.
    ///
    /// # Errors
    /// 403 for somebody else's seat, 400 without such a seat or team, 409 once it has begun.
    pub async fn put_in_team(
        &self,
        table: &Table,
        account: Uuid,
        seat: Option<u16>,
        team: u8,
    ) -> Result<(), ApiError> {
        table.put_in_team(&self.inner.store, account, seat, team).await
    }
}

impl Table {
    async fn change(
        &self,
        store: &Store,
        maps: &Maps,
        limits: &Limits,
        account: Uuid,
        changes: Changes,
    ) -> Result<(), ApiError> {
        let mut state = self.state.lock().await;
        state.open_for_host(account)?;
        let old = self.settings();
        let keeps_teams = changes.keeps_teams();
        let mut new = old.with(changes).check(maps, limits)?;
        let people = reseated(&state.people, &new)?;
        if keeps_teams && new.sides == old.sides {
            carry_teams(&old, &mut new, &state.people, &people);
        }
        store.change_lobby(self.id(), new.to_json()?, people.clone()).await?;
        state.people = people;
        self.put_settings(new);
        self.tell();
        if old.private != self.settings().private {
            // It comes to the list, or goes from it.
            self.all.tell();
        }
        Ok(())
    }

    async fn kick(&self, store: &Store, account: Uuid, seat: u16) -> Result<(), ApiError> {
        let mut state = self.state.lock().await;
        state.open_for_host(account)?;
        let at = state.other_person(account, seat)?;
        store.remove_seat(self.id(), seat).await?;
        let gone = state.people.remove(at);
        state.barred.extend(gone.account);
        let excess = state.barred.len().saturating_sub(BARRED);
        state.barred.drain(..excess);
        self.tell();
        Ok(())
    }

    async fn hand_over(&self, store: &Store, account: Uuid, seat: u16) -> Result<(), ApiError> {
        let mut state = self.state.lock().await;
        state.open_for_host(account)?;
        let heir = state.other_person(account, seat)?;
        let mut people = state.people.clone();
        for (at, person) in people.iter_mut().enumerate() {
            person.host = at == heir;
        }
        store.change_lobby(self.id(), self.settings().to_json()?, people.clone()).await?;
        state.people = people;
        self.tell();
        Ok(())
    }

    async fn put_in_team(
        &self,
        store: &Store,
        account: Uuid,
        seat: Option<u16>,
        team: u8,
    ) -> Result<(), ApiError> {
        let state = self.state.lock().await;
        state.not_begun()?;
        let own = state.people.iter().find(|person| person.account == Some(account));
        let own = own.ok_or_else(|| forbidden("only those who sit here choose teams"))?;
        let seat = seat.unwrap_or(own.seat);
        if seat != own.seat && !own.host {
            return Err(forbidden("only the host chooses others' teams"));
        }
        let mut settings = Settings::clone(&self.settings());
        if seat >= settings.seats || team > settings.sides {
            let (seats, sides) = (settings.seats, settings.sides);
            let message = format!("there are {seats} seats, from 0, and {sides} teams, from 1");
            return Err(ApiError::bad_request(message));
        }
        settings.put_in_team(seat, team);
        store.change_lobby(self.id(), settings.to_json()?, state.people.clone()).await?;
        self.put_settings(settings);
        self.tell();
        Ok(())
    }

    pub(super) fn put_settings(&self, settings: Settings) {
        let mut now = self.settings.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        *now = Arc::new(settings);
    }
}

impl State {
    pub(super) fn not_begun(&self) -> Result<(), ApiError> {
        if self.room.is_some() {
            return Err(conflict("started", "the game has begun", "its settings stay as they are"));
        }
        Ok(())
    }

    fn open_for_host(&self, account: Uuid) -> Result<(), ApiError> {
        if !self.people.iter().any(|seat| seat.host && seat.account == Some(account)) {
            return Err(forbidden("only the host can do this"));
        }
        self.not_begun()
    }

    /// Where among the people the one at this seat is, if it is not the caller.
    fn other_person(&self, account: Uuid, seat: u16) -> Result<usize, ApiError> {
        let other = |person: &SeatRecord| person.seat == seat && person.account != Some(account);
        let found = self.people.iter().position(other);
        found.ok_or_else(|| ApiError::not_found("other person at this seat"))
    }
}

/// The people at seats of a table with these settings: whoever can stay stays.
fn reseated(people: &[SeatRecord], settings: &Settings) -> Result<Vec<SeatRecord>, ApiError> {
    let seats = settings.people();
    if people.len() > usize::from(seats) {
        let message = format!("{} people sit here already", people.len());
        return Err(conflict("seats_taken", &message, "leave seats for all, or kick somebody"));
    }
    let stays = |person: &&SeatRecord| person.seat < seats;
    let taken: Vec<u16> = people.iter().filter(stays).map(|person| person.seat).collect();
    let mut free = (0..seats).filter(|seat| !taken.contains(seat));
    let moved = |person: &SeatRecord| match person.seat < seats {
        true => Some(person.clone()),
        false => free.next().map(|seat| SeatRecord { seat, ..person.clone() }),
    };
    let mut people: Vec<SeatRecord> = people.iter().filter_map(moved).collect();
    people.sort_by_key(|person| person.seat);
    Ok(people)
}

/// People and bots keep the teams that were chosen for them, at whatever seats they sit now.
fn carry_teams(old: &Settings, new: &mut Settings, before: &[SeatRecord], after: &[SeatRecord]) {
    for person in after {
        let was = before.iter().find(|other| other.account == person.account);
        new.put_in_team(person.seat, was.map_or(0, |was| old.team_of(was.seat)));
    }
    for bot in 0..old.bots.len().min(new.bots.len()) as u16 {
        new.put_in_team(new.people() + bot, old.team_of(old.people() + bot));
    }
}
