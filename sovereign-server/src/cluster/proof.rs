//! How nodes know each other: what one asks of another carries a proof made with the secret that
//! all of them share.
//!
//! A proof is for one method, address, client, node and moment, so that nothing that somebody
//! overhears opens anything else, or the same a minute later. It hides nothing and does not cover
//! the body: nodes speak over a network of their own.

use std::net::IpAddr;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use http::{Method, Uri};
use ring::hmac;

use crate::config::Secret;

/// Carries the proof. What comes from players has it taken away.
pub const HEADER: HeaderName = HeaderName::from_static("sovereign-node");

/// Why a proof is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// There is none, or its form is wrong.
    #[error("the request has no proof of a node")]
    Missing,
    /// It was made long ago, or the clocks differ.
    #[error("the proof is too old or from the future; set the clocks of both nodes")]
    Stale,
    /// Made with another secret, or for another request.
    #[error("the proof is wrong; cluster.secret must be the same on all nodes")]
    Wrong,
}

/// Who is behind a request that a node sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The node that sends it.
    pub from: String,
    /// The address of the player for whom it does; none where it asks for itself.
    pub client: Option<IpAddr>,
    /// When it was sent, in seconds since 1970.
    pub at_s: u64,
}

/// Makes and checks proofs; knows which node it is for.
#[derive(Clone, Debug)]
pub struct Proofs {
    key: hmac::Key,
    me: String,
}

impl Proofs {
    /// Those of the node `me` in the fleet with this secret.
    #[must_use]
    pub fn new(secret: &Secret, me: &str) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes());
        Self { key, me: me.to_owned() }
    }

    /// The node that this is.
    #[must_use]
    pub fn me(&self) -> &str {
        &self.me
    }

    /// The header of a request to the node `to`.
    #[must_use]
    pub fn header(
        &self,
        to: &str,
        (method, uri): (&Method, &Uri),
        client: Option<IpAddr>,
        now_s: u64,
    ) -> HeaderValue {
        let claim = Claim { from: self.me.clone(), client, at_s: now_s };
        let tag = hmac::sign(&self.key, covered(&claim, to, method, uri).as_bytes());
        let tag = URL_SAFE_NO_PAD.encode(tag.as_ref());
        let client = client_text(client);
        let text = format!("{} {client} {now_s} {tag}", self.me);
        HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("unnameable"))
    }

    /// Who sent a request to this node. Compares in constant time.
    ///
    /// # Errors
    /// [`ProofError`].
    pub fn check(
        &self,
        (method, uri, headers): (&Method, &Uri, &HeaderMap),
        now_s: u64,
        window_s: u64,
    ) -> Result<Claim, ProofError> {
        let (claim, tag) = parse(headers).ok_or(ProofError::Missing)?;
        let covered = covered(&claim, &self.me, method, uri);
        hmac::verify(&self.key, covered.as_bytes(), &tag).map_err(|_| ProofError::Wrong)?;
        if claim.at_s.abs_diff(now_s) > window_s {
            return Err(ProofError::Stale);
        }
        Ok(claim)
    }
}

/// What a tag is made of: each part on a line of its own, none of which can hold a line's end.
fn covered(claim: &Claim, to: &str, method: &Method, uri: &Uri) -> String {
    let address = uri.path_and_query().map_or("/", |address| address.as_str());
    let client = client_text(claim.client);
    format!("{}\n{to}\n{client}\n{}\n{method}\n{address}", claim.from, claim.at_s)
}

fn client_text(client: Option<IpAddr>) -> String {
    client.map_or_else(|| "-".to_owned(), |client| client.to_string())
}

fn parse(headers: &HeaderMap) -> Option<(Claim, Vec<u8>)> {
    let mut lines = headers.get_all(HEADER).iter();
    let line = lines.next().filter(|_| lines.next().is_none())?.to_str().ok()?;
    let mut parts = line.split(' ');
    let from = parts.next()?.to_owned();
    let client = match parts.next()? {
        "-" => None,
        text => Some(IpAddr::from_str(text).ok()?),
    };
    let at_s = parts.next()?.parse().ok()?;
    let tag = URL_SAFE_NO_PAD.decode(parts.next()?).ok()?;
    parts.next().is_none().then_some((Claim { from, client, at_s }, tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_700_000_000;
    const WINDOW: u64 = 30;

    fn proofs(me: &str) -> Proofs {
        Proofs::new(&Secret::new("9f2c64d1b7e8a0359f2c64d1b7e8a035"), me)
    }

    fn headers(client: &str) -> HeaderMap {
        let uri = Uri::from_static("/v1/games/ABC/ws?view=1");
        let client = client.parse().ok();
        let value = proofs("n1").header("n2", (&Method::GET, &uri), client, NOW);
        HeaderMap::from_iter([(HEADER, value)])
    }

    fn check(
        to: &str,
        method: &Method,
        uri: &'static str,
        at: u64,
        headers: &HeaderMap,
    ) -> Result<Claim, ProofError> {
        proofs(to).check((method, &Uri::from_static(uri), headers), at, WINDOW)
    }

    #[test]
    fn a_proof_names_node_and_client() {
        let uri = "/v1/games/ABC/ws?view=1";
        for client in ["203.0.113.9", "2001:db8::1", "-"] {
            let claim = check("n2", &Method::GET, uri, NOW + WINDOW, &headers(client)).unwrap();
            assert_eq!((claim.from.as_str(), claim.client), ("n1", client.parse().ok()));
        }
    }

    #[test]
    fn it_is_for_one_node_method_address_and_moment() {
        let (uri, proof) = ("/v1/games/ABC/ws?view=1", headers("203.0.113.9"));
        let get = Method::GET;
        assert_eq!(check("n3", &get, uri, NOW, &proof), Err(ProofError::Wrong));
        assert_eq!(check("n2", &Method::POST, uri, NOW, &proof), Err(ProofError::Wrong));
        let other = "/v1/games/ABC/ws?view=2";
        assert_eq!(check("n2", &get, other, NOW, &proof), Err(ProofError::Wrong));
        for at in [NOW + WINDOW + 1, NOW - WINDOW - 1] {
            assert_eq!(check("n2", &get, uri, at, &proof), Err(ProofError::Stale));
        }
    }

    #[test]
    fn whoever_changes_it_or_has_none_is_not_known() {
        let (uri, get) = ("/v1/games/ABC/ws?view=1", Method::GET);
        let text = headers("203.0.113.9")[HEADER].to_str().unwrap().replace(".9 ", ".8 ");
        let forged = HeaderMap::from_iter([(HEADER, text.parse().unwrap())]);
        assert_eq!(check("n2", &get, uri, NOW, &forged), Err(ProofError::Wrong));
        assert_eq!(check("n2", &get, uri, NOW, &HeaderMap::new()), Err(ProofError::Missing));
        let mut twice = headers("203.0.113.9");
        twice.append(HEADER, twice[HEADER].clone());
        assert_eq!(check("n2", &get, uri, NOW, &twice), Err(ProofError::Missing));
        for odd in ["", "n1", "n1 - x y", "n1 - 1 !", "n1 - 1 aaaa b"] {
            let odd = HeaderMap::from_iter([(HEADER, odd.parse().unwrap())]);
            assert_eq!(check("n2", &get, uri, NOW, &odd), Err(ProofError::Missing));
        }
    }
}
