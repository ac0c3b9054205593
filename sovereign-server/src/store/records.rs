//! What people reached in games that are over, and the ratings that this gave them.
//!
//! A game's replay, its end, everybody's result and the ratings change in one transaction:
//! whatever interrupts it, a game is rated once or not yet.

use std::fmt;

use serde::Deserialize;
use uuid::Uuid;

use super::Pending;
use crate::auth::Sealed;
use crate::log::GameId;
use crate::ranked::rating::{Rating, Side, rate};

/// What a seat reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeatResult {
    /// The seat, from 0.
    pub seat: u16,
    /// Its side: seats of one side win together.
    pub side: u16,
    /// What the side reached, from 1; 0: the game was broken off.
    pub place: u16,
    /// Whether it shares the first place by agreement.
    pub drawn: bool,
}

/// A game that is over.
#[derive(Clone, Debug)]
pub struct Finish {
    /// Which.
    pub id: GameId,
    /// JSON about it for lists; no names.
    pub summary: String,
    /// Its replay.
    pub replay: Vec<u8>,
    /// Its result, signed.
    pub sealed: Option<Sealed>,
    /// Of each seat that was taken, by rising seat.
    pub results: Vec<SeatResult>,
    /// The ladder by which it counts, if it does.
    pub ladder: Option<String>,
}

/// How much of what is over is kept.
#[derive(Clone, Copy, Debug)]
pub struct Keep {
    /// Replays in all.
    pub replays: u64,
    /// Results of one person.
    pub results: u64,
}

/// What somebody reached, and what it changed.
#[derive(Clone, Debug, PartialEq)]
pub struct ResultRecord {
    /// The game.
    pub game: GameId,
    /// When it ended, in milliseconds since 1970.
    pub ended_ms: i64,
    /// JSON about the game; no names.
    pub summary: String,
    /// The person's seat.
    pub seat: u16,
    /// What the person's side reached, from 1; 0: the game was broken off.
    pub place: u16,
    /// Whether the first place was shared by agreement.
    pub drawn: bool,
    /// The ladder by which it counted, if it did.
    pub ladder: Option<String>,
    /// The rating before and after.
    pub rated: Option<(Rating, Rating)>,
    /// Who sat where, as long as the game is kept.
    pub names: Vec<(u16, String)>,
    /// Whether the replay is kept.
    pub replay: bool,
}

impl ResultRecord {
    /// Where the next page begins after this result.
    #[must_use]
    pub const fn cursor(&self) -> Cursor {
        Cursor { ended_ms: self.ended_ms, game: self.game }
    }
}

/// A place in a list of results, the newest first. As text `MILLISECONDS.GAME`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Cursor {
    /// When the last game of the page before ended, in milliseconds since 1970.
    pub ended_ms: i64,
    /// That game: several may have ended at the same time.
    pub game: GameId,
}

impl Cursor {
    /// Before all.
    pub const NEWEST: Self = Self { ended_ms: i64::MAX, game: GameId::max() };
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.ended_ms, self.game)
    }
}

impl TryFrom<String> for Cursor {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let place = text.split_once('.').and_then(|(ended_ms, game)| {
            Some(Self { ended_ms: ended_ms.parse().ok()?, game: game.parse().ok()? })
        });
        place.ok_or("no place in a list of results")
    }
}

/// Somebody's rating on a ladder.
#[derive(Clone, Debug, PartialEq)]
pub struct RatingRecord {
    /// The ladder.
    pub ladder: String,
    /// What others see of the person.
    pub name: String,
    /// How good.
    pub rating: Rating,
    /// Rated games.
    pub games: u32,
    /// Games won of these.
    pub wins: u32,
}

/// The keeper of results and ratings.
pub trait Records: Send + Sync + fmt::Debug {
    /// Stores all that comes of a game's end, at once. Doing it again changes nothing.
    fn finish_game(&self, finish: Finish, keep: Keep) -> Pending<'_, ()>;

    /// Somebody's results, the newest first: at most `most`, those after `cursor`.
    fn results(&self, account: Uuid, cursor: Cursor, most: u32) -> Pending<'_, Vec<ResultRecord>>;

    /// Somebody's ratings.
    fn ratings(&self, account: Uuid) -> Pending<'_, Vec<RatingRecord>>;

    /// Those on a ladder of whom it is surest that they are good.
    fn leaders(&self, ladder: String, most: u32) -> Pending<'_, Vec<RatingRecord>>;

    /// The ratings of these people on a ladder; of whoever has none, that of a beginner.
    fn ratings_on(&self, ladder: String, people: Vec<Uuid>) -> Pending<'_, Vec<Rating>>;
}

impl SeatResult {
    /// Whether it counts as a game won.
    pub(super) const fn won(&self) -> bool {
        self.place == 1 && !self.drawn
    }
}

impl Finish {
    /// The end of a game at which nobody sat.
    #[cfg(test)]
    pub(crate) fn bare(id: GameId) -> Self {
        let (summary, replay) = ("{}".to_owned(), vec![7]);
        Self { id, summary, replay, sealed: None, results: Vec::new(), ladder: None }
    }

    /// The ladder by which it counts; none where it was broken off.
    pub(super) fn counts_on(&self) -> Option<&str> {
        let counts = self.results.iter().all(|result| result.place > 0);
        self.ladder.as_deref().filter(|_| counts)
    }
}

/// A seat's person with the ratings before and after.
#[derive(Clone, Debug)]
pub(super) struct Rated {
    pub(super) result: SeatResult,
    /// None once erased.
    pub(super) account: Option<Uuid>,
    pub(super) before: Rating,
    pub(super) after: Rating,
}

impl Rated {
    /// Before the game is rated; whoever was erased is as good as a beginner.
    pub(super) fn seated(result: SeatResult, account: Option<Uuid>, known: Option<Rating>) -> Self {
        let before = known.unwrap_or_default();
        Self { result, account, before, after: before }
    }
}

/// Everybody with the rating after the game, side by side.
pub(super) fn rated(mut all: Vec<Rated>) -> Vec<Rated> {
    all.sort_by_key(|rated| (rated.result.side, rated.result.seat));
    let side = |members: &[Rated]| Side {
        place: members[0].result.place,
        members: members.iter().map(|rated| rated.before).collect(),
    };
    let sides: Vec<Side> = all.chunk_by(|a, b| a.result.side == b.result.side).map(side).collect();
    for (rated, after) in all.iter_mut().zip(rate(&sides).into_iter().flatten()) {
        rated.after = after;
    }
    all
}
