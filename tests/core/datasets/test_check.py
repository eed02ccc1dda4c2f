"""The files of a data set against their declaration, and the receipts of unpacked archives."""

from __future__ import annotations

import hashlib

import pytest
from stored_data import BODY, declared

from nntasks.datasets import check
from nntasks.datasets.check import UnpackedFile, digest_of, problems, receipt_of, write_receipt
from nntasks.interfaces import DataFile

DIGEST = hashlib.sha256(BODY).hexdigest()
ARCHIVE = DataFile("points.zip", 9, "AB" * 32, archive=True)


def lines(files, folder, thorough=True):
    return [str(one) for one in problems(files, folder, thorough=thorough)]


def test_whole_files_have_no_problem(tmp_path):
    (tmp_path / "x").write_bytes(BODY)
    upper = DataFile("x", len(BODY), DIGEST.upper())
    assert lines([declared("x", BODY), upper], tmp_path) == []


def test_what_is_wrong_is_told_with_what_was_expected(tmp_path):
    (tmp_path / "short").write_bytes(BODY[:-1])
    (tmp_path / "other").write_bytes(BODY[::-1])
    found = [declared(name, BODY) for name in ("gone", "short", "other")]
    other = hashlib.sha256(BODY[::-1]).hexdigest()
    assert lines(found, tmp_path) == [
        "gone: missing",
        f"short: expected {len(BODY)} bytes, found {len(BODY) - 1}",
        f"other: expected sha256 {DIGEST}, found {other}",
    ]
    kinds = [one.kind for one in problems(found, tmp_path, thorough=True)]
    assert kinds == ["missing", "size", "checksum"]


def test_a_quick_look_reads_no_file(tmp_path, monkeypatch):
    (tmp_path / "x").write_bytes(BODY[::-1])
    monkeypatch.setattr(check, "digest_of", lambda *given: 1 / 0)
    assert lines([declared("x", BODY)], tmp_path, thorough=False) == []


def test_progress_is_told_in_bytes(tmp_path, monkeypatch):
    (tmp_path / "x").write_bytes(BODY)
    monkeypatch.setattr(check, "CHUNK", len(BODY) // 2 + 1)
    told = []
    assert digest_of(tmp_path / "x", told.append).hexdigest() == DIGEST
    assert told == [len(BODY) // 2 + 1, len(BODY)]
    told.clear()
    problems(
        [declared("x", BODY)], tmp_path, thorough=True, progress=lambda *given: told.append(given)
    )
    assert told[-1] == ("x", len(BODY), len(BODY))


class TestArchives:
    @pytest.fixture
    def unpacked(self, tmp_path):
        """Return a folder with an unpacked file and its receipt."""
        (tmp_path / "a b").write_bytes(BODY)
        write_receipt(ARCHIVE, tmp_path, [UnpackedFile("a b", len(BODY), DIGEST)])
        return tmp_path

    def test_before_and_after_the_download(self, tmp_path):
        assert lines([ARCHIVE], tmp_path) == ["points.zip: missing"]
        (tmp_path / "points.zip").touch()
        assert lines([ARCHIVE], tmp_path) == ["points.zip: not unpacked yet"]

    def test_an_unpacked_archive_is_whole_without_the_archive(self, unpacked):
        assert lines([ARCHIVE], unpacked) == []
        assert receipt_of(ARCHIVE, unpacked).name == ".points.zip.unpacked"

    def test_a_file_of_it_that_is_damaged_is_found_by_a_thorough_look(self, unpacked):
        (unpacked / "a b").write_bytes(BODY[::-1])
        assert lines([ARCHIVE], unpacked, thorough=False) == []
        (line,) = lines([ARCHIVE], unpacked)
        assert line.startswith(f"a b: expected sha256 {DIGEST}")
        (unpacked / "a b").unlink()
        assert lines([ARCHIVE], unpacked) == ["a b: missing"]

    def test_another_archive_was_unpacked_here(self, unpacked):
        newer = DataFile("points.zip", 9, "cd" * 32, archive=True)
        assert lines([newer], unpacked) == [
            f"points.zip: expected sha256 {'cd' * 32}, but {'ab' * 32} was unpacked"
        ]

    def test_an_empty_receipt_is_of_nothing(self, unpacked):
        receipt_of(ARCHIVE, unpacked).write_text("")
        (line,) = lines([ARCHIVE], unpacked)
        assert line.endswith("but nothing was unpacked")
