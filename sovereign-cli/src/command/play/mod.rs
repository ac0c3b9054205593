//! `sovereign play`: a game against bots, in the terminal.

mod app;
mod atlas;
mod keys;
mod partie;
mod screen;
#[cfg(test)]
mod tests;
mod turn;

use std::io::{IsTerminal, stdout};
use std::time::{Duration, Instant};

use clap::Args;
use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{self, Event, KeyEventKind};

use crate::arena::Contender;
use crate::error::CliError;
use crate::source;
use crate::ui::Ui;
use app::App;
use partie::Partie;

/// Real time from tick to tick at normal speed.
const TICK: Duration = Duration::from_millis(50);

/// Where and against whom.
#[derive(Args, Debug)]
#[command(after_help = "\
Example:
  sovereign play --map classic --bots expander,random

Arrows walk over the map, Tab from land to land of yours. Enter takes a territory as the
origin of an attack or move, and Enter on a neighbour sends the troops. Space stops time.
? shows all keys, q leaves.")]
pub(crate) struct PlayArgs {
    /// The map: a shipped name or a file.
    #[arg(long, default_value = "classic")]
    map: String,
    /// The rules: a shipped name or a file.
    #[arg(long, default_value = "classic")]
    rules: String,
    /// Whom you play against. As of `simulate`.
    #[arg(long, value_delimiter = ',', default_value = "expander,random,random")]
    bots: Vec<String>,
    /// The number that decides all dice.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Runs `sovereign play`.
pub(crate) fn run(args: &PlayArgs, ui: &Ui) -> Result<(), CliError> {
    let rivals = Contender::parse_all(&args.bots)?;
    let (map, rules) = (source::map(&args.map)?, source::rules(&args.rules)?);
    let partie = Partie::new(map, rules, &rivals, args.seed)?;
    if !stdout().is_terminal() {
        return Err(CliError::input("this plays in a terminal, and standard output is none"));
    }
    let mut app = App::new(partie);
    let played = play(&mut ratatui::init(), &mut app);
    ratatui::restore();
    played.map_err(CliError::Output)?;
    ui.line(&app.farewell())
}

fn play(terminal: &mut DefaultTerminal, app: &mut App) -> std::io::Result<()> {
    let mut last = Instant::now();
    while !app.is_left() {
        terminal.draw(|frame| screen::draw(frame, app))?;
        if event::poll(TICK.saturating_sub(last.elapsed()))?
            && let Event::Key(key) = event::read()?
            && key.kind != KeyEventKind::Release
        {
            app.press(key.code);
        }
        if last.elapsed() >= TICK {
            last = Instant::now();
            app.pass();
        }
    }
    Ok(())
}
