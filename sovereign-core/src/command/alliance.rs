//! `propose_alliance`, `answer_alliance`, `extend_alliance`, `break_alliance`.

use serde::{Deserialize, Serialize};

use super::{Act, Reject, guard};
use crate::event::Event;
use crate::id::{PlayerId, TerritoryId};
use crate::quantity::Tick;
use crate::state::row::{
    ALLIED, HIGHER_EXTENDS, LOWER_EXTENDS, PROPOSED_BY_HIGHER, PROPOSED_BY_LOWER, PactRow,
    PlayerRow,
};
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

/// Asks an ally to extend the alliance. Once both have asked it lasts as long again as
/// a new one. Possible in the last ticks of an alliance only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExtendAlliance {
    /// The ally.
    pub with: PlayerId,
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

/// The state of a pact between allies in which `from` asks `to` to extend it.
fn extended_by(from: PlayerId, to: PlayerId) -> u8 {
    if from < to { LOWER_EXTENDS } else { HIGHER_EXTENDS }
}

pub(crate) fn has_asked(state: &State, from: PlayerId, to: PlayerId) -> bool {
    from != to && state.pact(from, to).state == extended_by(from, to)
}

/// The pact that binds two allies.
fn bound(state: &State, player: PlayerId, with: PlayerId) -> Result<PactRow, Reject> {
    let pact = *state.pact(player, with);
    if pact.state >= ALLIED { Ok(pact) } else { Err(Reject::NotAllied { player: with }) }
}

fn open_proposals(state: &State, from: PlayerId) -> usize {
    state.players().filter(|to| has_proposed(state, from, *to)).count()
}

impl Act for ProposeAlliance {
    fn validate(&self, state: &State, player: PlayerId) -> Result<(), Reject> {
        guard::in_play(state, player)?;
        guard::stranger(state, player, self.to)?;
        if state.pact(player, self.to).state >= ALLIED {
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
        let state_now = proposed_by(player, self.to);
        let proposal = PactRow { state: state_now, until, ..*state.pact(player, self.to) };
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
        state.set_pact(player, self.from, state.pact(player, self.from).without_state());
        state.emit(Event::ProposalEnded { from: self.from, to: player, refused: true });
    }
}

impl Act for ExtendAlliance {
    fn validate(&self, state: &State, player: PlayerId) -> Result<(), Reject> {
        guard::in_play(state, player)?;
        guard::stranger(state, player, self.with)?;
        let pact = bound(state, player, self.with)?;
        let window = state.setting.rules.diplomacy.extend_ticks;
        let from = Tick(pact.until.saturating_sub(window));
        if state.tick < from {
            return Err(Reject::TooEarly { from });
        }
        let asked = has_asked(state, player, self.with);
        if asked { Err(Reject::AlreadyProposed { player: self.with }) } else { Ok(()) }
    }

    fn execute(&self, state: &mut State, player: PlayerId) {
        let (a, b) = (player.min(self.with), player.max(self.with));
        let pact = *state.pact(a, b);
        if has_asked(state, self.with, player) {
            let until = state.tick.after(state.setting.rules.diplomacy.alliance_ticks).0;
            state.set_pact(a, b, PactRow { state: ALLIED, until, ..pact });
            return state.emit(Event::AllianceExtended { a, b });
        }
        state.set_pact(a, b, PactRow { state: extended_by(player, self.with), ..pact });
        state.emit(Event::ExtensionAsked { from: player, to: self.with });
    }
}

impl Act for BreakAlliance {
    fn validate(&self, state: &State, player: PlayerId) -> Result<(), Reject> {
        guard::in_play(state, player)?;
        guard::stranger(state, player, self.with)?;
        bound(state, player, self.with).map(drop)
    }

    fn execute(&self, state: &mut State, player: PlayerId) {
        let away = state.player(self.with).presence != Presence::Here.code();
        let traitor = !away && !state.is_traitor(self.with);
        if traitor {
            let until = state.tick.after(state.setting.rules.diplomacy.traitor_ticks).0;
            let branded = PlayerRow { traitor_until: until, ..*state.player(player) };
            state.set_player(player, branded);
        }
        state.set_pact(player, self.with, state.pact(player, self.with).without_state());
        state.emit(Event::AllianceBroken { by: player, with: self.with, traitor });
    }
}

/// Makes two players allies. Embargoes between them end, and their armies in battle
/// against each other go home.
fn ally(state: &mut State, a: PlayerId, b: PlayerId) {
    let until = state.tick.after(state.setting.rules.diplomacy.alliance_ticks).0;
    state.set_pact(a, b, PactRow { state: ALLIED, until, embargo: 0 });
    state.emit(Event::AllianceFormed { a: a.min(b), b: a.max(b) });
    for (attacker, holder) in [(a, b), (b, a)] {
        while let Some(army) = besieger(state, attacker, holder) {
            march::go_home(state, army);
        }
    }
}

/// The first army of `attacker` that fights for land of `holder`. O(armies of the attacker).
pub(super) fn besieger(
    state: &State,
    attacker: PlayerId,
    holder: PlayerId,
) -> Option<crate::id::ArmyId> {
    state.armies_of(attacker).find(|id| {
        let army = state.army(*id).filter(|army| army.fighting == 1);
        army.is_some_and(|army| state.owner(TerritoryId(army.to)) == Some(holder))
    })
}
