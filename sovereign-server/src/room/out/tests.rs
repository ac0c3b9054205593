use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

use super::*;

fn binary(length: usize) -> Framed {
    Framed::binary(&vec![7; length])
}

fn queue(bytes: u64, age_ms: u64) -> OutQueue {
    let limits = Limits { out_queue_bytes: bytes, out_queue_age_ms: age_ms, ..Limits::default() };
    OutQueue::new(&limits)
}

#[tokio::test(start_paused = true)]
async fn messages_come_in_order_and_nothing_after_the_close() {
    let queue = queue(100, 100);
    queue.push(binary(1)).unwrap();
    queue.push(binary(2)).unwrap();
    queue.close(CloseCode::Replaced);
    queue.close(CloseCode::Normal);
    queue.push(binary(3)).unwrap();
    assert_eq!(queue.next().await, Next::Send(binary(1)));
    assert_eq!(queue.next().await, Next::Send(binary(2)));
    assert_eq!(queue.next().await, Next::Close(CloseCode::Replaced));
}

#[tokio::test(start_paused = true)]
async fn too_many_bytes_are_refused_but_never_a_single_message() {
    let queue = queue(20, 1_000);
    queue.push(binary(50)).unwrap();
    assert_eq!(queue.push(binary(1)), Err(TooSlow));
    queue.clear();
    assert!(queue.is_empty());
    queue.push(binary(18)).unwrap();
    assert_eq!(queue.push(binary(1)), Err(TooSlow));
}

#[tokio::test(start_paused = true)]
async fn a_message_that_waits_too_long_marks_its_reader() {
    let queue = queue(1_000, 100);
    queue.push(binary(1)).unwrap();
    tokio::time::advance(Duration::from_millis(90)).await;
    queue.push(binary(2)).unwrap();
    tokio::time::advance(Duration::from_millis(20)).await;
    assert_eq!(queue.push(binary(3)), Err(TooSlow));
    queue.next().await;
    queue.push(binary(3)).unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_waiting_socket_is_woken() {
    let queue = queue(100, 100);
    let reader = queue.clone();
    let task = tokio::spawn(async move { reader.next().await });
    tokio::task::yield_now().await;
    queue.push(binary(1)).unwrap();
    assert_eq!(task.await.unwrap(), Next::Send(binary(1)));
}

/// A queue at a real connection, and its other end.
async fn connected(queue: &OutQueue) -> (Arc<OwnedWriteHalf>, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let other = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (_, line) = listener.accept().await.unwrap().0.into_split();
    let line = Arc::new(line);
    line.writable().await.unwrap();
    queue.connect(Some(Arc::clone(&line)));
    (line, other)
}

#[tokio::test]
async fn what_is_flushed_is_on_the_wire_at_once_and_in_order() {
    let queue = queue(1_000, 1_000);
    let (_line, mut other) = connected(&queue).await;
    for length in 1..=20 {
        queue.push(binary(length)).unwrap();
    }
    queue.flush();
    assert!(queue.is_empty(), "nothing is left to the writer");
    for length in 1..=20 {
        let mut bytes = vec![0; length + 2];
        other.read_exact(&mut bytes).await.unwrap();
        assert_eq!(&bytes, binary(length).bytes());
    }
}

#[tokio::test]
async fn a_frame_that_was_begun_is_ended_though_all_that_waits_is_dropped() {
    let queue = queue(u64::MAX, 1_000_000);
    let (line, mut other) = connected(&queue).await;
    // More than the kernel holds: the last one is on the wire in part.
    while queue.is_empty() {
        queue.send(binary(3_000_000)).unwrap();
    }
    queue.push(binary(5)).unwrap();
    queue.clear();
    queue.push(binary(9)).unwrap();
    queue.close(CloseCode::TooSlow);
    let end = tokio::spawn(async move {
        while queue.flush_rest(&line).await == Flow::Clear && queue.end() && !queue.is_empty() {}
        queue.connect(None);
    });
    let mut all = Vec::new();
    other.read_to_end(&mut all).await.unwrap();
    end.await.unwrap();
    let big = binary(3_000_000);
    let whole = all.len() / big.len();
    let (bigs, rest) = all.split_at(whole * big.len());
    assert!(whole > 0 && bigs.chunks(big.len()).all(|chunk| chunk == big.bytes()));
    let (nine, close) = (binary(9), Framed::close(CloseCode::TooSlow, 0));
    assert_eq!(rest, [&nine.bytes()[..], &close.bytes()[..]].concat());
}

#[tokio::test]
async fn a_socket_that_is_gone_takes_nothing_and_says_so() {
    let queue = queue(u64::MAX, 1_000_000);
    let (line, other) = connected(&queue).await;
    drop(other);
    while queue.flush_rest(&line).await != Flow::Broken {
        queue.push(binary(100_000)).unwrap();
    }
    assert_eq!(queue.push(binary(1)), Ok(()));
    assert!(queue.is_empty());
}
