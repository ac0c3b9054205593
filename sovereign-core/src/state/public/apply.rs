//! What a client was told, put into the rows of its mirror.

use alloc::vec::Vec;

use super::super::journal::Undo;
use super::super::row::{
    ALLIED, BattleRow, HIGHER_EXTENDS, LOWER_EXTENDS, PROPOSED_BY_HIGHER, PROPOSED_BY_LOWER,
    PactRow, PlayerRow, StrikeRow, SupplyRow,
};
use super::super::{State, pact_index};
use super::convert::{army_row, game_row, pact_row, player_row, territory_row};
use super::gather::Gathered;
use crate::event::Delta;
use crate::id::PlayerId;
use crate::quantity::{TICK_MAX, TROOPS_MAX};
use crate::view::Own;

impl State {
    /// Puts what a delta says into the rows, and moves the mirror's hash along.
    /// Every id has been checked.
    pub(crate) fn apply_checked(&mut self, delta: &Delta, check: u32) -> u32 {
        self.forget();
        self.apply_public(delta);
        let mut gathered = Gathered::default();
        for undo in self.first_changes() {
            self.gather(&mut gathered, undo);
        }
        self.forget();
        check.wrapping_add(gathered.moved)
    }

    /// Puts what only a viewer may know into the rows: gold and open proposals.
    pub(crate) fn apply_own(&mut self, viewer: PlayerId, own: &Own) {
        let row = PlayerRow {
            gold: own.gold,
            gold_since: own.gold_since.0,
            reserve: own.reserve.min(TROOPS_MAX),
            gives_at: own.gives_at.0,
            ..*self.player(viewer)
        };
        self.set_player(viewer, row);
        for other in self.players().filter(|other| *other != viewer) {
            let pact = *self.pact(viewer, other);
            let public = if pact.state >= ALLIED {
                PactRow { state: ALLIED, ..pact }
            } else {
                pact.without_state()
            };
            if pact != public {
                self.set_pact(viewer, other, public);
            }
        }
        for proposal in &own.proposals {
            if proposal.with == viewer || !self.is_seat(proposal.with) {
                continue;
            }
            let lower = (proposal.with < viewer) == proposal.incoming;
            let old = *self.pact(viewer, proposal.with);
            let allied = old.state >= ALLIED;
            let state = match (allied, lower) {
                (true, true) => LOWER_EXTENDS,
                (true, false) => HIGHER_EXTENDS,
                (false, true) => PROPOSED_BY_LOWER,
                (false, false) => PROPOSED_BY_HIGHER,
            };
            // The end of an alliance is public: what is told in private, maybe late, leaves it.
            let until = if allied { old.until } else { proposal.until.0.min(TICK_MAX) };
            self.set_pact(viewer, proposal.with, PactRow { state, until, ..old });
        }
        self.apply_supplies(viewer, own);
        self.apply_reloads(own);
        self.forget();
    }

    fn apply_supplies(&mut self, viewer: PlayerId, own: &Own) {
        let ended: Vec<_> = self.supplies().map(|(from, _)| from).collect();
        for from in ended {
            self.set_supply(from, SupplyRow::BLANK);
        }
        let map = self.setting.map.clone();
        for line in own.supplies.iter().filter(|line| map.contains(line.from)) {
            let row = SupplyRow { owner: viewer.0, to: line.to.0, ..SupplyRow::BLANK };
            self.set_supply(line.from, row);
        }
    }

    fn apply_reloads(&mut self, own: &Own) {
        let loaded: Vec<_> = self.strikes().map(|(at, row)| (at, *row)).collect();
        for (at, row) in loaded {
            self.set_strike(at, StrikeRow { reload: 0, ..row });
        }
        let map = self.setting.map.clone();
        for silo in own.reloads.iter().filter(|silo| map.contains(silo.territory)) {
            let reload = silo.until.0.min(TICK_MAX);
            self.set_strike(silo.territory, StrikeRow { reload, ..self.strike(silo.territory) });
        }
    }

    pub(super) fn apply_public(&mut self, delta: &Delta) {
        for change in &delta.territories {
            let row = territory_row(self.territory(change.id), change);
            self.change(&Undo::Territory(change.id, row));
        }
        for change in &delta.players {
            let row = player_row(self.player(change.id), change);
            self.change(&Undo::Player(change.id, row));
        }
        for change in &delta.armies {
            self.change(&Undo::Army(change.id, army_row(change.army)));
        }
        for change in &delta.battles {
            let row = change.battle.map_or(BattleRow::BLANK, |battle| BattleRow {
                began: battle.began.0,
                due: battle.next_round.0,
            });
            self.change(&Undo::Battle(change.territory, row));
        }
        for change in &delta.pacts {
            let row = pact_row(self.pact(change.a, change.b), change);
            self.change(&Undo::Pact(pact_index(change.a, change.b) as u32, row));
        }
        if let Some(game) = delta.game {
            self.change(&Undo::Game(game_row(&game)));
        }
        self.tick = delta.tick;
    }
}
