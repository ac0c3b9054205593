//! `sovereign token`.

use clap::Args;

use crate::error::CliError;
use crate::remote::{Guest, Remote};
use crate::ui::{Report, Ui};

/// Whose token.
#[derive(Args, Debug)]
#[command(after_help = "\
Example:
  TOKEN=$(sovereign token --name Ada)")]
pub(crate) struct TokenArgs {
    /// The server.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    url: String,
    /// The name that others see [default: one that the server makes up].
    #[arg(long)]
    name: Option<String>,
}

impl Report for Guest {
    fn text(&self) -> String {
        format!("{}\n", self.token)
    }
}

/// Makes a guest and prints the token.
pub(crate) fn run(args: &TokenArgs, ui: &Ui) -> Result<(), CliError> {
    ui.show(&Remote::new(&args.url)?.guest(args.name.as_deref())?)
}
