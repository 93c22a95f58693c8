"""The same field as text and as a number."""

from types import ModuleType


def test_both_forms_are_equal(package: ModuleType) -> None:
    """Which of the two the platform chose is of no interest to anybody."""
    decode = package.accounts.list().decode
    text, number = (decode({"kf_list": [{"kf_id": kf_id}]}) for kf_id in ("1001", 1001))

    assert text == number == [package.accounts.Account("1001")]
