//! What a game's end is to those who played it.

use sovereign_core::command::{OfferDraw, Surrender};
use sovereign_core::{Order, Rules};

use super::super::*;
use super::harness::start_with;

/// A game of four by a preset, after these deeds; then a tick passes, in which it is judged.
fn places(preset: &str, deeds: &[(u16, Command)]) -> Vec<(u16, bool)> {
    let (start, map) = start_with(4, 0, Rules::preset(preset).unwrap());
    let mut game = start.header.game(map).unwrap();
    for order in start.orders(game.rules()) {
        game.execute(&order).unwrap();
    }
    while game.state().phase != Phase::Playing {
        game.advance();
    }
    for ((seat, command), seq) in deeds.iter().zip(1..) {
        let player = PlayerId(*seat);
        game.execute(&Order::Player { player, seq, command: *command }).unwrap();
    }
    game.advance();
    results::of(&start, &game).iter().map(|result| (result.place, result.drawn)).collect()
}

fn surrender(seat: u16) -> (u16, Command) {
    (seat, Command::Surrender(Surrender {}))
}

fn alone(places: [u16; 4]) -> Vec<(u16, bool)> {
    places.map(|place| (place, false)).to_vec()
}

#[test]
fn who_goes_out_later_reaches_more() {
    let told = places("classic", &[surrender(2), surrender(0), surrender(3)]);
    assert_eq!(told, alone([3, 1, 4, 2]));
}

#[test]
fn a_team_stands_and_falls_together() {
    let told = places("teams", &[surrender(1), surrender(0), surrender(3)]);
    assert_eq!(told, alone([1, 2, 1, 2]), "seat 0 gave up, and its team won");
}

#[test]
fn an_agreed_draw_is_shared_by_those_who_were_in() {
    let offer = |seat| (seat, Command::OfferDraw(OfferDraw {}));
    let told = places("classic", &[surrender(1), offer(0), offer(2), offer(3)]);
    assert_eq!(told, [(1, true), (2, false), (1, true), (1, true)]);
}

#[test]
fn a_game_that_did_not_end_has_no_places() {
    assert_eq!(places("classic", &[surrender(1)]), alone([0; 4]));
}
