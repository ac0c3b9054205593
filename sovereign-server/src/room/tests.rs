//! Rooms over a log in memory, in virtual time.

mod fog;
mod gate;
mod harness;
mod host;
mod late;
mod moving;
mod panics;
mod results;
mod talk;
pub(super) mod traps;
mod viewers;
