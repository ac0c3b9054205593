//! `propose_alliance`, `answer_alliance`, `break_alliance`.

use serde::{Deserialize, Serialize};

use super::{Act, Reject, guard};
use crate::event::Event;
use crate::id::{PlayerId, TerritoryId};
use crate::state::row::{ALLIED, PROPOSED_BY_HIGHER, PROPOSED_BY_LOWER, PactRow, PlayerRow};
use crate::state::{Presence, State};
use crate::tick::march;

/// Proposes an alliance. If the other has proposed one already, it is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProposeAlliance {
    /// Who is asked.
    pub to: PlayerId,
}

/// Accepts or refuses a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerAlliance {
    /// Who asked.
    pub from: PlayerId,
    /// Whether to accept.
    pub accept: bool,
}

/// Breaks an alliance. Unless the other is a traitor or away, the breaker is
/// branded a traitor for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BreakAlliance {
    /// The ally to leave.
    pub with: PlayerId,
}

/// The state of a pact in which `from` has proposed to `to`.
fn proposed_by(from: PlayerId, to: PlayerId) -> u8 {
    if from < to { PROPOSED_BY_LOWER } else { PROPOSED_BY_HIGHER }
}

pub(crate) fn has_proposed(state: &State, from: PlayerId, to: PlayerId) -> bool {
    from != to && state.pact(from, to).state == proposed_by(from, to)
}

fn open_proposals(state: &State, from: PlayerId) -> usize {
    state.players().filter(|to| has_proposed(state, from, *to)).count()
}

impl Act for ProposeAlliance {
    fn validate(&self, state: &State, player: PlayerId) -> Result<(), Reject> {
        guard::in_play(state, player)?;
        guard::other_player(state, player, self.to)?;
        if state.allied(player, self.to) {
            return Err(Reject::AlreadyAllied { player: self.to });
        }
        if has_proposed(state, player, self.to) {
            return Err(Reject::AlreadyProposed { player: self.to });
        }
        let max = state.setting.rules.diplomacy.proposals_max;
        let answers = has_proposed(state, self.to, player);
        if !answers && open_proposals(state, player) >= max as usize {
            return Err(Reject::TooManyProposals { max });
        }
        Ok(())
    }

    fn execute(&self, state: &mut State, player: PlayerId) {
        if has_proposed(state, self.to, player) {
            return ally(state, player, self.to);
        }
        let until = state.tick.after(state.setting.rules.diplomacy.proposal_ticks).0;
        let proposal = PactRow { state: proposed_by(player, self.to), until };
        state.set_pact(player, self.to, proposal);
        state.emit(Event::AllianceProposed { from: player, to: self.to });
    }
}

impl Act for AnswerAlliance {
    fn validate(&self, state: &State, player: PlayerId) -> Result<(), Reject> {
        guard::in_play(state, player)?;
        guard::other_player(state, player, self.from)?;
        if has_proposed(state, self.from, player) {
            Ok(())
        } else {
            Err(Reject::NoProposal { player: self.from })
        }
    }

    fn execute(&self, state: &mut State, player: PlayerId) {
        if self.accept {
            return ally(state, player, self.from);
        }
        state.set_pact(player, self.from, PactRow::BLANK);
        state.emit(Event::ProposalEnded { from: self.from, to: player, refused: true });
    }
}

impl Act for BreakAlliance {
    fn validate(&self, state: &State, player: PlayerId) -> Result<(), Reject> {
        guard::in_play(state, player)?;
        guard::other_player(state, player, self.with)?;
        if state.allied(player, self.with) {
            Ok(())
        } else {
            Err(Reject::NotAllied { player: self.with })
        }
    }

    fn execute(&self, state: &mut State, player: PlayerId) {
        let away = state.player(self.with).presence != Presence::Here.code();
        let traitor = !away && !state.is_traitor(self.with);
        if traitor {
            let until = state.tick.after(state.setting.rules.diplomacy.traitor_ticks).0;
            let branded = PlayerRow { traitor_until: until, ..*state.player(player) };
            state.set_player(player, branded);
        }
        state.set_pact(player, self.with, PactRow::BLANK);
        state.emit(Event::AllianceBroken { by: player, with: self.with, traitor });
    }
}

/// Makes two players allies. Their armies in battle against each other go home.
fn ally(state: &mut State, a: PlayerId, b: PlayerId) {
    let until = state.tick.after(state.setting.rules.diplomacy.alliance_ticks).0;
    state.set_pact(a, b, PactRow { state: ALLIED, until });
    state.emit(Event::AllianceFormed { a: a.min(b), b: a.max(b) });
    for (attacker, holder) in [(a, b), (b, a)] {
        while let Some(army) = besieger(state, attacker, holder) {
            march::go_home(state, army);
        }
    }
}

/// The first army of `attacker` that fights for land of `holder`. O(armies of the attacker).
fn besieger(state: &State, attacker: PlayerId, holder: PlayerId) -> Option<crate::id::ArmyId> {
    state.armies_of(attacker).find(|id| {
        let army = state.army(*id).filter(|army| army.fighting == 1);
        army.is_some_and(|army| state.owner(TerritoryId(army.to)) == Some(holder))
    })
}
