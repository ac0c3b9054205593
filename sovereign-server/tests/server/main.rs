//! The server over real sockets.

mod admin;
mod api;
mod backup;
mod binary;
mod client;
mod crash;
mod disk;
mod hostile;
mod http_client;
mod operate;
mod play;
mod replay;
mod running;
mod telemetry;
mod tls;
mod traces;
