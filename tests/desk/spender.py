"""A process that spends a customer's messages, and prints a line for each."""

from __future__ import annotations

import sys

from wxruntime.desk import RedisAllowance
from wxruntime.stores import RedisStore


def main(url: str, openid: str) -> None:
    """Go on until none is left."""
    with RedisStore.from_url(url) as store:
        allowance = RedisAllowance(store)
        while allowance.spend(openid):
            print("one", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
