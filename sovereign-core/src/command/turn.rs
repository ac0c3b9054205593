//! `deploy` and `end_turn`: the beginning and the end of a turn.

use serde::{Deserialize, Serialize};

use super::{Act, Amount, Reject, guard};
use crate::event::Event;
use crate::id::{PlayerId, TerritoryId};
use crate::quantity::{Permille, TROOPS_MAX};
use crate::state::State;
use crate::state::row::{GameRow, PlayerRow, TerritoryRow};
use crate::tick;

/// Brings troops of the reserve to own land, at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Deploying", into = "Deploying")]
pub struct Deploy {
    /// Own land, at peace.
    pub territory: TerritoryId,
    /// How many, as a number or a share of the reserve; at least 1.
    pub troops: Amount,
}

/// The order as it is written: with exactly one of `troops` and `share`.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Deploying {
    territory: TerritoryId,
    troops: Option<u32>,
    share: Option<Permille>,
}

impl From<Deploy> for Deploying {
    fn from(Deploy { territory, troops }: Deploy) -> Self {
        match troops {
            Amount::Troops(troops) => Self { territory, troops: Some(troops), share: None },
            Amount::Share(share) => Self { territory, troops: None, share: Some(share) },
        }
    }
}

impl TryFrom<Deploying> for Deploy {
    type Error = &'static str;

    fn try_from(deploying: Deploying) -> Result<Self, &'static str> {
        let troops = match (deploying.troops, deploying.share) {
            (Some(troops), None) => Amount::Troops(troops),
            (None, Some(share)) => Amount::Share(share),
            _ => return Err("exactly one of `troops` and `share` says how many are deployed"),
        };
        Ok(Self { territory: deploying.territory, troops })
    }
}

impl Act for Deploy {
    fn validate(&self, state: &State, player: PlayerId) -> Result<(), Reject> {
        guard::in_play(state, player)?;
        is_on(state, player)?;
        guard::owned(state, player, self.territory)?;
        if state.battle(self.territory).is_some() {
            return Err(Reject::Besieged { territory: self.territory });
        }
        let available = deployable(state, player, self.territory);
        match self.troops.of(available) {
            0 => Err(Reject::NoTroops),
            asked if asked > available => Err(Reject::TooFewInReserve { asked, available }),
            _ => Ok(()),
        }
    }

    fn execute(&self, state: &mut State, player: PlayerId) {
        let territory = self.territory;
        let troops = self.troops.of(deployable(state, player, territory));
        let row = state.settled(player);
        state.set_player(player, PlayerRow { reserve: row.reserve - troops, ..row });
        let land = state.rebased(territory);
        state.set_territory(territory, TerritoryRow { troops: land.troops + troops, ..land });
        state.emit(Event::Deployed { territory, player, troops });
    }
}

/// The most troops of the reserve for which there is room in a territory.
pub(crate) fn deployable(state: &State, player: PlayerId, territory: TerritoryId) -> u32 {
    state.reserve(player).min(TROOPS_MAX.saturating_sub(state.troops(territory)))
}

/// Ends one's turn. The next player's begins once no army of one's own is under way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndTurn {}

impl Act for EndTurn {
    fn validate(&self, state: &State, player: PlayerId) -> Result<(), Reject> {
        guard::in_play(state, player)?;
        if !state.setting.rules.turns.are_on() {
            return Err(Reject::NoTurns);
        }
        is_on(state, player)?;
        all_deployed(state, player)
    }

    fn execute(&self, state: &mut State, _: PlayerId) {
        tick::turn::end(state);
    }
}

/// It is the player's turn, or there are none.
pub(super) fn is_on(state: &State, player: PlayerId) -> Result<(), Reject> {
    if !state.setting.rules.turns.are_on() || state.turn() == Some(player) {
        return Ok(());
    }
    Err(Reject::NotYourTurn { turn: PlayerId::from_raw(state.game().turn) })
}

fn all_deployed(state: &State, player: PlayerId) -> Result<(), Reject> {
    match state.reserve(player) {
        0 => Ok(()),
        reserve => Err(Reject::ReserveLeft { reserve }),
    }
}

/// Where there are turns, attacks come after deployment and before moves.
pub(super) fn may_attack(state: &State, player: PlayerId) -> Result<(), Reject> {
    has_moves_left(state, player, 1)
}

/// Where there are turns, moves come last, and there are only some.
pub(super) fn may_move(state: &State, player: PlayerId) -> Result<(), Reject> {
    has_moves_left(state, player, state.setting.rules.turns.moves_max)
}

/// The player may send troops in his turn, in which fewer than `end` moves were made.
fn has_moves_left(state: &State, player: PlayerId, end: u32) -> Result<(), Reject> {
    is_on(state, player)?;
    let rules = &state.setting.rules.turns;
    if !rules.are_on() {
        return Ok(());
    }
    if state.game().round == 0 {
        return Err(Reject::OpeningRound);
    }
    all_deployed(state, player)?;
    let max = rules.moves_max;
    if state.game().moves < end { Ok(()) } else { Err(Reject::AlreadyMoved { max }) }
}

/// Counts a move of the turn.
pub(super) fn note_move(state: &mut State) {
    let row = *state.game();
    if state.setting.rules.turns.are_on() {
        state.set_game(GameRow { moves: row.moves + 1, ..row });
    }
}
