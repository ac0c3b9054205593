//! `legal` lists what `validate` accepts, and nothing else.

use proptest::prelude::*;
use sovereign_core::command::Command;
use sovereign_core::id::PlayerId;
use sovereign_core::testing::{Chaos, random_game};
use sovereign_core::{Game, Order, Shape, View};

/// Looks at a random game again and again while it is played.
fn watch(number: u64, mut look: impl FnMut(&Game, &mut Chaos)) {
    let mut game = random_game(number);
    let mut chaos = Chaos::new(number);
    for _ in 0..60 {
        look(&game, &mut chaos);
        for order in chaos.orders(&game, 6) {
            let _ = game.execute(&order);
        }
        let ticks = chaos.dice().below(8) as u32;
        game.advance_to(game.tick().after(ticks));
    }
}

fn validates_its_ends_and_middle(view: View<'_>, shape: &Shape) {
    for command in [shape.least(), shape.most()] {
        assert_eq!(view.validate(command), Ok(()), "{command:?}");
        assert!(shape.contains(&command));
    }
    if let Some(amounts) = shape.amounts() {
        let middle = shape.with_amount(amounts.start().midpoint(*amounts.end()));
        assert_eq!(view.validate(middle), Ok(()), "{middle:?}");
    }
}

/// A command that is as its shape allows, but for the amount, is refused.
fn ends_where_it_says(view: View<'_>, shape: &Shape) {
    let beyond = |amount: u64| {
        let troops = u32::try_from(amount).unwrap_or(u32::MAX);
        match shape.least() {
            Command::Attack(it) => Command::Attack(with(it, |i| i.troops = troops.into())),
            Command::Move(it) => Command::Move(with(it, |i| i.troops = troops.into())),
            Command::Deploy(it) => Command::Deploy(with(it, |i| i.troops = troops.into())),
            Command::DonateGold(it) => Command::DonateGold(with(it, |i| i.amount = amount)),
            other => panic!("{other:?} has an amount"),
        }
    };
    let Some(amounts) = shape.amounts() else { return };
    for command in [amounts.start() - 1, amounts.end() + 1].map(beyond) {
        assert!(view.validate(command).is_err(), "{command:?}");
        assert!(!shape.contains(&command), "{command:?}");
    }
}

fn with<T>(mut value: T, change: impl FnOnce(&mut T)) -> T {
    change(&mut value);
    value
}

fn author(order: &Order) -> Option<(PlayerId, Command)> {
    match *order {
        Order::Player { player, command, .. } | Order::Bot { player, command, .. } => {
            Some((player, command))
        }
        Order::System(_) => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn every_member_of_a_shape_validates(number: u64) {
        watch(number, |game, _| {
            for player in (0..game.seats()).map(PlayerId) {
                let view = game.view(Some(player));
                for shape in view.legal() {
                    validates_its_ends_and_middle(view, &shape);
                    ends_where_it_says(view, &shape);
                }
            }
        });
    }

    #[test]
    fn what_validates_is_a_member_of_a_shape(number: u64) {
        watch(number, |game, chaos| {
            let shapes = |player| game.legal(player).collect::<Vec<_>>();
            let legal: Vec<_> = (0..game.seats()).map(|p| shapes(PlayerId(p))).collect();
            for order in chaos.orders(game, 100) {
                let Some((player, command)) = author(&order) else { continue };
                let members = legal.get(player.index()).map_or(0, |shapes| {
                    shapes.iter().filter(|shape| shape.contains(&command)).count()
                });
                let accepted = game.validate(&order).is_ok();
                assert_eq!(members, usize::from(accepted), "{order:?}");
            }
        });
    }
}
