"""Build the compiled parts beside their Python references; metadata lies in pyproject.toml.

`core/ops/_native.so` comes from csrc/cpu, `core/ops/_native_cuda.so` from csrc/cuda. Both are plain
shared libraries on torch's stable ABI: they belong to no version of Python and to no one version of
torch. Only torch's headers are needed to compile them; torch is not imported.
`plugins/word2vec/corpus/_corpus` comes from csrc/host and handles no tensors. It is a pybind11
module of one version of Python, and says so in its name; a wheel that has it is tagged likewise.

    NNTASKS_REQUIRE_NATIVE=1    a failed build is an error, not a notice
    NNTASKS_CUDA=0|1|auto       never, always, or (default) where a GPU or TORCH_CUDA_ARCH_LIST is
    CXX, CXXFLAGS, LDFLAGS, CUDA_HOME, TORCH_CUDA_ARCH_LIST    as everywhere

`python setup.py check_cuda` compiles the CUDA sources, GPU or not, and installs nothing.
`python setup.py sanitize` builds _native.so and _corpus in build/sanitize, which watch their own
memory accesses.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import textwrap
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

from setuptools import Command, Extension, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_ext import build_ext

ROOT = Path(__file__).resolve().parent
HEADERS = sorted(ROOT.glob("csrc/include/*.h"))
LEAST_TORCH = (2, 11)
HOST = "plugins.word2vec.corpus._corpus"
HOST_FLAGS = ["-std=c++17", "-O3", "-fPIC", "-fvisibility=hidden", "-Wall", "-Wextra"]
DEFINES = ["-DTORCH_TARGET_VERSION=0x020b000000000000"]  # the stable ABI as of LEAST_TORCH
# Contraction into fused multiply-adds is off: results equal those of the references to the bit.
CPU_FLAGS = [
    *["-std=c++17", "-O3", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math"],
    *["-fPIC", "-fvisibility=hidden", "-Wall", "-Wextra"],
    f"-ffile-prefix-map={ROOT}/=",  # errors name csrc/..., not where it was compiled
]
SANITIZE_FLAGS = [
    *["-fsanitize=address,undefined", "-fno-sanitize-recover=undefined"],
    *["-O1", "-g", "-fno-omit-frame-pointer"],
    "-DNNTASKS_ONE_TARGET",  # the loader chooses clones before the sanitizer is ready
]
CUDA_FLAGS = ["-std=c++17", "-O3", "--fmad=false", "--threads=0", "-DUSE_CUDA", "-Xcompiler=-fPIC"]
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
    """Return nvcc: of CUDA_HOME if that is set, else of PATH; None where there is none."""
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
    """Return those to compile for: as told, else of the GPUs here, else all that nvcc knows."""
    told = re.split(r"[;,\s]+", os.environ.get("TORCH_CUDA_ARCH_LIST", "").strip())
    if told != [""]:
        for one in told:
            if not re.fullmatch(r"\d+\.\d+[a-z]?(\+PTX)?", one):
                raise BuildError(f"TORCH_CUDA_ARCH_LIST: expected 8.0, 9.0+PTX, ...; got {one!r}")
        return told
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


def run(command: list[str]) -> None:
    """Run a compiler and raise its own words if it fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except OSError as error:
        raise BuildError(f"{command[0]} does not run: {error}") from error
    sys.stderr.write(done.stderr)
    if done.returncode:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:]
        raise BuildError(f"{shlex.join(command[:1])} failed: {''.join(last) or done.returncode}")


def compile_all(sources: list[str], compiler: list[str], folder: Path) -> list[str]:
    """Compile what is newer than its object, in parallel, and return the objects."""
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
    return [f"-I{ROOT / 'csrc' / 'include'}", "-isystem", str(torch / "include")]


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
    return [f"-I{ROOT / 'csrc' / 'include'}", "-isystem", str(pybind11), f"-I{python}"]


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
    """Link beside the target, then replace it: a process that has the old one mapped lives on."""
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f"{target.name}.new")
    run([*command, "-o", str(fresh)])
    fresh.replace(target)


def has_cuda_torch() -> bool:
    try:
        return any((torch_folder() / "lib").glob("libtorch_cuda.*"))
    except BuildError:
        return False


def wanted_cuda() -> str | None:
    """Return the nvcc to build the CUDA library with, or None where it is not to be built."""
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
    asked = choice == "1" or os.environ.get("TORCH_CUDA_ARCH_LIST") or visible_architectures()
    return nvcc if asked else None


class BuildKernels(build_ext):
    """Build each library if it can be built; the references serve for those that cannot."""

    def get_ext_filename(self, fullname: str) -> str:
        if fullname.rpartition(".")[2] == HOST.rpartition(".")[2]:
            return super().get_ext_filename(fullname)  # names the version of Python
        return f"{fullname.replace('.', '/')}.so"  # tied to no version of Python

    def run(self) -> None:
        super().run()
        for extension in self.extensions:  # what failed now must not live on from an earlier build
            if not self.built(extension).exists():
                self.in_tree(extension).unlink(missing_ok=True)

    def built(self, extension: Extension) -> Path:
        return Path(self.build_lib) / self.get_ext_filename(extension.name)

    def in_tree(self, extension: Extension) -> Path:
        return ROOT / self.get_ext_filename(extension.name)

    def build_extension(self, extension: Extension) -> None:
        folder = Path(self.build_temp) / extension.name
        target = self.built(extension)
        target.unlink(missing_ok=True)
        try:
            if extension.name.endswith("_cuda"):
                nvcc = wanted_cuda()
                if nvcc:
                    build_cuda(extension.sources, folder, target, nvcc)
            elif extension.name == HOST:
                build_host(extension.sources, folder, target, [])
            else:
                build_cpu(extension.sources, folder, target, [])
        except BuildError as error:
            if os.environ.get("NNTASKS_REQUIRE_NATIVE", "0") not in ("", "0"):
                raise SystemExit(f"error: {extension.name}: {error}") from error
            notify(extension.name, error)


def notify(name: str, error: BuildError) -> None:
    what = "compiled CPU kernels"
    if name == HOST:
        what = "compiled loops of the corpus reader"
    elif name.endswith("_cuda"):
        what = "CUDA kernels"
    text = (
        f"nntasks: the {what} were not built ({error}). Nothing is lost but speed: the "
        "Python references serve in their place, with the same results. To build them, mend this "
        "and install again; NNTASKS_REQUIRE_NATIVE=1 makes it an error."
    )
    print("\n" + textwrap.fill(text, 90) + "\n", file=sys.stderr)


class CheckCuda(Command):
    """Compile and link the CUDA sources into build/check_cuda."""

    description = "compile every CUDA source, GPU or not; does nothing where there is no nvcc"
    user_options: list[tuple[str, str | None, str]] = []

    def initialize_options(self) -> None: ...

    def finalize_options(self) -> None: ...

    def run(self) -> None:
        nvcc, sources = cuda_compiler(), sources_in("cuda")
        if nvcc is None:
            print("check_cuda: no nvcc (CUDA_HOME, PATH): nothing to compile with")
            return
        folder = ROOT / "build" / "check_cuda"
        try:
            architectures = build_cuda(sources, folder, folder / "_native_cuda.so", nvcc)
        except BuildError as error:
            raise SystemExit(f"check_cuda: {error}") from error
        print(f"check_cuda: compiled {', '.join(sources)} for {', '.join(architectures)}")


class Sanitize(Command):
    """Build what runs on the CPU with the address and undefined-behaviour sanitizers."""

    description = "build into build/sanitize; tests/sanitized.py runs the tests with it"
    user_options: list[tuple[str, str | None, str]] = []

    def initialize_options(self) -> None: ...

    def finalize_options(self) -> None: ...

    def run(self) -> None:
        folder = ROOT / "build" / "sanitize"
        try:
            build_cpu(sources_in("cpu"), folder, folder / "_native.so", SANITIZE_FLAGS)
            module = folder / f"_corpus{sysconfig.get_config_var('EXT_SUFFIX')}"
            build_host(sources_in("host"), folder / "host", module, SANITIZE_FLAGS)
        except BuildError as error:
            raise SystemExit(f"sanitize: {error}") from error


class HonestTag(bdist_wheel):
    """Tag the wheel with what it depends on: this Python only if the pybind11 module is in it."""

    def get_tag(self) -> tuple[str, str, str]:
        tag = super().get_tag()
        build = self.get_finalized_command("build_ext")
        extensions = [one for one in build.extensions or [] if one.name == HOST]
        if any(build.built(extension).exists() for extension in extensions):
            return tag
        return "py3", "none", tag[2]


def sources_in(folder: str) -> list[str]:
    """Return the sources, relative to the root as setuptools wants them."""
    found = sorted((ROOT / "csrc" / folder).glob("*.c*"))
    return [path.relative_to(ROOT).as_posix() for path in found]


def extensions() -> list[Extension]:
    depends = [path.relative_to(ROOT).as_posix() for path in HEADERS]
    named = {"core.ops._native": "cpu", "core.ops._native_cuda": "cuda", HOST: "host"}
    return [
        Extension(name, sources, depends=depends, optional=True)
        for name, sources in ((name, sources_in(folder)) for name, folder in named.items())
        if sources
    ]


if __name__ == "__main__":
    setup(
        ext_modules=extensions(),
        cmdclass={
            "build_ext": BuildKernels,
            "bdist_wheel": HonestTag,
            "check_cuda": CheckCuda,
            "sanitize": Sanitize,
        },
    )
