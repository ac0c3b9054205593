//! What somebody else's file says, in one form for all formats: places, and who borders on
//! whom. Nothing is mended here; what is wrong is listed.

use std::collections::BTreeMap;
use std::fmt;

use super::super::geometry::{Point, Ring};

/// Where in a file something stands, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum At {
    /// A line of text.
    Line(usize),
    /// A record of a list.
    Record(usize),
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(at) => write!(f, "line {at}"),
            Self::Record(at) => write!(f, "record {at}"),
        }
    }
}

/// What can be wrong with a foreign file that a map draft could not even say. Places are
/// called by their names.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]

pub(crate) enum SourceDefect {
    #[error("{at}: asymmetric: {from} borders on {to}, but {to} does not list {from}")]
    Asymmetric { at: At, from: String, to: String },
    #[error("{at}: dangling: {from} borders on {to:?}, which is not in the file")]
    Dangling { at: At, from: String, to: String },
    #[error("{at}: duplicate: {from} lists {to} again")]
    Duplicate { at: At, from: String, to: String },
    #[error("{at}: duplicate: the code {code:?} is already that of {first}")]
    DuplicateCode { at: At, code: String, first: String },
    #[error("{at}: dangling: {place} is in region {region:?}, which is not in the file")]
    UnknownRegion { at: At, place: String, region: String },
}

/// A place that is to be a territory.
#[derive(Default)]
pub(super) struct Place {
    pub(super) name: String,
    /// What other places call it by; unique if the file is sound.
    pub(super) code: String,
    pub(super) region: Option<u16>,
    /// Where its label is to be, if the file says so.
    pub(super) position: Option<Point>,
    /// Each an outer ring and its holes.
    pub(super) parts: Vec<Vec<Ring>>,
}

/// A border that leads from one place to another. One that leads both ways is here once.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Border {
    pub(super) a: usize,
    pub(super) b: usize,
    pub(super) one_way: bool,
}

/// All that a file says.
#[derive(Default)]
pub(super) struct Source {
    /// What the file calls itself.
    pub(super) title: Option<String>,
    pub(super) places: Vec<Place>,
    /// Each region's name and bonus; 0 if the file knows none.
    pub(super) regions: Vec<(String, u16)>,
    pub(super) borders: Vec<Border>,
    /// Whether positions are longitudes and latitudes.
    pub(super) globe: bool,
    pub(super) defects: Vec<SourceDefect>,
}

/// What a place says about its neighbours.
pub(super) struct Listing {
    pub(super) at: At,
    pub(super) from: usize,
    /// The codes of its neighbours.
    pub(super) to: Vec<String>,
}

impl Source {
    /// The number of a region of this name, which is added if it is new.
    pub(super) fn region(&mut self, name: &str) -> u16 {
        let known = self.regions.iter().position(|(region, _)| region == name);
        let at = known.unwrap_or_else(|| {
            self.regions.push((name.to_owned(), 0));
            self.regions.len() - 1
        });
        at as u16
    }

    /// Adds borders that each side lists for itself, and lists what does not fit.
    pub(super) fn add_listings(&mut self, listings: &[Listing], at: impl Fn(usize) -> At) {
        let numbers = self.numbers(at);
        let mut ways = BTreeMap::new();
        for Listing { at, from, to } in listings {
            for code in to {
                self.add_way(&numbers, &mut ways, (*at, *from, code));
            }
        }
        for (&(a, b), &at) in &ways {
            let mutual = ways.contains_key(&(b, a));
            if a <= b || !mutual {
                self.borders.push(Border { a, b, one_way: !mutual });
            }
            if !mutual {
                let [from, to] = [a, b].map(|place| self.places[place].name.clone());
                self.defects.push(SourceDefect::Asymmetric { at, from, to });
            }
        }
    }

    /// The number of each code; the first place of two with the same one keeps it.
    fn numbers(&mut self, at: impl Fn(usize) -> At) -> BTreeMap<String, usize> {
        let mut numbers = BTreeMap::new();
        for (number, place) in self.places.iter().enumerate() {
            if let Some(&first) = numbers.get(&place.code) {
                let first: &Place = &self.places[first];
                let (code, first) = (place.code.clone(), first.name.clone());
                self.defects.push(SourceDefect::DuplicateCode { at: at(number), code, first });
            } else {
                numbers.insert(place.code.clone(), number);
            }
        }
        numbers
    }

    fn add_way(
        &mut self,
        numbers: &BTreeMap<String, usize>,
        ways: &mut BTreeMap<(usize, usize), At>,
        (at, from, code): (At, usize, &String),
    ) {
        let name = |place: usize| self.places[place].name.clone();
        let Some(&to) = numbers.get(code) else {
            let (from, to) = (name(from), code.clone());
            return self.defects.push(SourceDefect::Dangling { at, from, to });
        };
        if ways.insert((from, to), at).is_some() {
            let (from, to) = (name(from), name(to));
            self.defects.push(SourceDefect::Duplicate { at, from, to });
        }
    }

    /// Adds borders between all users of each thing that may be shared, such as an arc or a
    /// side. One that uses a thing twice borders on itself, as the raw data says.
    pub(super) fn add_shared<K: Ord + Copy>(&mut self, mut uses: Vec<(K, usize)>) {
        uses.sort_unstable();
        let mut pairs = Vec::new();
        for same in uses.chunk_by(|a, b| a.0 == b.0) {
            for (at, &(_, a)) in same.iter().enumerate() {
                pairs.extend(same[at + 1..].iter().map(|&(_, b)| (a, b)));
            }
        }
        pairs.sort_unstable();
        pairs.dedup();
        let border = |(a, b)| Border { a, b, one_way: false };
        self.borders.extend(pairs.into_iter().map(border));
    }
}
