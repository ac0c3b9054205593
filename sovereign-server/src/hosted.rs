//! Where a server's tasks begin. In tests a whole simulated process can be stopped, with all
//! of its tasks, and go on later; otherwise these are tokio's own functions.

use std::future::Future;

use tokio::task::{JoinError, JoinHandle};

/// Starts a task of this process.
pub(crate) fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    tokio::spawn(hosted(future))
}

/// The future as one of this process.
#[cfg(not(test))]
pub(crate) const fn hosted<F: Future>(future: F) -> F {
    future
}

/// The future as one of this process, with which it stops and goes on.
#[cfg(test)]
pub(crate) fn hosted<F: Future>(future: F) -> crate::sim::process::Hosted<F> {
    crate::sim::process::Hosted::new(future)
}

/// Does long work beside the tasks; in a simulated process at once, since other threads
/// come when they come.
pub(crate) async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, JoinError> {
    #[cfg(test)]
    if crate::sim::process::Process::current().is_some() {
        return Ok(work());
    }
    tokio::task::spawn_blocking(work).await
}
