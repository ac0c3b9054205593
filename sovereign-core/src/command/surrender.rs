//! `surrender`: give up.

use serde::{Deserialize, Serialize};

use super::alliance::besieger;
use super::{Act, Reject, guard};
use crate::event::Event;
use crate::id::PlayerId;
use crate::state::row::{PactRow, PlayerRow};
use crate::state::{Phase, Standing, State};
use crate::tick::{march, supply};

/// Gives up. The land becomes neutral and stands still, the armies disperse.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Surrender {}

impl Act for Surrender {
    fn validate(&self, state: &State, player: PlayerId) -> Result<(), Reject> {
        let phase = state.phase();
        if phase != Phase::Spawn && phase != Phase::Playing {
            return Err(Reject::WrongPhase { phase, needed: Phase::Playing });
        }
        guard::playing(state, player)
    }

    fn execute(&self, state: &mut State, player: PlayerId) {
        leave_game(state, player, Standing::Surrendered);
    }
}

/// Takes a player out: armies disperse, pacts end, and one row says that the land
/// is nobody's. O(armies + players), however much land there is.
pub(crate) fn leave_game(state: &mut State, player: PlayerId, standing: Standing) {
    go_out(state, player, standing, None);
}

/// A capital has fallen: its player goes out, and all land in his name, and in the names
/// of those whose heir he was, is the taker's. O(armies + players + regions).
pub(crate) fn cede(state: &mut State, from: PlayerId, to: PlayerId) {
    state.settle_gold(Some(to));
    state.emit(Event::Ceded { from, to });
    go_out(state, from, Standing::Eliminated, Some(to));
    for name in state.players().filter(|name| *name != from) {
        if state.player(name).heir == from.0 {
            state.set_player(name, PlayerRow { heir: to.0, ..*state.player(name) });
        }
    }
    for friend in state.players() {
        if state.friendly(friend, to) {
            make_peace(state, friend, to);
        }
    }
}

/// Armies of a friend no longer fight for land that is the holder's now: the holder's own
/// join the garrison, an ally's go home.
fn make_peace(state: &mut State, friend: PlayerId, holder: PlayerId) {
    while let Some(id) = besieger(state, friend, holder) {
        if friend == holder {
            march::relieve(state, id);
        } else {
            march::go_home(state, id);
        }
    }
}

fn go_out(state: &mut State, player: PlayerId, standing: Standing, heir: Option<PlayerId>) {
    let mut armies = state.armies_of(player).next();
    while let Some(army) = armies {
        march::disband(state, army);
        armies = state.armies_of(player).next();
    }
    supply::disband(state, player);
    end_pacts(state, player);
    let place = state.players().filter(|other| state.is_playing(*other)).count() as u16;
    let now = state.tick.0;
    let out = PlayerRow {
        standing: standing.code(),
        place,
        ended: now,
        draw_until: 0,
        reserve: 0,
        heir: PlayerId::raw(heir),
        ..state.settled(player)
    };
    state.set_player(player, out);
    let surrendered = standing == Standing::Surrendered;
    state.emit(Event::PlayerOut { player, place, surrendered });
    state.unjudged = true;
}

/// Ends all pacts of a player. One trading partner less changes what is left of the
/// trade of those under an embargo, so their gold is settled first.
fn end_pacts(state: &mut State, player: PlayerId) {
    for other in state.players().filter(|other| *other != player) {
        if *state.pact(player, other) != PactRow::BLANK {
            state.set_pact(player, other, PactRow::BLANK);
        }
        if state.embargoes(other) > 0 {
            state.settle_gold(Some(other));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{Order, Plan, SystemOrder};
    use crate::id::TerritoryId;
    use crate::map::generate;
    use crate::rng::Seed;
    use crate::rules::{Rules, RulesDraft};
    use crate::state::Setting;
    use crate::state::row::TerritoryRow;
    use alloc::sync::Arc;

    /// Two players of whom the second holds so many territories.
    fn empire(land: u32) -> State {
        let mut rules = RulesDraft::clone(&Rules::preset("classic").expect("shipped"));
        rules.victory.capitals = true;
        let rules = Rules::try_from(rules).expect("within its ranges").into();
        let map = Arc::new(generate::grid(100, 100));
        let mut state = State::new(Arc::new(Setting::new(map, rules, Seed::from(1), 2)));
        for player in [PlayerId(0), PlayerId(1)] {
            let join = SystemOrder::Join { player, bot: true, team: 0 };
            Order::System(join).execute(&mut state, &Plan::Act);
        }
        Order::System(SystemOrder::Start).execute(&mut state, &Plan::Act);
        for id in (1..=land).map(TerritoryId) {
            state.set_territory(id, TerritoryRow { owner: 1, ..TerritoryRow::BLANK });
        }
        state.forget();
        state
    }

    #[test]
    fn an_empire_passes_on_at_the_cost_of_a_village() {
        let entries = |land| {
            let mut state = empire(land);
            cede(&mut state, PlayerId(1), PlayerId(0));
            assert_eq!(state.territory_count(PlayerId(0)), land);
            assert_eq!(state.owned(PlayerId(0)).count() as u32, land);
            assert_eq!(state.check_invariants(), Ok(()));
            size_of_val(state.journal.all())
        };
        assert_eq!(entries(9_000), entries(1));
        assert!(entries(9_000) < 1024, "{} bytes of journal", entries(9_000));
    }
}
