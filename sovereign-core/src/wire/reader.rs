//! Columns of integers and bits, read from their start.

use super::columns::ColumnError;
use crate::leb128;

/// A column that is read from its start.
pub(super) struct Reader<'c> {
    name: &'static str,
    bytes: &'c [u8],
    at: usize,
}

impl<'c> Reader<'c> {
    pub(super) const fn new(name: &'static str, bytes: &'c [u8]) -> Self {
        Self { name, bytes, at: 0 }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    pub(super) const fn error(&self) -> ColumnError {
        ColumnError::Damaged { column: self.name, at: self.at }
    }

    pub(super) fn byte(&mut self) -> Result<u8, ColumnError> {
        let byte = self.bytes.get(self.at).ok_or_else(|| self.error())?;
        self.at += 1;
        Ok(*byte)
    }

    /// The next integer.
    pub(super) fn varint(&mut self) -> Result<u32, ColumnError> {
        leb128::take(self.bytes, &mut self.at).ok_or_else(|| self.error())
    }

    /// Takes `count` bits, the lowest of a byte first; what is left of the last byte is 0.
    pub(super) fn bits(&mut self, count: usize) -> Result<&'c [u8], ColumnError> {
        let len = count.div_ceil(8);
        let bits = self.bytes.get(self.at..self.at + len).ok_or_else(|| self.error())?;
        self.at += len;
        let used = (count + 7) % 8 + 1;
        let padding = bits.last().is_some_and(|last| u32::from(*last) >> used != 0);
        if padding { Err(self.error()) } else { Ok(bits) }
    }

    /// Nothing may be left.
    pub(super) fn end(self) -> Result<(), ColumnError> {
        if self.at == self.bytes.len() { Ok(()) } else { Err(self.error()) }
    }
}

pub(super) fn bit(bits: &[u8], index: usize) -> bool {
    bits[index / 8] >> (index % 8) & 1 == 1
}
