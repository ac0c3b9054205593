//! Writes SVG: every text and attribute that comes from a map is escaped here.

use std::fmt::{self, Write};

/// An SVG document under construction.
pub(super) struct Svg(String);

/// Text with the characters that XML gives a meaning replaced.
pub(super) struct Escaped<'a>(pub(super) &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| match c {
            '&' => f.write_str("&amp;"),
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '"' => f.write_str("&quot;"),
            '\'' => f.write_str("&#39;"),
            _ => f.write_char(c),
        })
    }
}

impl Svg {
    pub(super) fn new() -> Self {
        Self(String::new())
    }

    /// Adds a line.
    pub(super) fn put(&mut self, line: impl fmt::Display) {
        writeln!(self.0, "{line}").expect("a string takes all text");
    }

    pub(super) fn finish(self) -> String {
        self.0
    }
}

/// A number with at most one decimal, as short as can be.
pub(super) struct Short(pub(super) f64);

impl fmt::Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenths = (self.0 * 10.0).round() / 10.0;
        // Minus zero looks odd.
        write!(f, "{}", if tenths == 0.0 { 0.0 } else { tenths })
    }
}
