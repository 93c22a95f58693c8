"""Where cryptography is not installed."""

from __future__ import annotations

import subprocess
import sys

WITHOUT = """
import importlib.abc
import sys

class Hidden(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "cryptography":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Hidden())

from wxoa import Callback
from wxruntime.callback.answer import REFUSED

plain = Callback(token="the-token-of-the-platform")
assert plain.handle("signature=0", b"<xml/>") is REFUSED
plain.close()
try:
    Callback(token="the-token-of-the-platform", encoding_aes_key="K" * 43, app_id="wx1")
except ImportError as error:
    assert error.name == "cryptography"
    assert "K" * 43 not in str(error)
    print(error)
"""


def test_a_key_says_what_to_install_and_plain_mode_needs_nothing() -> None:
    """Plain mode works without it; safe mode names the extra, as soon as it is given a key."""
    run = subprocess.run(
        [sys.executable, "-c", WITHOUT], capture_output=True, text=True, timeout=60, check=False
    )

    assert run.returncode == 0, run.stderr
    assert "pip install 'wxoa[crypto]'" in run.stdout
