//! The protocol: its messages survive both codecs, no bytes harm a reader, and what
//! `docs/` says of it is true.

mod game;
mod hostile;
mod page;
mod round_trip;
mod samples;
mod size;
mod strategy;
mod vectors;
