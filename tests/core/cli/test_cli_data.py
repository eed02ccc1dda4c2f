"""`data list`, `data fetch`, `data verify`, with data sets of our own."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from nntasks.cli import data as verbs
from nntasks.hookspecs import Entry
from nntasks.interfaces import DataFile, Dataset
from nntasks.registry import Plugin, Registry

BODY = b"two numbers that agree\n"
DIGEST = hashlib.sha256(BODY).hexdigest()


class Made(Dataset):
    """Made on the spot."""

    def load(self, root: Path | None) -> None:  # type: ignore[override]
        raise AssertionError("the data verbs load nothing")


class Stored(Made):
    """One file, with an address that a test fills in."""

    folder = "stored"
    files = (DataFile("x", len(BODY), DIGEST),)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty store, a registry with three data sets, and a server's folder."""
    names = {"made": "Made", "stored": "Stored", "lost": "Absent"}
    entries = (Entry(name, f"{__name__}:{target}", "", ("toy",)) for name, target in names.items())
    registry = Registry()
    registry.add(Plugin("p", "a test", entries=tuple(("datasets", entry) for entry in entries)))
    monkeypatch.setattr(verbs, "discover", lambda: registry)
    monkeypatch.setenv("NNTASKS_DATA", str(tmp_path / "store"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "origin").write_bytes(BODY)
    url = (tmp_path / "origin").as_uri()
    monkeypatch.setattr(Stored, "files", (DataFile("x", len(BODY), DIGEST, url),))
    return tmp_path / "store"


def call(*words: str) -> Result:
    return CliRunner().invoke(verbs.data_verb, list(words))


def exit_code(result: Result) -> int:
    return getattr(result.exception, "exit_code", result.exit_code)


def test_list_shows_every_set_in_columns(store: Path) -> None:
    lines = call("list").stdout.splitlines()
    rows = {line.split()[0]: line for line in lines}
    assert list(rows) == ["NAME", "made", "stored", "lost"]
    assert rows["made"].split("  ")[-1].strip() == "-"
    assert "missing" in rows["stored"]
    assert "23 B" in rows["stored"]
    assert "can be fetched" in rows["stored"]
    assert "unusable" in rows["lost"]
    assert "Absent" in rows["lost"]
    assert len({line.index("toy") for line in lines[1:]}) == 1


def test_list_after_fetch_shows_the_place(store: Path) -> None:
    fetched = call("fetch", "stored")
    assert fetched.exit_code == 0
    assert fetched.stdout == f"{store / 'stored'}\n"
    assert fetched.stderr == ""
    assert (store / "stored" / "x").read_bytes() == BODY
    line = next(line for line in call("list").stdout.splitlines() if line.startswith("stored"))
    assert "ready" in line
    assert line.endswith(str(store / "stored"))


def test_verify_passes_over_what_is_not_here(store: Path) -> None:
    result = call("verify")
    assert (result.exit_code, result.stdout) == (0, "")


def test_verify_of_a_named_set_that_is_not_here_is_missing(store: Path) -> None:
    result = call("verify", "stored")
    assert exit_code(result) == 3
    assert "python -m nntasks data fetch stored" in str(result.exception)


@pytest.mark.parametrize("words", [("verify",), ("verify", "stored")])
def test_verify_ok_damaged_and_incomplete(store: Path, words: tuple[str, ...]) -> None:
    call("fetch", "stored")
    result = call(*words)
    assert exit_code(result) == 0
    assert "ok" in result.stdout
    (store / "stored" / "x").write_bytes(BODY[::-1])
    result = call(*words)
    assert exit_code(result) == 4
    assert f"expected sha256 {DIGEST}" in result.stdout
    (store / "stored" / "x").unlink()
    assert exit_code(call(*words)) == 3


def test_verify_of_a_set_without_files_says_so(store: Path) -> None:
    result = call("verify", "made")
    assert result.exit_code == 0
    assert "no download" in result.stdout


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("fetch", "stord"), 2, "Did you mean 'stored'"),
        (("fetch", "made"), 2, "needs no files"),
        (("fetch", "lost"), 5, "Absent"),
        (("verify", "nothing"), 2, "unknown data set"),
    ],
)
def test_mistakes_have_their_exit_code(
    store: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    result = call(*words)
    assert exit_code(result) == code
    assert said in str(result.exception)


def test_the_whole_command_line_answers(store: Path, cli) -> None:  # type: ignore[no-untyped-def]
    missing = cli("data", "fetch", "coco128", NNTASKS_DATA=str(store), XDG_CACHE_HOME=str(store))
    assert missing.returncode == 3
    assert missing.stdout == ""
    assert len(missing.stderr.splitlines()) == 1
    assert str(store / "coco128") in missing.stderr
    listed = cli("data", "list", NNTASKS_DATA=str(store))
    assert listed.returncode == 0
    assert listed.stderr == ""
    assert "coco128" in listed.stdout


def test_importing_the_verbs_imports_no_numbers() -> None:
    code = (
        "import sys, nntasks.cli.data; "
        "sys.exit(', '.join({'torch', 'numpy', 'PIL'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
