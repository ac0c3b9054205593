//! Random orders for games with turns and reserves.

use super::Chaos;
use crate::command::{Amount, Command, Deploy, EndTurn};
use crate::game::Game;
use crate::id::PlayerId;
use crate::quantity::Permille;
use crate::rules::{Bonus, RulesDraft, SpawnMode};

/// Makes turns of hectic rules, some with all land dealt out and an opening round.
pub(super) fn vary(draft: &mut RulesDraft, number: u64) {
    draft.turns.ticks = 90;
    draft.income.bonus = if number.is_multiple_of(3) { Bonus::Gold } else { Bonus::Reserve };
    draft.turns.rounds_max = if number.is_multiple_of(5) { 30 } else { 0 };
    if number % 16 == 8 {
        draft.spawn.mode = SpawnMode::Deal;
        draft.spawn.troops = 2;
        draft.spawn.immunity_ticks = 0;
        (draft.turns.opening_troops, draft.turns.opening_less) = (60, 4);
    }
}

impl Chaos {
    /// Who orders: where there are turns, mostly the player whose turn it is.
    pub(super) fn author(&mut self, game: &Game) -> PlayerId {
        let turn = game.view(None).turn().filter(|_| !self.dice.once_in(3));
        turn.unwrap_or_else(|| self.player(game))
    }

    /// Now and then, an order of a turn.
    pub(super) fn turn(&mut self, game: &Game, player: PlayerId) -> Option<Command> {
        let reserve = if player.0 < game.seats() { game.view(Some(player)).reserve() } else { 0 };
        let waits = reserve > 0 && !self.dice.once_in(3);
        if waits || self.dice.once_in(50) {
            return Some(self.deploy(game, player, reserve));
        }
        let often = if game.rules().turns.are_on() { 12 } else { 100 };
        self.dice.once_in(often).then_some(Command::EndTurn(EndTurn {}))
    }

    fn deploy(&mut self, game: &Game, player: PlayerId, reserve: u32) -> Command {
        let territory = self.land(game, player);
        let troops = match self.dice.below(6) {
            0 => Amount::Share(Permille(self.dice.below(1100) as u32)),
            1 => Amount::Troops(self.dice.below(u64::from(reserve) * 2) as u32),
            _ => Amount::Troops(reserve),
        };
        Command::Deploy(Deploy { territory, troops })
    }
}
