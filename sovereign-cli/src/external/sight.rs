//! What a bot's program is shown: everything at first, then what has changed.

use std::collections::BTreeMap;

use serde::Serialize;
use sovereign_core::event::{ArmyChange, BattleChange, GameState, PactChange, PlayerChange};
use sovereign_core::id::{ArmyId, PlayerId, TerritoryId};
use sovereign_core::quantity::{Permille, Tick};
use sovereign_core::{Structure, View};

/// A look at the board.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Sight {
    /// Everything.
    Snapshot(Board),
    /// What has changed since the look before.
    Delta(Board),
}

/// Rows of a board: whole rows, which replace those of the same id.
#[derive(Debug, Serialize)]
pub(crate) struct Board {
    tick: Tick,
    territories: Vec<Land>,
    players: Vec<PlayerChange>,
    armies: Vec<ArmyChange>,
    battles: Vec<BattleChange>,
    pacts: Vec<PactChange>,
    game: Option<GameState>,
}

/// A territory as it is now, so that nobody need compute growth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
struct Land {
    id: TerritoryId,
    owner: Option<PlayerId>,
    troops: u32,
    cap: u32,
    defence: Permille,
    structure: Option<Structure>,
    level: u8,
    ready: Option<Tick>,
    besieged: bool,
}

impl Land {
    fn of(view: &View<'_>, id: TerritoryId) -> Self {
        let now = view.territory(id);
        Self {
            id,
            owner: now.owner,
            troops: now.troops,
            cap: now.cap,
            defence: now.defence,
            structure: now.structure,
            level: now.level,
            ready: now.ready,
            besieged: now.besieged,
        }
    }
}

/// What was last shown to a bot.
#[derive(Debug, Default)]
pub(crate) struct Eyes {
    opened: bool,
    territories: Vec<Land>,
    players: Vec<PlayerChange>,
    armies: BTreeMap<ArmyId, ArmyChange>,
    battles: BTreeMap<TerritoryId, BattleChange>,
    pacts: BTreeMap<(PlayerId, PlayerId), PactChange>,
    game: Option<GameState>,
}

impl Eyes {
    /// Looks at everything, and says what is new. O(territories + seats²).
    pub(crate) fn look(&mut self, view: &View<'_>) -> Sight {
        let armies = view.armies().map(|(id, army)| (id, ArmyChange { id, army: Some(army) }));
        let battle =
            |(territory, battle)| (territory, BattleChange { territory, battle: Some(battle) });
        let game = Some(view.game());
        let board = Board {
            tick: view.tick(),
            territories: self.lands(view),
            players: self.players(view),
            armies: news(&mut self.armies, armies.collect(), |id| ArmyChange { id, army: None }),
            battles: news(&mut self.battles, view.battles().map(battle).collect(), |territory| {
                BattleChange { territory, battle: None }
            }),
            pacts: news(&mut self.pacts, pacts(view), |(a, b)| PactChange {
                a,
                b,
                until: None,
                embargo: 0,
            }),
            game: game.filter(|_| self.game != game),
        };
        self.game = game;
        if std::mem::replace(&mut self.opened, true) {
            Sight::Delta(board)
        } else {
            Sight::Snapshot(board)
        }
    }

    fn lands(&mut self, view: &View<'_>) -> Vec<Land> {
        let ids = (0..view.map().len()).map(TerritoryId::from_index);
        fresh(&mut self.territories, ids.map(|id| Land::of(view, id)).collect())
    }

    fn players(&mut self, view: &View<'_>) -> Vec<PlayerChange> {
        fresh(&mut self.players, view.players().map(|id| view.player(id)).collect())
    }
}

fn pacts(view: &View<'_>) -> BTreeMap<(PlayerId, PlayerId), PactChange> {
    let mut found = BTreeMap::new();
    for b in view.players() {
        for a in view.players().take_while(|a| *a < b) {
            let embargo = u8::from(view.embargo(a, b)) | u8::from(view.embargo(b, a)) << 1;
            let until = view.alliance(a, b);
            if until.is_some() || embargo != 0 {
                found.insert((a, b), PactChange { a, b, until, embargo });
            }
        }
    }
    found
}

/// The rows of a list that differ from those at the same place before.
fn fresh<T: Copy + PartialEq>(known: &mut Vec<T>, now: Vec<T>) -> Vec<T> {
    let is_new = |(at, row): &(usize, &T)| known.get(*at) != Some(*row);
    let rows = now.iter().enumerate().filter(is_new).map(|(_, row)| *row).collect();
    *known = now;
    rows
}

/// The rows of a table that differ from those before, with a row for each that is gone.
fn news<K: Copy + Ord, T: Copy + PartialEq>(
    known: &mut BTreeMap<K, T>,
    now: BTreeMap<K, T>,
    gone: impl Fn(K) -> T,
) -> Vec<T> {
    let mut rows: BTreeMap<K, T> = BTreeMap::new();
    let lost = known.keys().filter(|key| !now.contains_key(key));
    rows.extend(lost.map(|key| (*key, gone(*key))));
    let new = now.iter().filter(|(key, row)| known.get(key) != Some(row));
    rows.extend(new.map(|(key, row)| (*key, *row)));
    *known = now;
    rows.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changed_and_what_is_gone_is_news() {
        let mut known = BTreeMap::from([(1, 10), (2, 20), (3, 30)]);
        let now = BTreeMap::from([(2, 20), (3, 31), (4, 40)]);
        assert_eq!(news(&mut known, now.clone(), |key| -key), [-1, 31, 40]);
        assert_eq!(known, now);
        let mut rows = vec![1, 2, 3];
        assert_eq!(fresh(&mut rows, vec![1, 5, 3, 4]), [5, 4]);
    }
}
