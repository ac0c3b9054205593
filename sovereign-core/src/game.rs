//! The pure machine: map, rules and state.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::command::{Order, Plan, Reject};
use crate::event::{Delta, Event, GameState};
use crate::id::PlayerId;
use crate::legal::Shape;
use crate::map::Map;
use crate::quantity::Tick;
use crate::rng::Seed;
use crate::rules::Rules;
use crate::search::Met;
use crate::state::{Changes, DeadMark, Mark, Setting, SnapshotError, State, public};
use crate::view::View;

/// The most seats that a game can have.
pub const SEATS_MAX: u16 = 256;

/// A game: the deterministic machine of map, rules, seed and orders.
///
/// State moves through two doors only: [`Game::execute`] carries out an order,
/// [`Game::advance`] lets a tick pass. Everything else reads, or goes back
/// ([`Game::rollback`]). The same map, rules, seed and orders give the same
/// [`Game::hash`] on every machine.
///
/// ```
/// use sovereign_core::{Game, Map, Order, Rules, Seed, SystemOrder};
/// use sovereign_core::id::PlayerId;
///
/// let map = Map::shipped("world").unwrap().into();
/// let rules = Rules::preset("classic").unwrap().into();
/// let mut game = Game::new(map, rules, Seed::from(1), 2)?;
/// for player in [PlayerId(0), PlayerId(1)] {
///     game.execute(&Order::System(SystemOrder::Join { player, bot: true, team: 0 }))?;
/// }
/// game.execute(&Order::System(SystemOrder::Start))?;
/// let mark = game.mark();
/// let before = game.hash();
/// game.advance();
/// game.rollback(mark)?;
/// assert_eq!(game.hash(), before);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Game {
    state: State,
    /// Memory of searches for a way, for those to come.
    searched: Met,
}

impl Clone for Game {
    /// O(territories). Marks and events stay with the original.
    fn clone(&self) -> Self {
        Self::of(self.state.clone())
    }

    /// Copies into the memory of a game that is no longer needed: a search does so at every node.
    fn clone_from(&mut self, source: &Self) {
        self.state.clone_from(&source.state);
    }
}

/// Why there can be no such game.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SetupError {
    /// Too few or too many seats.
    #[error("a game has 2 to {SEATS_MAX} seats, not {seats}")]
    Seats {
        /// How many were asked for.
        seats: u16,
    },
    /// More seats than land to start on.
    #[error("the map has {playable} playable territories, too few for {seats} seats")]
    MapTooSmall {
        /// How many were asked for.
        seats: u16,
        /// How many the map has.
        playable: u32,
    },
}

/// An order that has been validated and may be carried out once, now. It borrows
/// the game, so a stale or foreign permission does not compile.
#[derive(Debug)]
#[must_use = "a prepared order changes nothing until it is executed"]
pub struct Prepared<'g> {
    state: &'g mut State,
    order: Order,
    plan: Plan,
}

impl Prepared<'_> {
    /// Carries the order out. Cannot fail.
    pub fn execute(self) {
        self.order.execute(self.state, &self.plan);
        debug_check(self.state);
    }
}

impl Game {
    /// A game in its lobby, all seats open. O(territories).
    ///
    /// # Errors
    /// If the number of seats is out of range or too large for the map.
    pub fn new(
        map: Arc<Map>,
        rules: Arc<Rules>,
        seed: Seed,
        seats: u16,
    ) -> Result<Self, SetupError> {
        let setting = Self::setting(map, rules, seed, seats)?;
        Ok(Self::of(State::new(setting)))
    }

    pub(crate) fn of(state: State) -> Self {
        Self { state, searched: Met::default() }
    }

    fn setting(
        map: Arc<Map>,
        rules: Arc<Rules>,
        seed: Seed,
        seats: u16,
    ) -> Result<Arc<Setting>, SetupError> {
        if !(2..=SEATS_MAX).contains(&seats) {
            return Err(SetupError::Seats { seats });
        }
        let playable = map.playable_count();
        if playable < u32::from(seats) {
            return Err(SetupError::MapTooSmall { seats, playable });
        }
        Ok(Arc::new(Setting::new(map, rules, seed, seats)))
    }

    /// The map.
    #[must_use]
    pub fn map(&self) -> &Arc<Map> {
        &self.state.setting.map
    }

    /// The rules.
    #[must_use]
    pub fn rules(&self) -> &Arc<Rules> {
        &self.state.setting.rules
    }

    /// The key of the dice. To be kept secret until the game has ended.
    #[must_use]
    pub fn seed(&self) -> Seed {
        self.state.setting.seed
    }

    /// How many seats there are.
    #[must_use]
    pub fn seats(&self) -> u16 {
        self.state.setting.seats
    }

    /// The current tick.
    #[must_use]
    pub const fn tick(&self) -> Tick {
        self.state.tick
    }

    /// Phase, deadline and result.
    #[must_use]
    pub fn state(&self) -> GameState {
        public::game_state(self.state.game())
    }

    /// The hash of the whole state: the wrapping sum of the hashes of its rows, moved
    /// on by the tick. O(n log n) in the rows written since the last commit. O(rows) where it was
    /// forgotten which these are, until the next commit: in a clone that was made with such, and in
    /// a session that keeps no log ([`crate::Session::keep_log`]).
    ///
    /// # Stability
    /// Part of the rules: equal for equal games on every machine as long as
    /// [`crate::rules::RULES_VERSION`] is the same. The formula is in `docs/rules.md`.
    #[must_use]
    pub fn hash(&self) -> u64 {
        self.state.rows_hash().rotate_left(1) ^ u64::from(self.state.tick.0)
    }

    /// Whether an order could be carried out now. Changes nothing.
    ///
    /// # Errors
    /// Why not, and what would have been needed.
    pub fn validate(&self, order: &Order) -> Result<(), Reject> {
        order.validate(&self.state)
    }

    /// All that a player may order now, troops as ranges: see [`View::legal`].
    pub fn legal(&self, player: PlayerId) -> impl Iterator<Item = Shape> + '_ {
        self.view(Some(player)).legal()
    }

    /// Validates an order and holds the game for its execution.
    ///
    /// # Errors
    /// Why it is refused; the game is unchanged.
    pub fn prepare(&mut self, order: &Order) -> Result<Prepared<'_>, Reject> {
        let plan = order.plan(&self.state, &mut self.searched)?;
        Ok(Prepared { state: &mut self.state, order: *order, plan })
    }

    /// Validates an order and carries it out.
    ///
    /// # Errors
    /// Why it is refused; the game is unchanged.
    pub fn execute(&mut self, order: &Order) -> Result<(), Reject> {
        self.prepare(order).map(Prepared::execute)
    }

    /// Lets one tick pass: what falls due happens, then it is judged who is out and
    /// who has won. In the lobby, while paused and after the end, time stands still.
    ///
    /// Costs what falls due: a tick in which nothing does is O(1) on any map.
    pub fn advance(&mut self) {
        crate::tick::advance(&mut self.state);
        debug_check(&self.state);
    }

    /// Lets time pass up to `tick`, skipping what is empty: the same as calling
    /// [`Game::advance`] until then, at the cost of what falls due.
    pub fn advance_to(&mut self, tick: Tick) {
        loop {
            self.rest_until(tick);
            let before = self.tick();
            if before < tick {
                self.advance();
            }
            if self.tick() == before {
                return;
            }
        }
    }

    /// Lets time pass up to `tick`, but not to one at which something falls due.
    pub(crate) fn rest_until(&mut self, tick: Tick) {
        crate::tick::skip_idle(&mut self.state, tick);
    }

    /// When something falls due by itself, if time passes and it does: after an order that may end a
    /// player or the game that is the next tick, which judges it.
    #[must_use]
    pub fn next_due(&self) -> Option<Tick> {
        if !crate::tick::moves(&self.state) {
            return None;
        }
        if self.state.unjudged {
            return Some(self.state.tick.after(1));
        }
        self.state.next_due().map(|due| due.tick)
    }

    /// Remembers this moment. O(1).
    pub fn mark(&mut self) -> Mark {
        self.state.mark()
    }

    /// Goes back to a mark, ticks included; the mark and all later ones die.
    /// O(changes since).
    ///
    /// # Errors
    /// [`DeadMark`] if it can no longer be returned to; the game is unchanged.
    pub fn rollback(&mut self, mark: Mark) -> Result<(), DeadMark> {
        self.state.rollback(mark)?;
        debug_check(&self.state);
        Ok(())
    }

    /// Makes the past final: all marks die, and what was journalled is forgotten.
    /// O(n log n) in the rows written since the last commit.
    pub fn commit(&mut self) {
        self.state.unmark();
        self.settle_hash();
        self.forget();
    }

    /// A commit of a game whose hash nobody needs soon. If it was not settled, whoever asks for
    /// it later pays for all rows.
    pub(crate) fn forget(&mut self) {
        self.state.forget();
    }

    /// Makes [`Game::hash`] O(1) until a row is written. Not while there are marks.
    pub(crate) fn settle_hash(&mut self) {
        self.state.settle_hash();
    }

    /// Whether a row was written or something happened since the last commit. O(1).
    #[must_use]
    pub fn is_eventful(&self) -> bool {
        !self.state.journal.all().is_empty()
    }

    /// What has changed since the last commit, to be told to each [`crate::Audience`].
    /// O(changes * log changes).
    #[must_use]
    pub fn changes(&self) -> Changes {
        self.state.changes()
    }

    pub(crate) const fn rows(&self) -> &State {
        &self.state
    }

    /// What happened since the last commit, in order, private events included.
    pub fn events(&self) -> impl Iterator<Item = Event> + '_ {
        self.state.journal.events()
    }

    /// What everybody learns of all that changed since the last commit; `check` is
    /// the hash of their mirror before. O(changes * log changes).
    #[must_use]
    pub fn delta(&self, check: u32) -> Delta {
        self.state.public_delta(check)
    }

    /// Everything public as a delta from the untouched map. O(territories).
    #[must_use]
    pub fn full_delta(&self) -> Delta {
        self.state.public_snapshot()
    }

    /// The hash that a mirror of this game has now. O(rows).
    #[must_use]
    pub fn mirror_check(&self) -> u32 {
        self.state.public_check()
    }

    /// What one viewer may know: a player, or (`None`) somebody who may know all, such as
    /// whoever watches a replay.
    #[must_use]
    pub fn view(&self, viewer: Option<PlayerId>) -> View<'_> {
        View::new(&self.state, viewer)
    }

    /// The state as bytes, for [`Game::restore`]. Marks and events are not part of it.
    ///
    /// # Stability
    /// Readable by engines of the same [`crate::rules::RULES_VERSION`] only.
    #[must_use]
    pub fn snapshot(&self) -> Vec<u8> {
        self.state.snapshot()
    }

    /// A game from the bytes of [`Game::snapshot`], with the map, rules, seed and
    /// seats that it was played with. No bytes can make it panic.
    ///
    /// # Errors
    /// Why the bytes are no snapshot of such a game.
    pub fn restore(
        map: Arc<Map>,
        rules: Arc<Rules>,
        seed: Seed,
        seats: u16,
        bytes: &[u8],
    ) -> Result<Self, SnapshotError> {
        let setting = Self::setting(map, rules, seed, seats).map_err(|_| SnapshotError::Foreign)?;
        Ok(Self::of(State::restore(setting, bytes)?))
    }

    /// Checks everything that must be true of every state: that hash and index are
    /// those of the rows, that no number is out of range. O(rows).
    ///
    /// # Errors
    /// What is not true: a bug of the engine.
    pub fn check_invariants(&self) -> Result<(), String> {
        self.state.check_invariants()
    }
}

/// Debug builds check every invariant after each step of a small game.
fn debug_check(state: &State) {
    const TERRITORIES_MAX: usize = 256;
    if cfg!(all(debug_assertions, feature = "testing"))
        && state.setting.map.len() <= TERRITORIES_MAX
        && let Err(broken) = state.check_invariants()
    {
        panic!("{broken}");
    }
}
