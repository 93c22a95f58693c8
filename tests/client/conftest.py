"""What the tests of the generated client share."""

from tests.runtime.conftest import serve

__all__ = ["serve"]
