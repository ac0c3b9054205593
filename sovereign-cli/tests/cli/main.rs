//! The command line as its users meet it: the binary, its output and its exit codes.

mod external;
mod harness;
mod map;
mod perft;
mod replay;
mod report;
mod rules;
mod simulate;
mod sweep;
mod tournament;
mod wire;
