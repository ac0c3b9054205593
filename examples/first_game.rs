//! The engine inside another program: a game by hand, taken back and played again.
//!
//! `cargo run -p sovereign-examples --bin first_game`

use std::error::Error;
use std::sync::Arc;

use sovereign_core::command::{Attack, Command, Spawn};
use sovereign_core::id::PlayerId;
use sovereign_core::quantity::Tick;
use sovereign_core::{
    Batch, Game, Map, Order, Replay, ReplayHeader, Rules, Seed, Session, Structure, SystemOrder,
};

const ADA: PlayerId = PlayerId(0);
const BOB: PlayerId = PlayerId(1);

fn main() -> Result<(), Box<dyn Error>> {
    let map = Arc::new(Map::shipped("classic").ok_or("no such map")?);
    let rules = Arc::new(Rules::preset("classic").ok_or("no such rules")?);
    let land = |name| map.territories().find(|id| map.territory_name(*id) == name);
    let (brazil, japan) = (land("Brazil").ok_or("Brazil")?, land("Japan").ok_or("Japan")?);

    // A session is a game with its players' sequence numbers: what a server holds.
    let game = Game::new(map.clone(), rules, Seed::from(1), 2)?;
    let header = ReplayHeader::of(&game);
    let mut session = Session::new(game);
    let mut batches = Vec::new();
    let join = |player| Order::System(SystemOrder::Join { player, bot: false, team: 0 });
    let spawn = |territory| Command::Spawn(Spawn { territory });
    let order = |player, seq, command| Order::Player { player, seq, command };
    let opening = [
        vec![join(ADA), join(BOB), Order::System(SystemOrder::Start)],
        vec![order(ADA, 1, spawn(brazil)), order(BOB, 1, spawn(japan))],
    ];
    for orders in opening {
        batches.push(session.step(orders).batch);
    }

    // The dry run of an order: nothing changes, and a refusal says what is missing.
    pass(&mut session, Tick(200), &mut batches);
    let view = session.game().view(Some(ADA));
    let to = map.edges(brazil).first().ok_or("Brazil has neighbours")?.to;
    let attack = |troops: u32| Command::Attack(Attack { from: brazil, to, troops: troops.into() });
    println!("Ada has {} gold; a city costs {:?}", view.gold(), view.cost(Structure::City));
    match view.validate(attack(1_000_000)) {
        Ok(()) => println!("a million troops may go"),
        Err(reason) => println!("{}: {reason}", reason.code()),
    }

    // Looking ahead on a copy: everything can be taken back, time included.
    let mut ahead = session.game().clone();
    let (mark, before) = (ahead.mark(), ahead.hash());
    ahead.execute(&order(ADA, 2, attack(100)))?;
    ahead.advance_to(ahead.tick().after(200));
    println!("200 ticks later Ada would hold {}", ahead.view(None).territory_count(ADA));
    ahead.rollback(mark)?;
    assert_eq!(ahead.hash(), before);

    // The same for real. The batches are a replay, which proves itself.
    batches.push(session.step(vec![order(ADA, 2, attack(100))]).batch);
    pass(&mut session, Tick(1_000), &mut batches);
    let replay = Replay { header, batches };
    let read_again = Replay::from_bytes(&replay.to_bytes())?;
    println!("replayed to hash {:016x}", read_again.verify(map)?.hash);
    Ok(())
}

/// Lets time pass until `until`, from one thing that falls due to the next.
fn pass(session: &mut Session, until: Tick, batches: &mut Vec<Batch>) {
    while let Some(due) = session.game().next_due().filter(|due| *due <= until) {
        session.glide_to(due);
        let step = session.step(Vec::new());
        let news = session.news().delta;
        news.events.iter().for_each(|event| println!("{:>5} {event:?}", news.tick));
        batches.push(step.batch);
    }
    session.glide_to(until);
}
