//! The deterministic rules-and-command engine of Sovereign Lines.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod id;
pub mod map;
pub mod quantity;
