//! `sovereign map import`.

use std::path::PathBuf;

use clap::Args;
use sovereign_core::map::MapDraft;

use super::check::{Findings, Reading};
use super::{Product, deliver};
use crate::error::CliError;
use crate::import::fix::fix;
use crate::ui::Ui;

/// The arguments of `sovereign map import`.
#[derive(Args, Debug)]
pub(crate) struct ImportArgs {
    /// A recipe such as maps/source/world.toml, or a map of another program: TopoJSON,
    /// GeoJSON, Domination's .map, a JSON list of borders.
    file: PathBuf,
    #[command(flatten)]
    reading: Reading,
    /// Mend what can be mended, and list it; else a map with any defect is refused.
    #[arg(long)]
    fix: bool,
    /// The name by which the map is asked for: lower-case letters, digits, hyphens.
    #[arg(long)]
    name: Option<String>,
    /// The name shown to people.
    #[arg(long)]
    title: Option<String>,
    /// Where the data comes from.
    #[arg(long)]
    source: Option<String>,
    /// The licence of the data.
    #[arg(long)]
    licence: Option<String>,
    /// Where to write the map; to standard output if not said.
    #[arg(long, short)]
    output: Option<PathBuf>,
}

impl ImportArgs {
    /// What the file does not say about itself.
    fn entitle(&self, draft: &mut MapDraft) {
        let given = [
            (&self.name, &mut draft.name),
            (&self.title, &mut draft.title),
            (&self.source, &mut draft.source),
            (&self.licence, &mut draft.licence),
        ];
        for (given, field) in given {
            if let Some(given) = given {
                field.clone_from(given);
            }
        }
    }
}

/// Runs `sovereign map import`.
pub(super) fn run(args: &ImportArgs, ui: &Ui) -> Result<(), CliError> {
    let name = args.file.display().to_string();
    let mut found = args.reading.read(&args.file)?;
    args.entitle(&mut found.draft);
    let (findings, draft) = if args.fix {
        let fixed = fix(found);
        (Findings::after(&name, &fixed), fixed.draft)
    } else {
        (Findings::of(&name, &found), found.draft)
    };
    if !findings.is_clean() {
        // Standard output may be the map itself.
        if args.output.is_some() || !findings.is_sound() {
            ui.show(&findings)?;
        } else {
            ui.tell(&findings);
        }
        findings.verdict()?;
    }
    deliver(ui, args.output.as_deref(), Product::Map(draft.to_json()))
}
