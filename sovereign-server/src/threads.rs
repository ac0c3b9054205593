//! The threads of a server, in sets that share the processor and wait for nothing of each other.
//!
//! Requests are heard on those of the *front*; *games* are played, and their log is written, on their
//! own; *sockets* are read on theirs; all else is with whoever starts the server. A flood of
//! connections or of messages then fills a queue of tasks in which no tick of a game waits.
//!
//! Games and sockets are many small tasks, each done in less time than it takes to wake a thread
//! that might help: they are dealt out to *lanes*, and no lane takes a task of another.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::JoinHandle;

/// A set of threads; tasks that are left end with it.
#[derive(Debug)]
pub(crate) struct Threads(Vec<Runtime>);

/// The ways to the lanes of a set; cheap to clone.
#[derive(Clone, Debug)]
pub struct Lanes(Arc<[Handle]>);

impl Threads {
    /// As many as there are processors, that share their tasks.
    ///
    /// # Errors
    /// When the system gives no threads.
    pub(crate) fn shared(name: &str) -> io::Result<Self> {
        Builder::new_multi_thread()
            .thread_name(name)
            .enable_all()
            .build()
            .map(|all| Self(vec![all]))
    }

    /// A lane for every two processors: the others are for those who read, and for the log.
    ///
    /// # Errors
    /// As [`Self::shared`].
    pub(crate) fn games() -> io::Result<Self> {
        Self::lanes_of(processors().div_ceil(2), || lane("games"))
    }

    /// A lane for every processor.
    ///
    /// # Errors
    /// As [`Self::shared`].
    pub(crate) fn sockets() -> io::Result<Self> {
        Self::lanes_of(processors(), || lane("sockets"))
    }

    /// A lane for every two processors, for sockets that are only read there. One that has nothing
    /// left to do sleeps for as long as `nap` says: what comes meanwhile is then taken in together.
    ///
    /// # Errors
    /// As [`Self::shared`].
    pub(crate) fn drowsy_sockets(
        nap: impl Fn() -> Duration + Copy + Send + Sync + 'static,
    ) -> io::Result<Self> {
        Self::lanes_of(processors().div_ceil(2), || {
            let mut lane = lane("sockets");
            lane.on_thread_park(move || std::thread::sleep(nap()));
            lane
        })
    }

    fn lanes_of(count: usize, lane: impl Fn() -> Builder) -> io::Result<Self> {
        (0..count).map(|_| lane().build()).collect::<io::Result<_>>().map(Self)
    }

    /// The ways to all of them.
    pub(crate) fn lanes(&self) -> Lanes {
        Lanes(self.0.iter().map(|lane| lane.handle().clone()).collect())
    }

    /// Starts a task in the first lane.
    pub(crate) fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.lanes().of(0).spawn(future)
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
}

impl Drop for Threads {
    /// A runtime may not be waited for within another.
    fn drop(&mut self) {
        self.0.drain(..).for_each(Runtime::shutdown_background);
    }
}

impl Lanes {
    /// The threads on which this runs, as one lane.
    #[cfg(test)]
    pub(crate) fn current() -> Self {
        Self(Arc::new([Handle::current()]))
    }

    /// The lane of whatever bears this number.
    #[must_use]
    pub fn of(&self, number: u128) -> &Handle {
        &self.0[(number % self.0.len() as u128) as usize]
    }
}

fn processors() -> usize {
    available_parallelism().map_or(1, usize::from)
}

fn lane(name: &str) -> Builder {
    let mut lane = Builder::new_multi_thread();
    lane.worker_threads(1).thread_name(name).enable_all();
    lane
}
