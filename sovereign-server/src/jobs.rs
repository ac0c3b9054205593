//! What a server does now and then for as long as it runs, where that is a few lines.

use std::time::Duration;

use tracing::{info, warn};

use crate::accounts::Accounts;
use crate::auth::Keys;
use crate::gateway::online::OnlineRunner;
use crate::gateway::rate::Rates;
use crate::gateway::tls::Tls;
use crate::hearing::Hearing;

/// Time between two cleanings of the rate limits' memory.
const CLEANING: Duration = Duration::from_secs(60);
/// Time between two rounds of forgetting sessions and guests that are over.
const SWEEPING: Duration = Duration::from_secs(60 * 60);
/// Time between two looks at the key files.
const KEY_LOOK: Duration = Duration::from_secs(5);

/// Looks after the certificate, if there is one.
pub(crate) async fn refresh(tls: Option<Tls>) {
    if let Some(tls) = tls {
        tls.keep_fresh().await;
    }
}

/// Forgets sessions and guests that are over.
pub(crate) async fn sweep(accounts: Accounts) {
    loop {
        accounts.sweep().await;
        tokio::time::sleep(SWEEPING).await;
    }
}

/// Hears of what other nodes revoke, if there are any.
pub(crate) async fn follow_others(accounts: Accounts, look: Duration, is_node: bool) {
    if is_node {
        accounts.follow(look).await;
    }
}

/// Hears what other nodes tell, if there are any.
pub(crate) async fn hear(hearing: Option<Hearing>) {
    if let Some(hearing) = hearing {
        hearing.run().await;
    }
}

/// Tells other nodes whose sockets are open, if there are any.
pub(crate) async fn tell_online(runner: Option<OnlineRunner>) {
    if let Some(runner) = runner {
        runner.run().await;
    }
}

/// Takes up keys that `keys rotate` has made.
pub(crate) async fn follow_keys(keys: Keys) {
    loop {
        tokio::time::sleep(KEY_LOOK).await;
        look_at_keys(keys.clone()).await;
    }
}

async fn look_at_keys(keys: Keys) {
    match tokio::task::spawn_blocking(move || keys.reload()).await {
        Ok(Ok(true)) => info!("the signing keys have changed"),
        Ok(Ok(false)) => {}
        Ok(Err(error)) => warn!(%error, "the signing keys stay as they were"),
        Err(error) => warn!(%error, "the signing keys could not be looked at"),
    }
}

/// Forgets addresses that have been quiet.
pub(crate) async fn clean(rates: Rates) {
    loop {
        tokio::time::sleep(CLEANING).await;
        rates.forget_quiet();
    }
}
