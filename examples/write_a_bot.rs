//! A bot of your own against the shipped ones: `cargo run -p sovereign-examples --bin write_a_bot`.

use std::error::Error;

use sovereign_core::bot::{Bot, Table, by_name};
use sovereign_core::command::{Attack, Command};
use sovereign_core::quantity::Tick;
use sovereign_core::{Game, Map, Rules, Seed, View};

/// Sends half of every garrison against the weakest neighbour that it outnumbers.
struct Bold;

impl Bot for Bold {
    fn wake(&mut self, view: &View<'_>, wishes: &mut Vec<Command>) -> Tick {
        let Some(me) = view.viewer() else { return view.tick() };
        for from in view.land_of(me) {
            let troops = view.troops(from) / 2;
            let attacks = view.map().edges(from).iter().map(|edge| (view.troops(edge.to), edge.to));
            let attacks = attacks.filter(|(defenders, _)| defenders * 3 / 2 < troops);
            let attack = |(_, to)| Command::Attack(Attack { from, to, troops: troops.into() });
            let legal = |wish: &Command| view.validate(*wish).is_ok();
            wishes.extend(attacks.min().map(attack).filter(legal));
        }
        view.tick().after(20)
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let map = Map::shipped("classic").ok_or("no such map")?;
    let rules = Rules::preset("classic").ok_or("no such rules")?;
    let rival = by_name("random", Seed::from(2)).ok_or("no such bot")?;
    let game = Game::new(map.into(), rules.into(), Seed::from(1), 2)?;
    let mut table = Table::new(game, vec![Box::new(Bold), rival]);
    table.play(Tick(100_000), |_| {});
    let (tick, end) = (table.session().game().tick(), table.session().game().state());
    println!("tick {tick}: the winner is {:?} ({:?})", end.winner, end.reason);
    Ok(())
}
