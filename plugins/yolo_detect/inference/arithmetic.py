"""The arithmetic of a backend: float32, or bfloat16 on a processor that computes in it.

Elsewhere bfloat16 would be emulated, which is slower than float32 and as inexact. So it is refused
there.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from nntasks.errors import MissingError, UsageError

SHORT = ("onednn", "openvino")  # backends that compute in bfloat16 too


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
        """Check that the arithmetic is that of the backend, on this processor.

        Raises:
            UsageError: the precision is unknown, or the backend or the device does not have it.
            MissingError: the processor does not have it.
        """
        if self.precision == "float32":
            return
        if self.precision != "bfloat16":
            raise UsageError(
                f"backend_precision={self.precision}: expected one of float32, bfloat16"
            )
        if self.name not in ("auto", *SHORT) or device.type != "cpu":
            place = "" if device.type == "cpu" else f" with device={device.type}"
            raise UsageError(
                f"backend_precision=bfloat16: backend={self.name}{place} does not have it; choose "
                f"one of {', '.join(SHORT)} on the CPU, or backend_precision=float32"
            )
        if not processor_has_bfloat16():
            raise MissingError(
                "backend_precision=bfloat16 needs a processor with AVX-512 BF16 or AMX, which this "
                "one does not have; choose backend_precision=float32"
            )


def processor_has_bfloat16() -> bool:
    """Return whether the processor multiplies in bfloat16, as far as torch can tell."""
    # torch has no public names for them.
    asked = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(getattr(torch.cpu, name, bool)() for name in asked)
