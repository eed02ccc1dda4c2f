"""The arithmetic of a backend: float32, or bfloat16 on a processor that computes in it.

Elsewhere bfloat16 would be emulated, which is slower than float32 and as inexact. So it is refused
there.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from nntasks.errors import MissingError, UsageError

SHORT = ("channels_last", "onednn", "openvino")  # backends that compute in bfloat16 too

_NEEDED = {"cpu": "a processor (with AVX-512 BF16 or AMX)", "cuda": "a GPU (Ampere or newer)"}


@dataclass(frozen=True)
class Choice:
    """A backend and its arithmetic.

    Attributes:
        name: see `backends.open_backend`.
        precision: "float32" or "bfloat16", by which scores move by about 1e-2 and boxes by pixels.
    """

    name: str = "auto"
    precision: str = "float32"

    def check(self, device: torch.device) -> None:
        """Check that backend and device have the arithmetic.

        Raises:
            UsageError: the precision is unknown, or the backend does not have it.
            MissingError: the device does not have it.
        """
        if self.precision == "float32":
            return
        if self.precision != "bfloat16":
            raise UsageError(
                f"backend_precision={self.precision}: expected one of float32, bfloat16"
            )
        if self.name not in ("auto", *SHORT):
            raise UsageError(
                f"backend_precision=bfloat16: backend={self.name} does not have it; choose one of "
                f"auto, {', '.join(SHORT)}, or backend_precision=float32"
            )
        if not device_has_bfloat16(device):
            raise MissingError(
                f"backend_precision=bfloat16 needs {_NEEDED.get(device.type, 'a CPU or a GPU')} "
                "that computes in it, which is not here; choose backend_precision=float32"
            )


def device_has_bfloat16(device: torch.device) -> bool:
    """Return whether a device multiplies in bfloat16, and does not emulate it."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return device.type == "cpu" and processor_has_bfloat16()


def processor_has_bfloat16() -> bool:
    """Return whether the processor multiplies in bfloat16, as far as torch can tell."""
    # torch has no public names for them.
    asked = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(getattr(torch.cpu, name, bool)() for name in asked)
