//! A game played by a script, on a screen in memory.

use std::sync::Arc;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::KeyCode;
use sovereign_core::{Map, Phase, Rules};

use super::app::{App, Mode};
use super::partie::Partie;
use super::screen;
use crate::arena::Contender;

fn app() -> App {
    app_with("classic")
}

fn app_with(rules: &str) -> App {
    let map = Arc::new(Map::shipped("classic").expect("shipped"));
    let rules = Arc::new(Rules::preset(rules).expect("shipped"));
    let rivals = [Contender::parse("random").expect("a bot")];
    App::new(Partie::new(map, rules, &rivals, 1).expect("a game"))
}

/// What the screen shows, line by line.
fn shown(app: &App) -> String {
    let mut terminal = Terminal::new(TestBackend::new(130, 42)).expect("a screen in memory");
    terminal.draw(|frame| screen::draw(frame, app)).expect("it is in memory");
    terminal.backend().to_string()
}

fn press(app: &mut App, keys: &[KeyCode]) {
    keys.iter().for_each(|key| app.press(*key));
}

/// A game that has begun, with the cursor at home.
fn begun() -> App {
    let mut app = app();
    app.pass();
    press(&mut app, &[KeyCode::Down, KeyCode::Enter]);
    while app.partie.view().game().phase != Phase::Playing {
        app.pass();
    }
    app
}

#[test]
fn a_start_is_chosen_and_the_game_begins() {
    let mut app = app();
    assert!(!shown(&app).contains(" out"), "nobody has chosen yet: {}", shown(&app));
    app.pass();
    let screen = shown(&app);
    assert!(screen.contains("choose where to start"), "{screen}");
    press(&mut app, &[KeyCode::Down, KeyCode::Enter]);
    assert!(app.message.starts_with("You start in "), "{}", app.message);
    let chosen = app.cursor;
    app.pass();
    app.pass();
    assert_eq!(app.partie.view().owner(chosen), Some(app.partie.you()));
    let app = begun();
    let screen = shown(&app);
    assert!(screen.contains("playing") && screen.contains("[150"), "{screen}");
    assert!(screen.contains("Players") && screen.contains("random"), "{screen}");
}

#[test]
fn troops_are_sent_to_a_neighbour_and_take_it() {
    let mut app = begun();
    press(&mut app, &[KeyCode::Enter, KeyCode::Tab, KeyCode::Char('9')]);
    let Mode::Send(from) = app.mode else { panic!("it is being chosen") };
    let to = app.cursor;
    assert!(shown(&app).contains("<150"), "{}", shown(&app));
    press(&mut app, &[KeyCode::Enter]);
    assert!(app.message.starts_with("134 go from "), "{}", app.message);
    app.pass();
    app.pass();
    assert!(app.partie.view().troops(from) < 20);
    for _ in 0..400 {
        app.pass();
    }
    assert_eq!(app.partie.view().owner(to), Some(app.partie.you()), "{}", shown(&app));
    assert!(app.news.iter().any(|news| news.starts_with("you took")), "{:?}", app.news);
}

#[test]
fn a_turn_is_played_to_its_end() {
    let mut app = app_with("dice");
    while app.partie.view().turn() != Some(app.partie.you()) {
        app.pass();
    }
    let (place, reserve) = (app.partie.view().nth_own(0), app.partie.view().reserve());
    app.cursor = place.expect("land was dealt out");
    assert!(shown(&app).contains("d deploys: "), "{}", shown(&app));
    press(&mut app, &[KeyCode::Char('0'), KeyCode::Char('d')]);
    assert!(app.message.starts_with(&format!("{reserve} are deployed in ")), "{}", app.message);
    app.pass();
    app.pass();
    assert_eq!(app.partie.view().troops(app.cursor), 1 + reserve);
    assert!(shown(&app).contains("e ends your turn"), "{}", shown(&app));
    press(&mut app, &[KeyCode::Char('e')]);
    (0..3).for_each(|_| app.pass());
    assert_ne!(app.partie.view().turn(), Some(app.partie.you()));
}

#[test]
fn what_is_not_possible_is_said() {
    let mut app = begun();
    press(&mut app, &[KeyCode::Enter, KeyCode::Enter]);
    assert!(app.message.starts_with("Not possible: "), "{}", app.message);
    press(&mut app, &[KeyCode::Char('y')]);
    assert_eq!(app.message, "Nobody has asked.");
}

#[test]
fn something_is_built_from_a_list() {
    let mut app = begun();
    press(&mut app, &[KeyCode::Char('b')]);
    let screen = shown(&app);
    assert!(screen.contains("Build") && screen.contains("1  city"), "{screen}");
    press(&mut app, &[KeyCode::Char('1')]);
    app.pass();
    app.pass();
    assert!(app.message.starts_with("A city is being built"), "{}", app.message);
    assert!(shown(&app).contains("city, ready in"), "{}", shown(&app));
}

#[test]
fn time_stops_and_goes_faster() {
    let mut app = begun();
    let tick = |app: &App| app.partie.view().tick().0;
    let before = tick(&app);
    press(&mut app, &[KeyCode::Char(' ')]);
    app.pass();
    assert_eq!(tick(&app), before);
    assert!(shown(&app).contains("stopped"));
    press(&mut app, &[KeyCode::Char(' '), KeyCode::Char('+'), KeyCode::Char('+')]);
    app.pass();
    assert_eq!(tick(&app), before + 4);
}

#[test]
fn help_is_shown_and_the_door_is_open() {
    let mut app = app();
    press(&mut app, &[KeyCode::Char('?')]);
    assert!(shown(&app).contains("walk over the map"));
    press(&mut app, &[KeyCode::Esc, KeyCode::Char('q')]);
    assert!(app.is_left());
    assert_eq!(app.farewell(), "You left at tick 0.");
}

#[test]
fn a_small_terminal_is_no_reason_to_fail() {
    for (width, height) in [(1, 1), (20, 5), (60, 16)] {
        let mut app = begun();
        let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("in memory");
        terminal.draw(|frame| screen::draw(frame, &app)).expect("in memory");
        press(&mut app, &[KeyCode::Char('?')]);
        terminal.draw(|frame| screen::draw(frame, &app)).expect("in memory");
    }
}
