"""Headers of a tar archive, refused before they are read where they claim to be huge."""

from __future__ import annotations

import tarfile
from typing import Any

_LONGEST_HEADER = 1 << 20  # bytes of a long name or an extended header


class Refused(Exception):
    """The archive holds something that is not unpacked."""


class ShortHeaders(tarfile.TarInfo):
    """A member whose long name and extended header are read only if they are of a sane size.

    tarfile reads them into memory before anything can be refused, 3 GiB if the archive says so.
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
