//! Tells a defect with the names of what it is about: in a list of thousands, numbers alone
//! are of little help.

use sovereign_core::map::{MapDefect, MapDraft};

/// The defect, and the names of the territories or regions it speaks of.
#[must_use]
pub(crate) fn tell(draft: &MapDraft, defect: &MapDefect) -> String {
    let name = |at: &u32| draft.territories.get(*at as usize).map(|place| place.name.as_str());
    let ends = |edge: &usize| draft.edges.get(*edge).map(|edge| [edge.a, edge.b]);
    let names: Vec<&str> = match defect {
        MapDefect::DanglingEdge { edge, .. }
        | MapDefect::DuplicateEdge { edge, .. }
        | MapDefect::ZeroLength { edge } => ends(edge).iter().flatten().filter_map(name).collect(),
        MapDefect::SelfEdge { territory, .. }
        | MapDefect::ImpassableEdge { territory, .. }
        | MapDefect::UnknownRegion { territory, .. }
        | MapDefect::ImpassableInRegion { territory, .. }
        | MapDefect::OutOfFrame { territory, .. }
        | MapDefect::OutlineTooLarge { territory, .. }
        | MapDefect::BadRing { territory, .. }
        | MapDefect::RingOutOfFrame { territory, .. }
        | MapDefect::TooManyEdges { territory, .. }
        | MapDefect::Apart { territory, .. }
        | MapDefect::Isolated { territory } => name(territory).into_iter().collect(),
        MapDefect::Unreachable { territory: a, from: b, .. }
        | MapDefect::NoWayBack { territory: a, to: b, .. } => {
            [a, b].into_iter().filter_map(name).collect()
        }
        MapDefect::DuplicateName { part: sovereign_core::map::Part::Territory(at), .. } => {
            name(at).into_iter().collect()
        }
        _ => Vec::new(),
    };
    if names.is_empty() { defect.to_string() } else { format!("{defect} ({})", names.join(", ")) }
}
