//! A player under fog, and what he is told of a game.

use alloc::vec::Vec;

use crate::event::Delta;
use crate::game::Game;
use crate::id::PlayerId;
use crate::session::News;
use crate::state::Changes;
use crate::view::Roster;

/// A player who is told of a game with fog: [`Audience::snapshot`] first, then
/// [`Audience::news`] of each step. A [`crate::Mirror`] that takes them shows what
/// [`Game::view`] shows him.
///
/// Without fog everybody is told the same: see [`crate::Session::news`].
///
/// It remembers by which numbers its player knows others' armies, so that they say
/// nothing of the game's own. Its memory is no part of the game: after a restart a new
/// audience begins with a snapshot, as somebody does who joins.
///
/// ```
/// use sovereign_core::quantity::Tick;
/// use sovereign_core::{Audience, Mirror, Rules, id::PlayerId};
/// # use sovereign_core::{Map, Seed, bot::Table, rules::RulesDraft};
/// # let mut draft = RulesDraft::clone(&Rules::preset("classic").unwrap());
/// # draft.fog.radius = 1;
/// # let (rules, map) = (Rules::try_from(draft)?.into(), Map::shipped("classic").unwrap().into());
/// # let mut table = Table::named(map, rules, Seed::from(1), &["expander", "expander"])?;
/// // `table` plays a game with fog.
/// let me = PlayerId(0);
/// let game = table.session().game();
/// let fresh = Mirror::new(game.map().clone(), game.rules().clone(), game.seats(), Some(me));
/// let (mut audience, mut mirror) = (Audience::new(game, me), fresh.clone());
/// mirror.apply(&audience.snapshot(game))?;
/// while table.step(Tick(2_000)).is_some() {
///     let game = table.session().game();
///     let news = audience.news(game, &game.changes());
///     if news.anew {
///         mirror = fresh.clone();
///     }
///     mirror.apply(&news.delta)?;
///     assert!(mirror.view().land_of(PlayerId(1)).eq(game.view(Some(me)).land_of(PlayerId(1))));
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Audience {
    player: PlayerId,
    roster: Roster,
    /// The hash of a mirror of the untouched map.
    untouched: u32,
    /// The hash of the player's mirror.
    check: u32,
}

impl Audience {
    /// A player who has been told nothing yet. O(territories).
    ///
    /// # Panics
    /// If there is no such seat.
    #[must_use]
    pub fn new(game: &Game, player: PlayerId) -> Self {
        let state = game.rows();
        assert!(state.is_seat(player), "there is no seat {player}");
        let untouched = state.setting.untouched_check();
        let mut audience = Self { player, roster: Roster::default(), untouched, check: untouched };
        state.muster(player, &mut audience.roster);
        audience.check = audience.snapshot(game).check;
        audience
    }

    /// Who it is.
    #[must_use]
    pub const fn player(&self) -> PlayerId {
        self.player
    }

    /// All that the player may know, for a mirror of the untouched map: another of his
    /// sockets joins, or has fallen behind. `game` must be as it was at the last news.
    ///
    /// O(land of his side * degree ^ radius + seats ^ 2 + armies).
    #[must_use]
    pub fn snapshot(&self, game: &Game) -> Delta {
        game.rows().tell_all(self.player, &self.roster, self.untouched)
    }

    /// What the player learns of everything since the last commit: to be asked after each
    /// step, `changes` being [`Game::changes`]. Where the fog fell or lifted, or alliances
    /// changed whose sight he shares, [`News::anew`] is set and the delta is a snapshot.
    ///
    /// O(changes * degree ^ (2 * radius)), and O(armies) where armies moved; anew as
    /// [`Audience::snapshot`].
    #[must_use]
    pub fn news(&mut self, game: &Game, changes: &Changes) -> News {
        let (state, player) = (game.rows(), self.player);
        let anew = state.must_begin_anew(player, changes);
        let delta = if anew {
            state.muster(player, &mut self.roster);
            let events = state.tell_events(|at| state.sees(player, at));
            Delta { events, ..self.snapshot(game) }
        } else {
            state.tell(player, changes, &mut self.roster, self.check)
        };
        self.check = delta.check;
        let mine = |players: [PlayerId; 2]| players.contains(&player);
        let private = game.events().filter(|event| event.confidants().is_some_and(mine));
        News { delta, private: private.collect::<Vec<_>>(), anew }
    }
}
