//! One file or folder per subcommand.

pub(crate) mod bot;
pub(crate) mod map;
pub(crate) mod replay;
pub(crate) mod rules;
pub(crate) mod serve;
pub(crate) mod simulate;
pub(crate) mod token;
