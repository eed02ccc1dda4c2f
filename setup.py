"""Build the compiled parts beside their Python references; metadata lies in pyproject.toml.

`core/ops/_native.so` comes from csrc/cpu, `core/ops/_native_cuda.so` from csrc/cuda. Both are plain
shared libraries on torch's stable ABI: they belong to no version of Python and to no one version of
torch. Only torch's headers are needed to compile them; torch is not imported.
`plugins/word2vec/corpus/_corpus`, `plugins/yolo_detect/data/coco_arrays/_coco_json`, and below
`plugins/yolo_detect/evaluation` `coco_evaluator/_coco_evaluator` and
`confidence_curves/_confidence_curves`, come from csrc/host and handle no tensors. They are pybind11
modules of one version of Python, and say so in their names; a wheel that has one is tagged
likewise.

    NNTASKS_REQUIRE_NATIVE=1    a failed build is an error, not a notice
    NNTASKS_CUDA=0|1|auto       never, always, or (default) where a GPU or TORCH_CUDA_ARCH_LIST is
    CXX, CXXFLAGS, LDFLAGS, CUDA_HOME, TORCH_CUDA_ARCH_LIST    as everywhere

`python setup.py check_cuda` compiles the CUDA sources, GPU or not, and installs nothing.
`python setup.py sanitize` builds _native.so and these modules in build/sanitize, which watch their
own memory accesses.
"""

from __future__ import annotations

import sys
from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT))  # an isolated build does not put it there

from build_support.archive import SourceArchive, description  # noqa: E402
from build_support.commands import (  # noqa: E402
    PAGES,
    BuildKernels,
    CheckCuda,
    HonestTag,
    InstalledClone,
    Sanitize,
    extensions,
)


def packages() -> list[str]:
    """Return what is installed: one top-level package, `nntasks`, with the plugins inside."""
    core = find_packages("core", exclude=["plugins", "plugins.*"])
    plugins = find_packages("plugins")
    return [
        *("nntasks", *(f"nntasks.{name}" for name in core)),
        *("nntasks.plugins", *(f"nntasks.plugins.{name}" for name in plugins)),
        PAGES,
    ]


if __name__ == "__main__":
    setup(
        packages=packages(),
        package_dir={"nntasks": "core", "nntasks.plugins": "plugins", PAGES: "docs/course"},
        ext_modules=extensions(),
        long_description=description(ROOT / "README.md"),
        long_description_content_type="text/markdown",
        cmdclass={
            "build_ext": BuildKernels,
            "bdist_wheel": HonestTag,
            "check_cuda": CheckCuda,
            "editable_wheel": InstalledClone,
            "sanitize": Sanitize,
            "sdist": SourceArchive,
        },
    )
