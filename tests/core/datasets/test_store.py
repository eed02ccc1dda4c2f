"""The data store: where it looks, what it says, what it notices."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from stored_data import BODY, dataset, declared, put, zipped

from nntasks.datasets import DataStore, checksums
from nntasks.errors import CheckFailed, MissingError, RunFailed, UsageError
from nntasks.interfaces import DataFile, Dataset


def test_roots_come_from_the_variable_then_from_the_cache(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    environment = {
        "NNTASKS_DATA": f"{first}{os.pathsep}{os.pathsep}{second}",
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }
    store = DataStore.from_environment(environment)
    assert store.roots == (first, second, tmp_path / "cache" / "nntasks")


def test_without_variables_the_cache_of_the_home_folder_is_used() -> None:
    assert DataStore.from_environment({}).roots == (Path.home() / ".cache" / "nntasks",)


def test_relative_roots_do_not_depend_on_a_later_change_of_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    store = DataStore.from_environment({"NNTASKS_DATA": "here"})
    assert store.roots[0] == tmp_path / "here"


def test_the_first_complete_root_is_found(tmp_path: Path) -> None:
    made = dataset(declared("x", BODY))
    store = DataStore([tmp_path / "a", tmp_path / "b", tmp_path / "c"])
    put(tmp_path / "a" / "digits", x=BODY[:-1])  # truncated
    put(tmp_path / "b" / "digits", x=BODY)
    put(tmp_path / "c" / "digits", x=BODY)
    assert store.find(made) == tmp_path / "b" / "digits"
    assert store.require("digits", made) == tmp_path / "b" / "digits"


def test_a_data_set_without_a_folder_is_nowhere(tmp_path: Path) -> None:
    assert DataStore([tmp_path]).find(dataset(folder="")) is None
    with pytest.raises(UsageError, match="needs no files"):
        DataStore([tmp_path]).fetch("made", dataset(folder=""))


def test_a_missing_set_with_addresses_names_the_command(tmp_path: Path) -> None:
    made = dataset(declared("x", BODY, url="https://example.org/x"))
    with pytest.raises(MissingError, match=r"python -m nntasks data fetch mnist$") as caught:
        DataStore([tmp_path]).require("mnist", made)
    assert caught.value.exit_code == 3
    assert str(tmp_path) in str(caught.value)


def test_a_missing_set_without_addresses_says_what_to_bring_and_where(tmp_path: Path) -> None:
    made = dataset(declared("x", BODY), source="A. Author, 1999")
    store = DataStore([tmp_path])
    for call in (store.require, store.fetch):
        with pytest.raises(MissingError) as caught:
            call("mine", made)
        message = str(caught.value)
        assert "bring x" in message
        assert "A. Author, 1999" in message
        assert str(tmp_path / "digits") in message
        assert "NNTASKS_DATA" in message
    assert list(tmp_path.iterdir()) == []  # nothing to fetch, so no folder is made either


def test_an_incomplete_set_names_what_is_wrong(tmp_path: Path) -> None:
    made = dataset(declared("x", BODY), declared("y", BODY))
    put(tmp_path / "digits", x=BODY + b"more")
    with pytest.raises(MissingError, match=r"x: expected 23 bytes, found 27, y: missing"):
        DataStore([tmp_path]).require("mine", made)


def test_verify_tells_missing_size_and_checksum_apart(tmp_path: Path) -> None:
    made = dataset(*(declared(name, BODY) for name in ("good", "short", "turned", "gone")))
    put(tmp_path / "digits", good=BODY, short=BODY[1:], turned=BODY[::-1])
    folder, wrong = DataStore([tmp_path]).verify(made)
    assert folder == tmp_path / "digits"
    assert {problem.path: problem.kind for problem in wrong} == {
        "short": "size",
        "turned": "checksum",
        "gone": "missing",
    }
    assert hashlib.sha256(BODY[::-1]).hexdigest() in str(wrong[1])


def test_verify_of_nothing_names_every_file(tmp_path: Path) -> None:
    folder, wrong = DataStore([tmp_path]).verify(dataset(declared("x", BODY), declared("y", BODY)))
    assert folder is None
    assert [str(problem) for problem in wrong] == ["x: missing", "y: missing"]


def test_verify_reports_progress_to_the_last_byte(tmp_path: Path) -> None:
    put(tmp_path / "digits", x=BODY)
    seen: list[tuple[str, int, int]] = []
    made = dataset(declared("x", BODY))
    DataStore([tmp_path]).verify(made, lambda *told: seen.append(told))
    assert seen[-1] == ("x", len(BODY), len(BODY))


def test_checksums_are_the_declared_ones_of_the_files_at_hand(tmp_path: Path) -> None:
    made = dataset(declared("x", BODY), declared("y", BODY))
    digest = hashlib.sha256(BODY).hexdigest()
    assert checksums(made) == {"digits/x": digest, "digits/y": digest}
    folder = put(tmp_path / "digits", x=BODY)
    assert checksums(made, folder) == {"digits/x": digest}
    assert checksums(dataset(folder="")) == {}


def test_summary_tells_the_four_states_apart(tmp_path: Path) -> None:
    put(tmp_path / "whole", x=BODY)
    put(tmp_path / "half", x=BODY)
    x = declared("x", BODY, url="https://example.org/x")
    sets = {
        "whole": dataset(x, folder="whole"),
        "half": dataset(x, declared("y", BODY), folder="half"),
        "absent": dataset(x, folder="absent"),
        "made": dataset(folder=""),
    }
    states = DataStore([tmp_path]).summary(sets)
    assert [(s.name, s.status, s.size, s.fetchable) for s in states] == [
        ("whole", "ready", 23, True),
        ("half", "incomplete", 46, False),
        ("absent", "missing", 23, True),
        ("made", "no download", 0, False),
    ]
    assert [str(problem) for problem in states[1].problems] == ["y: missing"]


def test_fetch_brings_what_is_missing_and_keeps_what_is_here(tmp_path: Path) -> None:
    origin = put(tmp_path / "origin", x=BODY, y=BODY[::-1])
    made = dataset(
        declared("x", BODY),  # brought by hand, has no address
        declared("deep/y", BODY[::-1], url=(origin / "y").as_uri()),
    )
    folder = put(tmp_path / "store" / "digits", x=BODY)
    assert DataStore([tmp_path / "store"]).fetch("mine", made) == folder
    assert (folder / "deep" / "y").read_bytes() == BODY[::-1]
    assert DataStore([tmp_path / "store"]).verify(made) == (folder, [])


def test_fetch_replaces_a_damaged_file_of_the_right_size(tmp_path: Path) -> None:
    origin = put(tmp_path / "origin", x=BODY)
    made = dataset(declared("x", BODY, url=(origin / "x").as_uri()))
    folder = put(tmp_path / "store" / "digits", x=BODY[::-1])
    DataStore([tmp_path / "store"]).fetch("mine", made)
    assert (folder / "x").read_bytes() == BODY


def test_fetch_refuses_a_brought_file_that_is_another(tmp_path: Path) -> None:
    put(tmp_path / "digits", x=BODY[::-1])
    with pytest.raises(CheckFailed, match="bring the file as it was published"):
        DataStore([tmp_path]).fetch("mine", dataset(declared("x", BODY)))


def test_fetch_after_the_addresses_says_what_is_still_to_be_brought(tmp_path: Path) -> None:
    origin = put(tmp_path / "origin", x=BODY)
    made = dataset(declared("x", BODY, url=(origin / "x").as_uri()), declared("y", BODY))
    with pytest.raises(MissingError, match="bring y and put it into"):
        DataStore([tmp_path / "store"]).fetch("mine", made)
    assert (tmp_path / "store" / "digits" / "x").read_bytes() == BODY


def test_fetch_goes_to_the_first_root_that_can_be_written(tmp_path: Path) -> None:
    origin = put(tmp_path / "origin", x=BODY)
    made = dataset(declared("x", BODY, url=(origin / "x").as_uri()))
    (tmp_path / "file").write_bytes(b"no folder can be made below a file")
    store = DataStore([tmp_path / "file", tmp_path / "second"])
    assert store.fetch("mine", made) == tmp_path / "second" / "digits"
    with pytest.raises(RunFailed, match="set NNTASKS_DATA to one that can"):
        DataStore([tmp_path / "file"]).fetch("mine", made)


def test_a_damaged_copy_that_cannot_be_replaced_is_not_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    origin = put(tmp_path / "origin", x=BODY)
    made = dataset(declared("x", BODY, url=(origin / "x").as_uri()))
    locked = put(tmp_path / "locked" / "digits", x=BODY[::-1])
    writable = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: path != locked and writable(path, mode))
    with pytest.raises(CheckFailed, match="is damaged and cannot be written"):
        DataStore([tmp_path / "locked", tmp_path / "open"]).fetch("mine", made)


@pytest.fixture
def zipped_set(tmp_path: Path) -> tuple[type[Dataset], DataStore, Path]:
    body = zipped(**{"pictures/1.txt": b"one", "pictures/two words.txt": b"two"})
    origin = put(tmp_path / "origin", **{"all.zip": body})
    made = dataset(declared("all.zip", body, (origin / "all.zip").as_uri(), archive=True))
    return made, DataStore([tmp_path / "store"]), tmp_path / "store" / "digits"


def test_a_fetched_archive_is_unpacked_and_removed(zipped_set: Any) -> None:
    made, store, folder = zipped_set
    assert store.find(made) is None
    assert store.fetch("mine", made) == folder
    assert (folder / "pictures" / "two words.txt").read_bytes() == b"two"
    assert sorted(path.name for path in folder.iterdir()) == [".all.zip.unpacked", "pictures"]
    assert store.verify(made) == (folder, [])


def test_a_brought_archive_is_unpacked_and_kept(zipped_set: Any, tmp_path: Path) -> None:
    made, store, folder = zipped_set
    file = made.files[0]
    without_address = dataset(DataFile(file.path, file.size, file.sha256, archive=True))
    put(folder, **{"all.zip": (tmp_path / "origin" / "all.zip").read_bytes()})
    with pytest.raises(MissingError, match=r"all\.zip: not unpacked yet"):
        store.require("mine", without_address)
    store.fetch("mine", without_address)
    assert (folder / "all.zip").is_file()
    assert (folder / "pictures" / "1.txt").read_bytes() == b"one"


@pytest.mark.parametrize(
    ("harm", "kind"),
    [
        (lambda path: path.unlink(), "missing"),
        (lambda path: path.write_bytes(b"three"), "size"),
        (lambda path: path.write_bytes(b"eno"), "checksum"),
    ],
)
def test_unpacked_files_are_verified_and_fetched_again(
    zipped_set: Any, harm: Callable[[Path], None], kind: str
) -> None:
    made, store, folder = zipped_set
    store.fetch("mine", made)
    harm(folder / "pictures" / "1.txt")
    (problem,) = store.verify(made)[1]
    assert (problem.path, problem.kind) == ("pictures/1.txt", kind)
    store.fetch("mine", made)
    assert store.verify(made) == (folder, [])


def test_the_receipt_of_another_archive_does_not_count(zipped_set: Any) -> None:
    made, store, _ = zipped_set
    store.fetch("mine", made)
    newer = dataset(declared("all.zip", zipped(**{"1.txt": b"newer"}), archive=True))
    assert store.find(newer) is None
    assert store.verify(newer)[1][0].kind == "checksum"


def test_an_unpacking_that_is_refused_leaves_no_receipt(tmp_path: Path) -> None:
    body = zipped(**{"../out": b"no"})
    origin = put(tmp_path / "origin", **{"bad.zip": body})
    made = dataset(declared("bad.zip", body, (origin / "bad.zip").as_uri(), archive=True))
    store = DataStore([tmp_path / "store"])
    with pytest.raises(CheckFailed, match="is not unpacked"):
        store.fetch("mine", made)
    assert store.find(made) is None
    assert not (tmp_path / "store" / "out").exists()


@pytest.mark.parametrize("path", ["../x.bin", "a/../../x.bin", "/x.bin", "..\\x.bin", "C:/x"])
def test_declared_paths_stay_inside(tmp_path: Path, path: str) -> None:
    origin = tmp_path / "origin"
    origin.write_bytes(BODY)
    made = dataset(declared(path, BODY, origin.as_uri()))
    with pytest.raises(CheckFailed, match="expected paths inside its folder") as caught:
        DataStore([tmp_path / "store"]).fetch("made", made)
    assert caught.value.exit_code == 4
    assert [found.name for found in tmp_path.iterdir()] == ["origin"]
