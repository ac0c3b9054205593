//! The sum of the hashes of all rows, brought up to date only where somebody asks.
//!
//! Writing a row costs nothing here: the journal tells which rows were written since the sum
//! was right, and how they were before. So a game whose hash nobody wants hashes no row, a
//! search that goes back and forth hashes none either, and a log that takes the hash of every
//! batch hashes each row of it twice, however often it was written. Where the journal is
//! forgotten before anybody asked, the sum is lost, and who asks pays for all rows.

use smallvec::SmallVec;

use super::State;
use super::journal::{Journal, Undo};

/// So many written rows are looked through without asking for memory.
const FEW: usize = 64;

/// The sum of the hashes that rows had when the journal had come to a certain length.
#[derive(Clone, Copy, Debug)]
pub(super) struct RowSum {
    /// Nothing once it is lost.
    sum: Option<u64>,
    /// The length that the journal had.
    at: usize,
}

impl RowSum {
    /// The sum of the rows with which a journal begins.
    pub(super) const fn new(sum: u64) -> Self {
        Self { sum: Some(sum), at: 0 }
    }

    /// What is left of it once the journal is forgotten: all, if nothing was written since.
    pub(super) fn without(self, journal: &Journal) -> Self {
        let right = journal.all().len() == self.at;
        Self { sum: self.sum.filter(|_| right), at: 0 }
    }
}

impl State {
    /// The wrapping sum of the hashes of all rows. O(n log n) in the rows written since it was
    /// settled, and never more than O(rows); O(rows) if it is lost.
    pub(crate) fn rows_hash(&self) -> u64 {
        let written = &self.journal.all()[self.sum.at..];
        let many = written.len() > FEW.max(self.territories.len());
        match self.sum.sum {
            Some(sum) if !many => self.moved_on(sum, written),
            _ => self.hash_from_scratch(),
        }
    }

    /// Takes out of a sum what each row was before it was first written, and adds what it is.
    fn moved_on(&self, sum: u64, written: &[Undo]) -> u64 {
        let rows = written.iter().enumerate().filter(|(_, undo)| !undo.is_event());
        let mut first: SmallVec<[_; FEW]> = rows.map(|(at, undo)| (undo.place(), at)).collect();
        first.sort_unstable();
        first.dedup_by_key(|(place, _)| *place);
        first.iter().fold(sum, |sum, (_, at)| {
            let old = &written[*at];
            sum.wrapping_sub(old.row_hash()).wrapping_add(self.current(old).row_hash())
        })
    }

    /// Brings the sum up to date. Not while there are marks: one to which the game goes back
    /// would find the sum of what came later.
    pub(crate) fn settle_hash(&mut self) {
        debug_assert!(!self.journal.is_marked(), "a mark needs the sum as it was");
        self.sum = RowSum { sum: Some(self.rows_hash()), at: self.journal.all().len() };
    }
}
