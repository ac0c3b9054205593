//! Tokens of outside issuers, which the operator names in the settings.
//!
//! Invariant: nothing in a token says where its key is. The issuer is one of the settings',
//! the key one of that issuer's set, and the algorithm that key's.

mod jwk;
mod source;

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Header, Validation, decode};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use self::jwk::OutsideKey;
use self::source::KeySource;
use super::{AuthError, Identity, now_s};
use crate::config::IssuerConfig;

pub use source::OutsideError;

/// The longest life of an outside token that is accepted, in seconds: a revocation is
/// remembered for so long.
pub const OUTSIDE_TOKEN_MAX_S: u64 = 24 * 60 * 60;

/// The outside issuers of a server; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Outside {
    issuers: Arc<[Issuer]>,
    leeway_s: u64,
}

#[derive(Debug)]
struct Issuer {
    config: IssuerConfig,
    keys: KeySource,
}

/// What an outside token must say, with these types.
#[derive(Debug, Deserialize)]
struct Claims {
    iss: String,
    #[serde(rename = "aud")]
    _aud: String,
    sub: String,
    iat: u64,
    #[serde(rename = "nbf")]
    _nbf: u64,
    exp: u64,
    jti: Option<String>,
    name: Option<String>,
}

/// All that is looked at before the signature: which issuer's keys to ask.
#[derive(Debug, Deserialize)]
struct Claimed {
    iss: String,
}

impl Outside {
    /// These issuers. Files are read now, addresses when the first token comes.
    ///
    /// # Errors
    /// [`OutsideError`] when a file or an address cannot be one.
    pub fn new(configs: &[IssuerConfig], leeway_s: u64) -> Result<Self, OutsideError> {
        let issuer = |config: &IssuerConfig| {
            let keys = KeySource::open(&config.keys)?;
            Ok(Issuer { config: config.clone(), keys })
        };
        let issuers = configs.iter().map(issuer).collect::<Result<Vec<_>, OutsideError>>()?;
        Ok(Self { issuers: issuers.into(), leeway_s })
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.issuers.is_empty()
    }

    /// Whom a token speaks for that is not ours.
    pub(super) async fn check(&self, token: &str, header: &Header) -> Result<Identity, AuthError> {
        let issuer = self.issuer_of(token).ok_or(AuthError::Invalid)?;
        if header.typ.as_deref() != Some(&issuer.config.typ) || header.crit.is_some() {
            return Err(AuthError::Invalid);
        }
        let kid = header.kid.as_deref().ok_or(AuthError::Invalid)?;
        let key = issuer.keys.get(kid).await.ok_or(AuthError::Invalid)?;
        let validation = self.validation(&issuer.config, &key);
        let claims = decode::<Claims>(token, &key.decoding, &validation)
            .map_err(|error| super::token::refusal(&error))?
            .claims;
        let latest = claims.iat.saturating_add(OUTSIDE_TOKEN_MAX_S);
        if claims.iat > now_s() + self.leeway_s || claims.exp > latest {
            return Err(AuthError::Invalid);
        }
        Ok(identity(claims, token))
    }

    fn issuer_of(&self, token: &str) -> Option<&Issuer> {
        let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
        let Claimed { iss } = serde_json::from_slice(&payload).ok()?;
        self.issuers.iter().find(|issuer| issuer.config.issuer == iss)
    }

    fn validation(&self, config: &IssuerConfig, key: &OutsideKey) -> Validation {
        let mut validation = Validation::new(key.algorithm);
        validation.set_audience(&[&config.audience]);
        validation.set_issuer(&[&config.issuer]);
        validation.set_required_spec_claims(&["exp", "nbf", "aud", "iss", "sub"]);
        validation.validate_nbf = true;
        validation.leeway = self.leeway_s;
        validation
    }
}

/// The account of an issuer's subject is made of both, so that it is the same on every
/// node and nothing about the subject need be stored.
fn identity(claims: Claims, token: &str) -> Identity {
    let Claims { iss, sub, iat, exp, jti, name, .. } = claims;
    Identity {
        account: id("account", &iss, &sub),
        session: id("session", &iss, jti.as_deref().unwrap_or(token)),
        issued: iat,
        expires: exp,
        outside: Some(name.unwrap_or_default()),
    }
}

fn id(purpose: &str, issuer: &str, what: &str) -> Uuid {
    let mut hash = Sha256::new();
    for part in [purpose, issuer, what] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    Uuid::new_v8(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_of_different_issuers_never_meet() {
        let one = id("account", "https://a.example", "ada");
        assert_eq!(one, id("account", "https://a.example", "ada"));
        assert_ne!(one, id("account", "https://a.example/", "ada"));
        assert_ne!(one, id("account", "https://a.examplea", "da"), "parts do not run together");
        assert_ne!(one, id("session", "https://a.example", "ada"));
    }
}
