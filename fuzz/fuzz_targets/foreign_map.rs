//! Any file of another program: refused in words, or a draft whose defects are named. The first
//! byte chooses the format, so that no luck is needed to look like it.
#![no_main]
#![allow(dead_code, unused_imports)]

#[path = "../importers/mod.rs"]
mod import;

use import::foreign::{Format, Hints, read};
use libfuzzer_sys::fuzz_target;
use sovereign_core::Map;

const FORMATS: [Format; 4] =
    [Format::Topojson, Format::Geojson, Format::Domination, Format::Borders];

fuzz_target!(|bytes: &[u8]| {
    let Some((first, file)) = bytes.split_first() else { return };
    let format = FORMATS[usize::from(*first) % FORMATS.len()];
    let Ok(foreign) = read(file, Some(format), &Hints::default()) else { return };
    let sound = foreign.draft.check().is_empty();
    assert_eq!(Map::try_from(foreign.draft).is_ok(), sound);
});
