//! Logs and metrics.
//!
//! Invariant: no log line and no metric holds a token, a payload, a name or an address.

pub mod catalogue;
pub mod logs;
pub mod metrics;
pub mod traces;
