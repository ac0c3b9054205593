//! The way out to one socket: a queue bounded in bytes and age, and the one door to the wire.
//!
//! Whoever has something for a socket queues it; [`OutQueue::flush`] then writes all that waits
//! with one call of the kernel, from the task that has it, without waking another. Only what
//! the kernel does not take at once is left to the socket's own writer.
//!
//! Invariants: the room never waits for a socket; what waits for one never exceeds its limits
//! by more than one message; a frame that was begun is ended before another is begun.

mod hold;
mod onward;

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use socket2::SockRef;
use sovereign_core::wire::CloseCode;
use tokio::io::Interest;
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedWriteHalf;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::framed::Framed;
use crate::config::Limits;
use crate::telemetry::metrics;

pub use hold::Hold;
pub use onward::{Left, Onward};

/// Frames handed to the kernel in one call; more take another.
const AT_ONCE: usize = 16;

/// The queue is full: its reader is too slow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooSlow;

/// What became of a flush.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Nothing waits any more.
    Clear,
    /// The kernel takes no more for now.
    Blocked,
    /// The socket is gone.
    Broken,
}

#[derive(Debug, Default)]
struct Inner {
    /// Where frames are written to directly; without one the socket's writer takes them out.
    line: Option<Arc<OwnedWriteHalf>>,
    /// The rest of a frame whose beginning is on the wire.
    begun: Option<Bytes>,
    waiting: VecDeque<(Framed, Instant)>,
    bytes: usize,
    close: Option<CloseCode>,
    /// Where its game goes on, until the reader has been told.
    onward: Option<Box<Onward>>,
    /// Nothing is taken any more: the close is queued, or the socket is gone.
    over: bool,
    /// Bytes on the wire that were not reported yet.
    sent: usize,
}

/// A queue with many writers and one socket at its end; cheap to clone.
#[derive(Clone, Debug)]
pub struct OutQueue(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    inner: Mutex<Inner>,
    changed: Notify,
    handed_on: Notify,
    most_bytes: usize,
    most_age: Duration,
    restart_s: u64,
}

impl OutQueue {
    /// An empty queue with these limits.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        Self(Arc::new(Shared {
            inner: Mutex::default(),
            changed: Notify::new(),
            handed_on: Notify::new(),
            most_bytes: Limits::count(limits.out_queue_bytes),
            most_age: Duration::from_millis(limits.out_queue_age_ms),
            restart_s: limits.restart_s,
        }))
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on frames are written straight to this socket, or (`None`) no longer.
    pub fn connect(&self, line: Option<Arc<OwnedWriteHalf>>) {
        self.lock().line = line;
    }

    /// Queues a message; [`Self::flush`] sends it. After a close nothing is queued any more.
    ///
    /// # Errors
    /// [`TooSlow`] when what waits is too much or too old; nothing is queued then. An
    /// empty queue takes a message of any size.
    pub fn push(&self, message: Framed) -> Result<(), TooSlow> {
        let now = Instant::now();
        let mut inner = self.lock();
        if inner.close.is_some() || inner.over {
            return Ok(());
        }
        self.admit(&inner, &message, now)?;
        inner.push(message, now);
        if inner.line.is_none() {
            drop(inner);
            self.0.changed.notify_one();
        }
        Ok(())
    }

    fn admit(&self, inner: &Inner, message: &Framed, now: Instant) -> Result<(), TooSlow> {
        let Some((_, oldest)) = inner.waiting.front() else { return Ok(()) };
        let too_old = now.duration_since(*oldest) > self.0.most_age;
        let too_much = inner.bytes + message.len() > self.0.most_bytes;
        if too_old || too_much { Err(TooSlow) } else { Ok(()) }
    }

    /// Queues a message and sends it.
    ///
    /// # Errors
    /// As [`Self::push`].
    pub fn send(&self, message: Framed) -> Result<(), TooSlow> {
        self.push(message)?;
        metrics::sent(self.flush());
        Ok(())
    }

    /// Sends a frame of the connection itself, such as a ping: also while a close waits.
    ///
    /// # Errors
    /// [`TooSlow`] when what waits is too much or too old.
    pub fn control(&self, frame: Framed) -> Result<(), TooSlow> {
        let now = Instant::now();
        let mut inner = self.lock();
        if inner.over {
            return Ok(());
        }
        self.admit(&inner, &frame, now)?;
        inner.push(frame, now);
        drop(inner);
        metrics::sent(self.flush());
        Ok(())
    }

    /// Writes all that waits, as far as the kernel takes it; the rest is left to the
    /// socket's writer, which is woken. Returns the bytes that went out since the last call.
    pub fn flush(&self) -> usize {
        let mut inner = self.lock();
        if !inner.is_clear() && (inner.line.is_none() || inner.write() != Flow::Clear) {
            self.0.changed.notify_one();
        }
        std::mem::take(&mut inner.sent)
    }

    /// The same for the socket's writer, which waits for as long as the kernel takes no more:
    /// in the end nothing is left, or the socket is gone.
    pub async fn flush_rest(&self, line: &OwnedWriteHalf) -> Flow {
        let write = || match self.lock().write() {
            Flow::Blocked => Err(io::ErrorKind::WouldBlock.into()),
            flow => Ok(flow),
        };
        let line: &TcpStream = line.as_ref();
        line.async_io(Interest::WRITABLE, write).await.unwrap_or(Flow::Broken)
    }

    /// Drops all that waits: a snapshot will replace it. A frame that was begun is ended.
    pub fn clear(&self) {
        let mut inner = self.lock();
        inner.waiting.clear();
        inner.bytes = 0;
    }

    /// Whether the socket has taken everything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lock().is_clear()
    }

    /// Closes the socket once what waits has been sent; the first reason counts.
    pub fn close(&self, code: CloseCode) {
        self.lock().close.get_or_insert(code);
        self.0.changed.notify_one();
    }

    /// The other side goes: what waits is still sent, and nothing more is taken.
    pub fn hang_up(&self) {
        self.lock().over = true;
        self.0.changed.notify_one();
    }

    /// Whether a close waits or has been taken.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.lock().close.is_some()
    }

    /// Waits until something is left to do for the socket's writer.
    pub async fn changed(&self) {
        self.0.changed.notified().await;
    }

    /// Takes the next frame out, for a socket that cannot be written to directly.
    #[must_use]
    pub fn take(&self) -> Option<Framed> {
        self.lock().pop()
    }

    /// Once all is sent: queues the close, if one waits. Nothing is taken any more then.
    #[must_use]
    pub fn end(&self) -> bool {
        let mut inner = self.lock();
        let Some(code) = inner.close.filter(|_| inner.is_clear() && !inner.over) else {
            return inner.over;
        };
        metrics::socket_closed(code.code());
        inner.push(Framed::close(code, self.0.restart_s), Instant::now());
        inner.over = true;
        true
    }
}

impl Inner {
    fn is_clear(&self) -> bool {
        self.waiting.is_empty() && self.begun.is_none()
    }

    fn push(&mut self, message: Framed, now: Instant) {
        self.bytes += message.len();
        self.waiting.push_back((message, now));
    }

    fn pop(&mut self) -> Option<Framed> {
        let (message, _) = self.waiting.pop_front()?;
        self.bytes -= message.len();
        Some(message)
    }

    fn write(&mut self) -> Flow {
        while !self.is_clear() {
            match self.write_once() {
                Ok(0) => return self.broken(),
                Ok(written) => self.written(written),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Flow::Blocked,
                Err(_) => return self.broken(),
            }
        }
        if self.line.is_none() && self.over { Flow::Broken } else { Flow::Clear }
    }

    fn write_once(&self) -> io::Result<usize> {
        let line = self.line.as_deref().ok_or(io::ErrorKind::NotConnected)?;
        // Past the runtime, which would only look whether the kernel may take something.
        let line = SockRef::from(line.as_ref());
        let frames = self.waiting.iter().map(|(message, _)| message.bytes());
        let mut slices = [IoSlice::new(&[]); AT_ONCE];
        let mut count = 0;
        for (slice, bytes) in slices.iter_mut().zip(self.begun.iter().chain(frames)) {
            *slice = IoSlice::new(bytes);
            count += 1;
        }
        match &slices[..count] {
            [one] => line.send(one),
            several => line.send_vectored(several),
        }
    }

    /// Forgets what is on the wire; of a frame that is only begun it keeps the rest.
    fn written(&mut self, mut count: usize) {
        self.sent += count;
        while count > 0 {
            let Some(bytes) = self.begun.take().or_else(|| Some(self.pop()?.into_bytes())) else {
                return;
            };
            if count < bytes.len() {
                self.begun = Some(bytes.slice(count..));
            }
            count = count.saturating_sub(bytes.len());
        }
    }

    fn broken(&mut self) -> Flow {
        (self.line, self.over, self.begun) = (None, true, None);
        self.waiting.clear();
        self.bytes = 0;
        Flow::Broken
    }
}

/// What a test at the end of a queue gets next.
#[cfg(test)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// This message.
    Send(Framed),
    /// A close; nothing follows.
    Close(CloseCode),
}

#[cfg(test)]
impl OutQueue {
    /// Waits for what comes out next.
    pub(crate) async fn next(&self) -> Next {
        loop {
            let (message, close) = (self.take(), self.lock().close);
            if let Some(next) = message.map(Next::Send).or_else(|| close.map(Next::Close)) {
                return next;
            }
            self.changed().await;
        }
    }
}

#[cfg(test)]
mod tests;
