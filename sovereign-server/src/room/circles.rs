//! Who is told the same: everybody, or under fog each player by himself.
//!
//! Invariant: what a circle is told, and when, rests on nothing but what its players may
//! know. Under fog a tick of which a player learns nothing brings him no frame, and signs
//! of life come once a second of his own frames, not of the log's entries.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sovereign_core::id::PlayerId;
use sovereign_core::quantity::Tick;
use sovereign_core::{Audience, Event, Game, News, Session};

use super::ring::{Frame, Ring};
use crate::config::Limits;

/// Names a circle: everybody's, or under fog a player's.
pub(super) type CircleId = Option<PlayerId>;

/// Those who are told the same.
#[derive(Debug)]
struct Circle {
    /// What its player has been told, under fog.
    audience: Option<Audience>,
    ring: Ring,
    /// Tick of its newest frame.
    shown: Tick,
    /// Tick of its newest frame that is durable.
    durable: Tick,
    ticks_since_frame: u32,
}

/// What a circle learns of an entry of the log.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) to: CircleId,
    /// For all of it; nothing where it learns nothing.
    pub(super) frame: Option<Arc<Frame>>,
    /// What only two players may know.
    private: Vec<Event>,
}

impl Told {
    /// The private events that a player may know of.
    pub(super) fn private_to(told: &[Self], seat: PlayerId) -> Vec<Event> {
        let knows = |event: &&Event| event.confidants().is_some_and(|two| two.contains(&seat));
        let mine = told.iter().filter(|told| told.to.is_none_or(|to| to == seat));
        mine.flat_map(|told| told.private.iter().filter(knows)).copied().collect()
    }
}

/// All circles of a room.
#[derive(Debug)]
pub(super) struct Circles {
    circles: BTreeMap<CircleId, Circle>,
    fog: bool,
}

impl Circles {
    /// One circle, or under fog one for each of these people. In a room that was restored
    /// under fog nobody goes on from what he heard before: the audiences are new. Nor does
    /// anybody whose last tick is not borne by one entry `alone`: he may have missed another.
    pub(super) fn new(
        session: &Session,
        people: impl Iterator<Item = PlayerId>,
        limits: &Limits,
        (restored, alone): (bool, bool),
    ) -> Self {
        let (game, fog) = (session.game(), session.game().rules().fog.radius > 0);
        let base = (alone && !(fog && restored)).then_some(game.tick().0);
        let ids: Vec<CircleId> = if fog { people.map(Some).collect() } else { vec![None] };
        let circle = |id: CircleId| (id, Circle::new(game, id, base, limits));
        Self { circles: ids.into_iter().map(circle).collect(), fog }
    }

    /// Nobody yet.
    pub(super) fn nobody(session: &Session) -> Self {
        Self { circles: BTreeMap::new(), fog: session.game().rules().fog.radius > 0 }
    }

    /// Keeps these circles, makes those of them that are missing, and drops all others.
    pub(super) fn fit(&mut self, session: &Session, wanted: &BTreeSet<CircleId>, limits: &Limits) {
        let game = session.game();
        self.circles.retain(|id, _| wanted.contains(id));
        for id in wanted {
            let fresh = || Circle::new(game, *id, Some(game.tick().0), limits);
            self.circles.entry(*id).or_insert_with(fresh);
        }
    }

    /// Whether players are told different things.
    pub(super) const fn fog(&self) -> bool {
        self.fog
    }

    /// The circle of whoever sits here, or of who only watches; nothing if there is none.
    pub(super) fn of(&self, seat: Option<PlayerId>) -> Option<CircleId> {
        let id = if self.fog { seat } else { None };
        self.circles.contains_key(&id).then_some(id)
    }

    /// So many ticks pass.
    pub(super) fn pass_by(&mut self, ticks: u32) {
        for circle in self.circles.values_mut() {
            circle.ticks_since_frame += ticks;
        }
    }

    /// A tick passes. Whether a circle has had no frame for so many ticks.
    pub(super) fn pass(&mut self, most: u32) -> bool {
        self.pass_by(1);
        self.circles.values().any(|circle| circle.ticks_since_frame >= most)
    }

    /// What each circle learns of the last step, which is in the log. Under fog those get a
    /// frame who learn something, who are `called`, or had none for `most` ticks.
    pub(super) fn tell(
        &mut self,
        session: &mut Session,
        epoch: u64,
        most: u32,
        called: impl Fn(PlayerId) -> bool,
    ) -> Vec<Told> {
        let changes = self.fog.then(|| session.game().changes());
        let mut told = Vec::with_capacity(self.circles.len());
        for (id, circle) in &mut self.circles {
            let news = match (&mut circle.audience, &changes) {
                (Some(audience), Some(changes)) => audience.news(session.game(), changes),
                _ => session.news(),
            };
            let due = circle.ticks_since_frame >= most || id.is_none_or(&called);
            let learns = news.anew || !news.delta.is_empty() || !news.private.is_empty();
            let News { delta, private, anew } = news;
            let frame = (due || learns).then(|| circle.frame(Frame::new(delta, epoch, anew)));
            told.push(Told { to: *id, frame, private });
        }
        told
    }

    /// A frame is durable now.
    pub(super) fn keep(&mut self, id: CircleId, frame: Arc<Frame>) {
        if let Some(circle) = self.circles.get_mut(&id) {
            circle.durable = Tick(frame.tick());
            circle.ring.push(frame);
        }
    }

    /// The durable frames that a circle got after `tick`, if it knows that tick.
    pub(super) fn after(&self, id: CircleId, tick: u32) -> Option<Vec<Arc<Frame>>> {
        self.circles.get(&id)?.ring.after(tick)
    }

    /// Tick of the newest frame of a circle.
    pub(super) fn shown(&self, id: CircleId) -> Tick {
        self.circles.get(&id).map_or(Tick(0), |circle| circle.shown)
    }

    /// Each circle, and the tick of its newest durable frame.
    pub(super) fn durable(&self) -> impl Iterator<Item = (CircleId, Tick)> + '_ {
        self.circles.iter().map(|(id, circle)| (*id, circle.durable))
    }

    /// Tick of the newest durable frame of a circle.
    pub(super) fn durable_of(&self, id: CircleId) -> Tick {
        self.circles.get(&id).map_or(Tick(0), |circle| circle.durable)
    }

    /// All that a circle may know now, which is in the log.
    pub(super) fn snapshot(&mut self, id: CircleId, session: &Session, epoch: u64) -> Frame {
        let (game, circle) = (session.game(), self.circles.get_mut(&id));
        let audience = circle.and_then(|circle| {
            circle.shown = game.tick();
            circle.audience.as_ref()
        });
        let audience = audience.filter(|_| !planted!(LiftFog));
        let delta = audience.map_or_else(|| session.full_delta(), |own| own.snapshot(game));
        Frame::new(delta, epoch, true)
    }
}

impl Circle {
    /// Those who have been told nothing yet; whoever knows tick `base` misses nothing.
    fn new(game: &Game, id: CircleId, base: Option<u32>, limits: &Limits) -> Self {
        let fog = game.rules().fog.radius > 0;
        Self {
            audience: id.filter(|_| fog).map(|player| Audience::new(game, player)),
            ring: Ring::new(base, limits),
            shown: game.tick(),
            durable: game.tick(),
            ticks_since_frame: 0,
        }
    }

    fn frame(&mut self, frame: Frame) -> Arc<Frame> {
        self.ticks_since_frame = 0;
        self.shown = Tick(frame.tick());
        Arc::new(frame)
    }
}
