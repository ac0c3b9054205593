//! `sovereign map generate`.

use std::path::PathBuf;

use clap::Args;

use super::{Product, deliver};
use crate::error::CliError;
use crate::import::generate::{Kind, generate};
use crate::ui::Ui;

/// The arguments of `sovereign map generate`.
#[derive(Args, Debug)]
pub(crate) struct GenerateArgs {
    /// What kind of map.
    #[arg(long, default_value = "voronoi")]
    kind: Kind,
    /// How many territories. A grid is the full rectangle of at most so many.
    #[arg(long, default_value_t = 100)]
    territories: u32,
    /// The same seed gives the same map on every machine.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where to write the map; to standard output if not said.
    #[arg(long, short)]
    output: Option<PathBuf>,
}

/// Runs `sovereign map generate`.
pub(super) fn run(args: &GenerateArgs, ui: &Ui) -> Result<(), CliError> {
    let draft = generate(args.kind, args.territories, args.seed).map_err(CliError::input)?;
    deliver(ui, args.output.as_deref(), Product::Map(draft.to_json()))
}
