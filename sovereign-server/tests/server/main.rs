//! The server over real sockets.

mod abuse;
mod accounts;
mod admin;
mod api;
mod asyncapi;
mod backup;
mod bans;
mod binary;
mod chat;
mod client;
mod crash;
mod disk;
mod drain;
mod fleet;
mod frames;
mod handshake;
mod hostile;
mod http_client;
mod keys;
mod lease;
mod lobby;
mod matrix;
mod migrate;
mod nginx;
mod openapi;
mod operate;
mod outage;
mod outside;
mod play;
#[path = "../../src/postgres/testing.rs"]
#[allow(dead_code, reason = "the unit tests use the rest of it")]
mod postgres;
mod ranked;
mod raw_socket;
#[path = "../../src/redis/testing.rs"]
#[allow(dead_code, reason = "the unit tests use the rest of it")]
mod redis;
mod replay;
mod running;
mod shared;
mod stores;
mod telemetry;
mod tls;
mod tokens;
mod traces;
