"""Read damaged pictures until something else comes out than pixels or one line of ours.

    PYTHONPATH=tests python -m fuzz.pictures [COUNT] [FIRST]

COUNT files of each kind are made and read, from seed FIRST on. Every file that is read otherwise is
named with its seed; the exit code is 1 if there are any. Words of C libraries count as well.
"""

from __future__ import annotations

import os
import sys
import tempfile
import warnings
from collections import Counter
from pathlib import Path

from fuzz.mutated_pictures import KINDS, mutated

from nntasks.errors import UsageError
from nntasks.pictures.files import image_size, read_image


def fault_of(path: Path) -> tuple[str, str]:
    """Return what became of a file ("read" or "refused"), and what is wrong with that, or ""."""
    sizes: list[tuple[int, int] | None] = []
    for read in (image_size, lambda p: read_image(p).shape[1::-1]):
        try:
            sizes.append(read(path))
        except UsageError as error:
            sizes.append(None)
            if "\n" in str(error) or str(path) not in str(error):
                return "refused", f"message {error}"
        except BaseException as error:
            return "refused", f"{type(error).__name__}: {error}"
    if sizes[1] is None:
        return "refused", ""
    return "read", "" if sizes[0] == sizes[1] else f"size {sizes[0]}, picture {sizes[1]}"


def main(count: int, first: int) -> int:
    """Read `count` files of each kind and print what became of them."""
    warnings.simplefilter("default")
    faults, became = [], Counter[tuple[str, str]]()
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as caught:
        terminal = os.dup(2)
        os.dup2(caught.fileno(), 2)
        said = 0
        for kind in KINDS:
            for seed in range(first, first + count):
                path = Path(folder) / f"x.{kind.lower()}"
                path.write_bytes(mutated(kind, seed))
                verdict, fault = fault_of(path)
                became[kind, verdict] += 1
                caught.seek(said)
                words = caught.read()
                said += len(words)
                if words and b"only the first of its frames" not in words:
                    fault = fault or f"on the terminal: {words.decode(errors='replace')}"
                if fault:
                    faults.append(f"{kind} {seed}: {' '.join(fault.split())}")
        os.dup2(terminal, 2)
    for kind in KINDS:
        print(f"{kind:5} {became[kind, 'read']:6} read, {became[kind, 'refused']:6} refused")
    print("\n".join(faults) or "no faults")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main(*map(int, [*sys.argv[1:], "500", "0"][:2])))
