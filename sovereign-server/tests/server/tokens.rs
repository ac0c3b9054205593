//! Tokens that somebody made up, changed, stole or kept too long: rows J1 to J12 and J14
//! of the security matrix. J13 is in `lease`.

use std::net::TcpListener;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::Signer as _;
use futures_util::FutureExt;
use serde_json::{Value, json};
use sovereign_server::auth::{Auth, AuthError, Identity, Keys, keys, now_s};
use sovereign_server::config::AuthConfig;
use sovereign_server::store::people::Revocation;
use uuid::Uuid;

/// How long a key verifies after its successor has begun to sign.
const OVERLAP: u64 = 960;

/// A server's tokens, and its key as a thief would have it.
struct House {
    data: tempfile::TempDir,
    auth: Auth,
    key: ed25519_dalek::SigningKey,
    kid: String,
}

impl House {
    fn new() -> Self {
        Self::since(now_s())
    }

    /// With a key that was made then.
    fn since(created_s: u64) -> Self {
        let data = tempfile::tempdir().unwrap();
        let keys = Keys::open(data.path(), OVERLAP, created_s).unwrap();
        let kid = keys.ring().signing(created_s).id().to_owned();
        let auth = Auth::new(keys, AuthConfig::default()).unwrap();
        let key = seed(data.path());
        Self { data, auth, key, kid }
    }

    fn header(&self) -> Value {
        json!({ "typ": "at+jwt", "alg": "EdDSA", "kid": self.kid })
    }

    fn header_with(&self, key: &str, value: Value) -> Value {
        let mut header = self.header();
        header[key] = value;
        header
    }

    /// A token with this header and body, honestly signed.
    fn sign(&self, header: &Value, claims: &Value) -> String {
        self.sign_text(&header.to_string(), &claims.to_string())
    }

    fn sign_text(&self, header: &str, claims: &str) -> String {
        let message = format!("{}.{}", part(header.as_bytes()), part(claims.as_bytes()));
        let signature = self.key.sign(message.as_bytes());
        format!("{message}.{}", part(&signature.to_bytes()))
    }

    /// Checks a token of ours, for which nothing is waited and nobody is asked.
    fn check(&self, token: &str) -> Result<Identity, AuthError> {
        self.auth.check(token).now_or_never().expect("nothing is waited for")
    }

    fn refuses(&self, token: &str, what: &dyn std::fmt::Display) {
        assert_eq!(self.check(token), Err(AuthError::Invalid), "{what}");
    }
}

fn seed(data: &Path) -> ed25519_dalek::SigningKey {
    let files = std::fs::read_dir(data).unwrap().map(|entry| entry.unwrap().path());
    let is_key = |path: &std::path::PathBuf| path.to_string_lossy().contains("signing-key-");
    let file = files.into_iter().find(is_key).unwrap();
    let stored: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let seed = URL_SAFE_NO_PAD.decode(stored["seed"].as_str().unwrap()).unwrap();
    ed25519_dalek::SigningKey::from_bytes(&seed.try_into().unwrap())
}

fn part(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn claims() -> Value {
    json!({
        "iss": "sovereign", "aud": "sovereign-players", "sub": Uuid::new_v4(),
        "iat": now_s(), "nbf": now_s(), "exp": now_s() + 600,
        "jti": Uuid::new_v4(), "sid": Uuid::new_v4(),
    })
}

fn with(key: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[key] = value;
    claims
}

fn without(key: &str) -> Value {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(key);
    claims
}

#[test]
fn an_issued_token_names_its_account_and_session() {
    let house = House::new();
    let (account, session) = (Uuid::new_v4(), Uuid::new_v4());
    let (token, identity) = house.auth.issue(account, session).unwrap();
    assert_eq!(house.check(&token), Ok(identity.clone()));
    assert_eq!((identity.account, identity.session), (account, session));
    assert!(identity.expires <= now_s() + 900, "15 minutes at most");
}

#[test]
fn what_the_helper_signs_would_be_accepted() {
    let house = House::new();
    assert!(house.check(&house.sign(&house.header(), &claims())).is_ok());
}

#[test]
fn j1_no_algorithm_is_refused() {
    let house = House::new();
    for alg in ["none", "None", "nOnE", "NONE", ""] {
        let header = house.header_with("alg", json!(alg));
        let body = part(claims().to_string().as_bytes());
        let unsigned = format!("{}.{body}.", part(header.to_string().as_bytes()));
        house.refuses(&unsigned, &alg);
        house.refuses(&house.sign(&header, &claims()), &alg);
    }
}

#[test]
fn j2_the_public_key_is_no_shared_secret() {
    use sha2::{Digest as _, Sha256};
    let house = House::new();
    let public = house.key.verifying_key();
    let header = house.header_with("alg", json!("HS256"));
    let body = part(claims().to_string().as_bytes());
    let message = format!("{}.{body}", part(header.to_string().as_bytes()));
    for secret in [public.as_bytes().to_vec(), part(public.as_bytes()).into_bytes()] {
        // HMAC by its definition: the server links none that could be asked.
        let pad = |with: u8| {
            let mut block = [with; 64];
            block.iter_mut().zip(&secret).for_each(|(byte, key)| *byte ^= key);
            block
        };
        let inner = Sha256::new().chain_update(pad(0x36)).chain_update(&message).finalize();
        let mac = Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize();
        house.refuses(&format!("{message}.{}", part(&mac)), &"HS256");
    }
}

#[test]
fn j3_algorithms_outside_of_the_list_are_refused() {
    let house = House::new();
    for alg in ["HS256", "HS384", "HS512", "RS256", "RS512", "PS256", "ES256", "ES384", "ES512"] {
        house.refuses(&house.sign(&house.header_with("alg", json!(alg)), &claims()), &alg);
    }
}

#[test]
fn j4_key_ids_that_name_no_key_are_refused() {
    let house = House::new();
    let huge = "k".repeat(1 << 20);
    let ids = ["../../etc/passwd", "..%2f..%2fkeys", "' OR 1=1 --", "\0", "", "unknown", &huge];
    for id in ids {
        house.refuses(&house.sign(&house.header_with("kid", json!(id)), &claims()), &id);
    }
    for id in [json!(7), json!(null), json!([house.kid.clone()])] {
        house.refuses(&house.sign(&house.header_with("kid", id.clone()), &claims()), &id);
    }
    let header = json!({ "typ": "at+jwt", "alg": "EdDSA" });
    house.refuses(&house.sign(&header, &claims()), &"none");
}

#[test]
fn j5_keys_that_a_header_brings_or_points_to_are_not_used() {
    let (house, thief) = (House::new(), House::new());
    let lure = TcpListener::bind("127.0.0.1:0").unwrap();
    lure.set_nonblocking(true).unwrap();
    let address = format!("http://{}/keys.json", lure.local_addr().unwrap());
    for kid in [&house.kid, &thief.kid] {
        let mut header = house.header_with("kid", json!(kid));
        header["jwk"] = thief.auth.jwks()["keys"][0].clone();
        header["jku"] = json!(address);
        header["x5u"] = json!(address);
        header["x5c"] = json!([part(b"certificate")]);
        house.refuses(&thief.sign(&header, &claims()), kid);
    }
    let called = lure.accept();
    assert_eq!(called.unwrap_err().kind(), std::io::ErrorKind::WouldBlock, "nobody came");
}

#[test]
fn j6_a_token_without_a_sound_end_is_refused() {
    let house = House::new();
    let past = house.sign(&house.header(), &with("exp", json!(now_s() - 100)));
    assert_eq!(house.check(&past), Err(AuthError::Expired));
    let soon = now_s() + 600;
    for exp in [
        json!(soon.to_string()),
        json!(soon as f64 + 0.5),
        json!(-1),
        json!(1_u64 << 63),
        json!(u64::MAX),
        json!(2.0_f64.powi(63)),
        json!(null),
        json!([soon]),
        json!(true),
        json!(now_s() + 100_000),
    ] {
        let token = house.sign(&house.header(), &with("exp", exp.clone()));
        assert!(house.check(&token).is_err(), "{exp}");
    }
    assert!(house.check(&house.sign(&house.header(), &without("exp"))).is_err());
}

#[test]
fn j7_a_token_from_the_future_is_refused() {
    let house = House::new();
    for (claim, value) in [
        ("nbf", json!(now_s() + 100)),
        ("nbf", json!(now_s().to_string())),
        ("nbf", json!(-1)),
        ("nbf", json!(null)),
        ("iat", json!(now_s() + 100)),
        ("iat", json!("now")),
    ] {
        let token = house.sign(&house.header(), &with(claim, value.clone()));
        house.refuses(&token, &value);
        house.refuses(&house.sign(&house.header(), &without(claim)), &claim);
    }
}

#[test]
fn j8_other_issuers_and_audiences_are_refused() {
    let house = House::new();
    for (claim, value) in [
        ("aud", json!("somebody-else")),
        ("aud", json!(["sovereign-players"])),
        ("aud", json!(["sovereign-players", "somebody-else"])),
        ("aud", json!([])),
        ("iss", json!("somebody-else")),
        ("iss", json!(["sovereign"])),
        ("iss", json!("Sovereign")),
        ("sub", json!("not-an-id")),
        ("sid", json!("not-an-id")),
        ("jti", json!(7)),
    ] {
        house.refuses(&house.sign(&house.header(), &with(claim, value.clone())), &value);
        house.refuses(&house.sign(&house.header(), &without(claim)), &claim);
    }
}

#[test]
fn j9_a_token_of_another_type_is_refused() {
    let house = House::new();
    for typ in ["JWT", "refresh+jwt", "ticket+jwt", "at+JWT", "application/at+jwt", ""] {
        house.refuses(&house.sign(&house.header_with("typ", json!(typ)), &claims()), &typ);
    }
    let header = json!({ "alg": "EdDSA", "kid": house.kid });
    house.refuses(&house.sign(&header, &claims()), &"no type");
    house.refuses(&house.sign(&house.header_with("crit", json!(["exp"])), &claims()), &"crit");
}

#[test]
fn j10_long_deep_ambiguous_and_malformed_tokens_are_refused() {
    let house = House::new();
    let (token, _) = house.auth.issue(Uuid::new_v4(), Uuid::new_v4()).unwrap();
    let long = house.sign(&house.header(), &with("x", json!("y".repeat(9_000))));
    let deep = format!(r#"{{"x":{}1{}}}"#, "[".repeat(2_000), "]".repeat(2_000));
    let deep = house.sign_text(&house.header().to_string(), &deep);
    let other = Uuid::new_v4();
    let twice = claims().to_string().replacen('{', &format!(r#"{{"sub":"{other}","#), 1);
    let twice = house.sign_text(&house.header().to_string(), &twice);
    let dots = format!("{token}.{token}");
    let (padded, spaced) = (format!("{token}="), format!(" {token}"));
    let standard = token.replace('-', "+").replace('_', "/") + "/";
    let plain = ["..", "a.b.c", "\u{fffd}", " ", "null", "{}", "...."];
    for bad in [&long, &deep, &twice, &dots, &padded, &spaced, &standard] {
        house.refuses(bad, bad);
    }
    for bad in plain {
        house.refuses(bad, &bad);
    }
    let binary = format!("{}.{}.{}", part(b"\xff\xfe"), part(b"\xff"), part(b"x"));
    house.refuses(&binary, &"not UTF-8");
    assert_eq!(house.check(""), Err(AuthError::Missing));
}

#[test]
fn j11_a_changed_token_is_refused_at_every_character() {
    let house = House::new();
    let (token, _) = house.auth.issue(Uuid::new_v4(), Uuid::new_v4()).unwrap();
    for at in 0..token.len() - 1 {
        let mut bytes = token.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).unwrap();
        assert!(house.check(&changed).is_err(), "changed at {at}");
    }
}

#[test]
fn j11_signatures_of_small_order_are_refused() {
    let house = House::new();
    let header = part(house.header().to_string().as_bytes());
    let message = format!("{header}.{}", part(claims().to_string().as_bytes()));
    let mut neutral = [0_u8; 64];
    neutral[0] = 1;
    for signature in [neutral, [0; 64], [0xff; 64]] {
        house.refuses(&format!("{message}.{}", part(&signature)), &"small order");
    }
}

#[test]
fn j12_what_was_revoked_is_refused_and_nothing_else() {
    let house = House::new();
    let account = Uuid::new_v4();
    let (phone, _) = house.auth.issue(account, Uuid::new_v4()).unwrap();
    let (desk, identity) = house.auth.issue(account, Uuid::new_v4()).unwrap();
    let until_s = house.auth.horizon_s();
    let void = |id| house.auth.revocations().add(&[Revocation { id, issued_s: until_s, until_s }]);
    void(identity.session);
    assert_eq!(house.check(&desk), Err(AuthError::Revoked));
    assert!(house.check(&phone).is_ok());
    void(account);
    assert_eq!(house.check(&phone), Err(AuthError::Revoked));
}

#[test]
fn j12_both_keys_hold_while_they_overlap_and_then_the_old_one_is_gone() {
    let now = now_s();
    let house = House::since(now - 5_000);
    let old = house.sign(&house.header(), &claims());
    assert!(house.check(&old).is_ok());

    keys::rotate(house.data.path(), OVERLAP, now, now - 10).unwrap();
    assert!(house.auth.keys().reload().unwrap());
    let (new, _) = house.auth.issue(Uuid::new_v4(), Uuid::new_v4()).unwrap();
    assert!(!new.starts_with(old.split('.').next().unwrap()), "the new key signs");
    assert!(house.check(&old).is_ok() && house.check(&new).is_ok());

    let house = House::since(now - 5_000);
    let old = house.sign(&house.header(), &claims());
    keys::rotate(house.data.path(), OVERLAP, now - 2_000, now - 2_000).unwrap();
    house.auth.keys().reload().unwrap();
    house.refuses(&old, &"a key whose last token has expired");
}

#[test]
fn j12_another_servers_token_is_refused() {
    let (house, other) = (House::new(), House::new());
    let (token, _) = other.auth.issue(Uuid::new_v4(), Uuid::new_v4()).unwrap();
    house.refuses(&token, &"another server's");
}
