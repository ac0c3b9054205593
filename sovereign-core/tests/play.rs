//! Whole games of bots, played by hand.
use sovereign_core::id::PlayerId;
use sovereign_core::*;
use std::sync::Arc;

#[test]
fn bots_play_to_the_end() {
    let map = Arc::new(map::generate::random(3, 42));
    let rules = Arc::new(Rules::preset("classic").unwrap());
    for game_seed in 0..4u64 {
        let game = Game::new(map.clone(), rules.clone(), Seed::from(game_seed), 4).unwrap();
        let mut session = Session::new(game);
        let mut bots: Vec<_> = (0..4u64)
            .map(|i| {
                bot::by_name(
                    if i % 2 == 0 { "random" } else { "expander" },
                    Seed::from(game_seed * 100 + i),
                )
                .unwrap()
            })
            .collect();
        let mut wake = [quantity::Tick(0); 4];
        let mut orders: Vec<_> = (0..4)
            .map(|p| Order::System(SystemOrder::Join { player: PlayerId(p), bot: true }))
            .collect();
        orders.push(Order::System(SystemOrder::Start));
        let mut mirror = Mirror::new(map.clone(), rules.clone(), 4, None);
        mirror.apply(&session.full_delta()).unwrap();
        let mut n = 0;
        let mut seq = 0;
        while session.game().state().phase != Phase::Finished && session.game().tick().0 < 40000 {
            let step = session.step(std::mem::take(&mut orders));
            if step.is_visible() {
                mirror.apply(&step.delta).unwrap();
            }
            n += step.batch.orders.len();
            for p in 0..4usize {
                if wake[p] <= session.game().tick() {
                    let mut wishes = vec![];
                    let view = session.game().view(Some(PlayerId(p as u16)));
                    wake[p] = bots[p].wake(&view, &mut wishes);
                    for command in wishes {
                        seq += 1;
                        orders.push(Order::Bot { player: PlayerId(p as u16), seq, command });
                    }
                }
            }
        }
        println!("{:?} tick {} orders {}", session.game().state(), session.game().tick(), n);
        for p in 0..4 {
            println!(
                "  {} {:?}",
                session.game().view(None).territory_count(PlayerId(p)),
                session.game().view(None).player(PlayerId(p)).standing
            );
        }
    }
}
