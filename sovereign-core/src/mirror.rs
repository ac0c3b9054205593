//! A client's copy of what it may know, kept up by deltas.

use alloc::sync::Arc;

use crate::event::Delta;
use crate::id::PlayerId;
use crate::map::Map;
use crate::quantity::{TICK_MAX, TROOPS_MAX, Tick};
use crate::rng::Seed;
use crate::rules::Rules;
use crate::state::{LEVEL_MAX, Setting, State};
use crate::view::{Own, View};

/// A copy of a view, kept up by [`Delta`]s and read through the same [`View`]:
/// a bot that plays over the wire needs no other code than one that plays inside.
///
/// Between deltas garrisons and gold grow by the closed form: see [`Mirror::glide_to`].
#[derive(Clone, Debug)]
pub struct Mirror {
    state: State,
    viewer: Option<PlayerId>,
    check: u32,
}

/// Why a delta does not fit a mirror. The mirror must be thrown away and made anew
/// from a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MirrorError {
    /// A territory, player or army that does not exist, or a number out of range.
    #[error("the delta of tick {tick} names something that does not exist here")]
    Foreign {
        /// The delta's tick.
        tick: u32,
    },
    /// After the delta the copy is not what the sender has.
    #[error("after the delta of tick {tick} the mirror's hash is {found:08x}, not {stated:08x}")]
    Diverged {
        /// The delta's tick.
        tick: u32,
        /// The hash that the delta states.
        stated: u32,
        /// The hash of the copy.
        found: u32,
    },
}

impl Mirror {
    /// The untouched map, as seen by a player or (`None`) by a spectator. O(territories).
    #[must_use]
    pub fn new(map: Arc<Map>, rules: Arc<Rules>, seats: u16, viewer: Option<PlayerId>) -> Self {
        // A mirror throws no dice: the seed is never read.
        let setting = Setting::new(map, rules, Seed::from(0), seats);
        let state = State::new(Arc::new(setting));
        let check = state.public_check();
        Self { state, viewer, check }
    }

    /// Takes a delta (or, on a new mirror, a snapshot) and checks the hash. O(changes).
    ///
    /// # Errors
    /// See [`MirrorError`].
    pub fn apply(&mut self, delta: &Delta) -> Result<(), MirrorError> {
        let tick = delta.tick.0;
        if !self.fits(delta) {
            return Err(MirrorError::Foreign { tick });
        }
        self.check = self.state.apply_checked(delta, self.check);
        if self.check == delta.check {
            Ok(())
        } else {
            Err(MirrorError::Diverged { tick, stated: delta.check, found: self.check })
        }
    }

    /// Takes what only the viewer may know.
    pub fn apply_own(&mut self, own: &Own) {
        if let Some(viewer) = self.viewer.filter(|viewer| self.state.is_seat(*viewer)) {
            self.state.apply_own(viewer, own);
        }
    }

    /// Lets time pass up to `tick` without news: garrisons and gold grow. Never
    /// goes back, and never past the last tick that the server has announced
    /// unless the caller says so.
    pub fn glide_to(&mut self, tick: Tick) {
        self.state.tick = self.state.tick.max(tick).min(Tick(TICK_MAX));
    }

    /// What the copy shows.
    #[must_use]
    pub const fn view(&self) -> View<'_> {
        View::of_copy(&self.state, self.viewer)
    }

    /// The hash of the copy: the wrapping sum of its rows' hashes.
    #[must_use]
    pub const fn check(&self) -> u32 {
        self.check
    }

    fn fits(&self, delta: &Delta) -> bool {
        let setting = &self.state.setting;
        let seat = |id: PlayerId| id.0 < setting.seats;
        let land = |id| setting.map.contains(id);
        // The lowest free number is given, so no army has one as high as all armies together.
        let army_end = u32::from(setting.seats) * setting.rules.march.armies_max;
        delta.tick.0 <= TICK_MAX
            && delta.game.and_then(|game| game.turn).is_none_or(|turn| {
                seat(turn.player) && turn.until.is_none_or(|tick| tick.0 <= TICK_MAX)
            })
            && delta.territories.iter().all(|t| {
                land(t.id)
                    && t.troops <= TROOPS_MAX
                    && t.since <= delta.tick
                    && t.owner.flatten().is_none_or(seat)
                    && t.site.is_none_or(|s| s.level <= LEVEL_MAX)
                    && t.site.is_none_or(|s| s.ready.is_none_or(|tick| tick.0 <= TICK_MAX))
            })
            && delta
                .players
                .iter()
                .all(|p| seat(p.id) && p.heir.is_none_or(seat) && p.ended.0 <= TICK_MAX)
            && delta.armies.iter().all(|a| {
                a.id.0 < army_end
                    && a.army.is_none_or(|army| {
                        seat(army.owner)
                            && a.id.0 % u32::from(setting.seats) == u32::from(army.owner.0)
                            && land(army.from)
                            && land(army.to)
                            && army.arrives.0 <= TICK_MAX
                    })
            })
            && delta
                .battles
                .iter()
                .all(|b| land(b.territory) && b.battle.is_none_or(|b| b.next_round.0 <= TICK_MAX))
            && delta
                .pacts
                .iter()
                .all(|p| p.a < p.b && seat(p.b) && p.until.is_none_or(|tick| tick.0 <= TICK_MAX))
    }
}
