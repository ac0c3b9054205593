//! Key sets of others: of each what can be used here, and nothing else.

use std::collections::HashMap;
use std::sync::Arc;

use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;

/// Keys of one set that are looked at.
const KEYS: usize = 64;
/// Bytes of the longest key id.
const ID_BYTES: usize = 256;

/// A key of an outside issuer with the one algorithm that it is for.
#[derive(Clone, Debug)]
pub(super) struct OutsideKey {
    pub(super) algorithm: Algorithm,
    pub(super) decoding: DecodingKey,
}

/// The keys of a set by their ids.
pub(super) type KeySet = HashMap<String, Arc<OutsideKey>>;

#[derive(Deserialize)]
struct Set {
    keys: Vec<Jwk>,
}

/// One key; kinds that are not ours have other members, which are passed over.
#[derive(Deserialize)]
struct Jwk {
    kid: Option<String>,
    kty: String,
    #[serde(rename = "use")]
    usage: Option<String>,
    alg: Option<String>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

/// The usable keys of a JSON Web Key Set; nothing if it is none.
pub(super) fn parse(bytes: &[u8]) -> Option<KeySet> {
    let set: Set = serde_json::from_slice(bytes).ok()?;
    Some(set.keys.into_iter().take(KEYS).filter_map(usable).collect())
}

fn usable(jwk: Jwk) -> Option<(String, Arc<OutsideKey>)> {
    let id = jwk.kid.filter(|id| !id.is_empty() && id.len() <= ID_BYTES)?;
    if jwk.usage.is_some_and(|usage| usage != "sig") {
        return None;
    }
    let (algorithm, name, decoding) = match (jwk.kty.as_str(), jwk.crv.as_deref()?) {
        ("OKP", "Ed25519") => (Algorithm::EdDSA, "EdDSA", DecodingKey::from_ed_components(&jwk.x?)),
        ("EC", "P-256") => {
            (Algorithm::ES256, "ES256", DecodingKey::from_ec_components(&jwk.x?, &jwk.y?))
        }
        _ => return None,
    };
    let stated = jwk.alg.is_none_or(|stated| stated == name);
    stated.then_some(())?;
    Some((id, Arc::new(OutsideKey { algorithm, decoding: decoding.ok()? })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_keys_of_allowed_kinds_are_taken() {
        let set = br#"{"keys":[
            {"kty":"OKP","crv":"Ed25519","kid":"a","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
            {"kty":"EC","crv":"P-256","kid":"b","alg":"ES256","use":"sig",
             "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"},
            {"kty":"RSA","kid":"c","n":"AQAB","e":"AQAB"},
            {"kty":"oct","kid":"d","k":"c2VjcmV0"},
            {"kty":"EC","crv":"P-384","kid":"e","x":"AA","y":"AA"},
            {"kty":"OKP","crv":"Ed25519","kid":"f","use":"enc","x":"AA"},
            {"kty":"OKP","crv":"Ed25519","kid":"g","alg":"HS256","x":"AA"},
            {"kty":"OKP","crv":"Ed25519","x":"AA"},
            {"kty":"OKP","crv":"Ed25519","kid":"","x":"AA"}
        ]}"#;
        let keys = parse(set).unwrap();
        let mut found: Vec<_> = keys.iter().map(|(id, key)| (id.as_str(), key.algorithm)).collect();
        found.sort_by_key(|(id, _)| *id);
        assert_eq!(found, [("a", Algorithm::EdDSA), ("b", Algorithm::ES256)]);
    }

    #[test]
    fn what_is_no_set_is_nothing() {
        for bytes in [&b""[..], b"[]", b"{}", b"{\"keys\":7}", b"\xff"] {
            assert!(parse(bytes).is_none());
        }
        let many = format!("{{\"keys\":[{}]}}", vec![r#"{"kty":"x"}"#; 5_000].join(","));
        assert!(parse(many.as_bytes()).unwrap().is_empty());
    }
}
