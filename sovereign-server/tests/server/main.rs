//! The server over real sockets.

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
mod hostile;
mod http_client;
mod keys;
mod lease;
mod openapi;
mod operate;
mod outside;
mod play;
mod replay;
mod running;
mod telemetry;
mod tls;
mod tokens;
mod traces;
