//! Names of a million territories in two allocations.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

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

    /// Collects names one by one, each written straight into the text.
    pub(super) fn write<T>(
        items: impl Iterator<Item = T>,
        mut put: impl FnMut(T, &mut String),
    ) -> Self {
        let mut text = String::new();
        let ends: Vec<u32> = items
            .map(|item| {
                put(item, &mut text);
                text.len() as u32
            })
            .collect();
        Self { text: text.into(), ends: ends.into() }
    }
}
