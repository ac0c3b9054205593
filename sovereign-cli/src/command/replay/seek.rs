//! `sovereign replay seek`: the board at a tick.

use std::fmt::Write;
use std::path::Path;

use serde::Serialize;
use sovereign_core::event::{Army, GameState};
use sovereign_core::id::{ArmyId, PlayerId, TerritoryId};
use sovereign_core::quantity::Tick;
use sovereign_core::{Game, Playback, Structure, View};

use super::standings::{SeatStanding, standings, standings_table};
use super::{clock, seat};
use crate::error::CliError;
use crate::source;
use crate::ui::{Report, Ui, table};

/// A board.
#[derive(Serialize)]
struct BoardReport {
    tick: u32,
    hash: String,
    game: GameState,
    standings: Vec<SeatStanding>,
    territories: Vec<Land>,
    armies: Vec<OnTheMarch>,
}

/// A territory as it stands.
#[derive(Serialize)]
struct Land {
    id: TerritoryId,
    name: String,
    owner: Option<PlayerId>,
    troops: u32,
    cap: u32,
    structure: Option<Structure>,
    level: u8,
    besieged: bool,
}

/// An army with its number.
#[derive(Serialize)]
struct OnTheMarch {
    id: ArmyId,
    #[serde(flatten)]
    army: Army,
    #[serde(skip)]
    words: [String; 2],
}

pub(super) fn run(file: &Path, tick: u32, map: Option<&str>, ui: &Ui) -> Result<(), CliError> {
    let replay = source::replay(file)?;
    let map = source::map_of(&replay.header, map)?;
    let named = |error: &dyn std::error::Error| format!("{}: {error}", file.display());
    let mut playback = Playback::new(&replay, map).map_err(|e| CliError::input(named(&e)))?;
    playback.seek(Tick(tick)).map_err(|e| CliError::Check(named(&e)))?;
    let mut session = playback.session().clone();
    if playback.next_tick().is_some() {
        session.glide_to(Tick(tick).after(1));
    }
    ui.show(&board(session.game()))
}

fn board(game: &Game) -> BoardReport {
    let view = game.view(None);
    let ids = (0..game.map().len()).map(TerritoryId::from_index);
    BoardReport {
        tick: game.tick().0,
        hash: format!("{:016x}", game.hash()),
        game: game.state(),
        standings: standings(game),
        territories: ids.map(|id| land(&view, id)).collect(),
        armies: view.armies().map(|(id, army)| march(&view, id, army)).collect(),
    }
}

fn land(view: &View<'_>, id: TerritoryId) -> Land {
    let now = view.territory(id);
    Land {
        id,
        name: view.map().territory_name(id).to_owned(),
        owner: now.owner,
        troops: now.troops,
        cap: now.cap,
        structure: now.structure,
        level: now.level,
        besieged: now.besieged,
    }
}

fn march(view: &View<'_>, id: ArmyId, army: Army) -> OnTheMarch {
    let words = [army.from, army.to].map(|id| view.map().territory_name(id).to_owned());
    OnTheMarch { id, army, words }
}

impl Land {
    fn row(&self) -> Vec<String> {
        let structure = self.structure.as_ref().map_or_else(String::new, crate::arena::word);
        let level = if self.level > 1 { format!(" {}", self.level) } else { String::new() };
        let battle = if self.besieged { "battle" } else { "" };
        let numbers = [self.troops, self.cap].map(|number| number.to_string());
        let [troops, cap] = numbers;
        let owner = seat(self.owner);
        [
            self.id.to_string(),
            self.name.clone(),
            owner,
            troops,
            cap,
            structure + &level,
            battle.into(),
        ]
        .to_vec()
    }
}

impl OnTheMarch {
    fn row(&self) -> Vec<String> {
        let [from, to] = self.words.clone();
        let does = if self.army.fighting { "fights" } else { "marches" };
        let arrives = clock(self.army.arrives.0);
        let troops = self.army.troops.to_string();
        let owner = seat(Some(self.army.owner));
        [self.id.to_string(), owner, troops, from, to, does.to_owned(), arrives].to_vec()
    }
}

impl Report for BoardReport {
    fn text(&self) -> String {
        let mut out = String::new();
        let phase = crate::arena::word(&self.game.phase);
        let _ = writeln!(
            out,
            "tick {} ({}), {phase}, hash {}\n",
            self.tick,
            clock(self.tick),
            self.hash
        );
        let _ = writeln!(out, "{}", standings_table(&self.standings));
        let rows: Vec<_> = self.territories.iter().map(Land::row).collect();
        out.push_str(&table(&["", "territory", "owner", "troops", "cap", "structure", ""], &rows));
        let rows: Vec<_> = self.armies.iter().map(OnTheMarch::row).collect();
        if !rows.is_empty() {
            let header = ["army", "owner", "troops", "from", "to", "", "arrives"];
            let _ = write!(out, "\n{}", table(&header, &rows));
        }
        out
    }
}
