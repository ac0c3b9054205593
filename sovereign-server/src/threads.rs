//! The threads of a server, in sets that share the processor and wait for nothing of each other.
//!
//! Requests are heard on those of the *front*; *games* are played, and their log is written, on their
//! own; sockets and all else are with whoever starts the server. A flood of connections or of
//! messages then fills a queue of tasks in which no tick of a game waits.

use std::future::Future;
use std::io;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::JoinHandle;

/// A set of threads; tasks that are left end with it.
#[derive(Debug)]
pub(crate) struct Threads(Option<Runtime>);

impl Threads {
    /// As many as there are processors.
    ///
    /// # Errors
    /// When the system gives no threads.
    pub(crate) fn start(name: &str) -> io::Result<Self> {
        Builder::new_multi_thread().thread_name(name).enable_all().build().map(Some).map(Self)
    }

    /// Starts a task there.
    pub(crate) fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.handle().spawn(future)
    }

    /// Does something there, with all that it starts, and waits for it.
    pub(crate) async fn run<F>(&self, future: F) -> F::Output
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        match self.spawn(future).await {
            Ok(output) => output,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }

    /// The way to them.
    fn handle(&self) -> &Handle {
        self.0.as_ref().expect("it is taken when this is dropped").handle()
    }
}

impl Drop for Threads {
    /// A runtime may not be waited for within another.
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
