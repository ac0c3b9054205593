//! JSON logs on standard error.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;

/// Starts logging with `filter`; a second call in one process changes nothing.
///
/// # Errors
/// When the filter cannot be parsed.
pub fn start(filter: &str) -> Result<(), ParseError> {
    let filter = EnvFilter::try_new(filter)?;
    let subscriber = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .finish();
    // Only a test, which starts several servers in one process, comes here twice.
    let _ = tracing::subscriber::set_global_default(subscriber);
    Ok(())
}
