//! The networked server of *Sovereign Lines*.
//!
//! Players reach it through [`gateway`]; [`lobby`] gathers them; each game is one task in
//! [`room`]; what a room does is durable in [`log`] before anybody hears of it; [`store`]
//! keeps everything else. [`app`] puts them together.
#![forbid(unsafe_code)]

pub mod auth;
pub mod config;
pub mod log;
pub mod store;
pub mod telemetry;
