//! `sovereign bot`: a shipped bot that plays on a server like anybody else.

use std::thread::sleep;
use std::time::{Duration, Instant};

use clap::Args;
use serde::Serialize;
use serde_json::json;
use sovereign_core::Seed;
use sovereign_core::bot::{self, Alarm, Bot};
use sovereign_core::event::EndReason;
use sovereign_core::id::PlayerId;

use crate::error::CliError;
use crate::remote::game::RemoteGame;
use crate::remote::{GameInfo, Guest, Remote};
use crate::source;
use crate::ui::{Report, Ui};

/// How often it looks whether the game has begun.
const PAUSE: Duration = Duration::from_millis(500);

/// Which bot plays where.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sovereign bot --game new --map classic --against random,random
  sovereign bot --game K7QX2M --bot expander --name Ada")]
pub(crate) struct BotArgs {
    /// The server.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    url: String,
    /// The code or id of a game that has not begun, or `new`.
    #[arg(long, default_value = "new")]
    game: String,
    /// Which bot plays: random, expander, opportunist, diplomat, searcher.
    #[arg(long, default_value = "expander")]
    bot: String,
    /// The name that others see.
    #[arg(long)]
    name: Option<String>,
    /// The number that decides the bot's dice.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Of a new game: its map.
    #[arg(long, default_value = "classic")]
    map: String,
    /// Of a new game: its rules, a shipped name or a file.
    #[arg(long, default_value = "classic")]
    rules: String,
    /// Of a new game: the server's bots to play against.
    #[arg(long, value_delimiter = ',', default_value = "expander")]
    against: Vec<String>,
    /// How many seconds to wait for the game to begin.
    #[arg(long, default_value_t = 600)]
    wait: u64,
}

/// How a bot's game ended.
#[derive(Debug, Serialize)]
struct BotReport {
    game: String,
    seat: PlayerId,
    won: bool,
    place: u16,
    winner: Option<PlayerId>,
    reason: Option<EndReason>,
    ticks: u32,
    orders: u32,
    refused: u32,
}

/// Runs `sovereign bot`.
pub(crate) fn run(args: &BotArgs, ui: &Ui) -> Result<(), CliError> {
    let remote = Remote::new(&args.url)?;
    let mut bot = bot::by_name(&args.bot, Seed::from(args.seed)).ok_or_else(|| {
        CliError::input(format!("there is no bot '{}': {}", args.bot, bot::NAMES.join(", ")))
    })?;
    let guest = remote.guest(args.name.as_deref())?;
    let game = enter(args, &remote, &guest)?;
    ui.note(&format!("{} sits in game {} ({})", guest.name, game.code, game.id));
    await_start(&remote, &game.id, Duration::from_secs(args.wait))?;
    let mut seat = RemoteGame::new(&remote, guest, &game, args.seed)?;
    play(&mut seat, bot.as_mut())?;
    ui.show(&report(&game.id, &seat)?)
}

/// Takes a seat, in a new game or in one that exists.
fn enter(args: &BotArgs, remote: &Remote, guest: &Guest) -> Result<GameInfo, CliError> {
    if args.game != "new" {
        return remote.join(&guest.token, &args.game);
    }
    let rules = source::rules_text(&args.rules)?;
    let wish = json!({ "map": args.map, "rules": rules, "bots": args.against, "start": true });
    remote.new_game(&guest.token, &wish)
}

fn await_start(remote: &Remote, game: &str, wait: Duration) -> Result<(), CliError> {
    let began = Instant::now();
    while remote.look(game)?.status == "lobby" {
        if began.elapsed() >= wait {
            let seconds = wait.as_secs();
            return Err(CliError::input(format!(
                "the game has not begun within {seconds} seconds"
            )));
        }
        sleep(PAUSE);
    }
    Ok(())
}

/// Plays to the end: the bot wakes at the first news at or after its time, and when its turn
/// begins.
fn play(seat: &mut RemoteGame<'_>, bot: &mut dyn Bot) -> Result<(), CliError> {
    let mut alarm = Alarm::default();
    while !seat.is_over() {
        seat.listen()?;
        let Some(view) = seat.view() else { continue };
        let you = view.viewer().ok_or_else(no_seat)?;
        let mut wishes = Vec::new();
        if view.is_playing(you) && alarm.rings(&view, you) {
            let wake = bot.wake(&view, &mut wishes);
            alarm.set(&view, wake);
        }
        wishes.into_iter().for_each(|command| seat.order(command));
    }
    Ok(())
}

fn no_seat() -> CliError {
    CliError::input("this account has no seat in the game")
}

fn report(game: &str, seat: &RemoteGame<'_>) -> Result<BotReport, CliError> {
    let seen = seat.view().and_then(|view| Some((view, view.viewer()?)));
    let (view, you) = seen.ok_or_else(no_seat)?;
    let (state, (orders, refused)) = (view.game(), seat.orders());
    Ok(BotReport {
        game: game.to_owned(),
        seat: you,
        won: state.winner == Some(you),
        place: view.player(you).place,
        winner: state.winner,
        reason: state.reason,
        ticks: view.tick().0,
        orders,
        refused,
    })
}

impl Report for BotReport {
    fn text(&self) -> String {
        let Self { game, seat, place, ticks, orders, refused, .. } = self;
        let result = if self.won { "won" } else { "lost" };
        format!(
            "{result} game {game} from seat {seat}: place {place} after {ticks} ticks, \
             {orders} orders, {refused} of them refused\n"
        )
    }
}
