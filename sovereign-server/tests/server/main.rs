//! The server over real sockets.

mod api;
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
