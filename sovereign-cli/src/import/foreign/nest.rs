//! Numbers in lists in lists, as GeoJSON and TopoJSON write shapes: how deep depends on a
//! field that may come later.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, SeqAccess, Visitor};

use super::super::geometry::Point;

/// A number, or a list of such.
pub(super) enum Nest {
    Number(f64),
    List(Vec<Self>),
}

impl Nest {
    pub(super) fn list(&self) -> Option<&[Self]> {
        match self {
            Self::List(list) => Some(list),
            Self::Number(_) => None,
        }
    }

    pub(super) fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::List(_) => None,
        }
    }

    /// The first two numbers of a list: heights and the like are of no use on a map.
    pub(super) fn point(&self) -> Option<Point> {
        let [x, y, ..] = self.list()? else { return None };
        Some([x.number()?, y.number()?])
    }
}

impl<'de> Deserialize<'de> for Nest {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(NestVisitor)
    }
}

struct NestVisitor;

impl<'de> Visitor<'de> for NestVisitor {
    type Value = Nest;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number or a list of numbers")
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Nest, E> {
        Ok(Nest::Number(number as f64))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Nest, E> {
        Ok(Nest::Number(number as f64))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Nest, E> {
        Ok(Nest::Number(number))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Nest, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = from.next_element()? {
            list.push(item);
        }
        Ok(Nest::List(list))
    }
}

/// A place in an arc, without a list of its own.
pub(super) struct Position(pub(super) Point);

impl<'de> Deserialize<'de> for Position {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_seq(PositionVisitor)
    }
}

struct PositionVisitor;

impl<'de> Visitor<'de> for PositionVisitor {
    type Value = Position;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a place of at least two numbers")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Position, A::Error> {
        let short = |count| Error::invalid_length(count, &"two numbers");
        let x = from.next_element()?.ok_or_else(|| short(0))?;
        let y = from.next_element()?.ok_or_else(|| short(1))?;
        while from.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Position([x, y]))
    }
}
