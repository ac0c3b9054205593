"""The two published hash functions of the rules: SipHash-2-4 (dice) and XXH3-64 (rows).

Written from the descriptions of the algorithms. XXH3 only for 4 to 32 bytes: every row is that short.
"""

MASK = 2**64 - 1
PRIME_1 = 0x9E3779B185EBCA87
MIX_1 = 0x165667919E3779F9
MIX_2 = 0x9FB21C651E98DF25
# The beginning of XXH3's default secret.
SECRET = bytes.fromhex(
    "b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671f"
    "cb79e64eccc0e578825ad07dccff7221b8084674f743248ee03590e6813a264c"
)


def rotate(word, bits):
    return (word << bits | word >> (64 - bits)) & MASK


def word(data, at, size=8):
    return int.from_bytes(data[at : at + size], "little")


def swap_bytes(number, size):
    return int.from_bytes(number.to_bytes(size, "little"), "big")


def sip_round(a, b, c, d):
    a = (a + b) & MASK
    b = rotate(b, 13) ^ a
    a = rotate(a, 32)
    c = (c + d) & MASK
    d = rotate(d, 16) ^ c
    a = (a + d) & MASK
    d = rotate(d, 21) ^ a
    c = (c + b) & MASK
    b = rotate(b, 17) ^ c
    return a, b, rotate(c, 32), d


def siphash_2_4(key, data):
    low, high = word(key, 0), word(key, 8)
    state = (
        low ^ 0x736F6D6570736575,
        high ^ 0x646F72616E646F6D,
        low ^ 0x6C7967656E657261,
        high ^ 0x7465646279746573,
    )
    # The last word holds what is left of the data, and in its top byte the length.
    padded = data + bytes(7 - len(data) % 8) + bytes([len(data) % 256])
    for at in range(0, len(padded), 8):
        a, b, c, d = state
        state = sip_round(*sip_round(a, b, c, d ^ word(padded, at)))
        state = (state[0] ^ word(padded, at), *state[1:])
    a, b, c, d = state
    state = (a, b, c ^ 0xFF, d)
    for _ in range(4):
        state = sip_round(*state)
    return state[0] ^ state[1] ^ state[2] ^ state[3]


def multiply_and_fold(a, b):
    product = a * b
    return product & MASK ^ product >> 64


def avalanche(h):
    h ^= h >> 37
    h = h * MIX_1 & MASK
    return h ^ h >> 32


def xxh3_4_to_8(data, seed):
    seed ^= swap_bytes(seed & 0xFFFFFFFF, 4) << 32
    flip = (word(SECRET, 8) ^ word(SECRET, 16)) - seed & MASK
    h = (word(data, len(data) - 4, 4) + (word(data, 0, 4) << 32)) ^ flip
    h ^= rotate(h, 49) ^ rotate(h, 24)
    h = h * MIX_2 & MASK
    h ^= (h >> 35) + len(data)
    h = h * MIX_2 & MASK
    return h ^ h >> 28


def xxh3_9_to_16(data, seed):
    low_flip = (word(SECRET, 24) ^ word(SECRET, 32)) + seed & MASK
    high_flip = (word(SECRET, 40) ^ word(SECRET, 48)) - seed & MASK
    low = word(data, 0) ^ low_flip
    high = word(data, len(data) - 8) ^ high_flip
    return avalanche(len(data) + swap_bytes(low, 8) + high + multiply_and_fold(low, high) & MASK)


def mix_16(data, at, secret_at, seed):
    return multiply_and_fold(
        word(data, at) ^ (word(SECRET, secret_at) + seed & MASK),
        word(data, at + 8) ^ (word(SECRET, secret_at + 8) - seed & MASK),
    )


def xxh3_17_to_64(data, seed):
    mixed = mix_16(data, 0, 0, seed) + mix_16(data, len(data) - 16, 16, seed)
    if len(data) > 32:
        mixed += mix_16(data, 16, 32, seed) + mix_16(data, len(data) - 32, 48, seed)
    return avalanche(len(data) * PRIME_1 + mixed & MASK)


def xxh3_64(data, seed):
    if 4 <= len(data) <= 8:
        return xxh3_4_to_8(data, seed)
    if 9 <= len(data) <= 16:
        return xxh3_9_to_16(data, seed)
    if 17 <= len(data) <= 64:
        return xxh3_17_to_64(data, seed)
    raise ValueError(f"a row has 4 to 64 bytes, not {len(data)}")
