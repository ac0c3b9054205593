//! Games that were thrown, not played: whether an advantage is found depends on the counts
//! alone.

use sovereign_core::quantity::Tick;
use sovereign_core::{Purpose, Seed};

use super::*;

/// Games of four seats in which the first wins with `first` of 100,000 chances, and the
/// others share the rest.
fn thrown(run: u64, games: u64, first: u64) -> Vec<GameLine> {
    let seed = Seed::from(run);
    let throw = |game, k, sides| seed.below(Tick(0), Purpose::Bot, game, k, sides);
    let winner = |game| {
        if throw(game, 0, 100_000) < first { 0 } else { 1 + throw(game, 1, 3) as u16 }
    };
    (0..games).map(|game| line(game, winner(game))).collect()
}

fn line(game: u64, winner: u16) -> GameLine {
    GameLine {
        cell: String::new(),
        game,
        winner: Some(winner),
        reason: None,
        ticks: 1,
        orders: 1,
        hash: String::new(),
        lead_changes: 0,
        leaders: Vec::new(),
        used: BTreeMap::new(),
        forfeits: 0,
    }
}

/// In how many of 100 runs of 4,000 games some seat's advantage is found.
fn flagged(first: u64) -> usize {
    let run = |run: &u64| {
        let seats = seats(&[0, 1, 2, 3], &thrown(*run, 4_000, first));
        let raw: Vec<_> =
            seats.iter().map(|seat| two_sided(seat.wins.count, seat.wins.of, seat.fair)).collect();
        holm(&raw).into_iter().any(|p| Verdict::of(p).found)
    };
    (0..100).filter(run).count()
}

#[test]
fn an_advantage_of_fifteen_percent_is_found_and_a_fair_game_is_not_accused() {
    // 15 % more than its fair quarter.
    let found = flagged(28_750);
    assert!(found >= 95, "found in {found} of 100 runs");
    let accused = flagged(25_000);
    assert!(accused <= 5, "accused in {accused} of 100 runs");
}

#[test]
fn the_snowball_counts_only_games_that_somebody_led_and_won() {
    let game =
        |number, winner, leader| GameLine { winner, leaders: vec![leader; 9], ..line(number, 0) };
    let games = [
        game(0, Some(1), Some(1)),
        game(1, Some(1), Some(0)),
        game(2, None, Some(0)),
        game(3, Some(0), None),
    ];
    let share = snowball(&games, &[0, 1, 2, 3], 4);
    assert_eq!((share.count, share.of), (1, 2));
}

#[test]
fn a_team_wins_with_whichever_of_its_seats() {
    let games: Vec<_> = [0, 2, 2, 3].into_iter().zip(0..).map(|(won, n)| line(n, won)).collect();
    let sides = sides(5, &SeatRules { teams: 2 });
    let found = seats(&sides, &games);
    let found: Vec<_> = found.iter().map(|s| (&*s.name, s.fair, s.wins.count)).collect();
    assert_eq!(found, [("seats 0, 2, 4", 0.6, 3), ("seats 1, 3", 0.4, 1)]);
    let led = GameLine { leaders: vec![Some(0); 9], ..line(0, 2) };
    assert_eq!(snowball(&[led], &sides, 4).count, 1);
}
