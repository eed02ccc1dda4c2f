"""Headers of tar archives."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest
from archives import names_below

from nntasks.datasets.unpack import unpack
from nntasks.errors import CheckFailed


@pytest.mark.parametrize(
    "kind", [tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, tarfile.XHDTYPE]
)
def test_a_header_that_claims_gigabytes_is_not_read(
    tmp_path: Path, inside: Path, kind: bytes
) -> None:
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = kind, 3 << 30  # the archive ends long before
    (tmp_path / "a.tar").write_bytes(info.tobuf(tarfile.GNU_FORMAT) + bytes(1024))
    with pytest.raises(CheckFailed, match="a header of 3221225472 bytes, expected at most"):
        unpack(tmp_path / "a.tar", inside)
    assert names_below(inside) == set()
