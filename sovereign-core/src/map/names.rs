//! Names of a million territories in two allocations.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

/// About how long a name is, in bytes: so that a text of many names seldom moves.
const NAME_BYTES_USUAL: usize = 8;

/// A list of strings, kept end to end in one text.
pub(super) struct Names {
    text: Box<str>,
    /// Where each name ends; it starts where the one before it ends.
    ends: Box<[u32]>,
}

impl Names {
    /// The name at `index`, which must be in the list.
    pub(super) fn get(&self, index: usize) -> &str {
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.text[start as usize..self.ends[index] as usize]
    }

    /// The numbers from 1 to `count`, as names of what has none.
    pub(super) fn numbers(count: usize) -> Self {
        Self::write(1..=count, put_number)
    }

    /// Takes names that stand end to end; the ends must rise to the text's length, each on
    /// a character's border.
    pub(super) fn from_parts(text: String, ends: Vec<u32>) -> Self {
        Self { text: text.into(), ends: ends.into() }
    }

    /// Collects names one by one, each written straight into the text.
    pub(super) fn write<T>(
        items: impl Iterator<Item = T>,
        mut put: impl FnMut(T, &mut String),
    ) -> Self {
        let mut text = String::with_capacity(NAME_BYTES_USUAL * items.size_hint().0);
        let ends: Vec<u32> = items
            .map(|item| {
                put(item, &mut text);
                text.len() as u32
            })
            .collect();
        Self { text: text.into(), ends: ends.into() }
    }
}

/// Writes a number digit by digit: formatting millions of them is slow.
fn put_number(mut number: usize, text: &mut String) {
    let mut digits = ['0'; 20];
    let mut used = 0;
    while number > 0 || used == 0 {
        digits[used] = char::from(b'0' + (number % 10) as u8);
        number /= 10;
        used += 1;
    }
    text.extend(digits[..used].iter().rev());
}
