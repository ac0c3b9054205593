//! Those who do not behave: slow readers, and what an attacker's sockets do.

use std::sync::atomic::Ordering;
use std::time::Duration;

use sovereign_core::wire::FromClient;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, sleep_until};
use tokio_tungstenite::tungstenite::Message;

use super::eye::Eye;
use super::line::{Line, Lost, Place};
use super::player::{Seat, World};

/// What a slow reader reads in a second, in bytes.
const SLOW_BYTES: f64 = 1_000.0;
/// How long one that stalls reads nothing, and then reads.
const STALL: Duration = Duration::from_millis(5_500);
const READ: Duration = Duration::from_millis(2_000);
/// Wait after a line was lost.
const PAUSE: Duration = Duration::from_millis(500);
/// Time between two bytes of a request that trickles.
const TRICKLE: Duration = Duration::from_millis(500);

/// Watches a game as somebody on a very bad line: by number at 1 KB/s or in stalls.
pub(super) async fn read_slowly(seat: Seat, world: World, number: u32) {
    let mut eye = Eye::new(seat.table.clone(), world.tally.clone());
    while !world.stop.is_cancelled() {
        once(&world, badly(&seat, &mut eye, number)).await;
    }
}

async fn badly(seat: &Seat, eye: &mut Eye, number: u32) -> Result<(), Lost> {
    eye.comes();
    let mut line = Line::open(&seat.place, true).await?;
    line.say(&FromClient::Hello { token: None, resume: eye.resume() }).await?;
    if number.is_multiple_of(2) { trickle(line, eye).await } else { stall(line, eye).await }
}

async fn trickle(mut line: Line, eye: &mut Eye) -> Result<(), Lost> {
    loop {
        let frame = line.next().await?;
        eye.see(&frame);
        sleep(Duration::from_secs_f64(frame.len() as f64 / SLOW_BYTES)).await;
    }
}

async fn stall(mut line: Line, eye: &mut Eye) -> Result<(), Lost> {
    loop {
        sleep(STALL).await;
        let end = Instant::now() + READ;
        loop {
            tokio::select! {
                frame = line.next() => { eye.see(&frame?); }
                () = sleep_until(end) => break,
            }
        }
    }
}

/// Does one of five harms, by number, until the world stops.
pub(super) async fn harm(place: Place, world: World, number: u32) {
    while !world.stop.is_cancelled() {
        match number % 5 {
            0 => once(&world, half_a_request(&place)).await,
            1 => once(&world, slow_request(&place)).await,
            2 => once(&world, silent_socket(&place)).await,
            3 => once(&world, flood(&place)).await,
            _ => once(&world, nonsense(&place)).await,
        }
    }
}

/// Does something once, unless the world stops meanwhile, and counts how it ends.
async fn once(world: &World, what: impl Future<Output = Result<(), Lost>>) {
    world.tally.open.fetch_add(1, Ordering::Relaxed);
    let ended = tokio::select! {
        ended = what => ended,
        () = world.stop.cancelled() => Ok(()),
    };
    world.tally.open.fetch_sub(1, Ordering::Relaxed);
    if let Err(lost) = ended {
        world.tally.lost(lost);
        sleep(PAUSE).await;
    }
}

/// Opens a connection, says the beginning of a request, and waits.
async fn half_a_request(place: &Place) -> Result<(), Lost> {
    let mut stream = TcpStream::connect(place.address).await?;
    stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\nX-").await?;
    hung_up(stream).await
}

/// Sends the headers of a request byte by byte.
async fn slow_request(place: &Place) -> Result<(), Lost> {
    let mut stream = TcpStream::connect(place.address).await?;
    stream.write_all(b"GET / HTTP/1.1\r\n").await?;
    loop {
        stream.write_all(b"x").await?;
        sleep(TRICKLE).await;
    }
}

/// Opens a socket and never says who it is.
async fn silent_socket(place: &Place) -> Result<(), Lost> {
    Line::open(place, false).await?.next().await.map(drop)
}

/// Says the same thing as fast as it is taken.
async fn flood(place: &Place) -> Result<(), Lost> {
    let mut line = Line::open(place, false).await?;
    line.say(&FromClient::Hello { token: None, resume: None }).await?;
    loop {
        for nonce in 0..20 {
            line.say(&FromClient::Ping { nonce }).await?;
        }
        // What comes back is read, so that the flood is not stopped by itself.
        let _ = tokio::time::timeout(Duration::from_millis(50), drain(&mut line)).await;
    }
}

async fn drain(line: &mut Line) -> Result<(), Lost> {
    loop {
        line.next().await?;
    }
}

/// Says something that is no message, as long as it may be.
async fn nonsense(place: &Place) -> Result<(), Lost> {
    let mut line = Line::open(place, false).await?;
    line.send(Message::binary(vec![0xc1; 2_000])).await?;
    drain(&mut line).await
}

async fn hung_up(mut stream: TcpStream) -> Result<(), Lost> {
    let mut rest = [0; 512];
    while stream.read(&mut rest).await? > 0 {}
    Err(Lost("hung up".to_owned()))
}
