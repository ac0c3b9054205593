//! The command line as its users meet it: the binary, its output and its exit codes.

mod harness;
mod map;
mod replay;
mod rules;
mod simulate;
mod wire;
