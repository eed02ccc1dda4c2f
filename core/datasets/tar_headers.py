"""Headers of a tar archive; a header that claims to be huge is refused before it is read."""

from __future__ import annotations

import tarfile
from typing import Any

_LONGEST_HEADER = 1 << 20  # bytes of a long name or an extended header


class Refused(Exception):
    """The archive has content that is not allowed."""


class ShortHeaders(tarfile.TarInfo):
    """A member whose long name and extended header are read only if their size is plausible.

    tarfile reads them into memory before they could be refused, even if they claim 3 GiB.
    """

    def _checked(self) -> None:
        if self.size > _LONGEST_HEADER:
            raise Refused(f"a header of {self.size} bytes, expected at most {_LONGEST_HEADER}")

    def _proc_gnulong(self, file: tarfile.TarFile) -> Any:
        self._checked()
        return super()._proc_gnulong(file)  # type: ignore[misc]

    def _proc_pax(self, file: tarfile.TarFile) -> Any:
        self._checked()
        return super()._proc_pax(file)  # type: ignore[misc]
