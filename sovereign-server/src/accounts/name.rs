//! What people may call themselves.

use http::StatusCode;
use uuid::Uuid;

use crate::auth::Password;
use crate::error::ApiError;

/// Characters of the longest name; the rest is cut off.
const NAME_CHARS: usize = 24;
/// Characters of a login name.
const LOGIN_CHARS: std::ops::RangeInclusive<usize> = 3..=32;
/// Characters of a password.
const PASSWORD_CHARS: std::ops::RangeInclusive<usize> = 8..=128;

/// A name without control and direction characters, its spaces single, cut to length.
pub(super) fn clean(name: &str) -> Option<String> {
    let visible = |c: char| {
        !c.is_control()
            && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    let words: Vec<String> = name
        .split_whitespace()
        .map(|word| word.chars().filter(|c| visible(*c)).collect::<String>())
        .filter(|word| !word.is_empty())
        .collect();
    let name: String = words.join(" ").chars().take(NAME_CHARS).collect();
    let name = name.trim_end().to_owned();
    (!name.is_empty()).then_some(name)
}

pub(super) fn default_name(id: Uuid) -> String {
    format!("Guest {:04}", id.as_u128() % 10_000)
}

/// A login name as it is stored: letters, digits, dot, dash and underscore, in lower case.
/// Names that look alike but differ cannot be made of these.
pub(super) fn login(text: &str) -> Option<String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let fits = LOGIN_CHARS.contains(&text.len()) && text.chars().all(allowed);
    fits.then(|| text.to_ascii_lowercase())
}

/// The login name and password of a new account, or what is wrong with them.
pub(super) fn credentials(login_name: &str, password: &Password) -> Result<String, ApiError> {
    let login = login(login_name).ok_or_else(|| {
        let hint = "take 3 to 32 letters, digits, dots, dashes or underscores";
        unfit("login_unfit", "this cannot be a login name", hint)
    })?;
    new_password(&login, password)?;
    Ok(login)
}

/// Whether this may become the password of that login name.
pub(super) fn new_password(login: &str, password: &Password) -> Result<(), ApiError> {
    if !PASSWORD_CHARS.contains(&password.chars()) {
        let message = "the password is too short or too long";
        return Err(unfit("password_unfit", message, "take 8 to 128 characters"));
    }
    if password.is_like(login) {
        let message = "the password is the login name";
        return Err(unfit("password_unfit", message, "take one that nobody guesses"));
    }
    Ok(())
}

fn unfit(code: &'static str, message: &str, hint: &str) -> ApiError {
    ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, code, message, hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cleaned() {
        assert_eq!(clean("  Ada   Lovelace \n").as_deref(), Some("Ada Lovelace"));
        assert_eq!(clean("a\u{202e}b\u{0}c\u{200b}").as_deref(), Some("abc"));
        assert_eq!(clean(&"x".repeat(100)).unwrap().len(), NAME_CHARS);
        assert_eq!(clean("Łukasz 漢字").as_deref(), Some("Łukasz 漢字"));
        assert_eq!(clean(" \u{202e} \t"), None);
    }

    #[test]
    fn login_names_are_plain_and_of_one_case() {
        assert_eq!(login("Ada.Lovelace-1_2").as_deref(), Some("ada.lovelace-1_2"));
        for bad in ["", "ab", &"a".repeat(33), "ada lovelace", "аda", "ada\n", "a'--"] {
            assert_eq!(login(bad), None, "{bad}");
        }
    }

    #[test]
    fn passwords_are_long_enough_and_not_the_name() {
        assert!(new_password("ada", &Password::new("correct horse")).is_ok());
        for bad in ["", "1234567", &"x".repeat(129), "ADALOVELACE"] {
            assert!(new_password("adalovelace", &Password::new(bad)).is_err(), "{bad}");
        }
    }
}
