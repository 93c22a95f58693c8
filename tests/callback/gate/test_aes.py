"""The second AES is AES: the standards' own examples."""

from __future__ import annotations

import pytest

from tests.callback.gate.aes import Aes256

# Key, initialization vector, plain, sealed.
FIPS_197_C_3 = (
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
    "00000000000000000000000000000000",
    "00112233445566778899aabbccddeeff",
    "8ea2b7ca516745bfeafc49904b496089",
)
SP_800_38A_F_2_5 = (
    "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
    "000102030405060708090a0b0c0d0e0f",
    (
        "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
        "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"
    ),
    (
        "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d"
        "39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b"
    ),
)


@pytest.mark.parametrize(
    "example", [FIPS_197_C_3, SP_800_38A_F_2_5], ids=["FIPS 197, C.3", "SP 800-38A, F.2.5"]
)
def test_the_second_aes_gives_what_the_standards_print(example: tuple[str, ...]) -> None:
    """The examples of FIPS 197 and SP 800-38A come out in both directions."""
    key, start, plain, sealed = map(bytes.fromhex, example)

    assert Aes256(key).encrypt(start, plain) == sealed
    assert Aes256(key).decrypt(start, sealed) == plain
