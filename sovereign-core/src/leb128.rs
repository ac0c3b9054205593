//! Unsigned numbers in as few bytes as they need: LEB128, seven bits a byte, the lowest
//! first, the high bit set in all but the last.

use alloc::vec::Vec;

/// The bit that says that a number goes on in the next byte.
const MORE: u8 = 0x80;

/// Appends a number.
pub(crate) fn put(out: &mut Vec<u8>, mut value: u32) {
    while value >= u32::from(MORE) {
        out.push(value as u8 | MORE);
        value >>= 7;
    }
    out.push(value as u8);
}

/// The number at `at`, which moves on behind it: at most 32 bits, in no more bytes than they
/// need. `None` if there is no such number; then `at` is behind the byte that is wrong, or at
/// the end where one is missing.
///
/// Most numbers take one byte, so that way is short.
#[inline]
pub(crate) fn take(bytes: &[u8], at: &mut usize) -> Option<u32> {
    match bytes.get(*at) {
        Some(&byte) if byte < MORE => {
            *at += 1;
            Some(u32::from(byte))
        }
        _ => take_long(bytes, at),
    }
}

fn take_long(bytes: &[u8], at: &mut usize) -> Option<u32> {
    let (mut value, mut shift) = (0_u64, 0);
    loop {
        let byte = *bytes.get(*at)?;
        *at += 1;
        value |= u64::from(byte & !MORE) << shift;
        shift += 7;
        let last = byte & MORE == 0;
        if (last && byte == 0 && shift > 7) || (!last && shift >= 35) {
            return None;
        }
        if last {
            return u32::try_from(value).ok();
        }
    }
}

/// How many numbers bytes of nothing else hold: as many as bytes that end one.
#[cfg(feature = "wire")]
pub(crate) fn count(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & MORE == 0).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_number_comes_back_and_no_other_bytes_give_it(value in any::<u32>(), bytes: [u8; 6]) {
            let mut out = Vec::new();
            put(&mut out, value);
            let mut at = 0;
            prop_assert_eq!(take(&out, &mut at), Some(value));
            prop_assert_eq!(at, out.len());
            at = 0;
            if let Some(value) = take(&bytes, &mut at) {
                let mut again = Vec::new();
                put(&mut again, value);
                prop_assert_eq!(&again[..], &bytes[..at]);
            }
        }
    }

    #[test]
    fn what_is_wrong_is_pointed_at() {
        let wrong: [(&[u8], usize); 4] =
            [(&[], 0), (&[0x80], 1), (&[0x80, 0], 2), (&[0xff, 0xff, 0xff, 0xff, 0xff, 1], 5)];
        for (bytes, place) in wrong {
            let mut at = 0;
            assert_eq!((take(bytes, &mut at), at), (None, place), "{bytes:?}");
        }
    }
}
