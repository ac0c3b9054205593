//! The keys.

use ratatui::crossterm::event::KeyCode;
use sovereign_core::id::TerritoryId;

use super::app::{App, Mode};
use super::atlas::{Direction, next_in};

/// The keys and what they do, as the help shows them.
pub(super) const KEYS: [(&str, &str); 16] = [
    ("arrows", "walk over the map"),
    ("Tab, Shift-Tab", "next, previous land of yours"),
    ("Enter", "choose a start; take land; send its troops"),
    ("1 to 9, 0", "send so many tenths of a garrison; 0 is all"),
    ("Esc", "think better of it"),
    ("b", "build on the land under the cursor"),
    ("d", "deploy so much of the reserve there"),
    ("e", "end your turn, where there are turns"),
    ("p", "propose an alliance to its holder"),
    ("x", "break the alliance with its holder"),
    ("y, n", "accept or refuse a proposal"),
    ("Space", "stop time, and let it go on"),
    ("+, -", "faster, slower"),
    ("h", "go home"),
    ("?", "these keys"),
    ("q", "leave"),
];

impl App {
    /// Does what a key asks for.
    pub(super) fn press(&mut self, key: KeyCode) {
        match (self.mode, key) {
            (Mode::Help, _) | (_, KeyCode::Esc) => self.mode = Mode::Look,
            (Mode::Build, KeyCode::Char(c)) => self.build_key(c),
            (_, KeyCode::Up) => self.walk(Direction::Up),
            (_, KeyCode::Down) => self.walk(Direction::Down),
            (_, KeyCode::Left) => self.walk(Direction::Left),
            (_, KeyCode::Right) => self.walk(Direction::Right),
            (_, KeyCode::Tab) => self.round(1),
            (_, KeyCode::BackTab) => self.round(-1),
            (_, KeyCode::Enter) => self.choose(),
            (_, KeyCode::Char(c)) => self.letter(c),
            _ => {}
        }
    }

    fn letter(&mut self, letter: char) {
        match letter {
            '0' => self.tenths = 10,
            '1'..='9' => self.tenths = letter.to_digit(10).unwrap_or(self.tenths),
            ' ' => self.paused = !self.paused,
            '+' | '=' => self.faster(),
            '-' => self.slower(),
            'b' => self.mode = Mode::Build,
            'd' => self.deploy(),
            'e' => self.end_turn(),
            'p' => self.propose(),
            'x' => self.break_up(),
            'y' => self.answer(true),
            'n' => self.answer(false),
            'h' => self.home(),
            '?' => self.mode = Mode::Help,
            'q' => self.leave(),
            _ => {}
        }
    }

    fn build_key(&mut self, c: char) {
        match c.to_digit(10).and_then(|digit| digit.checked_sub(1)) {
            Some(number) => self.build(number as usize),
            None => self.mode = Mode::Look,
        }
    }

    fn walk(&mut self, direction: Direction) {
        let map = self.partie.game().map();
        self.cursor = next_in(map, self.cursor, direction).unwrap_or(self.cursor);
    }

    fn home(&mut self) {
        let home = self.partie.view().land_of(self.partie.you()).next();
        self.cursor = home.unwrap_or(self.cursor);
    }

    /// The next one: of the own lands, or of the neighbours of where the troops are.
    fn round(&mut self, step: isize) {
        let view = self.partie.view();
        let choices: Vec<TerritoryId> = match self.mode {
            Mode::Send(from) => view.map().edges(from).iter().map(|edge| edge.to).collect(),
            _ => view.land_of(self.partie.you()).collect(),
        };
        if choices.is_empty() {
            return;
        }
        let here = choices.iter().position(|id| *id == self.cursor);
        let next = here.map_or(0, |at| (at as isize + step).rem_euclid(choices.len() as isize));
        self.cursor = choices[next as usize];
    }
}
