//! One file or folder per subcommand.

pub(crate) mod bot;
pub(crate) mod conform;
pub(crate) mod load;
pub(crate) mod map;
pub(crate) mod perft;
pub(crate) mod play;
pub(crate) mod replay;
pub(crate) mod report;
pub(crate) mod rules;
pub(crate) mod serve;
pub(crate) mod simulate;
pub(crate) mod sweep;
pub(crate) mod token;
pub(crate) mod tournament;
