"""A process that spends a customer's messages: `python -m tests.desk.spender URL OPENID`.

It prints that it is ready, begins with a line on its standard input, and prints a line for each
message that it has counted.
"""

from __future__ import annotations

import sys

from wxruntime.desk import RedisAllowance
from wxruntime.stores import RedisStore


def main(url: str, openid: str) -> None:
    """Spend until no message remains."""
    with RedisStore.from_url(url) as store:
        allowance = RedisAllowance(store)
        allowance.remaining(openid)  # connects
        print("ready", flush=True)
        sys.stdin.readline()
        while allowance.spend(openid):
            print("one", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
