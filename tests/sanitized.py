"""Run the tests of compiled parts with the libraries that `python setup.py sanitize` built.

    python tests/sanitized.py                # tests/core/ops and those of the readers
    python tests/sanitized.py -k im2col      # arguments go to pytest

A read or write out of bounds, a use after free, or undefined behaviour ends the run with a report.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIBRARY = ROOT / "build" / "sanitize" / "_native.so"
TESTS = (
    "tests/core/ops",
    "tests/plugins/word2vec/corpus/test_corpus_reading.py",
    "tests/plugins/word2vec/corpus/test_phrases.py",
    "tests/plugins/yolo_detect/data/coco_arrays",
    "tests/plugins/yolo_detect/evaluation/coco_evaluator",
    "tests/plugins/yolo_detect/evaluation/confidence_curves",
    "tests/plugins/yolo_detect/evaluation/conventions/test_weighting.py",
)
OPTIONS = {
    "ASAN_OPTIONS": "detect_leaks=0:allocator_may_return_null=1",  # torch leaks on exit, on purpose
    "UBSAN_OPTIONS": "print_stacktrace=1",
}


def runtime(name: str) -> str:
    """Return the compiler's file of a runtime library."""
    compiler = shlex.split(os.environ.get("CXX", "c++"))
    command = [*compiler, f"-print-file-name={name}"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def environment() -> dict[str, str]:
    """Return the variables under which Python loads the library and its sanitizers."""
    # The sanitizer must be there first, and must see the C++ library to catch its exceptions.
    preload = f"{runtime('libasan.so')} {runtime('libstdc++.so')}"
    return {
        **os.environ,
        **OPTIONS,
        "LD_PRELOAD": preload,
        "PYTHONPATH": str(ROOT),
        "NNTASKS_LIBRARY": str(LIBRARY),
        "NNTASKS_OPS": "native",
    }


def main(arguments: list[str]) -> int:
    if not LIBRARY.exists():
        print(f"no {LIBRARY.relative_to(ROOT)}: python setup.py sanitize", file=sys.stderr)
        return 2
    command = [sys.executable, "-m", "pytest", *TESTS, "-p", "no:cacheprovider", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment(), check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
