//! The bytes of a binary map, written and read one number at a time.

use alloc::vec::Vec;

use super::BinaryError;
use crate::leb128;

/// A signed number: 0, -1, 1, -2, ... become 0, 1, 2, 3, ...
pub(super) fn put_signed(out: &mut Vec<u8>, value: i32) {
    leb128::put(out, ((value << 1) ^ (value >> 31)) as u32);
}

/// A text: its length in bytes, then the bytes.
pub(super) fn put_text(out: &mut Vec<u8>, text: &str) {
    leb128::put(out, text.len() as u32);
    out.extend_from_slice(text.as_bytes());
}

/// Part of a file, read from its start. Each error says which column and which byte of the
/// file.
pub(super) struct Reader<'b> {
    name: &'static str,
    bytes: &'b [u8],
    at: usize,
    /// Where in the file `bytes` starts.
    offset: usize,
}

impl<'b> Reader<'b> {
    /// A reader of the whole of `bytes`, which start `offset` bytes into the file.
    pub(super) const fn new(name: &'static str, bytes: &'b [u8], offset: usize) -> Self {
        Self { name, bytes, at: 0, offset }
    }

    /// What is wrong is at the byte that comes next.
    pub(super) const fn damaged(&self) -> BinaryError {
        BinaryError::Damaged { column: self.name, at: self.offset + self.at }
    }

    /// How many bytes are left.
    pub(super) const fn left(&self) -> usize {
        self.bytes.len() - self.at
    }

    pub(super) fn byte(&mut self) -> Result<u8, BinaryError> {
        let byte = *self.bytes.get(self.at).ok_or_else(|| self.damaged())?;
        self.at += 1;
        Ok(byte)
    }

    pub(super) fn take(&mut self, count: usize) -> Result<&'b [u8], BinaryError> {
        if count > self.left() {
            return Err(self.damaged());
        }
        self.at += count;
        Ok(&self.bytes[self.at - count..self.at])
    }

    /// The next unsigned number.
    #[inline]
    pub(super) fn number(&mut self) -> Result<u32, BinaryError> {
        leb128::take(self.bytes, &mut self.at).ok_or_else(|| self.damaged())
    }

    #[inline]
    pub(super) fn signed(&mut self) -> Result<i32, BinaryError> {
        let folded = self.number()?;
        Ok((folded >> 1) as i32 ^ -((folded & 1) as i32))
    }

    /// A text of at most `most` bytes.
    pub(super) fn text(&mut self, most: usize) -> Result<&'b str, BinaryError> {
        let len = self.number()? as usize;
        if len > most {
            return Err(self.damaged());
        }
        let bytes = self.take(len)?;
        core::str::from_utf8(bytes).map_err(|_| self.damaged())
    }

    /// A part with its length before it.
    pub(super) fn column(&mut self, name: &'static str) -> Result<Self, BinaryError> {
        self.name = name;
        let len = self.number()? as usize;
        let offset = self.offset + self.at;
        Ok(Self::new(name, self.take(len)?, offset))
    }

    /// Nothing may be left.
    pub(super) fn end(self) -> Result<(), BinaryError> {
        if self.left() == 0 { Ok(()) } else { Err(self.damaged()) }
    }
}

/// A column of runs: how many times, then what.
pub(super) struct Runs<T> {
    left: u32,
    value: Option<T>,
}

impl<T: Copy> Runs<T> {
    pub(super) const fn new() -> Self {
        Self { left: 0, value: None }
    }

    /// The next value; `read` reads what a new run repeats.
    #[inline]
    pub(super) fn next<'b>(
        &mut self,
        from: &mut Reader<'b>,
        read: impl FnOnce(&mut Reader<'b>) -> Result<T, BinaryError>,
    ) -> Result<T, BinaryError> {
        if self.left == 0 {
            self.left = from.number()?;
            self.value = Some(read(from)?);
        }
        self.left = self.left.checked_sub(1).ok_or_else(|| from.damaged())?;
        self.value.ok_or_else(|| from.damaged())
    }

    /// The last run must have been used up.
    pub(super) const fn is_done(&self) -> bool {
        self.left == 0
    }
}

/// Writes equal values in a row as a run.
pub(super) fn put_runs<T: PartialEq + Copy>(
    out: &mut Vec<u8>,
    values: impl Iterator<Item = T>,
    put: impl Fn(&mut Vec<u8>, T),
) {
    let mut run: Option<(T, u32)> = None;
    for value in values {
        match &mut run {
            Some((same, count)) if *same == value => *count += 1,
            _ => {
                if let Some((done, count)) = run.replace((value, 1)) {
                    leb128::put(out, count);
                    put(out, done);
                }
            }
        }
    }
    if let Some((done, count)) = run {
        leb128::put(out, count);
        put(out, done);
    }
}
