//! `sovereign map check`, and what it has in common with `import`: reading a file of any
//! format, naming all that is wrong, and mending it if asked to.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;
use sovereign_core::Map;
use sovereign_core::map::{MapDefect, MapDraft};

use super::{Product, write};
use crate::error::CliError;
use crate::import::fix::{Fixed, fix};
use crate::import::foreign::{Foreign, Format, Hints};
use crate::import::{read_any, tell};
use crate::source;
use crate::ui::{Report, Ui};

/// The arguments of `sovereign map check`.
#[derive(Args, Debug)]
pub(crate) struct CheckArgs {
    /// A shipped map's name, or the path of a map in any format that `import` reads.
    map: String,
    #[command(flatten)]
    reading: Reading,
    /// Mend what can be mended, list it, and write the map to --output.
    #[arg(long, requires = "output")]
    fix: bool,
    /// Where to write the mended map.
    #[arg(long, short, requires = "fix")]
    output: Option<PathBuf>,
}

/// How to read a file.
#[derive(Args, Debug)]
pub(super) struct Reading {
    /// The file's format [default: what it looks like].
    #[arg(long)]
    format: Option<Format>,
    /// Of a topology: the object to read [default: the one with most shapes].
    #[arg(long)]
    object: Option<String>,
    /// The field that holds a place's code, by which others name it.
    #[arg(long)]
    code: Option<String>,
    /// The field that holds a place's name.
    #[arg(long)]
    name_field: Option<String>,
    /// The field that holds a place's region.
    #[arg(long)]
    region_field: Option<String>,
}

impl Reading {
    /// Reads a file.
    pub(super) fn read(&self, path: &Path) -> Result<Foreign, CliError> {
        let hints = Hints {
            object: self.object.clone(),
            code: self.code.clone(),
            name: self.name_field.clone(),
            region: self.region_field.clone(),
        };
        read_any(path, self.format, &hints).map_err(CliError::input)
    }
}

/// What `check` found.
#[derive(Serialize)]
pub(super) struct Findings {
    map: String,
    title: String,
    territories: usize,
    regions: usize,
    sound: bool,
    /// What was mended, if that was asked for.
    fixed: Vec<String>,
    /// What is wrong.
    defects: Vec<String>,
}

impl Findings {
    /// All that is wrong with a file, as it is.
    pub(super) fn of(name: &str, Foreign { draft, defects }: &Foreign) -> Self {
        let mut found: Vec<String> = defects.iter().map(ToString::to_string).collect();
        found.extend(told(draft));
        Self::new(name, draft, Vec::new(), found)
    }

    /// What is left after mending.
    pub(super) fn after(name: &str, Fixed { draft, done }: &Fixed) -> Self {
        Self::new(name, draft, done.clone(), told(draft))
    }

    fn new(name: &str, draft: &MapDraft, fixed: Vec<String>, defects: Vec<String>) -> Self {
        Self {
            map: name.to_owned(),
            title: draft.title.clone(),
            territories: draft.territories.len(),
            regions: draft.regions.len(),
            sound: defects.is_empty(),
            fixed,
            defects,
        }
    }

    /// Whether anything is wrong or was.
    pub(super) fn is_clean(&self) -> bool {
        self.sound && self.fixed.is_empty()
    }

    /// Whether nothing is wrong now.
    pub(super) fn is_sound(&self) -> bool {
        self.sound
    }

    /// Fails if anything is wrong.
    pub(super) fn verdict(&self) -> Result<(), CliError> {
        let name = &self.map;
        match self.defects.len() {
            0 => Ok(()),
            1 => Err(CliError::Check(format!("{name} has a defect"))),
            count => Err(CliError::Check(format!("{name} has {count} defects"))),
        }
    }
}

fn told(draft: &MapDraft) -> Vec<String> {
    draft.check().iter().map(|defect: &MapDefect| tell(draft, defect)).collect()
}

impl Report for Findings {
    fn text(&self) -> String {
        let Self { title, territories, regions, fixed, defects, .. } = self;
        let mut text: String = fixed.iter().map(|what| format!("fixed: {what}\n")).collect();
        text.extend(defects.iter().map(|defect| format!("{defect}\n")));
        if self.sound {
            text += &format!("{title}: sound; {territories} territories, {regions} regions\n");
        }
        text
    }
}

/// Runs `sovereign map check`.
pub(super) fn run(args: &CheckArgs, ui: &Ui) -> Result<(), CliError> {
    let found = match Map::shipped(&args.map) {
        Some(map) => Foreign { draft: MapDraft::from(&map), defects: Vec::new() },
        None => args.reading.read(source::existing("map", &args.map, Map::SHIPPED)?)?,
    };
    let Some(output) = &args.output else {
        let findings = Findings::of(&args.map, &found);
        ui.show(&findings)?;
        return findings.verdict();
    };
    let fixed = fix(found);
    let findings = Findings::after(&args.map, &fixed);
    ui.show(&findings)?;
    findings.verdict()?;
    let text = Product::Map(fixed.draft.to_json()).text();
    write(ui, output, text.as_bytes())
}
