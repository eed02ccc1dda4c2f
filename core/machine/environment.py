"""The environment of a run: versions, devices, kernels, source revision, data and plugins."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

from nntasks.registry import Registry

PACKAGES = (
    "torch",
    "torchvision",
    "numpy",
    "pluggy",
    "pydantic",
    "safetensors",
    "pillow",
    "scikit-learn",
    "onnxruntime",
    "openvino",
)

# Variables that change how libraries compute.
SETTINGS = (
    "ATEN_CPU_CAPABILITY",
    "ONEDNN_MAX_CPU_ISA",
    "DNNL_MAX_CPU_ISA",
    "MKL_CBWR",
    "MKL_ENABLE_INSTRUCTIONS",
    "NPY_DISABLE_CPU_FEATURES",
    "OPENBLAS_CORETYPE",
)


def describe(registry: Registry) -> dict[str, Any]:
    """Return the environment as plain values; torch is described only if it is already loaded."""
    return {
        "nntasks": _version("nntasks") or "not installed",
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": {name: _version(name) for name in PACKAGES if _version(name)},
        "devices": devices(),
        "kernels": kernels(),
        "settings": {name: os.environ[name] for name in SETTINGS if name in os.environ},
        "git": _git_revision(),
        "plugins": {
            label: {"origin": plugin.origin, "quarantined": plugin.reason or None}
            for label, plugin in registry.labelled.items()
        },
    }


def devices() -> dict[str, Any]:
    """Return the processor, the number of threads and the GPUs that torch sees."""
    found: dict[str, Any] = {"cpu": _processor(), "cores": os.cpu_count()}
    if "torch" in sys.modules:
        import torch

        found["capability"] = torch.backends.cpu.get_cpu_capability()  # AVX512, AVX2, ...
        found["threads"] = torch.get_num_threads()
        count = torch.cuda.device_count() if torch.cuda.is_available() else 0
        found["cuda"] = [torch.cuda.get_device_name(index) for index in range(count)]
    return found


def kernels() -> str:
    """Return the active kernels of `nntasks.ops`: native, python, or "not used" without torch."""
    if "torch" not in sys.modules:
        return "not used"
    from nntasks import ops

    return str(ops.active())


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            for line in file:
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    except OSError:
        pass  # not Linux
    return platform.processor() or platform.machine()


def _git_revision() -> str | None:
    """Return the git revision of this source tree, with "+changes" if it was edited."""
    here = Path(__file__).resolve().parents[2]
    if not (here / ".git").exists():
        return None
    try:
        command = [
            "git",
            "-C",
            str(here),
            "describe",
            "--always",
            "--dirty=+changes",
            "--abbrev=12",
        ]
        # Without a lock, so that git commands of the user never meet one of ours.
        unlocked = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}
        answer = subprocess.run(
            command, capture_output=True, text=True, timeout=10, check=True, env=unlocked
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip()
