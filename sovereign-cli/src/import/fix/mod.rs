//! Mends what is wrong with a map, and says what it did. Nothing is mended unasked.
//!
//! It goes by the list of defects: each is mended where there is one plain way to do so, then
//! the map is checked again, since mending one thing may bring out another.

mod join;
mod text;

use std::collections::BTreeSet;

use sovereign_core::map::{MapDefect, MapDraft, OUTLINE_POINTS_MAX, RINGS_MAX};

use super::foreign::{Foreign, SourceDefect};
use super::tell::tell;

pub(in crate::import) use join::join_parts;

/// The most times that a map is checked again.
const ROUNDS_MAX: usize = 16;

/// A map after it was mended.
#[derive(Debug)]
pub(crate) struct Fixed {
    /// The map. It may still have defects: those that nobody can mend without a choice.
    pub(crate) draft: MapDraft,
    /// What was done, a sentence for each defect.
    pub(crate) done: Vec<String>,
}

/// Mends what can be mended.
#[must_use]
pub(crate) fn fix(foreign: Foreign) -> Fixed {
    let Foreign { mut draft, defects } = foreign;
    let mut done = defects.iter().map(|defect| mend_source(&mut draft, defect)).collect();
    for _ in 0..ROUNDS_MAX {
        let defects = draft.check();
        let before = draft.clone();
        Round::default().run(&mut draft, &defects, &mut done);
        if draft == before {
            break;
        }
    }
    Fixed { draft, done }
}

/// A draft holds what is left of these already: what could not be said in it is gone.
fn mend_source(draft: &mut MapDraft, defect: &SourceDefect) -> String {
    let what = match defect {
        SourceDefect::Asymmetric { .. } => {
            // A foreign file has no other one-way edges.
            draft.edges.iter_mut().for_each(|edge| edge.one_way = false);
            "joined both ways"
        }
        SourceDefect::Dangling { .. } => "border left out",
        SourceDefect::Duplicate { .. } => "counted once",
        SourceDefect::DuplicateCode { .. } => "kept, without that code",
        SourceDefect::UnknownRegion { .. } => "left without a region",
    };
    format!("{defect}: {what}")
}

/// What is taken out at the end of a round, so that numbers stay what they are in it.
#[derive(Default)]
struct Round {
    edges: BTreeSet<usize>,
    regions: BTreeSet<u32>,
    apart: bool,
}

impl Round {
    fn run(mut self, draft: &mut MapDraft, defects: &[MapDefect], done: &mut Vec<String>) {
        let mut names = text::Names::default();
        for defect in defects {
            let told = tell(draft, defect);
            if let Some(what) = self.mend(draft, defect, &mut names) {
                done.push(format!("{told}: {what}"));
            }
        }
        self.clear_out(draft);
        // Who is apart is known only once every edge is as it should be.
        if self.apart && self.edges.is_empty() {
            done.extend(join_parts(draft));
            done.extend(join::open_ways(draft));
        }
    }

    /// Mends one defect; what was done, or nothing if there is no plain way.
    fn mend(
        &mut self,
        draft: &mut MapDraft,
        defect: &MapDefect,
        names: &mut text::Names,
    ) -> Option<String> {
        let what = match defect {
            MapDefect::Text { part, fault } => return text::mend(draft, *part, *fault),
            MapDefect::DuplicateName { part, .. } => return names.rename(draft, *part),
            MapDefect::EmptyRegion { region } => {
                self.regions.insert(*region);
                "region removed"
            }
            MapDefect::UnknownRegion { territory, .. }
            | MapDefect::ImpassableInRegion { territory, .. } => {
                draft.territories[*territory as usize].region = None;
                "taken out of the region"
            }
            MapDefect::DanglingEdge { edge, .. }
            | MapDefect::SelfEdge { edge, .. }
            | MapDefect::DuplicateEdge { edge, .. }
            | MapDefect::ImpassableEdge { edge, .. } => {
                self.edges.insert(*edge);
                "edge removed"
            }
            MapDefect::ZeroLength { edge } => {
                draft.edges[*edge].length = 100;
                "length set to 100"
            }
            MapDefect::Isolated { .. }
            | MapDefect::Apart { .. }
            | MapDefect::Unreachable { .. }
            | MapDefect::NoWayBack { .. } => {
                self.apart = true;
                return None;
            }
            shape => return mend_shape(draft, shape),
        };
        Some(what.to_owned())
    }

    fn clear_out(&self, draft: &mut MapDraft) {
        let mut at = 0..;
        draft.edges.retain(|_| at.next().is_none_or(|at| !self.edges.contains(&at)));
        for territory in &mut draft.territories {
            territory.outline.retain(|ring| !ring.is_empty());
            if let Some(region) = &mut territory.region {
                *region -= self.regions.range(..u32::from(*region)).count() as u16;
            }
        }
        let mut at = 0..;
        draft.regions.retain(|_| at.next().is_none_or(|at| !self.regions.contains(&at)));
    }
}

/// Mends what is drawn.
fn mend_shape(draft: &mut MapDraft, defect: &MapDefect) -> Option<String> {
    let (width, height) = (draft.width as i32, draft.height as i32);
    let inside =
        |x: &mut i32, y: &mut i32| (*x, *y) = ((*x).clamp(0, width), (*y).clamp(0, height));
    let what = match *defect {
        MapDefect::OutOfFrame { territory, .. } if width >= 0 && height >= 0 => {
            let territory = &mut draft.territories[territory as usize];
            inside(&mut territory.x, &mut territory.y);
            "moved into the frame"
        }
        MapDefect::RingOutOfFrame { territory, ring, .. } if width >= 0 && height >= 0 => {
            let ring = &mut draft.territories[territory as usize].outline[ring];
            for corner in ring.chunks_exact_mut(2) {
                if let [x, y] = corner {
                    inside(x, y);
                }
            }
            "moved into the frame"
        }
        MapDefect::BadRing { territory, ring, .. } => {
            draft.territories[territory as usize].outline[ring].clear();
            "ring removed"
        }
        MapDefect::OutlineTooLarge { territory, .. } => {
            thin(&mut draft.territories[territory as usize].outline);
            "drawn with fewer rings and corners"
        }
        _ => return None,
    };
    Some(what.to_owned())
}

/// Keeps the rings with most corners, and of their corners as many as are allowed.
fn thin(outline: &mut Vec<Vec<i32>>) {
    outline.sort_by_key(|ring| std::cmp::Reverse(ring.len()));
    outline.truncate(RINGS_MAX);
    while outline.iter().map(|ring| ring.len() / 2).sum::<usize>() > OUTLINE_POINTS_MAX {
        for ring in outline.iter_mut().filter(|ring| ring.len() >= 12) {
            *ring = ring.chunks_exact(2).step_by(2).flatten().copied().collect();
        }
    }
}
