//! What to build, and where.

use super::Campaign;
use crate::command::{Build, Command};
use crate::id::TerritoryId;
use crate::map::EdgeKind;
use crate::state::Structure;

impl Campaign<'_, '_> {
    /// One structure a wake, if there is gold for it: a port where only the sea leads on,
    /// a fort where a foe is near a city, else a city where it is safe.
    pub(super) fn build(&mut self, land: &[TerritoryId]) {
        let landlocked = land.iter().all(|id| self.prey(*id).is_empty());
        let wish = if landlocked { self.port(land) } else { self.fort(land) };
        let wish = wish.or_else(|| self.city(land));
        self.wishes.extend(wish.filter(|build| self.view.validate(*build).is_ok()));
    }

    fn free<'a>(&'a self, land: &'a [TerritoryId]) -> impl Iterator<Item = TerritoryId> + 'a {
        let bare = |id: &TerritoryId| self.view.territory(*id).structure.is_none();
        land.iter().copied().filter(bare)
    }

    fn port(&self, land: &[TerritoryId]) -> Option<Command> {
        let leads_on = |id: &TerritoryId| {
            let mut edges = self.view.map().edges(*id).iter();
            edges.any(|edge| edge.kind == EdgeKind::Sea && self.is_prey_from_sea(edge.to))
        };
        let best = self.free(land).filter(leads_on).max_by_key(|id| self.view.troops(*id))?;
        Some(Command::Build(Build { territory: best, structure: Structure::Port }))
    }

    fn is_prey_from_sea(&self, id: TerritoryId) -> bool {
        let friendly = self.view.owner(id).is_some_and(|owner| self.view.friendly(self.me, owner));
        !friendly && self.is_prey(id)
    }

    fn fort(&self, land: &[TerritoryId]) -> Option<Command> {
        let pressed = |id: &TerritoryId| self.threat(*id) > self.view.troops(*id);
        let best = self.free(land).filter(pressed).max_by_key(|id| self.worth_guarding(*id))?;
        Some(Command::Build(Build { territory: best, structure: Structure::Fort }))
    }

    /// How many own territories lie behind a border.
    fn worth_guarding(&self, id: TerritoryId) -> usize {
        self.own_neighbours(id).count()
    }

    /// A city, or another level of one.
    fn city(&self, land: &[TerritoryId]) -> Option<Command> {
        if self.view.cost(Structure::City)? > self.view.gold() {
            return None;
        }
        let city = |territory| Command::Build(Build { territory, structure: Structure::City });
        let legal = land.iter().copied().filter(|id| self.view.validate(city(*id)).is_ok());
        let safe =
            |id: &TerritoryId| (core::cmp::Reverse(self.threat(*id)), self.worth_guarding(*id));
        legal.max_by_key(safe).map(city)
    }
}
