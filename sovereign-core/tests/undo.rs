//! Exact undo: from any step back to any mark, up to the start of a game.
//!
//! `SOVEREIGN_UNDO_GAMES` says on how many random games; `scripts/undo` plays ten thousand.

use sovereign_core::testing::{Chaos, random_game};
use sovereign_core::{Event, Game, Mark};

/// Random games of a plain test run.
const GAMES: u64 = 150;
/// Stretches of each game, each ended by going back.
const STRETCHES: usize = 4;
/// Steps of a stretch, a mark before each.
const STEPS: usize = 12;
/// Steps played on twice: after going back, and as it would have gone at once.
const STEPS_ON: usize = 4;

/// A point to go back to, and all that must be found there.
struct Moment {
    mark: Mark,
    hash: u64,
    bytes: Vec<u8>,
    /// The game as it was, which never went on from here.
    twin: Game,
}

impl Moment {
    fn of(game: &mut Game) -> Self {
        let (hash, bytes, twin) = (game.hash(), game.snapshot(), game.clone());
        Self { mark: game.mark(), hash, bytes, twin }
    }

    fn is_now(&self, game: &Game) {
        assert_eq!(game.hash(), self.hash);
        assert_eq!(game.snapshot(), self.bytes);
    }
}

/// Some orders, then some ticks.
fn step(game: &mut Game, chaos: &mut Chaos) {
    for order in chaos.orders(game, 3) {
        let _ = game.execute(&order);
    }
    let ticks = chaos.dice().below(9) as u32;
    game.advance_to(game.tick().after(ticks));
}

/// What happens if the game goes on, dice included, and where that leads.
fn future(game: &mut Game, chaos: &Chaos) -> (Vec<Event>, u64, Vec<u8>) {
    let mut chaos = chaos.clone();
    let past = game.events().count();
    (0..STEPS_ON).for_each(|_| step(game, &mut chaos));
    (game.events().skip(past).collect(), game.hash(), game.snapshot())
}

/// Goes back to a moment, and checks that nothing is left of what came after it.
fn go_back(game: &mut Game, moment: Moment, chaos: &Chaos) {
    game.rollback(moment.mark).expect("the mark is alive");
    moment.is_now(game);
    assert!(game.rollback(moment.mark).is_err(), "a mark is used up");
    let again = Moment::of(game);
    let mut twin = moment.twin;
    assert_eq!(future(game, chaos), future(&mut twin, chaos));
    game.rollback(again.mark).expect("just made");
    again.is_now(game);
}

fn undo_in(number: u64) {
    let mut game = random_game(number);
    let mut chaos = Chaos::new(number);
    let mut moments = vec![Moment::of(&mut game)];
    for _ in 0..STRETCHES {
        for _ in 0..STEPS {
            step(&mut game, &mut chaos);
            moments.push(Moment::of(&mut game));
        }
        let target = 1 + chaos.dice().below(moments.len() as u64 - 1) as usize;
        let moment = moments.drain(target..).next().expect("it is one of them");
        go_back(&mut game, moment, &chaos);
    }
    let start = moments.swap_remove(0);
    go_back(&mut game, start, &chaos);
}

#[test]
fn any_step_is_undone_to_any_mark() {
    let games = std::env::var("SOVEREIGN_UNDO_GAMES").ok();
    let games = games.map_or(GAMES, |games| games.parse().expect("SOVEREIGN_UNDO_GAMES: a number"));
    (0..games).for_each(undo_in);
    println!("{games} games: every mark was returned to exactly");
}
