"""Groups of error codes: classes between the codes and the error of all codes."""

from types import ModuleType


def test_a_group_is_caught_with_its_members(package: ModuleType) -> None:
    """Whichever file describes them; other codes are none of them."""
    errors = package.errors
    members = {cls for cls in errors.BY_CODE.values() if issubclass(cls, errors.Busy)}

    assert members == {errors.DayUsedUp, errors.MinuteUsedUp, errors.HourUsedUp}
    assert errors.Busy.__bases__ == errors.InvalidOpenid.__bases__ == (errors.ApiError,)
    assert errors.Nobody.__doc__ == "No code belongs to it yet."


def test_a_group_is_no_code(package: ModuleType) -> None:
    """It stands in no table, and the package offers it all the same."""
    errors = package.errors

    assert errors.Busy not in errors.BY_CODE.values()
    assert {"Busy", "Nobody", "StoreError"} <= {*errors.__all__}


def test_a_member_says_what_to_do_or_its_group_does(package: ModuleType) -> None:
    """The remedy of the group is that of a member without one."""
    errors = package.errors

    assert errors.DayUsedUp.remedy == "Wait, and ask less often."
    assert errors.MinuteUsedUp.remedy == "Wait a minute."
    assert errors.Nobody.remedy == ""


def test_a_code_says_how_long_to_wait(package: ModuleType) -> None:
    """In seconds; most do not know."""
    errors = package.errors

    assert errors.MinuteUsedUp(45011).retry_after == 60.0
    assert errors.InvalidOpenid(40003).retry_after == 0.5
    assert errors.DayUsedUp(45009).retry_after is None


def test_the_catalog_names_the_group(package: ModuleType) -> None:
    """As data, for whoever lists the codes."""
    codes = package.catalog.CATALOG.errors

    assert codes[45012].group == "Busy"
    assert codes[40003].group == ""
