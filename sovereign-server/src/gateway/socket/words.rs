//! Words of people, made fit to be shown to others.

use crate::config::Limits;
use crate::telemetry::metrics;

/// Marks that may be stacked on one letter; more would run over other lines.
const MARKS: usize = 3;

/// Why a text cannot be passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unfit {
    /// Nothing of it can be seen.
    #[error("nothing of this text can be seen; it was dropped")]
    Empty,
    /// Too many characters or bytes.
    #[error("this text is too long; it was dropped")]
    TooLong,
}

/// One line without control, direction and invisible characters, its spaces single. O(text).
///
/// # Errors
/// [`Unfit`].
pub(super) fn line(text: &str, limits: &Limits) -> Result<String, Unfit> {
    let words: Vec<String> = text.split_whitespace().map(word).filter(|w| !w.is_empty()).collect();
    let line = words.join(" ");
    if line.chars().count() as u64 > limits.chat_chars {
        metrics::limit_hit("chat_chars");
        return Err(Unfit::TooLong);
    }
    if line.len() as u64 > limits.chat_bytes {
        metrics::limit_hit("chat_bytes");
        return Err(Unfit::TooLong);
    }
    if line.chars().all(is_mark) { Err(Unfit::Empty) } else { Ok(line) }
}

fn word(text: &str) -> String {
    let mut stacked = 0;
    let shown = text.chars().filter(|letter| {
        stacked = if is_mark(*letter) { stacked + 1 } else { 0 };
        stacked <= MARKS && !is_hidden(*letter)
    });
    shown.collect()
}

/// Characters that steer the text instead of being seen: control, direction, width of nothing,
/// private and tag characters. What joins letters and signs into one stays.
fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}' | '\u{200c}' | '\u{200e}' | '\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
            | '\u{e000}'..='\u{f8ff}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}' | '\u{f0000}'..='\u{10ffff}')
}

/// Marks that are set on the letter before, and what joins.
const fn is_mark(letter: char) -> bool {
    matches!(letter,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{1ab0}'..='\u{1aff}'
        | '\u{1dc0}'..='\u{1dff}' | '\u{200d}' | '\u{20d0}'..='\u{20ff}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{fe20}'..='\u{fe2f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(text: &str) -> Result<String, Unfit> {
        line(text, &Limits::default())
    }

    #[test]
    fn what_people_write_stays_as_it_is() {
        for text in
            ["north?", "Grüß dich", "漢字 と かな", "שלום", "<b>no markup</b>", "👨‍👩‍👧 ❤️ 👍🏽", "é"]
        {
            assert_eq!(fit(text).as_deref(), Ok(text));
        }
        assert_eq!(fit("  two \t words \r\n and\u{2003}more ").unwrap(), "two words and more");
    }

    #[test]
    fn what_steers_a_text_is_taken_out() {
        for (text, left) in [
            ("a\u{202e}b\u{2066}c\u{2069}", "abc"),
            ("a\u{0}b\u{1b}[31mc", "ab[31mc"),
            ("a\u{200b}\u{feff}\u{e0041}b", "ab"),
            ("a\u{301}\u{301}\u{301}\u{301}\u{301}b", "a\u{301}\u{301}\u{301}b"),
        ] {
            assert_eq!(fit(text).unwrap(), left, "{text:?}");
        }
    }

    #[test]
    fn what_cannot_be_shown_is_refused() {
        for text in ["", " \n", "\u{202e}\u{200b}", "\u{200d}\u{301}", "\u{3164}"] {
            assert_eq!(fit(text), Err(Unfit::Empty), "{text:?}");
        }
        let limits = Limits { chat_chars: 10, chat_bytes: 12, ..Limits::default() };
        assert!(line("0123456789", &limits).is_ok());
        assert_eq!(line("01234567890", &limits), Err(Unfit::TooLong), "characters");
        assert_eq!(line("漢字漢字漢", &limits), Err(Unfit::TooLong), "bytes");
    }
}
