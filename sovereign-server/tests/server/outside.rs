//! Tokens of outside issuers: rows J1 to J11 of the security matrix for keys that are not
//! ours, and J12 for what they issued.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::Signer as _;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};
use sovereign_core::wire::{CloseCode, Codec};
use sovereign_server::app::Server;
use sovereign_server::auth::now_s;
use sovereign_server::config::{IssuerConfig, Limits};

use crate::client::Client;
use crate::http_client::call;
use crate::running::{Person, Running, config};

const ISSUER: &str = "https://id.example";

/// An issuer with a key of each kind.
struct Issuer {
    edwards: ed25519_dalek::SigningKey,
    curve: EcdsaKeyPair,
}

impl Issuer {
    fn new() -> Self {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        let curve = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).unwrap();
        Self { edwards: ed25519_dalek::SigningKey::from_bytes(&[7; 32]), curve }
    }

    fn jwks(&self) -> String {
        let point = self.curve.public_key().as_ref();
        let edwards = part(self.edwards.verifying_key().as_bytes());
        json!({ "keys": [
            { "kty": "OKP", "crv": "Ed25519", "kid": "ed", "x": edwards },
            { "kty": "EC", "crv": "P-256", "kid": "ec", "x": part(&point[1..33]), "y": part(&point[33..]) },
            { "kty": "RSA", "kid": "rsa", "n": "AQAB", "e": "AQAB" },
        ] })
        .to_string()
    }

    /// A token signed with one of the keys, whatever its header says.
    fn sign(&self, key: &str, header: &Value, claims: &Value) -> String {
        let message = message(header, claims);
        let signature = match key {
            "ed" => self.edwards.sign(message.as_bytes()).to_bytes().to_vec(),
            _ => {
                let random = SystemRandom::new();
                self.curve.sign(&random, message.as_bytes()).unwrap().as_ref().to_vec()
            }
        };
        format!("{message}.{}", part(&signature))
    }

    fn token(&self, key: &str, claims: &Value) -> String {
        self.sign(key, &header(key), claims)
    }
}

fn message(header: &Value, claims: &Value) -> String {
    format!("{}.{}", part(header.to_string().as_bytes()), part(claims.to_string().as_bytes()))
}

fn header(key: &str) -> Value {
    let alg = if key == "ed" { "EdDSA" } else { "ES256" };
    json!({ "typ": "at+jwt", "alg": alg, "kid": key })
}

fn claims() -> Value {
    json!({
        "iss": ISSUER, "aud": "sovereign-game", "sub": "user-17", "name": "Ada",
        "iat": now_s(), "nbf": now_s(), "exp": now_s() + 3_600, "jti": "token-1",
    })
}

fn with(key: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[key] = value;
    claims
}

fn part(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

async fn server(keys: &str) -> Running {
    let folder = tempfile::tempdir().unwrap();
    let much = 10_000;
    let limits = Limits { requests_per_second: much, requests_burst: much, ..Limits::default() };
    let mut config = config(folder.path(), limits);
    let (issuer, audience) = (ISSUER.to_owned(), "sovereign-game".to_owned());
    let typ = "at+jwt".to_owned();
    config.auth.issuers = vec![IssuerConfig { issuer, audience, keys: keys.to_owned(), typ }];
    Running { server: Server::start(config).await.unwrap(), folder, postgres: None }
}

/// A server that reads the issuer's keys from a file.
async fn with_file(issuer: &Issuer) -> (Running, tempfile::NamedTempFile) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(issuer.jwks().as_bytes()).unwrap();
    (server(file.path().to_str().unwrap()).await, file)
}

async fn me(running: &Running, token: &str) -> (u16, Value) {
    let bearer = format!("Bearer {token}");
    let answer =
        call(running.address(), "GET", "/v1/me", &[("authorization", &bearer)], None).await;
    (answer.status, answer.json())
}

async fn refuses(running: &Running, token: &str, what: &dyn std::fmt::Display) {
    assert_eq!(me(running, token).await.0, 401, "{what}");
}

#[tokio::test]
async fn somebody_of_an_outside_issuer_plays() {
    let issuer = Issuer::new();
    let (running, _file) = with_file(&issuer).await;
    let (ed, ec) = (issuer.token("ed", &claims()), issuer.token("ec", &claims()));
    let (status, ada) = me(&running, &ed).await;
    assert_eq!((status, ada["name"].as_str()), (200, Some("Ada")));
    assert_eq!(me(&running, &ec).await.1, ada, "the same subject is the same account");
    let other = issuer.token("ed", &with("sub", json!("user-18")));
    assert_ne!(me(&running, &other).await.1["account"], ada["account"]);
    let account = ada["account"].as_str().unwrap().to_owned();
    let person = Person { token: ec, refresh: String::new(), account };
    let game = running.game(&person, &["random"]).await;
    let mut client = Client::connect(running.address(), &game, Some(&ed), Codec::Json).await;
    client.ready().await;
    assert_eq!(client.welcome.as_ref().unwrap().you.map(|seat| seat.0), Some(0));
    running.server.stop().await;
}

#[tokio::test]
async fn j1_j2_j3_the_key_says_which_algorithm() {
    let issuer = Issuer::new();
    let (running, _file) = with_file(&issuer).await;
    for alg in ["none", "nOnE", "HS256", "RS256", "PS256", "ES384", "EdDSA", "ES256"] {
        for (key, other) in [("ed", "ES256"), ("ec", "EdDSA")] {
            let mut header = header(key);
            if header["alg"] == alg {
                header["alg"] = json!(other);
            } else {
                header["alg"] = json!(alg);
            }
            let token = issuer.sign(key, &header, &claims());
            refuses(&running, &token, &header).await;
            refuses(&running, &format!("{}.", message(&header, &claims())), &header).await;
        }
    }
    running.server.stop().await;
}

#[tokio::test]
async fn j4_to_j10_what_ours_must_not_be_theirs_must_not_be() {
    let issuer = Issuer::new();
    let (running, _file) = with_file(&issuer).await;
    for kid in ["rsa", "none", "../ed", "", "ED"] {
        let mut header = header("ed");
        header["kid"] = json!(kid);
        refuses(&running, &issuer.sign("ed", &header, &claims()), &kid).await;
    }
    for typ in ["JWT", "refresh+jwt", ""] {
        let mut header = header("ed");
        header["typ"] = json!(typ);
        refuses(&running, &issuer.sign("ed", &header, &claims()), &typ).await;
    }
    for (claim, value) in [
        ("exp", json!(now_s() - 100)),
        ("exp", json!("soon")),
        ("exp", json!(1_u64 << 63)),
        ("exp", json!(now_s() + 2 * 24 * 60 * 60)),
        ("exp", json!(null)),
        ("nbf", json!(now_s() + 100)),
        ("nbf", json!("now")),
        ("nbf", json!(null)),
        ("iat", json!(now_s() + 100)),
        ("iat", json!(null)),
        ("aud", json!("sovereign-players")),
        ("aud", json!(["sovereign-game"])),
        ("iss", json!("sovereign")),
        ("iss", json!("https://id.example/")),
        ("iss", json!([ISSUER])),
        ("sub", json!(17)),
        ("x", json!("y".repeat(9_000))),
    ] {
        refuses(&running, &issuer.token("ed", &with(claim, value.clone())), &value).await;
    }
    running.server.stop().await;
}

#[tokio::test]
async fn j11_empty_and_changed_signatures_are_refused() {
    let issuer = Issuer::new();
    let (running, _file) = with_file(&issuer).await;
    for key in ["ed", "ec"] {
        let message = message(&header(key), &claims());
        let (mut first, order) = ([0_u8; 64], [0xff; 64]);
        refuses(&running, &format!("{message}.{}", part(&first)), &"r = s = 0").await;
        first[0] = 1;
        refuses(&running, &format!("{message}.{}", part(&first)), &"small order").await;
        refuses(&running, &format!("{message}.{}", part(&order)), &"out of range").await;
        refuses(&running, &format!("{message}.{}", part(&[0; 8])), &"short").await;
        let good = issuer.token(key, &claims());
        let changed = good.replacen(&part(claims().to_string().as_bytes())[..20], "AAAA", 1);
        refuses(&running, &changed, &"changed").await;
    }
    let thief =
        Issuer { edwards: ed25519_dalek::SigningKey::from_bytes(&[8; 32]), ..Issuer::new() };
    for key in ["ed", "ec"] {
        refuses(&running, &thief.token(key, &claims()), &"another key of that name").await;
    }
    running.server.stop().await;
}

#[tokio::test]
async fn j12_leaving_makes_void_what_others_issued() {
    let issuer = Issuer::new();
    let (running, _file) = with_file(&issuer).await;
    let first = issuer.token("ed", &claims());
    let second = issuer.token("ed", &with("jti", json!("token-2")));
    let account = me(&running, &first).await.1["account"].as_str().unwrap().to_owned();
    let person = Person { token: first.clone(), refresh: String::new(), account };
    let game = running.game(&person, &["random"]).await;
    let mut client = Client::connect(running.address(), &game, Some(&first), Codec::Json).await;
    client.ready().await;
    assert_eq!(running.post("/v1/auth/logout", &person, json!({})).await.status, 204);
    assert_eq!(client.close_code().await, Some(CloseCode::Revoked));
    refuses(&running, &first, &"logged out").await;
    assert_eq!(me(&running, &second).await.0, 200, "another token of the same person");
    let person = Person { token: second.clone(), ..person };
    assert_eq!(running.post("/v1/auth/logout-all", &person, json!({})).await.status, 204);
    refuses(&running, &second, &"logged out everywhere").await;
    let later = issuer.token("ed", &with("iat", json!(now_s() + 5)));
    assert_eq!(me(&running, &later).await.0, 401, "the same token id stays void");
    running.server.stop().await;
}

/// An issuer's address on this machine; counts how often it is asked.
fn serve(set: String) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            count.fetch_add(1, Ordering::SeqCst);
            let _ = stream.read(&mut [0; 4_096]);
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", set.len());
            let _ = stream.write_all((head + &set).as_bytes());
        }
    });
    (address, asked)
}

#[tokio::test]
async fn keys_are_fetched_once_however_many_unknown_ones_are_asked_for() {
    let issuer = Issuer::new();
    let (address, asked) = serve(issuer.jwks());
    let running = server(&format!("http://{address}/keys.json")).await;
    assert_eq!(me(&running, &issuer.token("ec", &claims())).await.0, 200);
    for number in 0..50 {
        let mut header = header("ed");
        header["kid"] = json!(format!("unknown-{number}"));
        refuses(&running, &issuer.sign("ed", &header, &claims()), &number).await;
    }
    let ours =
        json!({ "typ": "at+jwt", "alg": "EdDSA", "kid": "x", "jku": format!("http://{address}/") });
    refuses(
        &running,
        &issuer.sign("ed", &ours, &with("iss", json!("https://evil.example"))),
        &"J5",
    )
    .await;
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    running.server.stop().await;
}

#[tokio::test]
async fn an_address_that_answers_too_much_or_nothing_of_use_gives_no_keys() {
    let issuer = Issuer::new();
    let long = issuer.jwks() + &" ".repeat(100_000);
    for set in [long, "{}".to_owned(), String::new()] {
        let (address, asked) = serve(set);
        let running = server(&format!("http://{address}/keys.json")).await;
        refuses(&running, &issuer.token("ed", &claims()), &"no keys").await;
        assert_eq!(asked.load(Ordering::SeqCst), 1);
        running.server.stop().await;
    }
}
