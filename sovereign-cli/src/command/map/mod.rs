//! `sovereign map`: import, check, convert, measure and draw maps.

mod check;
mod convert;
mod fair;
mod generate;
mod graph;
mod import;
mod stats;

use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde::Serialize;

use crate::draw::{Style, draw};
use crate::error::CliError;
use crate::source;
use crate::ui::{Report, Ui};
use check::CheckArgs;
use convert::ConvertArgs;
use fair::FairArgs;
use generate::GenerateArgs;
use import::ImportArgs;
use stats::Stats;

/// What to do with a map.
#[derive(Debug, Subcommand)]
pub(crate) enum MapCommand {
    /// Make a map: of a recipe, or of a file of another program.
    Import(ImportArgs),
    /// List everything that is wrong with a map. Ends with 1 if there is anything.
    Check(CheckArgs),
    /// Write a map in another form: as JSON, or binary for maps of millions of territories.
    Convert(ConvertArgs),
    /// Make a map up, from a seed.
    Generate(GenerateArgs),
    /// Measure how even the starts of a map are.
    Fair(FairArgs),
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
        MapCommand::Import(args) => import::run(args, ui),
        MapCommand::Check(args) => check::run(args, ui),
        MapCommand::Convert(args) => convert::run(args, ui),
        MapCommand::Generate(args) => generate::run(args, ui),
        MapCommand::Fair(args) => fair::run(args, ui),
        MapCommand::Stats { map } => ui.show(&Stats::new(&*source::map(map)?)),
        MapCommand::Draw { map, output, no_names, no_crossings } => {
            let style = Style { names: !no_names, crossings: !no_crossings };
            let svg = draw(&*source::map(map)?, style);
            deliver(ui, output.as_deref(), Product::Svg(svg))
        }
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
    write(ui, path, product.text().as_bytes())
}

/// Writes a file and says so.
fn write(ui: &Ui, path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    std::fs::write(path, bytes).map_err(CliError::file("write", path))?;
    ui.show(&Written { output: path.to_owned(), bytes: bytes.len() })
}
