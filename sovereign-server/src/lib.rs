//! The networked server of *Sovereign Lines*.
//!
//! Players reach it through [`gateway`] and [`api`]; what happens is durable in [`log`]
//! before anybody hears of it; [`store`] keeps everything else. [`app`] puts them together.
#![forbid(unsafe_code)]

#[macro_use]
mod planted;

pub mod accounts;
pub mod admin;
pub mod api;
pub mod app;
pub mod auth;
mod backing;
pub mod backup;
pub mod cli;
pub mod cluster;
pub mod config;
pub mod error;
pub mod fullness;
pub mod gateway;
pub mod health;
mod hearing;
mod hosted;
mod jobs;
pub mod lobby;
pub mod log;
pub mod ops;
pub mod party;
pub mod postgres;
pub mod ranked;
pub mod redis;
pub mod reloading;
pub mod retention;
pub mod room;
pub mod shutdown;
#[cfg(test)]
mod sim;
mod start_error;
pub mod store;
pub mod telemetry;
mod threads;
pub mod web;

use std::error::Error;
use std::process::ExitCode;

use app::Server;
use config::{Config, Flags};
use tracing::{error, info};

/// Exit code when a setting is wrong.
pub(crate) const BAD_SETTINGS: u8 = 2;

/// Runs a server until a signal stops it: the whole of the binary, and of `sovereign serve`.
/// What is wrong is said in one line on standard error; exit code 1 when the server
/// cannot start, 2 when a setting is wrong.
#[must_use]
pub fn run(flags: &Flags) -> ExitCode {
    let config = match Config::load(flags, std::env::vars()) {
        Ok(config) => config,
        Err(error) => return fail(&error, BAD_SETTINGS),
    };
    if let Err(error) = telemetry::logs::start(&config.telemetry.log) {
        eprintln!("sovereign-server: the log filter is wrong: {error}; use one such as info");
        return ExitCode::from(BAD_SETTINGS);
    }
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error, 1),
    };
    match runtime.block_on(serve(config, flags)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&*error, 1),
    }
}

pub(crate) fn fail(error: &dyn Error, code: u8) -> ExitCode {
    eprintln!("sovereign-server: {error}");
    ExitCode::from(code)
}

async fn serve(config: Config, flags: &Flags) -> Result<(), Box<dyn Error>> {
    let stop = shutdown::on_signal()?;
    let mut hangups = shutdown::Hangups::new()?;
    let server = Server::start(config.clone()).await?;
    println!("{}", greeting(&config, &server));
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            () = hangups.next() => reload(&server, flags),
        }
    }
    server.stop().await;
    Ok(())
}

/// Reads the settings again; wrong ones change nothing.
fn reload(server: &Server, flags: &Flags) {
    let reloaded = Config::load(flags, std::env::vars()).and_then(|wanted| server.reload(&wanted));
    match reloaded {
        Ok(done) => {
            let (applied, waiting) = (done.applied.join(" "), done.waiting.join(" "));
            info!(applied, needs_restart = waiting, "the settings were read again");
        }
        Err(error) => error!(%error, "the settings are wrong; the old ones stay in force"),
    }
}

/// The one line for the person who started the server.
fn greeting(config: &Config, server: &Server) -> String {
    let ip = server.public.ip();
    let host = match ip {
        _ if ip.is_loopback() || ip.is_unspecified() => "localhost".to_owned(),
        std::net::IpAddr::V6(v6) => format!("[{v6}]"),
        std::net::IpAddr::V4(v4) => v4.to_string(),
    };
    let reach =
        if ip.is_loopback() { "only this machine can reach it" } else { "others can reach it" };
    let (port, folder) = (server.public.port(), config.server.data_dir.display());
    let scheme = if config.tls.certificate.is_some() { "https" } else { "http" };
    format!("Sovereign Lines is ready: {scheme}://{host}:{port} (data in {folder}, {reach})")
}
