//! JSON logs on standard error.

use std::sync::OnceLock;

use tracing_subscriber::filter::ParseError;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::{EnvFilter, Registry, reload};

/// The filter in force, which a reload replaces.
static FILTER: OnceLock<reload::Handle<EnvFilter, Registry>> = OnceLock::new();

/// Starts logging with `filter`; a second call in one process changes nothing.
///
/// # Errors
/// When the filter cannot be parsed.
pub fn start(filter: &str) -> Result<(), ParseError> {
    let (filter, handle) = reload::Layer::new(EnvFilter::try_new(filter)?);
    let lines =
        tracing_subscriber::fmt::layer().json().flatten_event(true).with_writer(std::io::stderr);
    let subscriber = tracing_subscriber::registry().with(filter).with(lines);
    // Only a test, which starts several servers in one process, comes here twice.
    if tracing::subscriber::set_global_default(subscriber).is_ok() {
        let _ = FILTER.set(handle);
    }
    Ok(())
}

/// Logs by another filter from now on.
///
/// # Errors
/// When the filter cannot be parsed; the old one stays.
pub fn reload(filter: &str) -> Result<(), ParseError> {
    let filter = EnvFilter::try_new(filter)?;
    if let Some(handle) = FILTER.get() {
        // It fails only once the subscriber is gone, which is never.
        let _ = handle.reload(filter);
    }
    Ok(())
}

/// Whether a filter can be parsed.
///
/// # Errors
/// When it cannot.
pub fn check(filter: &str) -> Result<(), ParseError> {
    EnvFilter::try_new(filter).map(|_| ())
}
