//! A process of which all tasks stop at once, go on later, or never do.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

thread_local! {
    static CURRENT: RefCell<Option<Arc<Process>>> = const { RefCell::new(None) };
}

#[derive(Debug, Default)]
pub(crate) struct Process(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    stopped: bool,
    dead: bool,
    /// Tasks that would have run while it was stopped.
    asleep: Vec<Waker>,
}

impl Process {
    /// The process whose task runs now.
    pub(crate) fn current() -> Option<Arc<Self>> {
        CURRENT.with_borrow(Clone::clone)
    }

    /// Does something as a task of this process would: what it spawns belongs to it.
    pub(crate) fn within<T>(self: &Arc<Self>, work: impl FnOnce() -> T) -> T {
        let before = CURRENT.replace(Some(Arc::clone(self)));
        let done = work();
        CURRENT.set(before);
        done
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// SIGSTOP: no task runs, and time passes.
    pub(crate) fn stop(&self) {
        self.lock().stopped = true;
    }

    /// SIGCONT.
    pub(crate) fn go_on(&self) {
        let mut state = self.lock();
        if state.dead {
            return;
        }
        state.stopped = false;
        let asleep = std::mem::take(&mut state.asleep);
        drop(state);
        asleep.into_iter().for_each(Waker::wake);
    }

    /// SIGKILL: no task ever runs again.
    pub(crate) fn kill(&self) {
        let mut state = self.lock();
        (state.stopped, state.dead) = (true, true);
        state.asleep.clear();
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.lock().dead
    }

    fn sleeps(&self, context: &Context<'_>) -> bool {
        let mut state = self.lock();
        if state.stopped && !state.dead {
            state.asleep.push(context.waker().clone());
        }
        state.stopped
    }
}

/// A task of a process, or of none.
#[derive(Debug)]
pub(crate) struct Hosted<F> {
    process: Option<Arc<Process>>,
    task: Pin<Box<F>>,
}

impl<F> Hosted<F> {
    pub(crate) fn new(task: F) -> Self {
        Self { process: Process::current(), task: Box::pin(task) }
    }
}

impl<F: Future> Future for Hosted<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.get_mut();
        let task = this.task.as_mut();
        match &this.process {
            None => task.poll(context),
            Some(process) if process.sleeps(context) => Poll::Pending,
            Some(process) => process.within(|| task.poll(context)),
        }
    }
}
