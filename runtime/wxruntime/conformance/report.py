"""A count of the payloads that came through the client whole, and a line for each that did not."""

from __future__ import annotations

from pathlib import Path
from typing import TextIO

from wxruntime.conformance.roundtrip import loss_of
from wxruntime.conformance.samples import samples_in
from wxruntime.surface import Surface

__all__ = ["report_samples"]


def report_samples(surface: Surface, folder: Path, out: TextIO) -> bool:
    """Send the payloads of a folder through the client, and print what came of it.

    Args:
        surface: The generated package.
        folder: Where `index.json` says what each file is.
        out: Where to print.

    Returns:
        Whether every payload came through whole.

    Raises:
        OSError: If the index, or a file that it names, cannot be read.
        DecodeError: If the index is not a JSON object.
    """
    losses = {
        sample.name: loss_of(surface, sample) for sample in samples_in(folder, surface.catalog)
    }
    broken = {name: loss for name, loss in losses.items() if loss}
    whole = len(losses) - len(broken)
    print(f"\ncaptured payloads of {folder}: {whole} of {len(losses)} came through whole", file=out)
    for name, loss in broken.items():
        print(f"  BROKEN  {name}: {loss}", file=out)
    return not broken
