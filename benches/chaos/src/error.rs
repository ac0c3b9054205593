//! Why there is no verdict: not a fault of the fleet's, but of the stage around it.

/// What went wrong with the stage.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ChaosError {
    /// Files, processes or sockets.
    #[error("{0}: {1}")]
    Io(String, std::io::Error),
    /// A program did not do what it was started for.
    #[error("{program}: {said}")]
    Program {
        /// Its name.
        program: String,
        /// What it said.
        said: String,
    },
    /// Something did not come about in time.
    #[error("waited in vain for {0}")]
    Late(String),
    /// Redis, or one of its Sentinels.
    #[error("Redis: {0}")]
    Redis(#[from] redis::RedisError),
}

impl ChaosError {
    /// Names what was being done.
    pub(crate) fn doing(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |error| Self::Io(what, error)
    }
}

pub(crate) type Outcome<T> = Result<T, ChaosError>;
