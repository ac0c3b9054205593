//! `sovereign map convert`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use sovereign_core::map::{BinaryParts, MapDraft};

use super::write;
use crate::error::CliError;
use crate::source;
use crate::ui::Ui;

/// The form to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// A map file.
    Json,
    /// A binary map.
    Binary,
}

/// The arguments of `sovereign map convert`.
#[derive(Args, Debug)]
pub(crate) struct ConvertArgs {
    /// A shipped map's name or the path of a map of this project, JSON or binary.
    map: String,
    /// Where to write the map.
    #[arg(long, short)]
    output: PathBuf,
    /// The form to write [default: json if the output ends in .json, else binary].
    #[arg(long)]
    to: Option<Form>,
    /// Binary: leave out the names of territories, which are then called 1, 2, ...
    #[arg(long)]
    no_names: bool,
    /// Binary: leave out outlines.
    #[arg(long)]
    no_outlines: bool,
}

/// Runs `sovereign map convert`.
pub(super) fn run(args: &ConvertArgs, ui: &Ui) -> Result<(), CliError> {
    let map = source::map(&args.map)?;
    let json = args.output.extension().is_some_and(|extension| extension == "json");
    let form = args.to.unwrap_or(if json { Form::Json } else { Form::Binary });
    let keep = BinaryParts { names: !args.no_names, outlines: !args.no_outlines };
    let bytes = match form {
        Form::Json => MapDraft::from(&*map).to_json().into_bytes(),
        Form::Binary => map.to_binary(keep),
    };
    write(ui, &args.output, &bytes)
}
