//! The server's word for how a game ended: results that it signs with the key that signs
//! tokens, under a type of their own, so that neither can pass for the other.

use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation, decode, decode_header, encode};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Keys, now_s, provider};

/// `typ` of a signed result.
const RESULT_TYPE: &str = "sovereign-result+jwt";
/// Bytes of the longest result that is looked at.
const MAX_RESULT: usize = 65_536;

/// How a game ended, and which one it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GameResult {
    /// The game's id, which is its replay's too.
    pub game: String,
    /// Name of the map.
    pub map: String,
    /// Its hash.
    pub map_hash: String,
    /// Hash of the rules.
    pub rules_hash: String,
    /// Version of the rules.
    pub rules_version: u32,
    /// Whether it counted.
    pub ranked: bool,
    /// All seats that were taken, by number.
    pub seats: Vec<SeatResult>,
    /// Who won; nobody in a draw, or in a game that was broken off.
    pub winner: Option<u16>,
    /// Why it ended; nothing if it was broken off.
    pub reason: Option<String>,
    /// Its last tick.
    pub ticks: u32,
    /// Hash of the game after its last entry, 16 hexadecimal digits.
    pub state_hash: String,
    /// SHA-256 of the replay's file in hexadecimal digits.
    pub replay_hash: String,
}

/// A seat at the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeatResult {
    /// Its number.
    pub seat: u16,
    /// The bot that played it; none for a person.
    pub bot: Option<String>,
    /// Its team; 0 is none.
    pub team: u16,
    /// Its place, from 1; 0 if the game was broken off before it had one.
    pub place: u16,
}

/// A result as it is signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedResult {
    /// Who signed it: `auth.issuer`.
    pub iss: String,
    /// When, in seconds since 1970.
    pub iat: u64,
    /// The result.
    #[serde(flatten)]
    pub result: GameResult,
}

/// A result with its signature, and the public half of the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// A compact JWS.
    pub jws: String,
    /// Name of the key.
    pub kid: String,
    /// Its public half, as a JSON Web Key.
    pub jwk: Value,
}

/// Why a result does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// It is no signed result.
    #[error("this is no signed result")]
    Malformed,
    /// The key that it names is not among those that are known.
    #[error("it was signed with a key that is not in the key set")]
    UnknownKey,
    /// The signature does not fit.
    #[error("its signature is not that of the key that it names")]
    Forged,
}

/// Signs results; cheap to clone.
#[derive(Clone, Debug)]
pub struct Seal {
    keys: Keys,
    issuer: String,
}

impl Seal {
    /// A seal with the keys that sign tokens.
    #[must_use]
    pub fn new(keys: Keys, issuer: String) -> Self {
        provider::install();
        Self { keys, issuer }
    }

    /// Signs a result with the key that signs now.
    ///
    /// # Errors
    /// [`SealError::Malformed`] when it cannot be signed.
    pub fn sign(&self, result: GameResult) -> Result<Sealed, SealError> {
        let (ring, iat) = (self.keys.ring(), now_s());
        let key = ring.signing(iat);
        let mut header = Header::new(Algorithm::EdDSA);
        (header.typ, header.kid) = (Some(RESULT_TYPE.to_owned()), Some(key.id().to_owned()));
        let signed = SignedResult { iss: self.issuer.clone(), iat, result };
        let jws = encode(&header, &signed, &key.encoding).map_err(|_| SealError::Malformed)?;
        Ok(Sealed { jws, kid: key.id().to_owned(), jwk: key.jwk() })
    }
}

/// The result in a compact JWS, if one of the keys of a JSON Web Key Set signed it.
///
/// # Errors
/// [`SealError`].
pub fn verify_result(jws: &str, keys: &Value) -> Result<SignedResult, SealError> {
    provider::install();
    let header = Some(jws).filter(|jws| jws.len() <= MAX_RESULT).map(decode_header);
    let header = header.and_then(Result::ok).ok_or(SealError::Malformed)?;
    if header.typ.as_deref() != Some(RESULT_TYPE) || header.crit.is_some() {
        return Err(SealError::Malformed);
    }
    let kid = header.kid.ok_or(SealError::Malformed)?;
    let key = keys["keys"].as_array().into_iter().flatten().find(|key| key["kid"] == kid.as_str());
    let key = key.and_then(|key| key["x"].as_str()).ok_or(SealError::UnknownKey)?;
    let key = DecodingKey::from_ed_components(key).map_err(|_| SealError::UnknownKey)?;
    let mut validation = Validation::new(Algorithm::EdDSA);
    // A result holds for ever, and for everybody.
    validation.required_spec_claims.clear();
    (validation.validate_exp, validation.validate_aud) = (false, false);
    let signed = decode::<SignedResult>(jws, &key, &validation);
    signed.map(|signed| signed.claims).map_err(|_| SealError::Forged)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::json;

    use super::*;

    fn result() -> GameResult {
        let seat = |seat, place| SeatResult { seat, bot: None, team: 0, place };
        GameResult {
            game: "0192f0c1-7a3b-7c4d-8e5f-0123456789ab".to_owned(),
            map: "classic".to_owned(),
            map_hash: "ab".repeat(32),
            rules_hash: "cd".repeat(32),
            rules_version: 3,
            ranked: true,
            seats: vec![seat(0, 2), seat(1, 1)],
            winner: Some(1),
            reason: Some("land".to_owned()),
            ticks: 4_000,
            state_hash: "0123456789abcdef".to_owned(),
            replay_hash: "ef".repeat(32),
        }
    }

    fn seal() -> (tempfile::TempDir, Seal) {
        let data = tempfile::tempdir().unwrap();
        let keys = Keys::open(data.path(), 960, 1_000).unwrap();
        (data, Seal::new(keys, "sovereign".to_owned()))
    }

    #[test]
    fn what_was_signed_can_be_verified_and_nothing_else() {
        let (_data, seal) = seal();
        let sealed = seal.sign(result()).unwrap();
        let keys = json!({ "keys": [{ "kid": "other", "x": "" }, sealed.jwk] });
        let signed = verify_result(&sealed.jws, &keys).unwrap();
        assert_eq!((signed.iss.as_str(), signed.result), ("sovereign", result()));
        let (_other, stranger) = self::seal();
        let theirs = stranger.sign(result()).unwrap();
        assert_eq!(verify_result(&theirs.jws, &keys), Err(SealError::UnknownKey));
        let mut forged = theirs.jwk.clone();
        forged["kid"] = json!(sealed.kid);
        let swapped = json!({ "keys": [forged] });
        assert_eq!(verify_result(&sealed.jws, &swapped), Err(SealError::Forged));
        for broken in ["", "a.b.c", &sealed.jws[1..]] {
            assert_eq!(verify_result(broken, &keys), Err(SealError::Malformed), "{broken}");
        }
    }

    /// By the letter of RFC 8037, without the library that signs.
    #[test]
    fn the_signature_is_that_of_ed25519_over_header_and_claims() {
        let (_data, seal) = seal();
        let sealed = seal.sign(result()).unwrap();
        let (signed, signature) = sealed.jws.rsplit_once('.').unwrap();
        let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
        let key: [u8; 32] = bytes(sealed.jwk["x"].as_str().unwrap()).try_into().unwrap();
        let key = ed25519_dalek::VerifyingKey::from_bytes(&key).unwrap();
        let signature = ed25519_dalek::Signature::from_slice(&bytes(signature)).unwrap();
        key.verify_strict(signed.as_bytes(), &signature).unwrap();
        let claims = bytes(signed.split_once('.').unwrap().1);
        let claims: Value = serde_json::from_slice(&claims).unwrap();
        assert_eq!(claims["state_hash"], "0123456789abcdef");
    }

    #[tokio::test]
    async fn a_result_is_no_token() {
        let (data, seal) = seal();
        let keys = Keys::open(data.path(), 960, 1_000).unwrap();
        let auth = super::super::Auth::new(keys, crate::config::AuthConfig::default()).unwrap();
        let sealed = seal.sign(result()).unwrap();
        assert_eq!(auth.check(&sealed.jws).await, Err(super::super::AuthError::Invalid));
        let (token, _) = auth.issue(uuid::Uuid::new_v4(), uuid::Uuid::new_v4()).unwrap();
        assert_eq!(verify_result(&token, &auth.jwks()), Err(SealError::Malformed));
    }
}
