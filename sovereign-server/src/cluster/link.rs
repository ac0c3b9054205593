//! A connection from each node to each other one, over which nothing is said but that one lives.
//!
//! The kernel closes it the moment a process dies, so a crash is known within milliseconds; a
//! process that stands still is known by its silence.

use std::collections::HashSet;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, HeaderValue, UPGRADE};
use http::{Method, StatusCode};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use super::{Fleet, Member};

/// Where a link is asked for.
pub(super) const PATH: &str = "/peer/link";
/// What both sides switch to.
pub(super) const PROTOCOL: HeaderValue = HeaderValue::from_static("sovereign-link");

impl Fleet {
    /// Keeps a link to each other node that is known, for as long as the node runs.
    pub async fn keep_links(self) {
        let mut linked: HashSet<String> = HashSet::new();
        let mut links = tokio::task::JoinSet::new();
        let mut changes = self.inner.roster.watch();
        loop {
            for member in self.inner.roster.known() {
                if linked.insert(member.name.clone()) {
                    links.spawn(self.clone().follow(member.name));
                }
            }
            tokio::select! {
                Some(Ok(gone)) = links.join_next() => { linked.remove(&gone); }
                _ = changes.changed() => {}
            }
        }
    }

    /// Keeps the link to one node, until nothing is known of it any more; its name.
    async fn follow(self, name: String) -> String {
        let pause = Duration::from_millis(self.inner.limits.link_beat_ms);
        while let Some(member) = self.known(&name) {
            let mut link = self.link(&member).await;
            if link.is_none() {
                self.suspect_if_nobody_listens(&member).await;
                sleep(pause).await;
                continue;
            }
            // One that ends may be the network's fault: if no other one can be made at once, it is dead.
            while let Some(mut open) = link {
                self.inner.roster.reached(&name);
                self.listen(&name, &mut open).await;
                drop(open);
                let Some(member) = self.known(&name) else { break };
                link = self.link(&member).await;
            }
            self.inner.roster.suspect(&name, "its link broke");
        }
        name
    }

    /// A node listens before it is known: where nobody does, it has died since.
    async fn suspect_if_nobody_listens(&self, member: &Member) {
        let most = Duration::from_millis(self.inner.limits.peer_connect_ms);
        let tried = timeout(most, TcpStream::connect(member.address)).await;
        let refused = |error: std::io::Error| error.kind() == std::io::ErrorKind::ConnectionRefused;
        if tried.is_ok_and(|tried| tried.is_err_and(refused)) {
            self.inner.roster.suspect(&member.name, "nobody listens at its address");
        }
    }

    fn known(&self, name: &str) -> Option<Member> {
        self.inner.roster.known().into_iter().find(|member| member.name == name)
    }

    /// Hears signs of life until they stop.
    async fn listen(&self, name: &str, link: &mut TokioIo<Upgraded>) {
        let silence = Duration::from_millis(self.inner.limits.link_silence_ms);
        let mut signs = [0; 64];
        while matches!(timeout(silence, link.read(&mut signs)).await, Ok(Ok(1..))) {
            self.inner.roster.sign(name);
        }
    }

    /// A link, if the node can be reached in time and speaks at once.
    async fn link(&self, to: &Member) -> Option<TokioIo<Upgraded>> {
        let silence = Duration::from_millis(self.inner.limits.link_silence_ms);
        let opening = async {
            let mut request = self.inner.relay.own((Method::GET, PATH), Bytes::new(), None, to);
            request.headers_mut().insert(CONNECTION, HeaderValue::from_static("upgrade"));
            request.headers_mut().insert(UPGRADE, PROTOCOL);
            let mut response = self.inner.relay.ask(request, to).await.ok()?;
            if response.status() != StatusCode::SWITCHING_PROTOCOLS {
                return None;
            }
            let mut link = TokioIo::new(hyper::upgrade::on(&mut response).await.ok()?);
            // A process that stands still has a kernel that takes connections all the same.
            link.read_u8().await.ok()?;
            Some(link)
        };
        timeout(silence, opening).await.ok().flatten()
    }

    /// Tells another node that this one lives, for as long as both do.
    pub(super) async fn live(self, link: OnUpgrade) {
        let Ok(link) = link.await else { return };
        let (mut link, pause) =
            (TokioIo::new(link), Duration::from_millis(self.inner.limits.link_beat_ms));
        while link.write_all(b".").await.is_ok() && link.flush().await.is_ok() {
            tokio::select! {
                () = sleep(pause) => {}
                () = self.inner.stop.cancelled() => return,
            }
        }
    }
}
