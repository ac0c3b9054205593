//! Hashes of rows: the 64-bit hash of a game's state and the 32-bit one of a mirror.
//!
//! # Stability
//! Both are part of the rules: a change raises [`crate::rules::RULES_VERSION`].
//! The formulas and their test vectors are in `docs/rules.md` and `docs/protocol.md`.

use xxhash_rust::xxh3::xxh3_64_with_seed;

/// The 64-bit hash of a row: XXH3 of its fields in little-endian order, seeded
/// with `table << 32 | id`.
pub(crate) fn row_hash(table: u8, id: u32, bytes: &[u8]) -> u64 {
    xxh3_64_with_seed(bytes, u64::from(table) << 32 | u64::from(id))
}

/// The 32-bit hash of a row of a mirror: MurmurHash3 (x86, 32 bit; Appleby, public
/// domain) of 32-bit words in little-endian order, seeded with the table's number.
///
/// It is written out because a client in any language must be able to, in as few lines.
#[must_use]
pub fn mirror_row_hash(table: u32, words: &[u32]) -> u32 {
    let mixed = words.iter().fold(table, |hash, word| {
        let scrambled = word.wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593);
        (hash ^ scrambled).rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64)
    });
    let mut hash = mixed ^ (words.len() as u32 * 4);
    hash = (hash ^ (hash >> 16)).wrapping_mul(0x85eb_ca6b);
    hash = (hash ^ (hash >> 13)).wrapping_mul(0xc2b2_ae35);
    hash ^ (hash >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mirrors_hash_is_murmur3() {
        // Published vectors of MurmurHash3_x86_32.
        assert_eq!(mirror_row_hash(0, &[]), 0);
        assert_eq!(mirror_row_hash(1, &[]), 0x514e_28b7);
        assert_eq!(mirror_row_hash(0x9747_b28c, &[u32::from_le_bytes(*b"aaaa")]), 0x5a97_808a);
        assert_eq!(mirror_row_hash(0, &[0xffff_ffff]), 0x7629_3b50);
    }
}
