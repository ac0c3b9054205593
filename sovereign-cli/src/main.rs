//! The command line of Sovereign.

mod arena;
mod cli;
mod command;
mod draw;
mod error;
mod external;
mod import;
mod remote;
mod source;
mod stats;
mod study;
mod ui;

use std::process::ExitCode;

use clap::Parser;

use cli::{Cli, Command};
use ui::Ui;

fn main() -> ExitCode {
    let Cli { json, command } = Cli::parse();
    let ui = Ui::new(json);
    let result = match command {
        Command::Simulate(args) => command::simulate::run(&args, &ui),
        Command::Tournament(args) => command::tournament::run(&args, &ui),
        Command::Sweep(args) => command::sweep::run(&args, &ui),
        Command::Report(args) => command::report::run(&args, &ui),
        Command::Play(args) => command::play::run(&args, &ui),
        Command::Perft(args) => command::perft::run(&args, &ui),
        Command::Rules(command) => command::rules::run(&command, &ui),
        Command::Replay(command) => command::replay::run(&command, &ui),
        Command::Map(command) => command::map::run(&command, &ui),
        Command::Conform(args) => command::conform::run(&args, &ui),
        Command::Token(args) => command::token::run(&args, &ui),
        Command::Bot(args) => command::bot::run(&args, &ui),
        Command::Load(args) => command::load::run(&args, &ui),
        Command::Serve(args) => return command::serve::run(&args),
    };
    ui.leave(result)
}
