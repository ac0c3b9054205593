//! What the person is doing: where the cursor is, what is chosen, what was said.

use std::collections::VecDeque;

use sovereign_core::command::{
    AnswerAlliance, Attack, BreakAlliance, Build, Move, ProposeAlliance, Spawn,
};
use sovereign_core::id::{PlayerId, TerritoryId};
use sovereign_core::{Command, Event, Phase, Structure};

use super::partie::Partie;
use crate::arena::word;

/// How many lines of news are kept.
const NEWS_MAX: usize = 200;
/// The speeds, in ticks at a time.
const SPEEDS: [u32; 5] = [1, 2, 4, 8, 16];

/// What a key means now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// Walking over the map.
    Look,
    /// Choosing where the troops of a territory go.
    Send(TerritoryId),
    /// Choosing what to build.
    Build,
    /// Reading the keys.
    Help,
}

/// The person at the screen.
pub(super) struct App {
    pub(super) partie: Partie,
    pub(super) cursor: TerritoryId,
    pub(super) mode: Mode,
    /// Tenths of a garrison that are sent.
    pub(super) tenths: u32,
    /// The place of the speed in the list of speeds.
    speed: usize,
    pub(super) paused: bool,
    pub(super) news: VecDeque<String>,
    pub(super) message: String,
    left: bool,
}

impl App {
    pub(super) fn new(partie: Partie) -> Self {
        let message = "Walk with the arrows, choose where to start with Enter. ? shows all keys.";
        Self {
            partie,
            cursor: TerritoryId(0),
            mode: Mode::Look,
            tenths: 5,
            speed: 0,
            paused: false,
            news: VecDeque::new(),
            message: message.to_owned(),
            left: false,
        }
    }

    /// Whether the person has left.
    pub(super) const fn is_left(&self) -> bool {
        self.left
    }

    /// Ticks at a time.
    pub(super) const fn speed(&self) -> u32 {
        SPEEDS[self.speed]
    }

    pub(super) fn faster(&mut self) {
        self.speed = (self.speed + 1).min(SPEEDS.len() - 1);
    }

    pub(super) fn slower(&mut self) {
        self.speed = self.speed.saturating_sub(1);
    }

    pub(super) fn leave(&mut self) {
        self.left = true;
    }

    /// Lets time pass, unless it stands still.
    pub(super) fn pass(&mut self) {
        if self.paused || self.partie.is_over() {
            return;
        }
        let began = self.partie.view().game().phase;
        let (speed, mut told) = (self.speed(), Vec::new());
        self.partie.pass(speed, |event| told.push(*event));
        for event in told {
            self.tell(&event);
        }
        if began != Phase::Playing && self.partie.view().game().phase == Phase::Playing {
            self.go_home();
        }
    }

    /// The cursor goes to the person's first territory.
    fn go_home(&mut self) {
        let home = self.partie.view().land_of(self.partie.you()).next();
        self.cursor = home.unwrap_or(self.cursor);
        "The game has begun: Enter takes your land, Enter again sends troops to a neighbour."
            .clone_into(&mut self.message);
    }

    fn tell(&mut self, event: &Event) {
        let Some(words) = self.words(event) else { return };
        self.news.push_front(words);
        self.news.truncate(NEWS_MAX);
    }

    /// An event in words; `None` for those that the person need not hear of.
    fn words(&self, event: &Event) -> Option<String> {
        let (partie, you) = (&self.partie, self.partie.you());
        let name = |seat: PlayerId| partie.name(seat);
        let land = |id: TerritoryId| partie.game().map().territory_name(id);
        Some(match *event {
            Event::Captured { territory, by, from } if by == you || from == Some(you) => {
                format!("{} took {}", name(by), land(territory))
            }
            Event::Built { territory, structure, .. }
                if partie.view().owner(territory) == Some(you) =>
            {
                format!("a {} stands in {}", word(&structure), land(territory))
            }
            Event::TurnBegan { player, .. } if player == you => "it is your turn".to_owned(),
            Event::AllianceProposed { from, to } if to == you => {
                format!("{} {from} proposes an alliance: y or n", name(from))
            }
            Event::AllianceFormed { a, b } => {
                format!("{} {a} and {} {b} are allies", name(a), name(b))
            }
            Event::AllianceBroken { by, with, .. } => {
                format!("{} {by} broke with {} {with}", name(by), name(with))
            }
            Event::PlayerOut { player, place, .. } => {
                format!("{} {player} is out, place {place}", name(player))
            }
            Event::GameEnded { winner, .. } => match winner {
                Some(winner) if winner == you => "You have won!".to_owned(),
                Some(winner) => format!("{} {winner} has won", name(winner)),
                None => "nobody has won".to_owned(),
            },
            _ => return None,
        })
    }

    /// Orders something, and says so.
    pub(super) fn order(&mut self, command: Command, said: String) {
        self.message = match self.partie.order(command) {
            Ok(()) => said,
            Err(reason) => format!("Not possible: {reason}."),
        };
    }

    pub(super) fn land(&self, id: TerritoryId) -> String {
        self.partie.game().map().territory_name(id).to_owned()
    }

    /// Enter: choose a start, take a territory as an origin, or send its troops.
    pub(super) fn choose(&mut self) {
        let (cursor, view) = (self.cursor, self.partie.view());
        let (phase, own) = (view.game().phase, view.owner(cursor) == Some(self.partie.you()));
        match self.mode {
            Mode::Send(from) => self.send(from, cursor),
            _ if phase == Phase::Spawn => {
                let said = format!("You start in {}, unless you choose again.", self.land(cursor));
                self.order(Command::Spawn(Spawn { territory: cursor }), said);
            }
            _ if own => {
                self.mode = Mode::Send(cursor);
                self.message = format!(
                    "From {}: choose a neighbour (Tab goes round), Enter sends, Esc does not.",
                    self.land(cursor)
                );
            }
            _ => "Choose land of your own first: Tab goes from one to the next."
                .clone_into(&mut self.message),
        }
    }

    fn send(&mut self, from: TerritoryId, to: TerritoryId) {
        let view = self.partie.view();
        let keep = view.rules().march.garrison_min;
        let troops = view.troops(from).saturating_sub(keep) * self.tenths / 10;
        let friend = view.owner(to).is_some_and(|owner| view.friendly(self.partie.you(), owner));
        let command = if friend {
            Command::Move(Move { from, to, troops: troops.into() })
        } else {
            Command::Attack(Attack { from, to, troops: troops.into() })
        };
        let said = format!("{troops} go from {} to {}.", self.land(from), self.land(to));
        self.order(command, said);
        self.mode = Mode::Look;
    }

    /// Builds what a number stands for.
    pub(super) fn build(&mut self, number: usize) {
        self.mode = Mode::Look;
        let Some(structure) = Structure::ALL.get(number).copied() else { return };
        let territory = self.cursor;
        let said = format!("A {} is being built in {}.", word(&structure), self.land(territory));
        self.order(Command::Build(Build { territory, structure }), said);
    }

    /// Proposes an alliance to whoever holds the land under the cursor.
    pub(super) fn propose(&mut self) {
        let Some(to) = self.partie.view().owner(self.cursor) else {
            return "Nobody holds this land.".clone_into(&mut self.message);
        };
        let said = format!("You ask {} {to} for an alliance.", self.partie.name(to));
        self.order(Command::ProposeAlliance(ProposeAlliance { to }), said);
    }

    /// Breaks the alliance with whoever holds the land under the cursor.
    pub(super) fn break_up(&mut self) {
        let Some(with) = self.partie.view().owner(self.cursor) else {
            return "Nobody holds this land.".clone_into(&mut self.message);
        };
        let said = format!("You break with {} {with}.", self.partie.name(with));
        self.order(Command::BreakAlliance(BreakAlliance { with }), said);
    }

    /// Answers the first proposal.
    pub(super) fn answer(&mut self, accept: bool) {
        let first = self.partie.view().proposals().find(|proposal| proposal.incoming);
        let Some(from) = first.map(|proposal| proposal.with) else {
            return "Nobody has asked.".clone_into(&mut self.message);
        };
        let word = if accept { "accept" } else { "refuse" };
        let said = format!("You {word} the alliance with {} {from}.", self.partie.name(from));
        self.order(Command::AnswerAlliance(AnswerAlliance { from, accept }), said);
    }

    /// What is said when the screen has gone.
    pub(super) fn farewell(&self) -> String {
        let view = self.partie.view();
        let place = view.player(self.partie.you()).place;
        match (view.game().winner, place) {
            (Some(winner), _) if winner == self.partie.you() => "You have won.".to_owned(),
            (_, 0) => format!("You left at tick {}.", view.tick()),
            (_, place) => format!("You reached place {place}."),
        }
    }
}
