//! Access tokens.

use std::sync::Arc;

use jsonwebtoken::{Algorithm, Header, Validation, decode, decode_header, encode};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::key::SigningKey;
use super::provider;
use crate::config::AuthConfig;
use crate::store::now_ms;

/// Bytes of the longest token that is looked at; ours have about 400.
const MAX_TOKEN: usize = 1_024;
/// `typ` of an access token; nothing else is accepted as one.
const ACCESS_TYPE: &str = "at+jwt";

/// Why a token was refused. Says nothing that helps to forge one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// There is none.
    #[error("no token was sent; get one from POST /v1/auth/guest")]
    Missing,
    /// Its time is over.
    #[error("the token has expired; get a new one from POST /v1/auth/guest")]
    Expired,
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
            Self::Invalid => "token_invalid",
        }
    }
}

/// Who a valid token speaks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The account.
    pub account: Uuid,
    /// When the token ends, in seconds since 1970.
    pub expires: u64,
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
}

/// Issues and checks tokens; cheap to clone.
#[derive(Clone, Debug)]
pub struct Auth {
    key: Arc<SigningKey>,
    config: Arc<AuthConfig>,
    validation: Arc<Validation>,
}

impl Auth {
    /// Tokens signed with `key`.
    #[must_use]
    pub fn new(key: SigningKey, config: AuthConfig) -> Self {
        provider::install();
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_audience(&[&config.audience]);
        validation.set_issuer(&[&config.issuer]);
        validation.set_required_spec_claims(&["exp", "nbf", "aud", "iss", "sub"]);
        validation.validate_nbf = true;
        validation.leeway = config.leeway_s;
        Self { key: Arc::new(key), config: Arc::new(config), validation: Arc::new(validation) }
    }

    /// A token for `account`, and when it ends.
    ///
    /// # Errors
    /// [`AuthError::Invalid`] when signing fails.
    pub fn issue(&self, account: Uuid) -> Result<(String, Identity), AuthError> {
        let now = now_ms().unsigned_abs() / 1_000;
        let expires = now + self.config.guest_token_s;
        let claims = Claims {
            iss: self.config.issuer.clone(),
            aud: self.config.audience.clone(),
            sub: account,
            iat: now,
            nbf: now,
            exp: expires,
            jti: Uuid::new_v4(),
        };
        let token = self.sign(ACCESS_TYPE, &claims)?;
        Ok((token, Identity { account, expires }))
    }

    fn sign(&self, typ: &str, claims: &impl Serialize) -> Result<String, AuthError> {
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(typ.to_owned());
        header.kid = Some(self.key.id.clone());
        encode(&header, claims, &self.key.encoding).map_err(|_| AuthError::Invalid)
    }

    /// Whom `token` speaks for.
    ///
    /// # Errors
    /// [`AuthError`]; a token of more than 1,024 bytes is not even looked at.
    pub fn check(&self, token: &str) -> Result<Identity, AuthError> {
        if token.is_empty() {
            return Err(AuthError::Missing);
        }
        if token.len() > MAX_TOKEN {
            return Err(AuthError::Invalid);
        }
        let header = decode_header(token).map_err(|_| AuthError::Invalid)?;
        let ours = header.typ.as_deref() == Some(ACCESS_TYPE)
            && header.kid.as_deref() == Some(&self.key.id)
            && header.crit.is_none();
        if !ours {
            return Err(AuthError::Invalid);
        }
        let claims = decode::<Claims>(token, &self.key.decoding, &self.validation)
            .map_err(|error| refusal(&error))?
            .claims;
        Ok(Identity { account: claims.sub, expires: claims.exp })
    }

    /// The public keys, as a JSON Web Key Set.
    #[must_use]
    pub fn jwks(&self) -> Value {
        self.key.jwks()
    }
}

fn refusal(error: &jsonwebtoken::errors::Error) -> AuthError {
    match error.kind() {
        jsonwebtoken::errors::ErrorKind::ExpiredSignature => AuthError::Expired,
        _ => AuthError::Invalid,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::json;

    fn auth() -> Auth {
        let folder = tempfile::tempdir().unwrap();
        Auth::new(SigningKey::open(folder.path()).unwrap(), AuthConfig::default())
    }

    fn now() -> u64 {
        now_ms().unsigned_abs() / 1_000
    }

    fn claims() -> Value {
        json!({
            "iss": "sovereign", "aud": "sovereign-players", "sub": Uuid::new_v4(),
            "iat": now(), "nbf": now(), "exp": now() + 600, "jti": Uuid::new_v4(),
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

    fn raw(header: &Value, claims: &Value, signature: &[u8]) -> String {
        let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let (header, claims) = (header.to_string(), claims.to_string());
        format!("{}.{}.{}", part(header.as_bytes()), part(claims.as_bytes()), part(signature))
    }

    /// A token with this header, honestly signed with our key.
    fn signed(auth: &Auth, header: &Value, claims: &Value) -> String {
        let unsigned = raw(header, claims, b"");
        let message = unsigned.trim_end_matches('.');
        let signature =
            jsonwebtoken::crypto::sign(message.as_bytes(), &auth.key.encoding, Algorithm::EdDSA);
        format!("{message}.{}", signature.unwrap())
    }

    fn header(auth: &Auth) -> Value {
        json!({ "typ": "at+jwt", "alg": "EdDSA", "kid": auth.key.id })
    }

    #[test]
    fn an_issued_token_names_its_account() {
        let auth = auth();
        let account = Uuid::new_v4();
        let (token, identity) = auth.issue(account).unwrap();
        assert_eq!(auth.check(&token), Ok(identity.clone()));
        assert_eq!(identity.account, account);
        assert!(identity.expires >= now() + 12 * 60 * 60 - 1, "a reload never loses a game");
    }

    #[test]
    fn the_test_helper_signs_what_would_be_accepted() {
        let auth = auth();
        assert!(auth.check(&signed(&auth, &header(&auth), &claims())).is_ok());
    }

    #[test]
    fn j1_no_algorithm_is_refused() {
        let auth = auth();
        for alg in ["none", "None", "nOnE", ""] {
            let header = json!({ "typ": "at+jwt", "alg": alg, "kid": auth.key.id });
            assert_eq!(auth.check(&raw(&header, &claims(), b"")), Err(AuthError::Invalid));
        }
    }

    #[test]
    fn j2_j3_other_algorithms_are_refused() {
        let auth = auth();
        for alg in ["HS256", "HS512", "RS256", "PS256", "ES256", "ES384"] {
            let header = json!({ "typ": "at+jwt", "alg": alg, "kid": auth.key.id });
            assert_eq!(auth.check(&signed(&auth, &header, &claims())), Err(AuthError::Invalid));
        }
    }

    #[test]
    fn j4_other_key_ids_are_refused() {
        let auth = auth();
        let huge = "k".repeat(1 << 20);
        for kid in ["../../etc/passwd", "' OR 1=1 --", "", "unknown", &huge] {
            let header = json!({ "typ": "at+jwt", "alg": "EdDSA", "kid": kid });
            assert_eq!(auth.check(&signed(&auth, &header, &claims())), Err(AuthError::Invalid));
        }
        let header = json!({ "typ": "at+jwt", "alg": "EdDSA" });
        assert_eq!(auth.check(&signed(&auth, &header, &claims())), Err(AuthError::Invalid));
    }

    #[test]
    fn j5_a_key_in_the_header_is_not_used() {
        let other = auth();
        let auth = auth();
        let mut header = header(&auth);
        header["jwk"] = other.jwks()["keys"][0].clone();
        header["jku"] = json!("http://127.0.0.1:1/jwks.json");
        header["x5u"] = json!("http://127.0.0.1:1/cert.pem");
        let forged = signed(&other, &header, &claims());
        assert_eq!(auth.check(&forged), Err(AuthError::Invalid));
    }

    #[test]
    fn j6_a_token_without_a_sound_end_is_refused() {
        let auth = auth();
        let past = auth.check(&signed(&auth, &header(&auth), &with("exp", json!(now() - 100))));
        assert_eq!(past, Err(AuthError::Expired));
        let soon = (now() + 600).to_string();
        for exp in
            [json!(soon), json!(-1), json!(9_223_372_036_854_775_808_u64 as f64), json!(null)]
        {
            let refused = auth.check(&signed(&auth, &header(&auth), &with("exp", exp.clone())));
            assert!(refused.is_err(), "{exp}");
        }
        assert!(auth.check(&signed(&auth, &header(&auth), &without("exp"))).is_err());
    }

    #[test]
    fn j7_a_token_from_the_future_is_refused() {
        let auth = auth();
        for nbf in [json!(now() + 100), json!((now()).to_string())] {
            assert!(auth.check(&signed(&auth, &header(&auth), &with("nbf", nbf))).is_err());
        }
        assert!(auth.check(&signed(&auth, &header(&auth), &without("nbf"))).is_err());
    }

    #[test]
    fn j8_other_issuers_and_audiences_are_refused() {
        let auth = auth();
        for (claim, value) in [
            ("aud", json!("somebody-else")),
            ("aud", json!(["sovereign-players"])),
            ("iss", json!("somebody-else")),
            ("iss", json!(["sovereign"])),
            ("sub", json!("not-an-id")),
        ] {
            let refused = auth.check(&signed(&auth, &header(&auth), &with(claim, value)));
            assert_eq!(refused, Err(AuthError::Invalid), "{claim}");
            assert!(auth.check(&signed(&auth, &header(&auth), &without(claim))).is_err());
        }
    }

    #[test]
    fn j9_other_types_are_refused() {
        let auth = auth();
        for typ in ["JWT", "refresh+jwt", "ticket+jwt", ""] {
            let header = json!({ "typ": typ, "alg": "EdDSA", "kid": auth.key.id });
            assert_eq!(auth.check(&signed(&auth, &header, &claims())), Err(AuthError::Invalid));
        }
    }

    #[test]
    fn j10_long_and_malformed_tokens_are_refused() {
        let auth = auth();
        let (token, _) = auth.issue(Uuid::new_v4()).unwrap();
        let long = signed(&auth, &header(&auth), &with("x", json!("y".repeat(9_000))));
        let padded = format!("{token}=");
        let twice = format!("{token}.{token}");
        for bad in [long.as_str(), &padded, &twice, "..", "a.b.c", "\u{fffd}", " "] {
            assert_eq!(auth.check(bad), Err(AuthError::Invalid), "{bad}");
        }
        assert_eq!(auth.check(""), Err(AuthError::Missing));
    }

    #[test]
    fn j11_a_changed_token_is_refused_at_every_character() {
        let auth = auth();
        let (token, _) = auth.issue(Uuid::new_v4()).unwrap();
        let last = token.len() - 1;
        for at in 0..last {
            let mut bytes = token.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            assert!(auth.check(&changed).is_err(), "changed at {at}");
        }
    }

    #[test]
    fn j11_a_signature_of_small_order_is_refused() {
        let auth = auth();
        let mut signature = [0_u8; 64];
        signature[0] = 1;
        let forged = raw(&header(&auth), &claims(), &signature);
        assert_eq!(auth.check(&forged), Err(AuthError::Invalid));
    }

    #[test]
    fn another_servers_token_is_refused() {
        let other = auth();
        let auth = auth();
        let (token, _) = other.issue(Uuid::new_v4()).unwrap();
        assert_eq!(auth.check(&token), Err(AuthError::Invalid));
    }
}
