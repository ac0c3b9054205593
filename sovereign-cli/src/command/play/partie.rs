//! A game with one person in it.

use std::sync::{Arc, Mutex, PoisonError};

use sovereign_core::bot::{Bot, Table};
use sovereign_core::id::PlayerId;
use sovereign_core::quantity::Tick;
use sovereign_core::{Command, Event, Game, Map, Phase, Rules, Seed, View};

use crate::arena::{Arena, Contender};
use crate::error::CliError;

/// The seat of the person.
const YOU: PlayerId = PlayerId(0);

/// What a person wishes for until the next tick.
type Wishes = Arc<Mutex<Vec<Command>>>;

/// A person in a seat, as the table sees it: looks in every tick, does what was asked.
struct Person(Wishes);

impl Bot for Person {
    fn wake(&mut self, view: &View<'_>, wishes: &mut Vec<Command>) -> Tick {
        wishes.append(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
        view.tick().after(1)
    }
}

/// A game with one person in it, in seat 0.
pub(super) struct Partie {
    table: Table,
    wishes: Wishes,
    names: Vec<String>,
}

impl Partie {
    /// A game against these bots that is about to begin.
    pub(super) fn new(
        map: Arc<Map>,
        rules: Arc<Rules>,
        rivals: &[Contender],
        seed: u64,
    ) -> Result<Self, CliError> {
        let wishes = Wishes::default();
        let arena = Arena::new(map, rules, rivals.len() + 1, Tick(u32::MAX));
        arena.check(rivals)?;
        let person = Box::new(Person(wishes.clone()));
        let table = arena.table_with(person, Seed::from(seed), rivals)?;
        let you = ["you".to_owned()].into_iter();
        Ok(Self {
            table,
            wishes,
            names: you.chain(rivals.iter().map(ToString::to_string)).collect(),
        })
    }

    /// The person's seat.
    pub(super) const fn you(&self) -> PlayerId {
        YOU
    }

    /// The game.
    pub(super) const fn game(&self) -> &Game {
        self.table.session().game()
    }

    /// What the person sees.
    pub(super) fn view(&self) -> View<'_> {
        self.game().view(Some(YOU))
    }

    /// Who sits in a seat.
    pub(super) fn name(&self, seat: PlayerId) -> &str {
        self.names.get(seat.index()).map_or("?", String::as_str)
    }

    /// Whether the game is over.
    pub(super) fn is_over(&self) -> bool {
        self.view().game().phase == Phase::Finished
    }

    /// Orders something for the next tick.
    ///
    /// # Errors
    /// Why that is not possible, in words.
    pub(super) fn order(&self, command: Command) -> Result<(), String> {
        self.view().validate(command).map_err(|reason| reason.to_string())?;
        self.wishes.lock().unwrap_or_else(PoisonError::into_inner).push(command);
        Ok(())
    }

    /// Lets ticks pass, and tells what happened that the person may know.
    pub(super) fn pass(&mut self, ticks: u32, mut told: impl FnMut(&Event)) {
        let until = self.game().tick().after(ticks);
        while self.table.step(until).is_some() {
            let may_know =
                |event: &Event| event.confidants().is_none_or(|both| both.contains(&YOU));
            self.game().events().filter(may_know).for_each(|event| told(&event));
        }
    }
}
