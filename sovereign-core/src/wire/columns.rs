//! Territories as columns of bytes: the bulk of what is sent. `docs/protocol.md`
//! describes each byte.

use alloc::vec;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::reader::{Reader, bit};
use crate::event::{Site, TerritoryChange};
use crate::id::{PlayerId, TerritoryId};
use crate::leb128;
use crate::map::TERRITORIES_MAX;
use crate::quantity::Tick;
use crate::state::{LEVEL_MAX, Structure};

/// The bits of a site's first byte that hold the structure.
const STRUCTURE: u8 = 0x07;
/// A strike's fallout lies there.
const FALLOUT: u8 = 0x08;
/// Troops do not grow.
const STILL: u8 = 0x10;
/// When the structure is ready follows.
const READY: u8 = 0x20;
/// How many troops are away follows.
const AWAY: u8 = 0x40;

/// It is a capital.
const CAPITAL: u8 = 0x80;

/// Columns that do not describe territories.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ColumnError {
    /// A column is cut short, too long, or holds what it cannot.
    #[error("the column of {column} is damaged at its byte {at}")]
    Damaged {
        /// Which.
        column: &'static str,
        /// Where, in bytes from its start.
        at: usize,
    },
    /// More territories than any map has.
    #[error("{count} territories, at most {TERRITORIES_MAX} exist")]
    TooMany {
        /// How many.
        count: usize,
    },
}

/// Territories, a column for each of their fields.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Columns {
    /// A varint each: how many ids lie between this one and the one before.
    #[serde(with = "serde_bytes")]
    ids: Vec<u8>,
    /// A varint each.
    #[serde(with = "serde_bytes")]
    troops: Vec<u8>,
    /// A bit each: changed or not; then a varint for each that changed: owner + 1, or
    /// 0. Nothing at all if no owner changed.
    #[serde(with = "serde_bytes")]
    owners: Vec<u8>,
    /// A bit each: changed or not; then a site for each that changed. Nothing at all
    /// if no site changed.
    #[serde(with = "serde_bytes")]
    sites: Vec<u8>,
    /// A varint each: how many ticks `troops` is older than the delta. Nothing at all
    /// if none is older.
    #[serde(with = "serde_bytes")]
    ages: Vec<u8>,
}

impl Columns {
    /// The columns of territories in rising order.
    pub(super) fn pack(territories: &[TerritoryChange], tick: Tick) -> Self {
        let mut columns = Self::default();
        let mut next = 0;
        for change in territories {
            leb128::put(&mut columns.ids, change.id.0.wrapping_sub(next));
            next = change.id.0.wrapping_add(1);
            leb128::put(&mut columns.troops, change.troops);
        }
        columns.owners = sparse(territories, |change| change.owner, put_owner);
        columns.sites = sparse(territories, |change| change.site, put_site);
        if territories.iter().any(|change| change.since != tick) {
            let ages = territories.iter().map(|change| tick.since(change.since));
            ages.for_each(|age| leb128::put(&mut columns.ages, age));
        }
        columns
    }

    /// The territories of columns. Takes memory only for what the columns hold.
    pub(super) fn unpack(&self, tick: Tick) -> Result<Vec<TerritoryChange>, ColumnError> {
        let count = leb128::count(&self.ids);
        if count > TERRITORIES_MAX {
            return Err(ColumnError::TooMany { count });
        }
        if count > self.troops.len() {
            return Err(ColumnError::Damaged { column: "troops", at: self.troops.len() });
        }
        let mut territories = self.numbers(count, tick)?;
        self.read_ages(&mut territories)?;
        self.read_owners(&mut territories)?;
        self.read_sites(&mut territories)?;
        Ok(territories)
    }

    /// Ids and troops.
    fn numbers(&self, count: usize, since: Tick) -> Result<Vec<TerritoryChange>, ColumnError> {
        let mut ids = Reader::new("ids", &self.ids);
        let mut troops = Reader::new("troops", &self.troops);
        let mut territories = Vec::with_capacity(count);
        let mut next = Some(0_u32);
        for _ in 0..count {
            let gap = ids.varint()?;
            let id = next.and_then(|next| next.checked_add(gap)).ok_or_else(|| ids.error())?;
            next = id.checked_add(1);
            let (id, troops) = (TerritoryId(id), troops.varint()?);
            territories.push(TerritoryChange { id, troops, since, owner: None, site: None });
        }
        ids.end()?;
        troops.end()?;
        Ok(territories)
    }

    fn read_ages(&self, territories: &mut [TerritoryChange]) -> Result<(), ColumnError> {
        if self.ages.is_empty() {
            return Ok(());
        }
        let mut ages = Reader::new("ages", &self.ages);
        for change in territories {
            let age = ages.varint()?;
            let since = change.since.0.checked_sub(age).ok_or_else(|| ages.error())?;
            change.since = Tick(since);
        }
        ages.end()
    }

    fn read_owners(&self, territories: &mut [TerritoryChange]) -> Result<(), ColumnError> {
        let owners = Reader::new("owners", &self.owners);
        read_sparse(owners, territories, |owners, change| {
            let raw = owners.varint()?;
            let seat = |seat| u16::try_from(seat).ok().filter(|seat| *seat < u16::MAX);
            change.owner = Some(match raw.checked_sub(1) {
                None => None,
                Some(raw) => Some(PlayerId(seat(raw).ok_or_else(|| owners.error())?)),
            });
            Ok(())
        })
    }

    fn read_sites(&self, territories: &mut [TerritoryChange]) -> Result<(), ColumnError> {
        let sites = Reader::new("sites", &self.sites);
        read_sparse(sites, territories, |sites, change| {
            change.site = Some(read_site(sites)?);
            Ok(())
        })
    }
}

/// A column of what only some territories have.
fn sparse<T>(
    territories: &[TerritoryChange],
    field: impl Fn(&TerritoryChange) -> Option<T>,
    put: impl Fn(&mut Vec<u8>, T),
) -> Vec<u8> {
    if territories.iter().all(|change| field(change).is_none()) {
        return Vec::new();
    }
    let mut column = vec![0; territories.len().div_ceil(8)];
    for (index, change) in territories.iter().enumerate() {
        if let Some(value) = field(change) {
            column[index / 8] |= 1 << (index % 8);
            put(&mut column, value);
        }
    }
    column
}

fn read_sparse(
    mut column: Reader<'_>,
    territories: &mut [TerritoryChange],
    read: impl Fn(&mut Reader<'_>, &mut TerritoryChange) -> Result<(), ColumnError>,
) -> Result<(), ColumnError> {
    if column.is_empty() {
        return Ok(());
    }
    let bits = column.bits(territories.len())?;
    let changed = territories.iter_mut().enumerate().filter(|(index, _)| bit(bits, *index));
    for (_, change) in changed {
        read(&mut column, change)?;
    }
    column.end()
}

fn put_owner(column: &mut Vec<u8>, owner: Option<PlayerId>) {
    leb128::put(column, owner.map_or(0, |owner| u32::from(owner.0) + 1));
}

fn put_site(column: &mut Vec<u8>, site: Site) {
    let still = if site.still { STILL } else { 0 };
    let fallout = if site.fallout { FALLOUT } else { 0 };
    let ready = if site.ready.is_some() { READY } else { 0 };
    let away = if site.away > 0 { AWAY } else { 0 };
    let capital = if site.capital { CAPITAL } else { 0 };
    column.push(Structure::raw(site.structure) | still | fallout | ready | away | capital);
    if site.structure.is_some() {
        column.push(site.level);
    }
    if let Some(ready) = site.ready {
        leb128::put(column, ready.0);
    }
    if site.away > 0 {
        leb128::put(column, site.away);
    }
}

fn read_site(column: &mut Reader<'_>) -> Result<Site, ColumnError> {
    let flags = column.byte()?;
    let structure = flags & STRUCTURE;
    let known = structure == 0 || Structure::from_raw(structure).is_some();
    if !known {
        return Err(column.error());
    }
    let structure = Structure::from_raw(structure);
    let level = if structure.is_some() { column.byte()? } else { 0 };
    if level > LEVEL_MAX {
        return Err(column.error());
    }
    let ready = if flags & READY == 0 { None } else { Some(Tick(column.varint()?)) };
    let away = if flags & AWAY == 0 { 0 } else { column.varint()? };
    Ok(Site {
        structure,
        level,
        ready,
        still: flags & STILL != 0,
        fallout: flags & FALLOUT != 0,
        capital: flags & CAPITAL != 0,
        away,
    })
}
