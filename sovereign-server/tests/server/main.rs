//! The server over real sockets.

mod api;
mod client;
mod crash;
mod hostile;
mod http_client;
mod operate;
mod play;
mod replay;
mod running;
