//! Refresh tokens: random, opaque, and stored as a hash alone.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::store::people::SecretHash;

/// Characters of a refresh token: 32 bytes in base64url.
const LENGTH: usize = 43;

/// A new refresh token; nothing if the system gives no random bytes.
pub(crate) fn generate() -> Option<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).ok()?;
    Some(URL_SAFE_NO_PAD.encode(bytes))
}

/// What is stored of a refresh token, and looked up by: how long that takes tells at most
/// of the hash of a guess, never of a token. Nothing if it cannot be one.
pub(crate) fn hash(token: &str) -> Option<SecretHash> {
    let plausible = token.len() == LENGTH && URL_SAFE_NO_PAD.decode(token).is_ok();
    plausible.then(|| Sha256::digest(token.as_bytes()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_long_and_never_the_same() {
        let (one, two) = (generate().unwrap(), generate().unwrap());
        assert_eq!(one.len(), LENGTH);
        assert_ne!(hash(&one).unwrap(), hash(&two).unwrap());
    }

    #[test]
    fn what_cannot_be_a_token_is_not_looked_up() {
        let token = generate().unwrap();
        let long = format!("{token}A");
        for bad in ["", "x", &long, &token[1..], &"!".repeat(LENGTH), &"é".repeat(22)] {
            assert_eq!(hash(bad), None, "{bad}");
        }
    }
}
