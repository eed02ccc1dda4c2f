"""Run the tests of the CUDA kernels on the CPU: with the device of tests/emulated_cuda.

    python tests/emulated.py                 # build the library, run the tests of ops it has
    python tests/emulated.py -k iou      # arguments go to pytest

It shows that the kernels compute what the references do, wait where they must and stay within
memory. It says nothing of a real device's speed, and little of its races.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from build_support.compiling import build_cpu  # noqa: E402
from build_support.toolchain import BuildError  # noqa: E402

HERE = ROOT / "tests" / "emulated_cuda"
FOLDER = ROOT / "build" / "emulated"
LIBRARY = FOLDER / "_native.so"
OPS = ("alias", "batched_nms", "im2col", "iou", "nms", "philox", "skipgram", "soft_nms")
STEMS = ("abuse", "skipgram_cuda", *OPS)
TESTS = [f"tests/core/ops/test_{stem}.py" for stem in STEMS]
# What a device computes in seconds and its emulation does not.
TOO_MUCH = "not (batches or no_grid or thread_count)"


def load(path: Path):
    """Return a module of a file that lies in no package."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def build() -> None:
    """Compile the translated kernels into LIBRARY."""
    translate = load(HERE / "translate.py").translate
    FOLDER.mkdir(parents=True, exist_ok=True)
    sources = [HERE / "device.cpp"]
    for source in sorted((ROOT / "csrc" / "cuda").glob("*.cu")):
        sources.append(FOLDER / f"{source.stem}.cpp")
        text = translate(source.read_text())
        if not sources[-1].exists() or sources[-1].read_text() != text:
            sources[-1].write_text(text)
    flags = [f"-I{HERE}", "-Wno-sign-compare"]
    try:
        build_cpu([str(source) for source in sources], FOLDER, LIBRARY, flags)
    except BuildError as error:
        raise SystemExit(f"emulated: {error}") from error


def main(arguments: list[str]) -> int:
    if platform.machine() not in ("x86_64", "AMD64") or sys.platform != "linux":
        print("the emulated device is for Linux on x86-64 only: nothing is tested")
        return 0
    build()
    command = [sys.executable, "-m", "pytest", *TESTS, "-p", "no:cacheprovider", "-k", TOO_MUCH]
    variables = {**os.environ, "NNTASKS_LIBRARY": str(LIBRARY), "NNTASKS_OPS": "native"}
    return subprocess.run([*command, *arguments], cwd=ROOT, env=variables, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
