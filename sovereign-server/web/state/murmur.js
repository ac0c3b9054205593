// The hash of a mirror's row: MurmurHash3 (x86, 32 bit) of 32-bit words in
// little-endian order, seeded with the number of the row's table.

const rotate = (value, by) => (value << by) | (value >>> (32 - by));

/**
 * @param {number} table the seed
 * @param {ArrayLike<number>} words each taken modulo 2^32
 * @returns {number} 0 to 2^32 - 1
 */
export function rowHash(table, words) {
  let hash = table | 0;
  for (let i = 0; i < words.length; i += 1) {
    const scrambled = Math.imul(rotate(Math.imul(words[i], 0xcc9e2d51), 15), 0x1b873593);
    hash = (Math.imul(rotate(hash ^ scrambled, 13), 5) + 0xe6546b64) | 0;
  }
  hash ^= words.length * 4;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
