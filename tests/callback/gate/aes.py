"""AES-256 in CBC mode, written down from FIPS 197 and SP 800-38A.

It stands beside the library that the callback uses, and shares nothing with it, so that the
two can be held against each other. The state is four big-endian words, one per column.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import TypeAlias

__all__ = ["Aes256"]

BLOCK = 16
ROUNDS = 14

Words: TypeAlias = tuple[int, int, int, int]


def _field() -> tuple[list[int], list[int]]:
    """Return powers and logarithms of 3 in the field of 256 elements."""
    powers, logarithms = [0] * 255, [0] * 256
    element = 1
    for exponent in range(255):
        powers[exponent], logarithms[element] = element, exponent
        element ^= (element << 1) ^ (0x11B if element & 0x80 else 0)
    return powers, logarithms


_POWERS, _LOGARITHMS = _field()


def _times(a: int, b: int) -> int:
    return _POWERS[(_LOGARITHMS[a] + _LOGARITHMS[b]) % 255] if a and b else 0


def _substitute(byte: int) -> int:
    inverse = _POWERS[-_LOGARITHMS[byte] % 255] if byte else 0
    mixed = 0x63
    for turn in range(5):
        mixed ^= ((inverse << turn) | (inverse >> (8 - turn))) & 0xFF
    return mixed


_S = [_substitute(byte) for byte in range(256)]
_INVERSE_S = [_S.index(byte) for byte in range(256)]


def _mixing(boxed: Sequence[int], factors: Sequence[int]) -> list[list[int]]:
    """Return, per row, what a byte adds to a column: SubBytes and MixColumns in one look-up."""
    rows: list[list[int]] = []
    for row in range(4):
        turned = [factors[(position - row) % 4] for position in range(4)]
        rows.append(
            [int.from_bytes([_times(factor, byte) for factor in turned], "big") for byte in boxed]
        )
    return rows


_ENCRYPT = _mixing(_S, (2, 1, 1, 3))
_DECRYPT = _mixing(_INVERSE_S, (14, 9, 13, 11))
_INVERSE_MIX = _mixing(range(256), (14, 9, 13, 11))


def _word_of(box: Sequence[int], word: int) -> int:
    return int.from_bytes([box[byte] for byte in word.to_bytes(4, "big")], "big")


def _round_keys(key: bytes) -> list[Words]:
    words = list(struct.unpack(">8I", key))
    constant = 1
    while len(words) < 4 * (ROUNDS + 1):
        word = words[-1]
        if len(words) % 8 == 0:
            turned = ((word << 8) | (word >> 24)) & 0xFFFFFFFF
            word = _word_of(_S, turned) ^ (constant << 24)
            constant = _times(constant, 2)
        elif len(words) % 8 == 4:
            word = _word_of(_S, word)
        words.append(words[-8] ^ word)
    return [(words[at], words[at + 1], words[at + 2], words[at + 3]) for at in range(0, 60, 4)]


def _unmixed(words: Words) -> Words:
    a, b, c, d = (_column(_INVERSE_MIX, word, word, word, word) for word in words)
    return a, b, c, d


def _column(rows: list[list[int]], a: int, b: int, c: int, d: int) -> int:
    return rows[0][a >> 24] ^ rows[1][b >> 16 & 255] ^ rows[2][c >> 8 & 255] ^ rows[3][d & 255]


def _last(box: Sequence[int], a: int, b: int, c: int, d: int) -> int:
    return box[a >> 24] << 24 | box[b >> 16 & 255] << 16 | box[c >> 8 & 255] << 8 | box[d & 255]


class Aes256:
    """One key."""

    def __init__(self, key: bytes) -> None:
        assert len(key) == 32
        self._forth = _round_keys(key)
        back = self._forth[::-1]
        self._back = [back[0], *map(_unmixed, back[1:-1]), back[-1]]

    def encrypt(self, start: bytes, plain: bytes) -> bytes:
        """Encrypt whole blocks; `start` is the initialization vector."""
        before: Words = struct.unpack(">4I", start)
        sealed: list[bytes] = []
        for block in _blocks(plain):
            before = self._encrypted(_xor(block, before))
            sealed.append(struct.pack(">4I", *before))
        return b"".join(sealed)

    def decrypt(self, start: bytes, sealed: bytes) -> bytes:
        """Decrypt whole blocks; `start` is the initialization vector."""
        before: Words = struct.unpack(">4I", start)
        plain: list[bytes] = []
        for block in _blocks(sealed):
            plain.append(struct.pack(">4I", *_xor(self._decrypted(block), before)))
            before = block
        return b"".join(plain)

    def _encrypted(self, block: Words) -> Words:
        first, *middle, last = self._forth
        a, b, c, d = _xor(block, first)
        for key in middle:
            a, b, c, d = (
                _column(_ENCRYPT, a, b, c, d) ^ key[0],
                _column(_ENCRYPT, b, c, d, a) ^ key[1],
                _column(_ENCRYPT, c, d, a, b) ^ key[2],
                _column(_ENCRYPT, d, a, b, c) ^ key[3],
            )
        return (
            _last(_S, a, b, c, d) ^ last[0],
            _last(_S, b, c, d, a) ^ last[1],
            _last(_S, c, d, a, b) ^ last[2],
            _last(_S, d, a, b, c) ^ last[3],
        )

    def _decrypted(self, block: Words) -> Words:
        first, *middle, last = self._back
        a, b, c, d = _xor(block, first)
        for key in middle:
            a, b, c, d = (
                _column(_DECRYPT, a, d, c, b) ^ key[0],
                _column(_DECRYPT, b, a, d, c) ^ key[1],
                _column(_DECRYPT, c, b, a, d) ^ key[2],
                _column(_DECRYPT, d, c, b, a) ^ key[3],
            )
        return (
            _last(_INVERSE_S, a, d, c, b) ^ last[0],
            _last(_INVERSE_S, b, a, d, c) ^ last[1],
            _last(_INVERSE_S, c, b, a, d) ^ last[2],
            _last(_INVERSE_S, d, c, b, a) ^ last[3],
        )


def _blocks(data: bytes) -> Iterator[Words]:
    assert len(data) % BLOCK == 0
    words: Iterator[Words] = struct.iter_unpack(">4I", data)
    yield from words


def _xor(a: Words, b: Words) -> Words:
    return a[0] ^ b[0], a[1] ^ b[1], a[2] ^ b[2], a[3] ^ b[3]
