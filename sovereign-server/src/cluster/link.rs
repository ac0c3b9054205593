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
        let known =
            |name: &str| self.inner.roster.known().into_iter().find(|member| member.name == name);
        while let Some(member) = known(&name) {
            match self.link(&member).await {
                Some(mut link) => {
                    self.inner.roster.reached(&name);
                    self.listen(&mut link).await;
                    drop(link);
                    self.see_whether_it_lives(&name).await;
                }
                None => sleep(pause).await,
            }
        }
        name
    }

    /// A link has ended: if no other one can be made at once, its node is dead.
    async fn see_whether_it_lives(&self, name: &str) {
        let known = self.inner.roster.known().into_iter().find(|member| member.name == name);
        let Some(member) = known else { return };
        match self.link(&member).await {
            Some(_) => self.inner.roster.reached(name),
            None => self.inner.roster.suspect(name, "its link broke"),
        }
    }

    /// Hears signs of life until they stop.
    async fn listen(&self, link: &mut TokioIo<Upgraded>) {
        let silence = Duration::from_millis(self.inner.limits.link_silence_ms);
        let mut signs = [0; 64];
        while matches!(timeout(silence, link.read(&mut signs)).await, Ok(Ok(1..))) {}
    }

    /// A link, if the node can be reached in time and speaks at once.
    async fn link(&self, to: &Member) -> Option<TokioIo<Upgraded>> {
        let silence = Duration::from_millis(self.inner.limits.link_silence_ms);
        let opening = async {
            let mut request = self.inner.relay.own(Method::GET, PATH, Bytes::new(), to);
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
