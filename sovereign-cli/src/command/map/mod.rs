//! `sovereign map`: import, check, measure and draw maps.

mod graph;
mod stats;

use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde::Serialize;
use sovereign_core::map::MapDefect;

use crate::draw::{Style, draw};
use crate::error::CliError;
use crate::import::import;
use crate::source;
use crate::ui::{Report, Ui};
use stats::Stats;

/// What to do with a map.
#[derive(Debug, Subcommand)]
pub(crate) enum MapCommand {
    /// Make a map file, as a recipe says.
    Import {
        /// The recipe, such as maps/source/world.toml.
        recipe: PathBuf,
        /// Where to write the map; to standard output if not said.
        #[arg(long, short)]
        output: Option<PathBuf>,
    },
    /// List everything that is wrong with a map. Ends with 1 if there is anything.
    Check {
        /// A shipped map's name or a map file's path.
        map: String,
    },
    /// Measure a map: sizes, degrees, distances, choke points.
    Stats {
        /// A shipped map's name or a map file's path.
        map: String,
    },
    /// Draw a map as an SVG picture.
    Draw {
        /// A shipped map's name or a map file's path.
        map: String,
        /// Where to write the picture; to standard output if not said.
        #[arg(long, short)]
        output: Option<PathBuf>,
        /// Leave out the names of territories.
        #[arg(long)]
        no_names: bool,
        /// Leave out straits and sea routes.
        #[arg(long)]
        no_crossings: bool,
    },
}

/// Runs `sovereign map`.
pub(crate) fn run(command: &MapCommand, ui: &Ui) -> Result<(), CliError> {
    match command {
        MapCommand::Import { recipe, output } => {
            let made = import(recipe).map_err(CliError::input)?;
            deliver(ui, output.as_deref(), Product::Map(made.to_json()))
        }
        MapCommand::Check { map } => check(ui, map),
        MapCommand::Stats { map } => ui.show(&Stats::new(&*source::map(map)?)),
        MapCommand::Draw { map, output, no_names, no_crossings } => {
            let style = Style { names: !no_names, crossings: !no_crossings };
            let svg = draw(&*source::map(map)?, style);
            deliver(ui, output.as_deref(), Product::Svg(svg))
        }
    }
}

/// What `check` found.
#[derive(Serialize)]
struct Findings {
    map: String,
    title: String,
    territories: usize,
    regions: usize,
    sound: bool,
    defects: Vec<String>,
}

impl Report for Findings {
    fn text(&self) -> String {
        let Self { title, territories, regions, defects, .. } = self;
        if self.sound {
            return format!("{title}: sound; {territories} territories, {regions} regions\n");
        }
        defects.iter().map(|defect| format!("{defect}\n")).collect()
    }
}

fn check(ui: &Ui, name: &str) -> Result<(), CliError> {
    let draft = source::map_draft(name)?;
    let defects: Vec<String> = draft.check().iter().map(MapDefect::to_string).collect();
    let count = defects.len();
    ui.show(&Findings {
        map: name.to_owned(),
        title: draft.title,
        territories: draft.territories.len(),
        regions: draft.regions.len(),
        sound: count == 0,
        defects,
    })?;
    match count {
        0 => Ok(()),
        1 => Err(CliError::Check(format!("{name} has a defect"))),
        _ => Err(CliError::Check(format!("{name} has {count} defects"))),
    }
}

/// What a command made: printed as it is, or as a field of a JSON object.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Product {
    Map(String),
    Svg(String),
}

impl Report for Product {
    fn text(&self) -> String {
        let (Self::Map(text) | Self::Svg(text)) = self;
        text.clone()
    }
}

/// Where a product was written.
#[derive(Serialize)]
struct Written {
    output: PathBuf,
    bytes: usize,
}

impl Report for Written {
    fn text(&self) -> String {
        format!("{}: {} bytes\n", self.output.display(), self.bytes)
    }
}

/// Writes a product to a file and says so, or shows it.
fn deliver(ui: &Ui, output: Option<&Path>, product: Product) -> Result<(), CliError> {
    let Some(path) = output else { return ui.show(&product) };
    let text = product.text();
    std::fs::write(path, &text).map_err(CliError::file("write", path))?;
    ui.show(&Written { output: path.to_owned(), bytes: text.len() })
}
