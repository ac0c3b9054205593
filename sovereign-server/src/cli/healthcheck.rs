//! `sovereign-server healthcheck`: for containers, which have no other program to ask.

use std::process::ExitCode;
use std::time::Duration;

use bytes::Bytes;
use clap::Args;
use http_body_util::Empty;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;

use crate::config::{Config, Flags};
use crate::{BAD_SETTINGS, fail};

/// Time for the answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// What to ask.
#[derive(Debug, Args)]
pub(super) struct Healthcheck {
    /// Ask whether the process lives, not whether it takes players
    #[arg(long)]
    live: bool,
    /// The settings of the server: where its operations listener is.
    #[command(flatten)]
    flags: Flags,
}

impl Healthcheck {
    /// Exit code 0 when all is well, 1 when it is not, 2 when a setting is wrong.
    pub(super) fn run(&self) -> ExitCode {
        let config = match Config::load(&self.flags, std::env::vars()) {
            Ok(config) => config,
            Err(error) => return fail(&error, BAD_SETTINGS),
        };
        let mut address = config.server.ops_address();
        if address.ip().is_unspecified() {
            address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
        }
        let path = if self.live { "livez" } else { "readyz" };
        match ask(&format!("http://{address}/{path}")) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => fail(&*error, 1),
        }
    }
}

fn ask(url: &str) -> Result<(), Box<dyn std::error::Error>> {
    let url: http::Uri = url.parse()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let client = Client::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>();
        let answer = tokio::time::timeout(PATIENCE, client.get(url)).await??;
        let status = answer.status();
        if status.is_success() {
            Ok(())
        } else {
            Err(format!("the server answers {status}").into())
        }
    })
}
