//! A node that is told to leave: its games go on at others while their players stay connected,
//! in the order in which `cluster::handover` and the server's stop do it.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};

use super::fleet::{Fleet, Hosting, NODES, Node, locked};
use super::net::End;
use crate::hosted;
use crate::room::{Host, Left};

/// How long a node waits for another one.
const PATIENCE: Duration = Duration::from_millis(800);
/// Time that players have to change over.
const FOLLOW: Duration = Duration::from_millis(1_000);
/// Time in which the last sockets are told that they are closed.
const CLOSING: Duration = Duration::from_millis(100);

/// What one node asks another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ask {
    /// To make a copy of a game.
    Warm,
    /// To take up a game that is its own now.
    Adopt,
}

impl Fleet {
    /// SIGTERM.
    pub(super) fn drain(self: &Arc<Self>, name: usize) {
        let node = self.node(name);
        if !node.process.is_dead() && !node.leaving.swap(true, Ordering::Relaxed) {
            let leave = Arc::clone(&node).leave(Arc::clone(self));
            node.process.within(|| hosted::spawn(leave));
        }
    }

    /// Whoever has not left by now is killed; a new process of the name begins.
    pub(super) fn end_drain(self: &Arc<Self>, name: usize) {
        let node = self.node(name);
        if node.is_leaving() {
            node.process.kill();
            self.restart(name);
        }
    }

    /// Where a game of `from` goes on.
    fn place(&self, game: usize, from: usize) -> Option<usize> {
        let lives = |node: &usize| !self.seems_dead(*node) && !self.node(*node).is_leaving();
        let others: Vec<usize> = (0..NODES).filter(|node| *node != from && lives(node)).collect();
        others.get(game % others.len().max(1)).copied()
    }

    /// Asks another node; whether it heard and did it. It may do so when nobody waits any more.
    async fn ask(self: &Arc<Self>, from: usize, to: usize, ask: Ask, game: usize) -> bool {
        let (reply, answer) = oneshot::channel();
        let (fleet, here, there) = (Arc::clone(self), End::Node(from), End::Node(to));
        tokio::spawn(async move {
            fleet.net.travel(here, there).await;
            let node = fleet.node(to);
            let obey = Arc::clone(&node).obey(Arc::clone(&fleet), ask, game);
            if node.process.within(|| hosted::spawn(obey)).await.is_ok() {
                fleet.net.travel(there, here).await;
                let _ = reply.send(());
            }
        });
        matches!(timeout(PATIENCE, answer).await, Ok(Ok(())))
    }
}

impl Node {
    pub(super) fn is_leaving(&self) -> bool {
        self.leaving.load(Ordering::Relaxed)
    }

    async fn obey(self: Arc<Self>, fleet: Arc<Fleet>, ask: Ask, game: usize) {
        let Hosting { id, start, map } = &fleet.games[game];
        match ask {
            Ask::Warm => _ = self.host.warm(*id, start.clone(), Arc::clone(map)).await,
            Ask::Adopt => self.adopt(&fleet, &[*id]).await,
        }
    }

    /// Hands its games over, sees their players off, and ends.
    async fn leave(self: Arc<Self>, fleet: Arc<Fleet>) {
        let owners = self.log.owners().await.unwrap_or_default();
        let is_mine = |game: &usize| owners.get(&fleet.games[*game].id) == Some(&self.name);
        let mine = (0..fleet.games.len()).filter(is_mine);
        join_all(mine.map(|game| self.hand_over(&fleet, game))).await;
        self.host.drain().await;
        self.followed.close();
        let _ = timeout(FOLLOW, self.followed.wait()).await;
        self.over.cancel();
        sleep(CLOSING).await;
        super::show(|| format!("node {} has left", self.name));
        self.process.kill();
    }

    async fn hand_over(&self, fleet: &Arc<Fleet>, game: usize) {
        let Some(to) = fleet.place(game, self.name) else { return };
        let id = fleet.games[game].id;
        let copied = fleet.ask(self.name, to, Ask::Warm, game).await;
        super::show(|| format!("node {} hands {id} to {to}, copied: {copied}", self.name));
        let Some(room) = locked(&self.rooms).get(&id).cloned() else { return };
        let Some(left) = Left::of(room).await else { return };
        if self.log.take(vec![id], self.name, to).await.is_ok_and(|moved| moved == [id]) {
            left.hand_on(&to.to_string(), &self.followed);
            fleet.ask(self.name, to, Ask::Adopt, game).await;
        }
    }
}
