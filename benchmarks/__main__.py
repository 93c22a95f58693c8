"""The command line of the benchmarks."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from benchmarks import peers
from benchmarks.calls import measure_calls
from benchmarks.measure import measure
from benchmarks.opening import opening
from benchmarks.report import as_json, as_text
from benchmarks.serving import measure_serving
from benchmarks.tables import tables

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print what was measured.

    Args:
        arguments: What stands behind the command's name; those of the process by default.
    """
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Decode, encode, call and serve, measured beside others and beside floors.",
    )
    parser.add_argument(
        "--rounds", type=int, default=150, metavar="N",
        help="how many turns each way gets (default: 150, about three minutes)",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    options = parser.parse_args(arguments)
    rounds: int = options.rounds
    if rounds < 1:
        parser.error(f"expected at least one round, got {rounds}")
    write = as_json if options.json else as_text
    results = [
        *measure((*tables(), opening()), rounds),
        *measure_calls(rounds),
        *measure_serving(rounds),
    ]
    print(write(results, peers.versions(), rounds))


if __name__ == "__main__":
    main()
