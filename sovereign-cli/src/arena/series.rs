//! Many games at once: on some threads, the results in the order of the games.

use std::num::NonZero;
use std::thread::available_parallelism;

use clap::Args;
use rayon::ThreadPoolBuilder;
use rayon::prelude::*;

use crate::error::CliError;

/// The most threads.
const THREADS_MAX: u64 = 1024;

/// How many games are played at once.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Threads {
    /// How many games are played at once [default: one a processor].
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=THREADS_MAX))]
    threads: Option<u64>,
}

impl Threads {
    fn count(self) -> usize {
        let asked = self.threads.and_then(|threads| usize::try_from(threads).ok());
        asked.unwrap_or_else(|| available_parallelism().map_or(1, NonZero::get))
    }

    /// Does `play` for every task. The results are in the order of the tasks, whatever
    /// the number of threads.
    pub(crate) fn play_all<T: Sync, R: Send>(
        self,
        tasks: &[T],
        play: impl Fn(&T) -> Result<R, CliError> + Sync,
    ) -> Result<Vec<R>, CliError> {
        let threads = self.count();
        let pool = ThreadPoolBuilder::new().num_threads(threads).build();
        let pool =
            pool.map_err(|e| CliError::input(format!("cannot start {threads} threads: {e}")))?;
        pool.install(|| tasks.par_iter().map(&play).collect())
    }
}
