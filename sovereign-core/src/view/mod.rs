//! What one viewer may know of a game.

mod fog;
mod own;
mod roster;
mod turn;

pub use own::{Own, Proposal, Reload, SupplyLine};

pub(crate) use fog::seen_armies;
pub(crate) use roster::{Roster, Sighting};

use crate::command::{Command, Order, Reject, cost, has_asked, has_embargo, has_proposed};
use crate::event::{Army, Battle, GameState, PlayerChange};
use crate::game::Game;
use crate::id::{ArmyId, PlayerId, TerritoryId};
use crate::legal::{self, Shape};
use crate::map::{Edge, Map};
use crate::preview::{self, Preview};
use crate::quantity::{Permille, Tick};
use crate::rng::Seed;
use crate::rules::Rules;
use crate::state::row::{ALLIED, BUILDING};
use crate::state::{Phase, State, Structure, public};
use crate::tick::{march, victory};

/// What one viewer may know: a borrowed look at a [`crate::Game`] or a
/// [`crate::Mirror`]. Bots, clients and spectators see nothing else.
#[derive(Clone, Copy, Debug)]
pub struct View<'g> {
    state: &'g State,
    viewer: Option<PlayerId>,
    /// Whether there is more in the state than the viewer may know.
    veiled: bool,
}

/// A territory as it is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Territory {
    /// Who holds it, if anybody.
    pub owner: Option<PlayerId>,
    /// The garrison now.
    pub troops: u32,
    /// What stands there or is being built.
    pub structure: Option<Structure>,
    /// How many levels of it stand; 0 while the first is being built.
    pub level: u8,
    /// When the level that is being built stands.
    pub ready: Option<Tick>,
    /// Whether a battle goes on there.
    pub besieged: bool,
    /// Troops at which growth ends now.
    pub cap: u32,
    /// The strength of a defender there.
    pub defence: Permille,
}

impl<'g> View<'g> {
    /// A look at a game, of which not all is shown.
    pub(crate) fn new(state: &'g State, viewer: Option<PlayerId>) -> Self {
        Self { state, viewer, veiled: viewer.is_some() && state.is_foggy() }
    }

    /// A look at a copy that holds no more than may be shown.
    pub(crate) const fn of_copy(state: &'g State, viewer: Option<PlayerId>) -> Self {
        Self { state, viewer, veiled: false }
    }

    /// The player who looks; nobody for a spectator.
    #[must_use]
    pub const fn viewer(&self) -> Option<PlayerId> {
        self.viewer
    }

    /// The map.
    #[must_use]
    pub fn map(&self) -> &'g Map {
        &self.state.setting.map
    }

    /// The rules.
    #[must_use]
    pub fn rules(&self) -> &'g Rules {
        &self.state.setting.rules
    }

    /// The current tick.
    #[must_use]
    pub const fn tick(&self) -> Tick {
        self.state.tick
    }

    /// Phase, deadline and result.
    #[must_use]
    pub fn game(&self) -> GameState {
        public::game_state(self.state.game())
    }

    /// The phase of the game.
    #[must_use]
    #[inline]
    pub fn phase(&self) -> Phase {
        self.state.phase()
    }

    /// All seats, taken or not.
    pub fn players(&self) -> impl DoubleEndedIterator<Item = PlayerId> + use<> {
        self.state.players()
    }

    /// What everybody may know of a player.
    ///
    /// # Panics
    /// If there is no such seat.
    #[must_use]
    pub fn player(&self, id: PlayerId) -> PlayerChange {
        public::public_player(id, self.state.player(id))
    }

    /// Whether a player is in the game.
    ///
    /// # Panics
    /// If there is no such seat.
    #[must_use]
    pub fn is_playing(&self, id: PlayerId) -> bool {
        self.state.is_playing(id)
    }

    /// How many territories a player holds, as far as the viewer sees them. O(1); under fog
    /// O(territories / 64 + members * degree ^ radius) for those of other sides.
    ///
    /// # Panics
    /// If there is no such seat.
    #[must_use]
    pub fn territory_count(&self, id: PlayerId) -> u32 {
        let known = !self.veiled || self.viewer.is_some_and(|me| self.friendly(me, id));
        if known { self.state.territory_count(id) } else { self.land_of(id).count() as u32 }
    }

    /// How many territories of one side (a team, or a player without one) win the game. O(1).
    #[must_use]
    pub fn land_to_win(&self) -> u32 {
        victory::land_to_win(self.state)
    }

    /// Who holds a territory, as far as the viewer sees it. O(1); under fog, as for all that
    /// is told of territories, O(degree ^ radius) more.
    ///
    /// # Panics
    /// If the map has no such territory; so do the other methods that take one.
    #[must_use]
    #[inline]
    pub fn owner(&self, id: TerritoryId) -> Option<PlayerId> {
        if self.hides(id) { None } else { self.state.owner(id) }
    }

    /// The garrison now. O(growth bands).
    #[must_use]
    pub fn troops(&self, id: TerritoryId) -> u32 {
        if self.hides(id) { self.untouched(id).troops } else { self.state.troops(id) }
    }

    /// Everything about a territory. O(growth bands).
    #[must_use]
    pub fn territory(&self, id: TerritoryId) -> Territory {
        if self.hides(id) {
            return self.untouched(id);
        }
        let row = self.state.territory(id);
        Territory {
            owner: self.state.owner(id),
            troops: self.state.troops(id),
            structure: row.kind(),
            level: row.level(),
            ready: (row.flags & BUILDING != 0).then_some(Tick(row.ready)),
            besieged: self.state.battle(id).is_some(),
            cap: self.state.growth(id, row).room(),
            defence: self.state.defence(id),
        }
    }

    /// The land of a player, by rising id. O(territories / 64 + members).
    ///
    /// # Panics
    /// If there is no such seat.
    pub fn land_of(&self, player: PlayerId) -> impl Iterator<Item = TerritoryId> + 'g {
        let view = *self;
        self.state.owned(player).filter(move |id| !view.hides(*id))
    }

    /// The viewer's territory that `n` with lower ids come before; `None` for a spectator
    /// and beyond the last. O(territories / 64): what a random draw needs.
    #[must_use]
    #[inline]
    pub fn nth_own(&self, n: u32) -> Option<TerritoryId> {
        self.state.nth_owned(self.viewer?, n)
    }

    /// Whether a port of the viewer's stands in a territory, which opens its sea edges. O(1).
    #[must_use]
    pub fn has_port(&self, id: TerritoryId) -> bool {
        let own = self.viewer.is_some() && self.state.owner(id) == self.viewer;
        own && self.state.stands(id, Structure::Port)
    }

    /// All armies, by rising number. Under fog those that the viewer sees: his own, and
    /// others' where they fight and at both ends of their march. Then the numbers of
    /// others' are no more than their places in this list: a [`crate::Mirror`] may know
    /// the same armies by others.
    pub fn armies(&self) -> impl Iterator<Item = (ArmyId, Army)> + 'g {
        self.shown_armies()
    }

    /// The armies of a player, by rising number.
    pub fn armies_of(&self, player: PlayerId) -> impl Iterator<Item = (ArmyId, Army)> + 'g {
        let (state, shown) = (self.state, self.shows_numbers_of(player));
        let army = move |id| Some((id, public::public_army(state.army(id)?)?));
        let known = shown.then(|| state.armies_of(player).filter_map(army));
        let seen = (!shown).then(|| self.shown_armies());
        let seen = seen.into_iter().flatten().filter(move |(_, army)| army.owner == player);
        known.into_iter().flatten().chain(seen)
    }

    /// How many more armies a player can send, as far as the viewer sees. O(1) where he
    /// sees all of them, else O(armies).
    #[must_use]
    pub fn armies_left(&self, player: PlayerId) -> u32 {
        let known = self.shows_numbers_of(player);
        let seen = || self.armies_of(player).count() as u32;
        let under_way = if known { self.state.army_count(player) } else { seen() };
        self.rules().march.armies_max.saturating_sub(under_way)
    }

    /// All battles, by rising territory.
    pub fn battles(&self) -> impl Iterator<Item = (TerritoryId, Battle)> + 'g {
        let view = *self;
        let shown = self.state.battles().filter(move |(id, _)| !view.hides(*id));
        shown.filter_map(|(id, row)| Some((id, public::public_battle(row)?)))
    }

    /// When the pact that makes two players allies ends by itself; `None` without one.
    /// Teammates are allies without a pact.
    #[must_use]
    pub fn alliance(&self, a: PlayerId, b: PlayerId) -> Option<Tick> {
        let pact = self.state.pact(a, b);
        (pact.state >= ALLIED).then_some(Tick(pact.until))
    }

    /// Whether two different players are of one team.
    ///
    /// # Panics
    /// If there is no such seat.
    #[must_use]
    pub fn teammates(&self, a: PlayerId, b: PlayerId) -> bool {
        self.state.teammates(a, b)
    }

    /// Whether one player's embargo stands against another.
    ///
    /// # Panics
    /// If there is no such seat.
    #[must_use]
    pub fn embargo(&self, by: PlayerId, against: PlayerId) -> bool {
        has_embargo(self.state, by, against)
    }

    /// Whether two players are one side: the same, or allies.
    #[must_use]
    #[inline]
    pub fn friendly(&self, a: PlayerId, b: PlayerId) -> bool {
        self.state.friendly(a, b)
    }

    /// Whether a player wears the mark of a traitor.
    #[must_use]
    pub fn is_traitor(&self, id: PlayerId) -> bool {
        self.state.is_traitor(id)
    }

    /// Until when players are safe from each other, if they are.
    #[must_use]
    pub fn immune_until(&self) -> Option<Tick> {
        self.state.immunity()
    }

    /// The ticks that an army needs for an edge.
    #[must_use]
    pub fn march_ticks(&self, edge: Edge) -> u32 {
        march::march_ticks(self.state, edge)
    }

    /// The viewer's gold now; 0 for a spectator.
    #[must_use]
    pub fn gold(&self) -> u64 {
        self.viewer.map_or(0, |viewer| self.state.gold(viewer))
    }

    /// What a structure, or one level more of it, costs the viewer now, in gold.
    #[must_use]
    pub fn cost(&self, structure: Structure) -> Option<u64> {
        self.viewer.map(|viewer| cost(self.state, viewer, structure))
    }

    /// The viewer's proposals, both ways, by rising player. O(players).
    pub fn proposals(&self) -> impl Iterator<Item = Proposal> + 'g {
        let (state, viewer) = (self.state, self.viewer);
        // Mostly nothing stands between him and anybody.
        let viewer = viewer.filter(|me| state.pact_count(*me) > 0);
        viewer.into_iter().flat_map(move |me| {
            state.players().filter_map(move |with| {
                let pact = state.pact(me, with);
                if pact.state == 0 {
                    return None;
                }
                let asks = |a, b| has_proposed(state, a, b) || has_asked(state, a, b);
                let incoming = asks(with, me);
                let open = incoming || asks(me, with);
                open.then_some(Proposal { with, incoming, until: Tick(pact.until) })
            })
        })
    }

    /// The viewer's supply lines, by the territories that they lead from. O(lines of all).
    pub fn supplies(&self) -> impl Iterator<Item = SupplyLine> + 'g {
        let (state, viewer) = (self.state, self.viewer);
        let lines = viewer.into_iter().flat_map(move |viewer| state.supplies_of(viewer));
        lines.map(|(from, to)| SupplyLine { from, to })
    }

    /// The viewer's silos that are not loaded, by rising territory. O(silos and fallout).
    pub fn reloads(&self) -> impl Iterator<Item = Reload> + 'g {
        let (state, viewer) = (self.state, self.viewer);
        let silo = move |(territory, _)| {
            let own = viewer.is_some() && state.owner(territory) == viewer;
            let until = state.reloads(territory).filter(|_| own)?;
            Some(Reload { territory, until })
        };
        state.strikes().filter_map(silo)
    }

    /// What only the viewer may know; `None` for a spectator.
    #[must_use]
    pub fn own(&self) -> Option<Own> {
        let viewer = self.viewer?;
        let row = self.state.player(viewer);
        Some(Own {
            gold: row.gold,
            gold_since: Tick(row.gold_since),
            income: self.state.income(viewer),
            proposals: self.proposals().collect(),
            gives_at: Tick(row.gives_at),
            supplies: self.supplies().collect(),
            reloads: self.reloads().collect(),
            reserve: row.reserve,
            levy: self.state.levy(viewer),
        })
    }

    /// Whether the viewer may do this now: the dry run of an order.
    ///
    /// # Errors
    /// The [`Reject`] with which the order would be refused.
    pub fn validate(&self, command: Command) -> Result<(), Reject> {
        let player = self.viewer.unwrap_or(PlayerId(u16::MAX));
        Order::Player { player, seq: 0, command }.validate(self.state)
    }

    /// What a command would bring if the viewer gave it now and nobody ordered anything
    /// else: arrival, expected losses and odds. Touches neither state nor real dice.
    ///
    /// Armies that the viewer sees marching to the same place are taken into account. Where
    /// the rules leave no luck it is exact, as long as nothing else intervenes at that
    /// place: nothing built there is finished, no pact ends on the way, and no supply line
    /// leads from or to it.
    ///
    /// O(armies + rounds of the battle).
    ///
    /// # Errors
    /// The [`Reject`] with which the order would be refused.
    pub fn preview(&self, command: Command) -> Result<Preview, Reject> {
        preview::preview(self.state, self.viewer.unwrap_or(PlayerId(u16::MAX)), command)
    }

    /// The same for attacks on one territory from several, each with its troops.
    ///
    /// # Errors
    /// The [`Reject`] with which the first refused one of them would be refused.
    pub fn preview_together(
        &self,
        to: TerritoryId,
        marches: &[(TerritoryId, u32)],
    ) -> Result<Preview, Reject> {
        preview::together(self.state, self.viewer.unwrap_or(PlayerId(u16::MAX)), to, marches)
    }

    /// A game that is consistent with what the viewer knows, to try things out in: never
    /// the real one, and the same whatever the viewer may not know. Its dice are those of
    /// `seed`. Guessed are: that others hold the gold that all began with, that no
    /// proposals wait between others, and where an army that has come farther than
    /// from its last stop set out, on which caps rest.
    ///
    /// A [`crate::Mirror`] of the same view imagines the same game. O(territories).
    ///
    /// ```
    /// use sovereign_core::testing::random_game;
    /// use sovereign_core::{Seed, id::PlayerId};
    ///
    /// let game = random_game(1);
    /// let mut imagined = game.view(Some(PlayerId(1))).imagine(Seed::from(9));
    /// let before = imagined.hash();
    /// let mark = imagined.mark();
    /// imagined.advance_to(imagined.tick().after(500));
    /// imagined.rollback(mark)?;
    /// assert_eq!(imagined.hash(), before);
    /// # Ok::<(), sovereign_core::DeadMark>(())
    /// ```
    #[must_use]
    pub fn imagine(&self, seed: Seed) -> Game {
        Game::of(self.state.imagined(self.viewer, self.own().as_ref(), seed))
    }

    /// All that the viewer may order now, command by command: each shape is a command and
    /// the range of its amount. [`View::validate`] accepts exactly their members. Nothing
    /// for a spectator.
    ///
    /// Generated as it is asked for. All of it is O(own land * its edges + players + armies),
    /// and O(territories) while players choose where to start.
    pub fn legal(&self) -> impl Iterator<Item = Shape> + use<'g> {
        let state = self.state;
        self.viewer.into_iter().flat_map(move |viewer| legal::legal(state, viewer))
    }
}
