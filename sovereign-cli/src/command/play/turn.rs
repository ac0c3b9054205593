//! What the person does in his turn, where players take turns.

use sovereign_core::command::{Deploy, EndTurn};
use sovereign_core::id::PlayerId;
use sovereign_core::{Command, View};

use super::app::App;

impl App {
    /// Brings so many tenths of the reserve to the land under the cursor, at least one troop.
    pub(super) fn deploy(&mut self) {
        let (territory, reserve) = (self.cursor, self.partie.view().reserve());
        let troops = (reserve * self.tenths / 10).max(reserve.min(1));
        let said = format!("{troops} are deployed in {}.", self.land(territory));
        self.order(Command::Deploy(Deploy { territory, troops: troops.into() }), said);
    }

    /// Ends the turn.
    pub(super) fn end_turn(&mut self) {
        self.order(Command::EndTurn(EndTurn {}), "Your turn is over.".to_owned());
    }

    /// Whose turn it is, how long, and what it waits for; nothing where there are no turns.
    pub(super) fn turn(&self) -> Option<String> {
        let (view, you) = (self.partie.view(), self.partie.you());
        let turn = view.game().turn?;
        let left = turn.until.map_or(0, |until| until.since(view.tick()) / 20);
        let round = match turn.round {
            0 => "opening".to_owned(),
            round => format!("round {round}"),
        };
        let who = match turn.player {
            player if player == you => stage(&view),
            player => format!("it is the turn of {}", self.partie.name(player)),
        };
        Some(format!("{round}, {who}, {left} s left"))
    }
}

/// What the own turn waits for.
fn stage(view: &View<'_>) -> String {
    let (turn, you) = (view.game().turn, view.viewer().unwrap_or(PlayerId(0)));
    match view.reserve() {
        0 if view.turn() != Some(you) => "your armies finish".to_owned(),
        0 if turn.is_some_and(|turn| turn.round == 0 || turn.moves > 0) => {
            "e ends your turn".to_owned()
        }
        0 => "attack, move, then e ends your turn".to_owned(),
        reserve => format!("d deploys: {reserve} in reserve"),
    }
}
