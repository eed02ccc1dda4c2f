"""The toolchain of this machine: torch's headers, a C++ compiler, nvcc."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sysconfig
from importlib.util import find_spec
from pathlib import Path

LEAST_TORCH = (2, 11)
CUDA_ARCHITECTURES = ("7.5", "8.0", "8.6", "8.9", "9.0", "10.0", "12.0")


class BuildError(RuntimeError):
    """The kernels cannot be built here; the message says why."""


def torch_folder() -> Path:
    """Return the installed torch: of this interpreter, else (isolated builds) of its prefix."""
    spec = find_spec("torch")
    places = [Path(spec.origin).parent] if spec and spec.origin else []
    places += [Path(sysconfig.get_path(name)) / "torch" for name in ("purelib", "platlib")]
    for place in places:
        version = place / "include" / "torch" / "headeronly" / "version.h"
        if version.exists():
            found = dict(re.findall(r"#define TORCH_VERSION_(\w+) (\d+)", version.read_text()))
            if (int(found["MAJOR"]), int(found["MINOR"])) >= LEAST_TORCH:
                return place
    wanted = ".".join(map(str, LEAST_TORCH))
    raise BuildError(
        f"no headers of torch >= {wanted}; install torch, then this package with "
        "`pip install --no-build-isolation`"
    )


def cpu_compiler() -> list[str]:
    named = os.environ.get("CXX")
    if named:
        return shlex.split(named)
    for name in ("c++", "g++", "clang++"):
        if shutil.which(name):
            return [name]
    raise BuildError("no C++ compiler (c++, g++, clang++, or the one that CXX names)")


def cuda_compiler() -> str | None:
    """Return nvcc from CUDA_HOME if set, else from PATH; None if there is none."""
    home = os.environ.get("CUDA_HOME")
    return shutil.which("nvcc", path=str(Path(home) / "bin") if home else None)


def visible_architectures() -> list[str]:
    """Return the compute capabilities of the GPUs of this machine."""
    command = ["nvidia-smi", "--query-gpu=compute_cap", "--format=csv,noheader"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return []
    return sorted(set(re.findall(r"^\d+\.\d+$", answer.stdout, re.MULTILINE)))


def cuda_architectures(nvcc: str) -> list[str]:
    """Return the target architectures: TORCH_CUDA_ARCH_LIST, else this machine's GPUs, else all."""
    listed = re.split(r"[;,\s]+", os.environ.get("TORCH_CUDA_ARCH_LIST", "").strip())
    if listed != [""]:
        for one in listed:
            if not re.fullmatch(r"\d+\.\d+[a-z]?(\+PTX)?", one):
                raise BuildError(f"TORCH_CUDA_ARCH_LIST: expected 8.0, 9.0+PTX, ...; got {one!r}")
        return listed
    visible = visible_architectures()
    if visible:
        return visible
    known = subprocess.run([nvcc, "--list-gpu-arch"], capture_output=True, text=True).stdout.split()
    usable = [one for one in CUDA_ARCHITECTURES if f"compute_{one.replace('.', '')}" in known]
    return [*usable[:-1], f"{usable[-1]}+PTX"] if usable else ["9.0+PTX"]


def code_for(architecture: str) -> list[str]:
    number, _, ptx = architecture.replace(".", "").partition("+")
    flags = [f"-gencode=arch=compute_{number},code=sm_{number}"]
    if ptx:
        flags.append(f"-gencode=arch=compute_{number},code=compute_{number}")
    return flags


def has_cuda_torch() -> bool:
    try:
        return any((torch_folder() / "lib").glob("libtorch_cuda.*"))
    except BuildError:
        return False


def wanted_cuda() -> str | None:
    """Return the nvcc for the CUDA library, or None if it should not be built."""
    choice = os.environ.get("NNTASKS_CUDA", "auto") or "auto"
    if choice not in ("0", "1", "auto"):
        raise BuildError(f"NNTASKS_CUDA must be 0, 1 or auto, got {choice!r}")
    if choice == "0":
        return None
    nvcc = cuda_compiler()
    if choice == "1" and not (nvcc and has_cuda_torch()):
        raise BuildError("NNTASKS_CUDA=1, but there is no " + ("CUDA torch" if nvcc else "nvcc"))
    if not nvcc or not has_cuda_torch():
        return None
    wanted = choice == "1" or os.environ.get("TORCH_CUDA_ARCH_LIST") or visible_architectures()
    return nvcc if wanted else None
