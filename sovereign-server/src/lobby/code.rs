//! The short codes by which friends join.

use crate::error::ApiError;

/// Letters and digits that nobody mistakes for each other.
const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
/// Length of a code: a thousand million of them, so that guessing finds nothing.
const LENGTH: usize = 6;

/// A code at random.
pub(super) fn random() -> Result<String, ApiError> {
    let mut bytes = [0_u8; LENGTH];
    getrandom::fill(&mut bytes).map_err(|e| ApiError::internal(&e))?;
    Ok(bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect())
}

/// A code as people type it: in small letters, with blanks and dashes.
pub(super) fn normal(text: &str) -> String {
    let letters = text.chars().filter(char::is_ascii_alphanumeric).take(LENGTH + 1);
    letters.map(|c| c.to_ascii_uppercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_typed_as_people_do() {
        let code = random().unwrap();
        assert_eq!(code.len(), LENGTH);
        let typed = format!(" {}-{} ", &code[..3].to_lowercase(), &code[3..]);
        assert_eq!(normal(&typed), code);
        assert_ne!(random().unwrap(), random().unwrap());
    }
}
