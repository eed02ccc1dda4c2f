"""The setuptools commands that build our compiled parts."""

from __future__ import annotations

import os
import sys
import sysconfig
import textwrap
from pathlib import Path
from typing import NamedTuple

from setuptools import Command, Extension
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_ext import build_ext
from setuptools.command.editable_wheel import editable_wheel

from build_support.compiling import (
    HEADERS,
    ROOT,
    SANITIZE_FLAGS,
    build_cpu,
    build_cuda,
    build_host,
)
from build_support.toolchain import BuildError, cuda_compiler, wanted_cuda


class HostModule(NamedTuple):
    """A module of this Python, compiled from one file.

    Attributes:
        stem: of the file in csrc/host.
        what: it is, for the message that it was not built.
    """

    stem: str
    what: str


_DETECTION = "nntasks.plugins.yolo_detect"
HOST = {
    "nntasks.plugins.word2vec.corpus._corpus": HostModule(
        "corpus", "compiled loops of the corpus reader"
    ),
    f"{_DETECTION}.data.coco_arrays._coco_json": HostModule(
        "coco_json", "compiled reader of COCO files"
    ),
    f"{_DETECTION}.evaluation.coco_evaluator._coco_evaluator": HostModule(
        "coco_evaluator", "compiled evaluator of COCO's numbers"
    ),
    f"{_DETECTION}.evaluation.confidence_curves._confidence_curves": HostModule(
        "confidence_curves", "compiled curves of precision and recall by confidence"
    ),
}
PAGES = "nntasks.plugins.course.pages"  # the sources of the notebooks; it has no module


class BuildKernels(build_ext):
    """Build each library if possible; without it the Python reference is used."""

    def get_ext_filename(self, fullname: str) -> str:
        if fullname.rpartition(".")[2] in {name.rpartition(".")[2] for name in HOST}:
            return super().get_ext_filename(fullname)  # names the version of Python
        return f"{fullname.replace('.', '/')}.so"  # tied to no version of Python

    def run(self) -> None:
        super().run()
        for extension in self.extensions:  # remove the library of an earlier build
            if not self.built(extension).exists():
                self.in_tree(extension).unlink(missing_ok=True)

    def built(self, extension: Extension) -> Path:
        return Path(self.build_lib) / self.get_ext_filename(extension.name)

    def in_tree(self, extension: Extension) -> Path:
        package, _, name = extension.name.rpartition(".")
        folder = self.get_finalized_command("build_py").get_package_dir(package)
        return ROOT / folder / Path(self.get_ext_filename(name)).name

    def build_extension(self, extension: Extension) -> None:
        folder = Path(self.build_temp) / extension.name
        target = self.built(extension)
        target.unlink(missing_ok=True)
        try:
            if extension.name.endswith("_cuda"):
                nvcc = wanted_cuda()
                if nvcc:
                    build_cuda(extension.sources, folder, target, nvcc)
            elif extension.name in HOST:
                build_host(extension.sources, folder, target, [])
            else:
                build_cpu(extension.sources, folder, target, [])
        except BuildError as error:
            if os.environ.get("NNTASKS_REQUIRE_NATIVE", "0") not in ("", "0"):
                raise SystemExit(f"error: {extension.name}: {error}") from error
            notify(extension.name, error)


def notify(name: str, error: BuildError) -> None:
    what = "compiled CPU kernels"
    if name in HOST:
        what = HOST[name].what
    elif name.endswith("_cuda"):
        what = "CUDA kernels"
    text = (
        f"nntasks: the {what} were not built ({error}). The Python references "
        "replace them, with the same results but slower. To build them, fix this "
        "and install again; NNTASKS_REQUIRE_NATIVE=1 makes it an error."
    )
    print("\n" + textwrap.fill(text, 90) + "\n", file=sys.stderr)


class CheckCuda(Command):
    """Compile and link the CUDA sources into build/check_cuda."""

    description = "compile every CUDA source, with or without a GPU; does nothing without nvcc"
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
    """Build the CPU libraries with the address and undefined-behaviour sanitizers."""

    description = "build into build/sanitize; tests/sanitized.py runs the tests with it"
    user_options: list[tuple[str, str | None, str]] = []

    def initialize_options(self) -> None: ...

    def finalize_options(self) -> None: ...

    def run(self) -> None:
        folder = ROOT / "build" / "sanitize"
        try:
            build_cpu(sources_in("cpu"), folder, folder / "_native.so", SANITIZE_FLAGS)
            for name, (stem, _) in HOST.items():
                file = name.rpartition(".")[2] + sysconfig.get_config_var("EXT_SUFFIX")
                source = f"csrc/host/{stem}.cpp"
                build_host([source], folder / "host", folder / file, SANITIZE_FLAGS)
        except BuildError as error:
            raise SystemExit(f"sanitize: {error}") from error


class InstalledClone(editable_wheel):
    """Make `python -m core` work in any directory if a clone is installed in place.

    `core` is the clone's folder; see core/clone.py. A wheel does not have it. Notebooks are read
    from docs/course of the clone, so the package of their sources is left out.
    """

    def run(self) -> None:
        packages = [name for name in self.distribution.packages or [] if name != PAGES]
        folders = {k: v for k, v in (self.distribution.package_dir or {}).items() if k != PAGES}
        self.distribution.packages = [*packages, "core"]
        self.distribution.package_dir = {**folders, "core": "core"}
        super().run()


class HonestTag(bdist_wheel):
    """Tag the wheel for this Python only if it contains a pybind11 module."""

    def get_tag(self) -> tuple[str, str, str]:
        tag = super().get_tag()
        build = self.get_finalized_command("build_ext")
        extensions = [one for one in build.extensions or [] if one.name in HOST]
        if any(build.built(extension).exists() for extension in extensions):
            return tag
        return "py3", "none", tag[2]


def sources_in(folder: str) -> list[str]:
    """Return the sources, relative to the root as setuptools wants them."""
    found = sorted((ROOT / "csrc" / folder).glob("*.c*"))
    return [path.relative_to(ROOT).as_posix() for path in found]


def extensions() -> list[Extension]:
    depends = [path.relative_to(ROOT).as_posix() for path in HEADERS]
    named = {
        "nntasks.ops._native": sources_in("cpu"),
        "nntasks.ops._native_cuda": sources_in("cuda"),
        **{name: [f"csrc/host/{stem}.cpp"] for name, (stem, _) in HOST.items()},
    }
    return [
        Extension(name, sources, depends=depends, optional=True)
        for name, sources in named.items()
        if sources
    ]
