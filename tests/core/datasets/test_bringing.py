"""Archives that were fetched: kept until they are unpacked, and then removed."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path

import pytest

from nntasks.datasets import bringing, store
from nntasks.datasets.bringing import bring
from nntasks.datasets.store import DataStore
from nntasks.errors import CheckFailed, RunFailed
from nntasks.interfaces import DataFile, Dataset


def declared(origin: Path, name: str, body: bytes) -> DataFile:
    origin.mkdir(exist_ok=True)
    (origin / name).write_bytes(body)
    digest = hashlib.sha256(body).hexdigest()
    return DataFile(name, len(body), digest, (origin / name).as_uri(), archive=True)


def zipped(**files: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as packed:
        for name, body in files.items():
            packed.writestr(name, body)
    return content.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "store").mkdir()
    return tmp_path / "store"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_an_archive_that_could_not_be_unpacked_is_not_fetched_again(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = declared(tmp_path / "origin", "all.zip", zipped(a=b"1", b=b"2"))

    def full(*_: object) -> None:
        raise RunFailed("no space left")

    with monkeypatch.context() as patch:
        patch.setattr(bringing, "unpack", full)
        with pytest.raises(RunFailed):
            bring(file, folder, None)
    assert names(folder) == [".fetched-all.zip"]
    (tmp_path / "origin" / "all.zip").unlink()
    assert bring(file, folder, None)
    assert names(folder) == [".all.zip.unpacked", "a", "b"]


def test_an_archive_that_is_refused_is_not_kept(tmp_path: Path, folder: Path) -> None:
    file = declared(tmp_path / "origin", "all.zip", zipped(**{"../a": b"1"}))
    with pytest.raises(CheckFailed, match="is not unpacked"):
        bring(file, folder, None)
    assert names(folder) == []


def test_an_archive_that_a_person_brought_is_kept(tmp_path: Path, folder: Path) -> None:
    body = zipped(a=b"1")
    file = declared(tmp_path / "origin", "all.zip", body)
    (folder / "all.zip").write_bytes(body)
    assert bring(file, folder, None)
    assert names(folder) == [".all.zip.unpacked", "a", "all.zip"]


def test_the_folder_is_locked_while_files_are_brought(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = declared(tmp_path / "origin", "all.zip", zipped(a=b"1"))
    made = type("Made", (Dataset,), {"folder": "made", "files": (file,), "load": None})
    locked = []

    def look(file: DataFile, place: Path, progress: object) -> bool:
        locked.append((place / ".lock").exists())
        return bring(file, place, None)

    monkeypatch.setattr(store, "bring", look)
    assert DataStore([folder]).fetch("made", made) == folder / "made"
    assert locked == [True]
    assert names(folder / "made") == [".all.zip.unpacked", "a"]
