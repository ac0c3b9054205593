//! Who is at the table: from sockets and time to orders of the system.

use std::collections::BTreeMap;
use std::time::Duration;

use sovereign_core::id::PlayerId;
use sovereign_core::{Game, Order, Phase, Presence, SystemOrder};
use tokio::time::Instant;

use super::bots::{Bots, STAND_IN};
use crate::config::Limits;

/// Since when each person has had no socket; none while there is one.
#[derive(Debug)]
pub(super) struct Attendance {
    gone_since: BTreeMap<PlayerId, Option<Instant>>,
    away: Duration,
    takeover: Duration,
}

impl Attendance {
    /// Nobody is here yet.
    pub(super) fn new(people: impl Iterator<Item = PlayerId>, limits: &Limits) -> Self {
        let now = Some(Instant::now());
        Self {
            gone_since: people.map(|player| (player, now)).collect(),
            away: Duration::from_secs(limits.away_s),
            takeover: Duration::from_secs(limits.away_s + limits.takeover_s),
        }
    }

    /// A person's socket came or went.
    pub(super) fn set(&mut self, player: PlayerId, here: bool) {
        if let Some(since) = self.gone_since.get_mut(&player) {
            *since = (!here).then(Instant::now);
        }
    }

    /// Since when nobody has been here; none while somebody is.
    pub(super) fn empty_since(&self) -> Option<Instant> {
        let newest = self.gone_since.values().copied().collect::<Option<Vec<_>>>()?;
        newest.into_iter().max()
    }

    /// Time spent without this room running does not count as absence.
    pub(super) fn restart(&mut self) {
        for since in self.gone_since.values_mut().flatten() {
            *since = Instant::now();
        }
    }

    /// The orders that bring the game in line with who is here.
    pub(super) fn orders(&self, game: &Game, orders: &mut Vec<Order>) {
        if !matches!(game.state().phase, Phase::Spawn | Phase::Playing) {
            return;
        }
        let view = game.view(None);
        for (player, since) in &self.gone_since {
            let presence = view.player(*player).presence;
            orders.extend(self.order(*player, *since, presence).map(Order::System));
        }
    }

    fn order(
        &self,
        player: PlayerId,
        since: Option<Instant>,
        presence: Presence,
    ) -> Option<SystemOrder> {
        let gone = since.map(|since| since.elapsed());
        match (gone, presence) {
            (None, Presence::Away | Presence::TakenOver) => Some(SystemOrder::Back { player }),
            (Some(gone), Presence::Here) if gone >= self.away => Some(SystemOrder::Away { player }),
            (Some(gone), Presence::Away) if gone >= self.takeover => {
                Some(SystemOrder::Takeover { player })
            }
            _ => None,
        }
    }

    /// Bots play exactly the seats that were taken over.
    pub(super) fn stand_in(&self, game: &Game, bots: &mut Bots) {
        let view = game.view(None);
        for player in self.gone_since.keys() {
            if view.player(*player).presence == Presence::TakenOver {
                bots.seat(*player, STAND_IN, game);
            } else {
                bots.unseat(*player);
            }
        }
    }
}
