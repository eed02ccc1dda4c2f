"""Compile outdated sources of csrc in parallel, and link them."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import sysconfig
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

from build_support.toolchain import (
    BuildError,
    code_for,
    cpu_compiler,
    cuda_architectures,
    torch_folder,
)

ROOT = Path(__file__).resolve().parents[1]
HEADERS = sorted(ROOT.glob("csrc/*/*.h"))
OUR_INCLUDES = [f"-I{ROOT / 'csrc'}", f"-I{ROOT / 'csrc' / 'include'}"]
# Contraction into fused multiply-adds is off: results equal those of the references to the bit.
HOST_FLAGS = [
    *["-std=c++17", "-O3", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math"],
    *["-fPIC", "-fvisibility=hidden", "-Wall", "-Wextra"],
]
DEFINES = ["-DTORCH_TARGET_VERSION=0x020b000000000000"]  # the stable ABI as of LEAST_TORCH
CPU_FLAGS = [
    *HOST_FLAGS,
    f"-ffile-prefix-map={ROOT}/=",  # errors name csrc/..., not the build directory
]
SANITIZE_FLAGS = [
    *["-fsanitize=address,undefined", "-fno-sanitize-recover=undefined"],
    *["-O1", "-g", "-fno-omit-frame-pointer"],
    "-DNNTASKS_ONE_TARGET",  # the loader chooses clones before the sanitizer is ready
]
CUDA_FLAGS = ["-std=c++17", "-O3", "--fmad=false", "--threads=0", "-DUSE_CUDA", "-Xcompiler=-fPIC"]


def run(command: list[str]) -> None:
    """Run a compiler; raise BuildError with its output if it fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except OSError as error:
        raise BuildError(f"{command[0]} does not run: {error}") from error
    sys.stderr.write(done.stderr)
    if done.returncode:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:]
        raise BuildError(f"{shlex.join(command[:1])} failed: {''.join(last) or done.returncode}")


def compile_all(sources: list[str], compiler: list[str], folder: Path) -> list[str]:
    """Compile outdated sources in parallel and return the objects."""
    folder.mkdir(parents=True, exist_ok=True)
    objects = [folder / f"{Path(source).stem}.o" for source in sources]
    shared = max(path.stat().st_mtime for path in [*HEADERS, Path(__file__)])
    stale = [
        (source, target)
        for source, target in zip(sources, objects, strict=True)
        if not target.exists()
        or target.stat().st_mtime < max(shared, (ROOT / source).stat().st_mtime)
    ]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(lambda one: run([*compiler, "-c", one[0], "-o", str(one[1])]), stale))
    return [str(target) for target in objects]


def include_flags(torch: Path) -> list[str]:
    return [*OUR_INCLUDES, "-isystem", str(torch / "include")]


def build_cpu(sources: list[str], folder: Path, target: Path, further: list[str]) -> None:
    if os.name != "posix":
        raise BuildError("compiled kernels are supported on Linux and macOS only")
    torch, compiler = torch_folder(), cpu_compiler()
    flags = [*CPU_FLAGS, *DEFINES, *include_flags(torch), *further]
    flags += shlex.split(os.environ.get("CXXFLAGS", ""))
    objects = compile_all(sources, [*compiler, *flags], folder)
    link = ["-shared", f"-L{torch / 'lib'}", "-ltorch_cpu"]
    if sys.platform == "darwin":
        link = ["-dynamiclib", "-undefined", "dynamic_lookup"]
    extra = shlex.split(os.environ.get("LDFLAGS", ""))
    link_into(target, [*compiler, *further, *objects, *link, *extra])


def host_includes() -> list[str]:
    """Return flags for the headers of pybind11 and of this Python."""
    spec = find_spec("pybind11")
    if spec is None or spec.origin is None:
        raise BuildError("no pybind11; install it, then this package with `--no-build-isolation`")
    python = Path(sysconfig.get_path("include"))
    if not (python / "Python.h").exists():
        raise BuildError(f"no headers of Python in {python}; install them (python3-dev)")
    pybind11 = Path(spec.origin).parent / "include"
    return [*OUR_INCLUDES, "-isystem", str(pybind11), f"-I{python}"]


def build_host(sources: list[str], folder: Path, target: Path, further: list[str]) -> None:
    """Build the pybind11 module for this Python."""
    if os.name != "posix":
        raise BuildError("compiled parts are supported on Linux and macOS only")
    compiler = cpu_compiler()
    flags = [*HOST_FLAGS, *host_includes(), *further]
    flags += shlex.split(os.environ.get("CXXFLAGS", ""))
    objects = compile_all(sources, [*compiler, *flags], folder)
    link = ["-shared"]
    if sys.platform == "darwin":
        link = ["-bundle", "-undefined", "dynamic_lookup"]
    extra = shlex.split(os.environ.get("LDFLAGS", ""))
    link_into(target, [*compiler, *further, *objects, *link, *extra])


def build_cuda(sources: list[str], folder: Path, target: Path, nvcc: str) -> list[str]:
    """Build the CUDA library and return the architectures that it holds code for."""
    torch, architectures = torch_folder(), cuda_architectures(nvcc)
    code = [flag for one in architectures for flag in code_for(one)]
    flags = [*CUDA_FLAGS, *DEFINES, *include_flags(torch), *code]
    objects = compile_all(sources, [nvcc, *flags], folder / "-".join(architectures))
    libraries = [
        f"-l{name}"
        for name in ("torch_cpu", "torch_cuda")
        if any((torch / "lib").glob(f"lib{name}.*"))
    ]
    link_into(target, [nvcc, "-shared", *code, *objects, f"-L{torch / 'lib'}", *libraries])
    return architectures


def link_into(target: Path, command: list[str]) -> None:
    """Link beside the target, then replace it, so that users of the old one keep running."""
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f"{target.name}.new")
    run([*command, "-o", str(fresh)])
    fresh.replace(target)
