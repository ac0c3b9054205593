//! The command line's readers of foreign maps. They belong to a binary, which nothing can depend
//! on, so their files are taken from there as they are.

#[path = "../../sovereign-cli/src/import/foreign/mod.rs"]
pub(crate) mod foreign;
#[path = "../../sovereign-cli/src/import/geometry.rs"]
pub(crate) mod geometry;
#[path = "../../sovereign-cli/src/import/label.rs"]
pub(crate) mod label;
