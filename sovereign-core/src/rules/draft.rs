//! Rules as they are written in a file: any numbers at all.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::problem::{RulesError, RulesProblem};
use super::reader::Reading;
use super::section::{BILLION, MILLION, Number, check, section};
use super::structure::StructureTable;
use super::turns::{Bonus, TurnRules};
use super::war::{BattleRules, MarchRules, StrikeRules, SupplyRules};
use crate::id::PlayerId;
use crate::quantity::{Permille, RATE_MAX};

/// The most bytes that a rules file may have.
pub const RULES_BYTES_MAX: usize = 64 * 1024;

/// Rules that nobody has checked yet. [`super::Rules`] is made of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RulesDraft {
    /// The format and meaning of these numbers; [`super::RULES_VERSION`].
    pub version: u32,
    /// A short name, 1 to 64 bytes.
    pub name: String,
    /// Who sits with whom.
    pub seats: SeatRules,
    /// The start of a game.
    pub spawn: SpawnRules,
    /// How garrisons grow.
    pub growth: GrowthRules,
    /// What the ground does.
    pub terrain: TerrainTable,
    /// How armies move.
    pub march: MarchRules,
    /// How supply lines send.
    pub supply: SupplyRules,
    /// How battles go.
    pub battle: BattleRules,
    /// What strikes do.
    pub strike: StrikeRules,
    /// Turns and reserves.
    pub turns: TurnRules,
    /// Where gold comes from.
    pub income: IncomeRules,
    /// What can be built.
    pub structures: StructureTable,
    /// Alliances.
    pub diplomacy: DiplomacyRules,
    /// What players do not see.
    pub fog: FogRules,
    /// When a game is won.
    pub victory: VictoryRules,
}

section! {
    /// Who sits with whom.
    SeatRules {
        /// How many teams there are; 0: everybody plays alone.
        teams: u8 = 0, 64;
    }
}

impl SeatRules {
    /// The team that a host gives to a seat unless told otherwise: seats are dealt out in
    /// turn. 0 where there are no teams.
    #[must_use]
    pub fn team_of(&self, seat: PlayerId) -> u8 {
        let turn = seat.0.checked_rem(u16::from(self.teams));
        turn.map_or(0, |turn| turn as u8 + 1)
    }
}

section! {
    /// The start of a game.
    SpawnRules {
        /// How starts are found.
        mode: SpawnMode = 0, 3;
        /// Ticks in which players choose where to start.
        ticks: u32 = 1, MILLION;
        /// Ticks after the start in which no player can be attacked.
        immunity_ticks: u32 = 0, MILLION;
        /// Troops of the first territory; where all land is dealt out, of each.
        troops: u32 = 1, MILLION;
        /// Gold in hand.
        gold: u64 = 0, BILLION;
    }
}

/// How players find their starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpawnMode {
    /// They choose.
    Pick,
    /// The dice choose, far from each other; the game begins at once.
    Random,
    /// The dice choose places of about equal reach; the game begins at once.
    Fair,
    /// All land is dealt out; the game begins at once.
    Deal,
}

impl SpawnMode {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Pick, Self::Random, Self::Fair, Self::Deal];
}

impl Number for SpawnMode {
    fn widen(&self) -> u64 {
        *self as u64
    }
}

/// How garrisons grow: see `docs/rules.md`, Growth.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrowthRules {
    /// 1 to 8 bands in rising order; the last must be `below = 1000`.
    pub bands: Vec<GrowthBand>,
    /// Millionths of a troop that leave each tick above the cap, 1 to 2^28 - 1.
    pub decay: u32,
}

/// How fast a territory grows while it is filled below a share of its cap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrowthBand {
    /// The band ends at this share of the cap, 1 to 1000.
    pub below: Permille,
    /// Share of the terrain's growth, 0 to 10,000.
    pub rate: Permille,
}

impl GrowthRules {
    fn collect(&self, problems: &mut Vec<RulesProblem>) {
        check(problems, "growth.bands", "length", self.bands.len() as u64, 1, 8);
        let mut low = 1;
        for (at, band) in self.bands.iter().enumerate() {
            let section = format!("growth.bands[{at}]");
            let last = if at + 1 == self.bands.len() { 1000 } else { low };
            check(problems, &section, "below", band.below.widen(), last, 1000);
            check(problems, &section, "rate", band.rate.widen(), 0, 10_000);
            low = band.below.widen() + 1;
        }
        check(problems, "growth", "decay", self.decay.widen(), 1, u64::from(RATE_MAX));
    }
}

/// The numbers of each terrain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TerrainTable {
    /// Open land.
    pub plains: TerrainRules,
    /// Hills.
    pub highland: TerrainRules,
    /// Mountains.
    pub mountain: TerrainRules,
}

section! {
    /// What the ground does.
    TerrainRules {
        /// Troops at which growth ends.
        cap: u32 = 1, MILLION;
        /// Millionths of a troop that grow each tick in a band of rate 1000.
        growth: u32 = 0, 10 * MILLION;
        /// The defender's strength.
        defence: Permille = 100, 10_000;
        /// Troops of neutral land.
        garrison: u32 = 0, MILLION;
    }
}

section! {
    /// Where gold comes from, in millionths of a gold a tick.
    IncomeRules {
        /// Each territory brings this.
        territory: u32 = 0, 10 * MILLION;
        /// Each point of a wholly held region's bonus brings this.
        region: u32 = 0, 10 * MILLION;
        /// Whether such a point brings gold or troops in the reserve.
        bonus: Bonus = 0, 1;
    }
}

section! {
    /// Alliances.
    DiplomacyRules {
        /// Ticks until an unanswered proposal lapses.
        proposal_ticks: u32 = 1, MILLION;
        /// Proposals that a player can have open; 0: there are no alliances but teams.
        proposals_max: u32 = 0, 255;
        /// Ticks that an alliance lasts.
        alliance_ticks: u32 = 1, MILLION;
        /// How long before its end an alliance can be extended; 0: never.
        extend_ticks: u32 = 0, MILLION;
        /// Ticks that the mark of a traitor lasts.
        traitor_ticks: u32 = 0, MILLION;
        /// Strength of a traitor's defence.
        traitor_defence: Permille = 100, 1000;
        /// Share of one's gold that can be given away at once.
        donation_max: Permille = 0, 1000;
        /// Ticks from one gift to the next.
        donation_ticks: u32 = 1, MILLION;
        /// Ticks that the offer of a draw stands; 0: there are no draws.
        draw_ticks: u32 = 0, MILLION;
    }
}

section! {
    /// What players do not see: see `docs/rules.md`, Fog.
    FogRules {
        /// How many borders a player sees beyond the land of his side; 0: everything.
        radius: u32 = 0, 2;
    }
}

section! {
    /// When a game is won.
    VictoryRules {
        /// Share of all playable land that wins.
        share: Permille = 1, 1000;
        /// Ticks after which the side that is ahead wins; 0: no limit.
        time_ticks: u32 = 0, 16 * MILLION;
        /// Ticks after which the share begins to fall; 0: never.
        overtime_ticks: u32 = 0, 16 * MILLION;
        /// By how much it falls each time.
        overtime_step: Permille = 1, 1000;
        /// Ticks from one fall to the next.
        overtime_every: u32 = 1, MILLION;
        /// Below this it does not fall.
        overtime_floor: Permille = 1, 1000;
        /// Whether a player whose capital, his start, is taken loses everything to the taker.
        capitals: bool = 0, 1;
    }
}

/// Reads a file that may have any number of things wrong with it.
pub(super) fn read(text: &str) -> Result<Reading, RulesError> {
    if text.len() > RULES_BYTES_MAX {
        return Err(RulesError::TooLong { bytes: text.len() });
    }
    Reading::of(text).map_err(|problems| RulesError::Invalid { problems })
}

impl RulesDraft {
    /// Reads a draft in TOML, without judging whether its numbers fit each other.
    ///
    /// # Errors
    /// [`RulesError::TooLong`] above [`RULES_BYTES_MAX`]; [`RulesError::Invalid`] with line
    /// and column of every key that is unknown or missing and of every value that is of
    /// another type or out of its range.
    pub fn from_toml(text: &str) -> Result<Self, RulesError> {
        let Reading { draft, problems, .. } = read(text)?;
        if problems.is_empty() { Ok(draft) } else { Err(RulesError::Invalid { problems }) }
    }

    /// This draft as TOML, fields in the order of their declaration.
    #[must_use]
    pub fn to_toml(&self) -> String {
        toml::to_string(self).expect("plain tables of numbers and strings can always be written")
    }

    /// Every value out of its range, in the order of the fields.
    #[must_use]
    pub fn problems(&self) -> Vec<RulesProblem> {
        let mut problems = Vec::new();
        let p = &mut problems;
        let version = u64::from(super::RULES_VERSION);
        check(p, "rules", "version", self.version.widen(), version, version);
        check(p, "rules", "name.length", self.name.len() as u64, 1, 64);
        self.seats.collect("seats", p);
        self.spawn.collect("spawn", p);
        self.growth.collect(p);
        self.terrain.plains.collect("terrain.plains", p);
        self.terrain.highland.collect("terrain.highland", p);
        self.terrain.mountain.collect("terrain.mountain", p);
        self.march.collect("march", p);
        self.supply.collect("supply", p);
        self.battle.collect("battle", p);
        self.strike.collect("strike", p);
        self.turns.collect("turns", p);
        self.income.collect("income", p);
        self.structures.city.collect("structures.city", p);
        self.structures.fort.collect("structures.fort", p);
        self.structures.port.collect("structures.port", p);
        self.structures.barracks.collect("structures.barracks", p);
        self.structures.silo.collect("structures.silo", p);
        self.structures.interceptor.collect("structures.interceptor", p);
        self.diplomacy.collect("diplomacy", p);
        self.fog.collect("fog", p);
        self.victory.collect("victory", p);
        problems
    }
}
