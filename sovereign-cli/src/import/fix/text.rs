//! Mends names and notes.

use std::collections::BTreeSet;

use sovereign_core::map::{MapDraft, NAME_BYTES_MAX, NOTE_BYTES_MAX, Part, TextFault};

use crate::import::foreign::simple;

/// Mends a text; what was done.
pub(super) fn mend(draft: &mut MapDraft, part: Part, fault: TextFault) -> Option<String> {
    if fault == TextFault::NotSimple {
        draft.name = simple(&draft.name);
        return Some(format!("now {:?}", draft.name));
    }
    let most = match part {
        Part::Source | Part::Licence => NOTE_BYTES_MAX,
        _ => NAME_BYTES_MAX,
    };
    let text = text_of(draft, part)?;
    let plain: String = text.chars().filter(|c| !c.is_control()).collect();
    *text = clipped(plain.trim(), most).trim().to_owned();
    if text.is_empty() {
        *text = instead(part);
    }
    Some(format!("now {text:?}"))
}

fn text_of(draft: &mut MapDraft, part: Part) -> Option<&mut String> {
    match part {
        Part::Name => Some(&mut draft.name),
        Part::Title => Some(&mut draft.title),
        Part::Source => Some(&mut draft.source),
        Part::Licence => Some(&mut draft.licence),
        Part::Region(at) => draft.regions.get_mut(at as usize).map(|region| &mut region.name),
        Part::Territory(at) => draft.territories.get_mut(at as usize).map(|place| &mut place.name),
    }
}

/// What is written where there is nothing to read.
fn instead(part: Part) -> String {
    match part {
        Part::Name => "unnamed".to_owned(),
        Part::Title => "Unnamed".to_owned(),
        Part::Source | Part::Licence => "unknown".to_owned(),
        Part::Region(at) => format!("Region {}", at + 1),
        Part::Territory(at) => format!("Territory {}", at + 1),
    }
}

fn clipped(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}

/// The names in use, looked up once a round: regions, and territories.
#[derive(Default)]
pub(super) struct Names {
    regions: BTreeSet<String>,
    territories: BTreeSet<String>,
}

impl Names {
    /// Gives a name that is taken a number behind it: the first from 2 that is free.
    pub(super) fn rename(&mut self, draft: &mut MapDraft, part: Part) -> Option<String> {
        let used = match part {
            Part::Region(_) => &mut self.regions,
            _ => &mut self.territories,
        };
        if used.is_empty() {
            let territories = draft.territories.iter().map(|place| &place.name);
            match part {
                Part::Region(_) => used.extend(draft.regions.iter().map(|r| r.name.clone())),
                _ => used.extend(territories.cloned()),
            }
        }
        let name = text_of(draft, part)?;
        let numbered = (2..).map(|number| {
            let tail = format!(" ({number})");
            format!("{}{tail}", clipped(name, NAME_BYTES_MAX - tail.len()))
        });
        *name = numbered.into_iter().find(|name| !used.contains(name))?;
        used.insert(name.clone());
        Some(format!("now {name:?}"))
    }
}
