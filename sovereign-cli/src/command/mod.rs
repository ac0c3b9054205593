//! One file or folder per subcommand.

pub(crate) mod map;
pub(crate) mod replay;
pub(crate) mod rules;
pub(crate) mod simulate;
