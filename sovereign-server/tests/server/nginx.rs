//! A real nginx, with the settings that are shipped, in front of a fleet.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Stdio;

use rustls::pki_types::ServerName;
use serde_json::json;
use sovereign_core::wire::Codec;
use sovereign_server::config::Limits;
use tempfile::TempDir;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::process::{Child, Command};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::binary::Binary;
use crate::client::{Client, open, request};
use crate::crash;
use crate::fleet::{Fleet, NAMES, come_back, game_at};
use crate::http_client::{Answer, PATIENCE, call, eventually};
use crate::postgres::free_port;
use crate::running::{guest, post};
use crate::tls::{certify, connector};

/// What players call the server.
const NAME: &str = "play.example";
const SETTINGS: &str = include_str!("../../../deploy/nginx/nginx.conf");
/// What a node needs to be told to stand behind it.
const BEHIND: &str = r#"SOVEREIGN_SERVER__TRUSTED_PROXIES=["127.0.0.0/30"]"#;

/// An nginx of one's own; it ends with this value.
struct Nginx {
    process: Child,
    plain: u16,
    tls: u16,
    connector: TlsConnector,
    _folder: TempDir,
}

impl Nginx {
    /// The shipped settings with these changes, for these nodes.
    async fn start(nodes: &[SocketAddr], changes: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (_, _, trusted) = certify(folder.path(), NAME);
        let (plain, tls) = (free_port(), free_port());
        let mut text = here(SETTINGS, folder.path(), plain, tls, nodes);
        for (old, new) in changes {
            text = replaced(&text, old, new);
        }
        let process = launch(folder.path(), &text);
        let nginx = Self {
            process,
            plain,
            tls,
            connector: connector(&trusted, rustls::DEFAULT_VERSIONS),
            _folder: folder,
        };
        eventually(async || TcpStream::connect((Ipv4Addr::LOCALHOST, tls)).await.is_ok()).await;
        nginx
    }

    /// A plain address of this process whose connections reach nginx by TLS, from `source`.
    async fn from(&self, source: [u8; 4]) -> SocketAddr {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (connector, tls) = (self.connector.clone(), self.tls);
        tokio::spawn(async move {
            while let Ok((plain, _)) = listener.accept().await {
                tokio::spawn(carry(plain, connector.clone(), source.into(), tls));
            }
        });
        address
    }

    async fn stop(mut self) {
        self.tell_to_stop();
        timeout(PATIENCE, self.process.wait()).await.expect("nginx stops").unwrap();
    }

    /// Its workers would outlive a master that is killed.
    fn tell_to_stop(&self) {
        if let Some(id) = self.process.id() {
            let _ = std::process::Command::new("kill").arg(id.to_string()).status();
        }
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        self.tell_to_stop();
    }
}

fn launch(folder: &Path, settings: &str) -> Child {
    let file = folder.join("nginx.conf");
    std::fs::write(&file, settings).unwrap();
    Command::new("nginx")
        .args(["-p".as_ref(), folder.as_os_str(), "-c".as_ref(), file.as_os_str()])
        // Of root's the workers are root's too, so that they may write to the folder.
        .args(["-g", "user root;"])
        .env("PATH", format!("{}:/usr/sbin", std::env::var("PATH").unwrap_or_default()))
        .stdout(Stdio::null())
        .spawn()
        .expect("nginx is installed")
}

/// One connection, by TLS. It ends when either side does.
async fn carry(mut plain: TcpStream, connector: TlsConnector, source: IpAddr, port: u16) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((source, 0).into()).unwrap();
    let stream = socket.connect((Ipv4Addr::LOCALHOST, port).into()).await.unwrap();
    let name = ServerName::try_from(NAME).unwrap();
    let mut stream = connector.connect(name, stream).await.expect("TLS with nginx");
    let _ = copy_bidirectional(&mut plain, &mut stream).await;
}

fn replaced(text: &str, old: &str, new: &str) -> String {
    assert!(text.contains(old), "the settings have no {old}");
    text.replace(old, new)
}

/// The settings with ports and folders of this machine.
fn here(text: &str, folder: &Path, plain: u16, tls: u16, nodes: &[SocketAddr]) -> String {
    let mut text: String = text
        .lines()
        .filter(|line| !line.contains("listen [::]"))
        .fold(String::new(), |all, line| all + line + "\n");
    text = replaced(&text, "listen 8080", &format!("listen 127.0.0.1:{plain}"));
    text = replaced(&text, "worker_rlimit_nofile 65536;", "");
    text = replaced(&text, "listen 8443", &format!("listen 127.0.0.1:{tls}"));
    let folder = folder.to_str().unwrap();
    text = replaced(&text, "/tmp", folder);
    text = replaced(&text, "/etc/sovereign/tls/tls.crt", &format!("{folder}/cert.pem"));
    text = replaced(&text, "/etc/sovereign/tls/tls.key", &format!("{folder}/key.pem"));
    for (number, name) in NAMES.iter().enumerate() {
        let node = nodes[number % nodes.len()];
        text = replaced(&text, &format!("server {name}:8080"), &format!("server {node}"));
    }
    text
}

async fn get(address: SocketAddr, path: &str, headers: &[(&str, &str)]) -> Answer {
    call(address, "GET", path, headers, None).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_game_goes_on_behind_nginx_when_its_node_is_killed() {
    let mut fleet = Fleet::start(&[BEHIND]).await;
    let nginx = Nginx::start(&fleet.all(), &[]).await;
    let players = nginx.from([127, 0, 0, 1]).await;
    let (id, mut veterans) = game_at(&[players; 3]).await;
    crash::play_some(&mut veterans, 0).await;
    let owner = fleet.owner(&id).await;
    fleet.kill(owner).await;
    for veteran in &mut veterans {
        // Those whose sockets were relayed by another node may still have theirs for a moment.
        veteran.client.until(|_| false).await;
        veteran.note();
        come_back(veteran, players, &id).await;
    }
    assert_ne!(fleet.owner(&id).await, owner);
    crash::play_some(&mut veterans, 1).await;
    for veteran in &mut veterans {
        veteran.settle().await;
    }
    let replay = crash::end(players, &id, &mut veterans).await;
    crash::check(&replay, &veterans);
    // Nobody is told of the node that is gone, whatever he asks for.
    for _ in 0..12 {
        assert_eq!(get(players, "/v1/maps", &[]).await.status, 200);
    }
    nginx.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nginx_serves_the_page_and_the_nodes_count_players_by_their_addresses() {
    let folder = tempfile::tempdir().unwrap();
    let settings = ["env", "SOVEREIGN_LIMITS__GUESTS_PER_MINUTE=2", BEHIND];
    let node = Binary::launch(&settings, folder.path()).await;
    let nginx = Nginx::start(&[node.address], &[]).await;
    let (ada, bob) = (nginx.from([127, 0, 0, 5]).await, nginx.from([127, 0, 0, 6]).await);
    the_page_is_served_once_with_each_header(ada).await;
    let asks = async |from, forwarded: &str| {
        let headers = [("x-forwarded-for", forwarded)];
        call(from, "POST", "/v1/auth/guest", &headers, Some(r#"{"name":"Eve"}"#)).await.status
    };
    for status in [201, 201, 429] {
        assert_eq!(asks(ada, "203.0.113.7").await, status);
    }
    assert_eq!(asks(ada, "203.0.113.8").await, 429, "nobody makes up his own address");
    assert_eq!(asks(bob, "203.0.113.7").await, 201);
    node.kill().await;
    let page = get(bob, "/", &[]).await;
    assert_eq!(page.status, 200, "the page is there as long as nginx is");
    let gone = get(bob, "/v1/maps", &[]).await;
    assert_eq!(gone.code(), (503, "unavailable".to_owned()));
    assert_eq!(
        (gone.header("retry-after"), gone.count("strict-transport-security")),
        (Some("1"), 1)
    );
    let plain = get((Ipv4Addr::LOCALHOST, nginx.plain).into(), "/join/ABC?x=1", &[]).await;
    assert_eq!(plain.status, 308);
    assert_eq!(plain.header("location"), Some("https://127.0.0.1/join/ABC?x=1"));
    nginx.stop().await;
}

async fn the_page_is_served_once_with_each_header(from: SocketAddr) {
    let page = get(from, "/", &[]).await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("<html"), "{}", page.text());
    for name in ["strict-transport-security", "content-security-policy", "x-content-type-options"] {
        assert_eq!(page.count(name), 1, "{name}");
    }
    assert_eq!(page.header("cache-control"), Some("no-cache"));
    let tag = page.header("etag").expect("a tag to ask by").to_owned();
    let known = get(from, "/", &[("if-none-match", &tag)]).await;
    assert_eq!(known.status, 304);
    let whole = get(from, "/words.js", &[]).await;
    let small = get(from, "/words.js", &[("accept-encoding", "gzip")]).await;
    assert_eq!(small.header("content-encoding"), Some("gzip"));
    assert!(small.body.len() < whole.body.len() / 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nginx_keeps_its_own_limits() {
    let folder = tempfile::tempdir().unwrap();
    let node = Binary::launch(&["env", BEHIND], folder.path()).await;
    let changes =
        [("connections 64", "connections 2"), ("burst=400", "burst=20"), ("100r/s", "1r/m")];
    let nginx = Nginx::start(&[node.address], &changes).await;
    let (ada, bob) = (nginx.from([127, 0, 0, 5]).await, nginx.from([127, 0, 0, 6]).await);
    let person = guest(ada, "Ada").await;
    let large = "x".repeat(70_000);
    let refused = call(ada, "POST", "/v1/auth/guest", &[], Some(&large)).await;
    assert_eq!(refused.code(), (413, "too_large".to_owned()));
    let wish = json!({ "map": "classic", "bots": ["random"], "start": true });
    let made = post(ada, "/v1/games", &person, wish).await.json();
    let id = made["id"].as_str().unwrap();
    let mut first = Client::connect(ada, id, Some(&person.token), Codec::Json).await;
    first.ready().await;
    let socket = || request(ada, &format!("/v1/games/{id}/ws"), Some(Codec::Json.subprotocol()));
    let _second = open(socket()).await.unwrap();
    assert_eq!(open(socket()).await.unwrap_err(), 429, "a third connection");
    assert_eq!(get(bob, "/v1/maps", &[]).await.status, 200, "another's are his own");
    let mut asked = 1;
    let flooded = loop {
        let answer = get(bob, "/v1/maps", &[]).await;
        if answer.status != 200 {
            break answer;
        }
        asked += 1;
        assert!(asked < 40, "no end to what is answered");
    };
    assert_eq!(flooded.code(), (429, "rate_limited".to_owned()));
    nginx.stop().await;
}

/// What nginx allows is what the nodes take, and its patience is longer than theirs.
#[test]
fn the_settings_of_nginx_fit_the_nodes() {
    let limits = Limits::default();
    let seconds = |name: &str| {
        let values = SETTINGS.lines().filter_map(|line| line.trim().strip_prefix(name));
        let number =
            |value: &str| value.trim().strip_suffix("s;").map(|v| v.parse::<u64>().unwrap());
        values.filter_map(number).map(|value| value * 1_000).collect::<Vec<u64>>()
    };
    assert!(SETTINGS.contains("client_max_body_size 64k;"));
    assert_eq!(limits.request_body_bytes, 64 * 1_024);
    assert!(
        SETTINGS.contains(&format!("limit_conn connections {};", limits.connections_per_address))
    );
    let [patience, sockets] = seconds("proxy_read_timeout")[..] else { panic!("two of them") };
    assert!(patience > limits.news_wait_ms + limits.request_ms);
    assert!(sockets > limits.silence_ms && sockets > 2 * limits.ping_ms);
    let kept = seconds("keepalive_timeout");
    assert!(kept[0] < limits.header_read_ms, "the node never closes a connection in use");
}
