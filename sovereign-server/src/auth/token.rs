//! Access tokens.

use std::sync::Arc;

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, Header, Validation, decode, decode_header, encode};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::keys::SigningKey;
use super::{
    Keys, Lease, OUTSIDE_TOKEN_MAX_S, Outside, OutsideError, Revocations, now_s, provider,
};
use crate::config::AuthConfig;

/// Bytes of the longest token that is looked at; ours have about 500.
const MAX_TOKEN: usize = 8_192;
/// `typ` of an access token; nothing else is accepted as one.
const ACCESS_TYPE: &str = "at+jwt";

/// Why a token was refused. Says nothing that helps to forge one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// There is none.
    #[error("no token was sent; get one from POST /v1/auth/guest")]
    Missing,
    /// Its time is over.
    #[error("the token has expired; get a new one from POST /v1/auth/refresh")]
    Expired,
    /// Its account is shut out.
    #[error("this account is shut out by the server's operator")]
    Banned,
    /// Its session was ended.
    #[error("the session was ended; log in again")]
    Revoked,
    /// Anything else.
    #[error("the token is not valid here; get a new one from POST /v1/auth/guest")]
    Invalid,
}

impl AuthError {
    /// The stable code of typed answers.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Missing => "token_missing",
            Self::Expired => "token_expired",
            Self::Banned => "banned",
            Self::Revoked => "token_revoked",
            Self::Invalid => "token_invalid",
        }
    }
}

/// Who a valid token speaks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The account.
    pub account: Uuid,
    /// The session in which it was issued.
    pub session: Uuid,
    /// When it was issued, in seconds since 1970.
    pub issued: u64,
    /// When it ends, in seconds since 1970.
    pub expires: u64,
    /// For somebody of an outside issuer the name that it gives, or nothing in it.
    pub outside: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: Uuid,
    iat: u64,
    nbf: u64,
    exp: u64,
    jti: Uuid,
    sid: Uuid,
}

/// Issues and checks tokens; cheap to clone.
#[derive(Clone, Debug)]
pub struct Auth {
    keys: Keys,
    config: Arc<AuthConfig>,
    validation: Arc<Validation>,
    revocations: Revocations,
    outside: Outside,
}

impl Auth {
    /// Tokens signed with `keys` or by issuers that the settings name.
    ///
    /// # Errors
    /// [`OutsideError`] when an issuer's keys cannot be used.
    pub fn new(keys: Keys, config: AuthConfig) -> Result<Self, OutsideError> {
        provider::install();
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_audience(&[&config.audience]);
        validation.set_issuer(&[&config.issuer]);
        validation.set_required_spec_claims(&["exp", "nbf", "aud", "iss", "sub"]);
        validation.validate_nbf = true;
        validation.leeway = config.leeway_s;
        let outside = Outside::new(&config.issuers, config.leeway_s)?;
        let (config, validation) = (Arc::new(config), Arc::new(validation));
        Ok(Self { keys, config, validation, revocations: Revocations::default(), outside })
    }

    /// A token for `account` in a session, and when it ends.
    ///
    /// # Errors
    /// [`AuthError::Invalid`] when signing fails.
    pub fn issue(&self, account: Uuid, session: Uuid) -> Result<(String, Identity), AuthError> {
        let now = now_s();
        let claims = Claims {
            iss: self.config.issuer.clone(),
            aud: self.config.audience.clone(),
            sub: account,
            iat: now,
            nbf: now,
            exp: now + self.config.access_token_s,
            jti: Uuid::new_v4(),
            sid: session,
        };
        let token = self.sign(&claims, now)?;
        Ok((token, claims.into()))
    }

    fn sign(&self, claims: &Claims, now: u64) -> Result<String, AuthError> {
        let ring = self.keys.ring();
        let key = ring.signing(now);
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(ACCESS_TYPE.to_owned());
        header.kid = Some(key.id().to_owned());
        encode(&header, claims, &key.encoding).map_err(|_| AuthError::Invalid)
    }

    /// Whom `token` speaks for.
    ///
    /// # Errors
    /// [`AuthError`]; a token of more than 8,192 bytes is not even looked at.
    pub async fn check(&self, token: &str) -> Result<Identity, AuthError> {
        if token.is_empty() {
            return Err(AuthError::Missing);
        }
        if token.len() > MAX_TOKEN {
            return Err(AuthError::Invalid);
        }
        let header = decode_header(token).map_err(|_| AuthError::Invalid)?;
        let kid = header.kid.as_deref().unwrap_or_default();
        let identity = match self.keys.ring().verifying(kid, now_s()) {
            Some(key) => self.own(token, &header, key)?,
            None => self.outside.check(token, &header).await?,
        };
        if self.revocations.banned_until(identity.account).is_some() {
            return Err(AuthError::Banned);
        }
        if self.revocations.is_void(&identity) {
            return Err(AuthError::Revoked);
        }
        Ok(identity)
    }

    /// A token of ours.
    fn own(&self, token: &str, header: &Header, key: &SigningKey) -> Result<Identity, AuthError> {
        if header.typ.as_deref() != Some(ACCESS_TYPE) || header.crit.is_some() {
            return Err(AuthError::Invalid);
        }
        let claims = decode::<Claims>(token, &key.decoding, &self.validation);
        let claims = claims.map_err(|error| refusal(&error))?.claims;
        // Whatever is signed: no token outlives what a revocation is remembered for.
        let latest = claims.iat.saturating_add(AuthConfig::ACCESS_TOKEN_MAX_S);
        if claims.iat > now_s() + self.config.leeway_s || claims.exp > latest {
            return Err(AuthError::Invalid);
        }
        Ok(claims.into())
    }

    /// Until when a token that is issued now may be accepted, in seconds since 1970.
    #[must_use]
    pub fn horizon_s(&self) -> u64 {
        let outside = OUTSIDE_TOKEN_MAX_S + 2 * self.config.leeway_s;
        now_s() + if self.outside.is_empty() { self.config.overlap_s() } else { outside }
    }

    /// The right to speak over a socket that a token gives.
    #[must_use]
    pub fn lease(&self, identity: &Identity) -> Lease {
        Lease::new(identity, &self.revocations, self.config.leeway_s)
    }

    /// What is void.
    #[must_use]
    pub const fn revocations(&self) -> &Revocations {
        &self.revocations
    }

    /// The keys that sign.
    #[must_use]
    pub const fn keys(&self) -> &Keys {
        &self.keys
    }

    /// The public keys, as a JSON Web Key Set.
    #[must_use]
    pub fn jwks(&self) -> Value {
        self.keys.jwks(now_s())
    }
}

impl From<Claims> for Identity {
    fn from(claims: Claims) -> Self {
        let Claims { sub, sid, iat, exp, .. } = claims;
        Self { account: sub, session: sid, issued: iat, expires: exp, outside: None }
    }
}

pub(super) fn refusal(error: &jsonwebtoken::errors::Error) -> AuthError {
    match error.kind() {
        ErrorKind::ExpiredSignature => AuthError::Expired,
        _ => AuthError::Invalid,
    }
}
