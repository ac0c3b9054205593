//! A bot that searches: it tries its orders out in a game that it imagines, takes each back, and
//! gives the best. `cargo run -p sovereign-examples --bin search_bot`.

use std::error::Error;

use sovereign_core::bot::{Bot, Table, by_name};
use sovereign_core::command::Command;
use sovereign_core::id::PlayerId;
use sovereign_core::quantity::Tick;
use sovereign_core::{Game, Map, Order, Phase, Rules, Seed, View};

/// Orders that are tried in one look.
const TRIED_MAX: usize = 48;
/// How far ahead it looks, in ticks.
const AHEAD: u32 = 200;
/// When it looks again, in ticks.
const SLEEP: u32 = 20;

struct Searcher {
    seed: Seed,
}

/// What a game is worth to a player: his land, and his troops wherever they are.
fn worth(game: &Game, me: PlayerId) -> u64 {
    let view = game.view(Some(me));
    let home: u64 = view.land_of(me).map(|id| u64::from(view.troops(id))).sum();
    let away: u64 = view.armies_of(me).map(|(_, army)| u64::from(army.troops)).sum();
    u64::from(view.territory_count(me)) * 100 + home + away
}

/// What comes of an order, or of none. The game is as before: whatever happened is undone.
fn foresee(game: &mut Game, me: PlayerId, order: Option<Command>) -> Result<u64, Box<dyn Error>> {
    let mark = game.mark();
    if let Some(command) = order {
        game.execute(&Order::Bot { player: me, seq: 0, command })?;
    }
    game.advance_to(game.tick().after(AHEAD));
    let worth = worth(game, me);
    game.rollback(mark)?;
    Ok(worth)
}

impl Bot for Searcher {
    fn wake(&mut self, view: &View<'_>, wishes: &mut Vec<Command>) -> Tick {
        let (Some(me), next) = (view.viewer(), view.tick().after(SLEEP)) else {
            return view.tick();
        };
        if view.game().phase != Phase::Playing {
            return next;
        }
        // A game as this seat may think it is, never the real one, with dice of its own.
        let mut game = view.imagine(self.seed.child(view.tick().0.into()));
        let attacks = view.legal().filter(|shape| matches!(shape.least(), Command::Attack(_)));
        let mut best = (foresee(&mut game, me, None).unwrap_or(0), None);
        for order in attacks.map(|shape| shape.most()).take(TRIED_MAX) {
            let worth = foresee(&mut game, me, Some(order)).unwrap_or(0);
            best = if worth > best.0 { (worth, Some(order)) } else { best };
        }
        wishes.extend(best.1);
        next
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let map = Map::shipped("classic").ok_or("no such map")?;
    let rules = Rules::preset("classic").ok_or("no such rules")?;
    let rival = by_name("random", Seed::from(2)).ok_or("no such bot")?;
    let game = Game::new(map.into(), rules.into(), Seed::from(1), 2)?;
    let me = Searcher { seed: Seed::from(3) };
    let mut table = Table::new(game, vec![Box::new(me), rival]);
    table.play(Tick(100_000), |_| {});
    let (tick, end) = (table.session().game().tick(), table.session().game().state());
    println!("tick {tick}: the winner is {:?} ({:?})", end.winner, end.reason);
    Ok(())
}
