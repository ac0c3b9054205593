//! What a client was told, put into the rows of its mirror.

use super::super::journal::Undo;
use super::super::row::{
    ALLIED, BattleRow, PROPOSED_BY_HIGHER, PROPOSED_BY_LOWER, PactRow, PlayerRow,
};
use super::super::{State, pact_index};
use super::convert::{army_row, game_row, player_row, territory_row};
use super::gather::Gathered;
use crate::event::Delta;
use crate::id::PlayerId;
use crate::quantity::{TICK_MAX, Tick};
use crate::view::Own;

impl State {
    /// Puts what a delta says into the rows, and moves the mirror's hash along.
    /// Every id has been checked.
    pub(crate) fn apply_checked(&mut self, delta: &Delta, check: u32) -> u32 {
        self.journal.commit();
        self.apply_public(delta);
        let mut gathered = Gathered::default();
        for undo in self.first_changes() {
            self.gather(&mut gathered, undo);
        }
        self.journal.commit();
        check.wrapping_add(gathered.moved)
    }

    /// Puts what only a viewer may know into the rows: gold and open proposals.
    pub(crate) fn apply_own(&mut self, viewer: PlayerId, own: &Own) {
        let (gold, gold_since) = (own.gold, own.gold_since.0);
        self.set_player(viewer, PlayerRow { gold, gold_since, ..*self.player(viewer) });
        for other in self.players().filter(|other| *other != viewer) {
            let pact = self.pact(viewer, other);
            if pact.state != ALLIED && *pact != PactRow::BLANK {
                self.set_pact(viewer, other, PactRow::BLANK);
            }
        }
        for proposal in &own.proposals {
            if proposal.with == viewer || !self.is_seat(proposal.with) {
                continue;
            }
            let lower = (proposal.with < viewer) == proposal.incoming;
            let state = if lower { PROPOSED_BY_LOWER } else { PROPOSED_BY_HIGHER };
            let until = proposal.until.0.min(TICK_MAX);
            self.set_pact(viewer, proposal.with, PactRow { state, until });
        }
        self.journal.commit();
    }

    pub(super) fn apply_public(&mut self, delta: &Delta) {
        for change in &delta.territories {
            let row = territory_row(self.territory(change.id), change);
            self.change(Undo::Territory(change.id, row));
        }
        for change in &delta.players {
            let row = player_row(self.player(change.id), change);
            self.change(Undo::Player(change.id, row));
        }
        for change in &delta.armies {
            self.change(Undo::Army(change.id, army_row(change.army)));
        }
        for change in &delta.battles {
            let row = change.battle.map_or(BattleRow::BLANK, |battle| BattleRow {
                began: battle.began.0,
                due: battle.next_round.0,
            });
            self.change(Undo::Battle(change.territory, row));
        }
        for change in &delta.pacts {
            let pact = |until: Tick| PactRow { state: ALLIED, until: until.0 };
            let row = change.until.map_or(PactRow::BLANK, pact);
            self.change(Undo::Pact(pact_index(change.a, change.b) as u32, row));
        }
        if let Some(game) = delta.game {
            self.change(Undo::Game(game_row(&game)));
        }
        self.tick = delta.tick;
    }
}
