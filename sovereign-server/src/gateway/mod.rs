//! The way in: connections, requests, sockets and their limits.
//!
//! Invariant: whatever arrives, every buffer, queue and wait is bounded by a named limit,
//! and a connection that breaks a rule ends alone.

pub mod connections;
pub mod listener;
pub mod online;
pub mod origin;
pub mod proxies;
pub mod rate;
pub mod socket;
pub mod tls;
pub mod upgrade;
