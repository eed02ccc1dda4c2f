"""Every code block of the documentation does what the page says: see tests/pages/blocks.py."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from command_line import ROOT, cli_environment
from pages import client, stage
from pages.blocks import PAGES, blocks_of, check
from pages.commands import CLIENT, as_run, with_few_scenes

from nntasks.errors import UsageError


def page_id(page: Path) -> str:
    return str(page.relative_to(ROOT))


def pages_with_blocks(needs_data: bool) -> list[Path]:
    return [
        page
        for page in PAGES
        if any(block.runs and block.needs_data == needs_data for block in blocks_of(page))
    ]


@pytest.fixture(scope="session")
def runs(tmp_path_factory):
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """Return the address of a server that starts programs with everything imported."""
    address = tmp_path_factory.mktemp("server") / "socket"
    process = subprocess.Popen(
        [sys.executable, "-m", "pages.server", address],
        env=page_environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "ready\n"
    yield f"{address} {client.settings()}"
    process.terminate()
    process.wait()


def page_environment() -> dict[str, str]:
    ours = cli_environment((ROOT / "tests",))
    # A block may start pytest, which must not take itself for one of the processes of this one.
    return {key: value for key, value in ours.items() if not key.startswith("PYTEST_")}


def play(page: Path, folder: Path, runs: Path, data: Path | None, server: str) -> None:
    """Run a page's blocks in a folder and an environment of their own."""
    blocks = [b for b in blocks_of(page) if b.runs and b.needs_data == (data is not None)]
    stage.make(folder, blocks, runs, data)
    own = stage.make_python(folder / ".python", Path(sysconfig.get_path("purelib")))
    environment = page_environment() | {
        client.ADDRESS: server,
        "PATH": f"{own}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PIP_NO_INDEX": "1",
        "PIP_NO_BUILD_ISOLATION": "0",  # that is how pip spells it
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "XDG_CACHE_HOME": str(folder / ".cache"),
        "NNTASKS_DATA": str(data or folder / "no-data"),
    }
    program = [own / "python", "-I", "-S", CLIENT, "pages.play"]
    words = [*program, page_id(page), *(["data"] if data else [])]
    done = subprocess.run(
        words, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=600
    )
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_every_block_says_what_it_is(page):
    for block in blocks_of(page):
        check(block)


@pytest.mark.slow
@pytest.mark.parametrize("page", pages_with_blocks(needs_data=False), ids=page_id)
def test_every_block_runs(page, tmp_path, runs, server):
    play(page, tmp_path, runs, None, server)


@pytest.mark.slow
@pytest.mark.parametrize("page", pages_with_blocks(needs_data=True), ids=page_id)
def test_every_block_with_real_data_runs(page, tmp_path, runs, server, real_data):
    play(page, tmp_path, runs, real_data, server)


@pytest.mark.parametrize(
    ("line", "few"),
    [
        ("run yolo_detect epochs=3 seed=1", True),
        ("run unet_segment epochs=3 data.train=64", False),
        ("run unet_segment epochs=3 data=mask_folders", False),
        ("ablate unet_segment epochs=1 loss=bce,dice", True),
        ("run cnn_classify epochs=3", False),
    ],
)
def test_what_trains_on_scenes_gets_few_of_them(line, few):
    more = ["data.train=32", "data.validation=8", "data.test=8"]
    assert as_run(line.split()) == line.split() + more * few
    verb, task, *keys = line.split()
    if verb == "run":
        given = {key: True for word in keys for key in [word.split("=")[0].split(".")[0]]}
        called = with_few_scenes(lambda task, **keys: keys)(task, **given)
        assert ("data_options" in called) == few


@pytest.mark.parametrize(
    ("line", "checked_only"),
    [
        ("run yolo_detect", True),
        ("run yolo_detect epochs=30 data.train=8", True),
        ("run yolo_detect epochs=30", True),
        ("run numpy_mlp hidden_sizes=8", False),
        ("run numpy_mlp --config mnist", True),
        ("run word2vec data=text data.path=books/", True),
        ("ablate numpy_mlp activation=relu,tanh seeds=3", True),
        ("tune numpy_mlp epochs=1 --trials 20", True),
        ("tune numpy_mlp epochs=1 --trials 2", False),
        ("explain runs/yolo_detect/latest photo.jpg box=0", False),
        ("list", False),
    ],
)
def test_what_trains_for_long_is_checked_only(line, checked_only):
    assert as_run(line.split()) == line.split() + ["--dry-run"] * checked_only


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("```\nanything\n```\n", "expected a language"),
        ("```text\nnntasks list\n```\n", "got a command; use sh"),
        ("```sh\nfor x in a; do\n```\n", "bash cannot parse"),
        ("```yaml\na: 1\n```\n", "config of TASK"),
        ("<!-- config of numpy_mlp -->\n```yaml\nlearning: 1\n```\n", "learning"),
    ],
)
def test_a_block_that_is_not_what_it_says_is_refused(text, reason, tmp_path, monkeypatch):
    monkeypatch.setattr("pages.blocks.ROOT", tmp_path)
    (tmp_path / "page.md").write_text(text)
    (block,) = blocks_of(tmp_path / "page.md")
    with pytest.raises((ValueError, UsageError), match=reason):
        check(block)


def test_marks_above_a_block_are_read(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("<!-- needs data -->\n<!-- file: a/b.py -->\n```python\nx = 1\n```\n")
    (block,) = blocks_of(page)
    assert block.marks == {"needs data": "", "file": "a/b.py"}
    assert (block.line, block.language, block.text) == (4, "python", "x = 1\n")


def test_a_page_stops_at_the_first_block_that_fails(tmp_path):
    page = ROOT / "tests" / "pages" / "failing.md"
    done = subprocess.run(
        [sys.executable, "-m", "pages.play", str(page)],
        cwd=tmp_path,
        env=cli_environment((ROOT / "tests",)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert shutil.which("bash")
    assert done.returncode == 1
    assert "failed: false" in done.stderr
    assert "later.txt" not in {path.name for path in tmp_path.iterdir()}
