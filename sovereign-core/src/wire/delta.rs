//! A delta as serde sees it: objects in a readable codec, columns in a compact one.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::columns::Columns;
use crate::event::{
    ArmyChange, BattleChange, Delta, Event, GameState, PactChange, PlayerChange, Site,
    TerritoryChange,
};
use crate::id::{PlayerId, TerritoryId};
use crate::quantity::Tick;

/// A delta whose territories are written in one way or another.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form<'d, T> {
    tick: Tick,
    territories: T,
    players: Cow<'d, [PlayerChange]>,
    armies: Cow<'d, [ArmyChange]>,
    battles: Cow<'d, [BattleChange]>,
    pacts: Cow<'d, [PactChange]>,
    game: Option<GameState>,
    events: Cow<'d, [Event]>,
    check: u32,
}

/// A territory in a readable codec: what did not change is not there.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: TerritoryId,
    troops: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    since: Option<Tick>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    owner: Option<Option<PlayerId>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    site: Option<Site>,
}

/// A field that is there: `null` is a value of it.
fn present<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}

impl Row {
    fn of(change: &TerritoryChange, tick: Tick) -> Self {
        let TerritoryChange { id, troops, since, owner, site } = *change;
        Self { id, troops, since: (since != tick).then_some(since), owner, site }
    }

    fn change(self, tick: Tick) -> TerritoryChange {
        let Self { id, troops, since, owner, site } = self;
        TerritoryChange { id, troops, since: since.unwrap_or(tick), owner, site }
    }
}

impl<'d, T> Form<'d, T> {
    fn of(delta: &'d Delta, territories: T) -> Self {
        Self {
            tick: delta.tick,
            territories,
            players: Cow::Borrowed(&delta.players),
            armies: Cow::Borrowed(&delta.armies),
            battles: Cow::Borrowed(&delta.battles),
            pacts: Cow::Borrowed(&delta.pacts),
            game: delta.game,
            events: Cow::Borrowed(&delta.events),
            check: delta.check,
        }
    }

    fn delta<E>(
        self,
        territories: impl FnOnce(T, Tick) -> Result<Vec<TerritoryChange>, E>,
    ) -> Result<Delta, E> {
        Ok(Delta {
            tick: self.tick,
            territories: territories(self.territories, self.tick)?,
            players: self.players.into_owned(),
            armies: self.armies.into_owned(),
            battles: self.battles.into_owned(),
            pacts: self.pacts.into_owned(),
            game: self.game,
            events: self.events.into_owned(),
            check: self.check,
        })
    }
}

impl Serialize for Delta {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            let rows: Vec<_> = self.territories.iter().map(|t| Row::of(t, self.tick)).collect();
            return Form::of(self, rows).serialize(serializer);
        }
        let some = !self.territories.is_empty();
        let columns = some.then(|| Columns::pack(&self.territories, self.tick));
        Form::of(self, columns).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Delta {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            return Form::<Vec<Row>>::deserialize(deserializer)?
                .delta(|rows, tick| Ok(rows.into_iter().map(|row| row.change(tick)).collect()));
        }
        let form = Form::<Option<Columns>>::deserialize(deserializer)?;
        form.delta(|columns, tick| columns.map_or_else(|| Ok(Vec::new()), |c| c.unpack(tick)))
            .map_err(D::Error::custom)
    }
}
