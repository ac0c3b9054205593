//! A link that can be made bad: a TCP proxy that delays, holds back in one direction or both,
//! or cuts what goes through it.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::sleep;

/// Bytes that one read takes.
const CHUNK: usize = 16 * 1_024;

/// How a link is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weather {
    /// Everything passes at once.
    Clear,
    /// Everything passes so much later.
    Late(Duration),
    /// Nothing passes that way; it comes once the weather clears.
    Held(Way),
    /// Every connection is reset, and every new one too.
    Cut,
}

/// The direction of bytes, seen from whoever connects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Up,
    Down,
    Both,
}

/// One listener and where it leads.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    /// Where to connect instead.
    pub(crate) address: SocketAddr,
    weather: Arc<watch::Sender<Weather>>,
    target: Arc<watch::Sender<SocketAddr>>,
}

impl Link {
    /// A link that begins at a free port of `at`.
    pub(crate) async fn open(at: IpAddr, target: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind((at, 0)).await?;
        let address = listener.local_addr()?;
        let (weather, bad) = watch::channel(Weather::Clear);
        let (target, leads) = watch::channel(target);
        tokio::spawn(accept(listener, bad, leads));
        Ok(Self { address, weather: weather.into(), target: target.into() })
    }

    /// Changes the weather, for connections that are open too.
    pub(crate) fn set(&self, weather: Weather) {
        self.weather.send_replace(weather);
    }

    /// Leads elsewhere from now on; connections to the place before are reset.
    pub(crate) fn lead(&self, target: SocketAddr) {
        self.target.send_if_modified(|old| std::mem::replace(old, target) != target);
    }
}

/// Ends with the link, whose senders are then gone.
async fn accept(
    listener: TcpListener,
    weather: watch::Receiver<Weather>,
    target: watch::Receiver<SocketAddr>,
) {
    let mut ended = weather.clone();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((client, _)) = accepted else { continue };
                tokio::spawn(carry(client, weather.clone(), target.clone()));
            }
            over = ended.changed() => if over.is_err() { return },
        }
    }
}

async fn carry(
    mut client: TcpStream,
    weather: watch::Receiver<Weather>,
    mut target: watch::Receiver<SocketAddr>,
) {
    let place = *target.borrow_and_update();
    let mut broken = weather.clone();
    let connect = async {
        if *weather.borrow() == Weather::Cut {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        TcpStream::connect(place).await
    };
    let Ok(mut server) = connect.await else {
        let _ = client.set_zero_linger();
        return;
    };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let whole = tokio::select! {
        done = both_ways(&mut client, &mut server, &weather) => done.is_ok(),
        _ = broken.wait_for(|weather| *weather == Weather::Cut) => false,
        _ = target.changed() => false,
    };
    if !whole {
        let _ = (client.set_zero_linger(), server.set_zero_linger());
    }
}

async fn both_ways(
    client: &mut TcpStream,
    server: &mut TcpStream,
    weather: &watch::Receiver<Weather>,
) -> io::Result<()> {
    let ((mut from_client, mut to_client), (mut from_server, mut to_server)) =
        (client.split(), server.split());
    tokio::try_join!(
        pump(&mut from_client, &mut to_server, Way::Up, weather.clone()),
        pump(&mut from_server, &mut to_client, Way::Down, weather.clone()),
    )?;
    Ok(())
}

async fn pump(
    from: &mut ReadHalf<'_>,
    to: &mut WriteHalf<'_>,
    way: Way,
    mut weather: watch::Receiver<Weather>,
) -> io::Result<()> {
    let mut chunk = vec![0; CHUNK];
    loop {
        let read = from.read(&mut chunk).await?;
        passes(way, &mut weather).await;
        if read == 0 {
            return to.shutdown().await;
        }
        to.write_all(&chunk[..read]).await?;
    }
}

/// Waits until the weather lets something pass that way.
async fn passes(way: Way, weather: &mut watch::Receiver<Weather>) {
    let held = |weather: &Weather| match weather {
        Weather::Held(held) => *held == way || *held == Way::Both,
        _ => false,
    };
    let now = weather.wait_for(|weather| !held(weather)).await.map(|now| *now);
    if let Ok(Weather::Late(delay)) = now {
        sleep(delay).await;
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use tokio::time::timeout;

    use super::*;

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
    const PATIENCE: Duration = Duration::from_secs(20);
    /// Long enough to see that nothing comes.
    const MOMENT: Duration = Duration::from_millis(100);

    /// Says everything back.
    async fn echo() -> SocketAddr {
        let listener = TcpListener::bind((HERE, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut from, mut to) = stream.split();
                    tokio::io::copy(&mut from, &mut to).await
                });
            }
        });
        address
    }

    async fn heard(stream: &mut TcpStream) -> io::Result<u8> {
        timeout(PATIENCE, stream.read_u8()).await.expect("in time")
    }

    /// A link, and a connection over it that has been answered.
    async fn connected() -> (Link, TcpStream) {
        let link = Link::open(HERE, echo().await).await.unwrap();
        let mut stream = TcpStream::connect(link.address).await.unwrap();
        stream.write_u8(1).await.unwrap();
        assert_eq!(heard(&mut stream).await.unwrap(), 1);
        (link, stream)
    }

    #[tokio::test]
    async fn what_is_held_comes_once_the_weather_clears() {
        for way in [Way::Up, Way::Down, Way::Both] {
            let (link, mut stream) = connected().await;
            link.set(Weather::Held(way));
            stream.write_u8(2).await.unwrap();
            assert!(timeout(MOMENT, stream.read_u8()).await.is_err(), "{way:?}");
            link.set(Weather::Clear);
            assert_eq!(heard(&mut stream).await.unwrap(), 2);
        }
    }

    #[tokio::test]
    async fn a_cut_link_resets_what_is_open_and_what_comes() {
        let (link, mut stream) = connected().await;
        link.set(Weather::Cut);
        assert!(heard(&mut stream).await.is_err());
        let mut late = TcpStream::connect(link.address).await.unwrap();
        assert!(heard(&mut late).await.is_err());
        link.set(Weather::Clear);
        let mut again = TcpStream::connect(link.address).await.unwrap();
        again.write_u8(3).await.unwrap();
        assert_eq!(heard(&mut again).await.unwrap(), 3);
    }

    #[tokio::test]
    async fn a_link_that_leads_elsewhere_lets_go() {
        let (link, mut stream) = connected().await;
        link.lead(echo().await);
        assert!(heard(&mut stream).await.is_err());
        let mut again = TcpStream::connect(link.address).await.unwrap();
        again.write_u8(2).await.unwrap();
        assert_eq!(heard(&mut again).await.unwrap(), 2);
    }
}
