"""Bring one declared file into the folder of its data set: as it is, or out of an archive."""

from __future__ import annotations

from pathlib import Path

from nntasks.datasets.check import Progress, problems, write_receipt
from nntasks.datasets.fetch import download
from nntasks.datasets.unpack import unpack
from nntasks.errors import CheckFailed
from nntasks.interfaces import DataFile

_FETCHED = ".fetched-"  # begins the names of archives that no person brought


def bring(file: DataFile, folder: Path, progress: Progress | None) -> bool:
    """Bring a file into `folder`; return False if it is not there and has no address.

    An archive that a person brought is unpacked and kept; one that is downloaded is removed as soon
    as it is unpacked, and kept under a name of its own until then.

    Raises:
        CheckFailed: it is damaged, or an archive that is not unpacked.
        MissingError, RunFailed, PluginError: see `fetch.download`, `unpack.unpack`.
    """
    if not problems([file], folder, thorough=True, progress=progress):
        return True
    plain = DataFile(file.path, file.size, file.sha256)
    wrong = problems([plain], folder, thorough=True)
    target = folder / file.path
    if not wrong:
        write_receipt(file, folder, unpack(target, target.parent))
        return True
    if not file.url:
        if wrong[0].kind != "missing":
            raise CheckFailed(f"{target}: {wrong[0].message}; bring the file as it was published")
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    if file.archive:
        _unpack_fetched(file, folder, target, progress)
    else:
        download(file, target, progress=progress)
    return True


def _unpack_fetched(file: DataFile, folder: Path, target: Path, progress: Progress | None) -> None:
    fetched = target.with_name(f"{_FETCHED}{target.name}")
    name = fetched.relative_to(folder).as_posix()
    if problems([DataFile(name, file.size, file.sha256)], folder, thorough=True):
        download(file, fetched, progress=progress)
    try:
        unpacked = unpack(fetched, target.parent)
    except CheckFailed:
        fetched.unlink()  # it would be refused again
        raise
    write_receipt(file, folder, unpacked)
    fetched.unlink()
