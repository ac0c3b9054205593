//! Which key signs, which verify.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{DecodingKey, EncodingKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// A key pair.
pub struct SigningKey {
    id: String,
    created_s: u64,
    signs_from_s: u64,
    pub(crate) encoding: EncodingKey,
    pub(crate) decoding: DecodingKey,
    public: String,
}

/// What a key is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// It is published, and will sign.
    Published,
    /// It signs.
    Signing,
    /// It verifies what it has signed, for so many more seconds.
    Verifying(u64),
    /// Whatever it signed has expired.
    Over,
}

/// Keys in the order in which they sign.
#[derive(Debug)]
pub struct KeyRing {
    keys: Vec<SigningKey>,
    overlap_s: u64,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({}, from {})", self.id, self.signs_from_s)
    }
}

impl SigningKey {
    /// The key with this seed; nothing if it cannot be one.
    pub(super) fn from_seed(seed: &[u8; 32], created_s: u64, signs_from_s: u64) -> Option<Self> {
        let public = ed25519_dalek::SigningKey::from_bytes(seed).verifying_key();
        let public = URL_SAFE_NO_PAD.encode(public.as_bytes());
        Some(Self {
            id: thumbprint(&public),
            created_s,
            signs_from_s,
            encoding: EncodingKey::from_ed_der(seed),
            decoding: DecodingKey::from_ed_components(&public).ok()?,
            public,
        })
    }

    /// Its name, made of the public half as RFC 7638 says.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// When it was made, in seconds since 1970.
    #[must_use]
    pub const fn created_s(&self) -> u64 {
        self.created_s
    }

    /// From when on it signs, in seconds since 1970.
    #[must_use]
    pub const fn signs_from_s(&self) -> u64 {
        self.signs_from_s
    }

    /// Its public half, as a JSON Web Key.
    #[must_use]
    pub fn jwk(&self) -> Value {
        json!({
            "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA",
            "kid": self.id, "x": self.public,
        })
    }
}

/// RFC 7638: the hash of the required members in alphabetical order.
fn thumbprint(public: &str) -> String {
    let members = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{public}"}}"#);
    URL_SAFE_NO_PAD.encode(Sha256::digest(members.as_bytes()))
}

impl KeyRing {
    /// These keys; a token lives for at most `overlap_s` seconds, clocks' differences included.
    pub(super) fn new(mut keys: Vec<SigningKey>, overlap_s: u64) -> Self {
        keys.sort_by_key(|key| (key.signs_from_s, key.created_s));
        Self { keys, overlap_s }
    }

    /// The key that signs now.
    ///
    /// # Panics
    /// On a ring without keys; a server never has one.
    #[must_use]
    pub fn signing(&self, now_s: u64) -> &SigningKey {
        let current = self.keys.iter().rev().find(|key| key.signs_from_s <= now_s);
        // Where the clock was set back, the oldest is as good as any.
        current.or_else(|| self.keys.first()).expect("a ring that is used has a key")
    }

    /// The key of this name, if what it signed can still hold.
    #[must_use]
    pub fn verifying(&self, id: &str, now_s: u64) -> Option<&SigningKey> {
        let at = self.keys.iter().position(|key| key.id == id)?;
        (self.state_at(at, now_s) != KeyState::Over).then(|| &self.keys[at])
    }

    /// All keys with what they are good for, in the order in which they sign.
    pub fn states(&self, now_s: u64) -> impl Iterator<Item = (&SigningKey, KeyState)> {
        self.keys.iter().enumerate().map(move |(at, key)| (key, self.state_at(at, now_s)))
    }

    fn state_at(&self, at: usize, now_s: u64) -> KeyState {
        let key = &self.keys[at];
        if key.id == self.signing(now_s).id {
            return KeyState::Signing;
        }
        if key.signs_from_s > now_s {
            return KeyState::Published;
        }
        let successor = self.keys.get(at + 1).map_or(u64::MAX, |next| next.signs_from_s);
        let end = successor.saturating_add(self.overlap_s);
        if now_s <= end { KeyState::Verifying(end - now_s) } else { KeyState::Over }
    }

    /// The key that was made last.
    #[must_use]
    pub fn newest(&self) -> Option<&SigningKey> {
        self.keys.iter().max_by_key(|key| (key.created_s, key.signs_from_s))
    }

    /// The names of the keys that are over.
    pub fn over(&self, now_s: u64) -> impl Iterator<Item = &str> {
        let over = self.states(now_s).filter(|(_, state)| *state == KeyState::Over);
        over.map(|(key, _)| key.id())
    }

    /// The names of all keys.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(SigningKey::id)
    }

    pub(super) const fn overlap_s(&self) -> u64 {
        self.overlap_s
    }

    pub(super) fn jwks(&self, now_s: u64) -> Value {
        let good = self.states(now_s).filter(|(_, state)| *state != KeyState::Over);
        json!({ "keys": good.map(|(key, _)| key.jwk()).collect::<Vec<_>>() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 8037, appendix A.3.
    #[test]
    fn the_name_of_a_key_is_its_thumbprint() {
        let name = thumbprint("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
        assert_eq!(name, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }
}
