//! The way out to one socket: a queue bounded in bytes and age.
//!
//! Invariant: the room never waits for a socket, and what waits for one never exceeds
//! its limits by more than one message.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sovereign_core::wire::CloseCode;
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;

use crate::config::Limits;

/// What a socket's writer does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Send this message.
    Send(Message),
    /// Close the socket; nothing follows.
    Close(CloseCode),
}

/// The queue is full: its reader is too slow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooSlow;

#[derive(Debug, Default)]
struct Inner {
    waiting: VecDeque<(Message, Instant)>,
    bytes: usize,
    close: Option<CloseCode>,
}

/// A queue with one writer, the room, and one reader, the socket; cheap to clone.
#[derive(Clone, Debug)]
pub struct OutQueue {
    inner: Arc<Mutex<Inner>>,
    changed: Arc<Notify>,
    most_bytes: usize,
    most_age: Duration,
}

impl OutQueue {
    /// An empty queue with these limits.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        Self {
            inner: Arc::default(),
            changed: Arc::default(),
            most_bytes: Limits::count(limits.out_queue_bytes),
            most_age: Duration::from_millis(limits.out_queue_age_ms),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues a message; after a close nothing is queued any more.
    ///
    /// # Errors
    /// [`TooSlow`] when what waits is too much or too old; nothing is queued then. An
    /// empty queue takes a message of any size.
    pub fn push(&self, message: Message) -> Result<(), TooSlow> {
        let now = Instant::now();
        let mut inner = self.lock();
        if inner.close.is_some() {
            return Ok(());
        }
        if let Some((_, oldest)) = inner.waiting.front() {
            let too_old = now.duration_since(*oldest) > self.most_age;
            if too_old || inner.bytes + message.len() > self.most_bytes {
                return Err(TooSlow);
            }
        }
        inner.bytes += message.len();
        inner.waiting.push_back((message, now));
        drop(inner);
        self.changed.notify_one();
        Ok(())
    }

    /// Drops all that waits: a snapshot will replace it.
    pub fn clear(&self) {
        let mut inner = self.lock();
        inner.waiting.clear();
        inner.bytes = 0;
    }

    /// Whether the socket has taken everything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lock().waiting.is_empty()
    }

    /// Closes the socket once what waits has been sent; the first reason counts.
    pub fn close(&self, code: CloseCode) {
        self.lock().close.get_or_insert(code);
        self.changed.notify_one();
    }

    /// Whether a close waits or has been taken.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.lock().close.is_some()
    }

    /// Waits for what the socket has to do next. To be called by the socket alone.
    pub async fn next(&self) -> Next {
        loop {
            if let Some(next) = self.take() {
                return next;
            }
            self.changed.notified().await;
        }
    }

    fn take(&self) -> Option<Next> {
        let mut inner = self.lock();
        if let Some((message, _)) = inner.waiting.pop_front() {
            inner.bytes -= message.len();
            return Some(Next::Send(message));
        }
        inner.close.map(Next::Close)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Message {
        Message::text(text)
    }

    fn queue(bytes: u64, age_ms: u64) -> OutQueue {
        let limits =
            Limits { out_queue_bytes: bytes, out_queue_age_ms: age_ms, ..Limits::default() };
        OutQueue::new(&limits)
    }

    #[tokio::test(start_paused = true)]
    async fn messages_come_in_order_and_nothing_after_the_close() {
        let queue = queue(100, 100);
        queue.push(text("a")).unwrap();
        queue.push(text("b")).unwrap();
        queue.close(CloseCode::Replaced);
        queue.close(CloseCode::Normal);
        queue.push(text("c")).unwrap();
        assert_eq!(queue.next().await, Next::Send(text("a")));
        assert_eq!(queue.next().await, Next::Send(text("b")));
        assert_eq!(queue.next().await, Next::Close(CloseCode::Replaced));
    }

    #[tokio::test(start_paused = true)]
    async fn too_many_bytes_are_refused_but_never_a_single_message() {
        let queue = queue(10, 1_000);
        queue.push(Message::binary(vec![0; 50])).unwrap();
        assert_eq!(queue.push(text("x")), Err(TooSlow));
        queue.clear();
        assert!(queue.is_empty());
        queue.push(Message::binary(vec![0; 10])).unwrap();
        assert_eq!(queue.push(text("x")), Err(TooSlow));
    }

    #[tokio::test(start_paused = true)]
    async fn a_message_that_waits_too_long_marks_its_reader() {
        let queue = queue(1_000, 100);
        queue.push(text("a")).unwrap();
        tokio::time::advance(Duration::from_millis(90)).await;
        queue.push(text("b")).unwrap();
        tokio::time::advance(Duration::from_millis(20)).await;
        assert_eq!(queue.push(text("c")), Err(TooSlow));
        queue.next().await;
        queue.push(text("c")).unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_waiting_socket_is_woken() {
        let queue = queue(100, 100);
        let reader = queue.clone();
        let task = tokio::spawn(async move { reader.next().await });
        tokio::task::yield_now().await;
        queue.push(text("a")).unwrap();
        assert_eq!(task.await.unwrap(), Next::Send(text("a")));
    }
}
