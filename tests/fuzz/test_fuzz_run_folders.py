"""Run folders with damaged files: an exit code of ours and one clear line, never a traceback."""

from __future__ import annotations

import contextlib
import io
import itertools
import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st
from property_tests import examples

from nntasks import runner
from nntasks.cli import main
from nntasks.errors import Interrupted
from nntasks.runner.handle import Run

KEYS = {"data": "xor", "data.points": 32, "layers": "4", "epochs": 2, "checkpoint_seconds": 0}
TEXTS = (
    b"",
    b"{",
    b"[]",
    b"{}",
    b"null",
    b"3",
    b"\xff\xfe",
    b"a: b: c",
    b'{"a": 1e999}\n',
    b"\0" * 9,
)
NUMBERS = itertools.count()


@pytest.fixture(scope="module", autouse=True)
def no_report():
    """Leave out figures and page, which take most of the time of so small a run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("nntasks.report.run_report.write_report", lambda *_: None)
        yield


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Return a finished run and one that was stopped after two checkpoints."""
    out = tmp_path_factory.mktemp("runs")
    finished = runner.start("numpy_mlp", [KEYS], out=out, quiet=True).folder
    saves, save_if_due = [], Run.save_if_due

    def stop(self, seconds, save):
        save_if_due(self, seconds, save)
        saves.append(self)
        if len(saves) == 2:
            raise Interrupted("stopped by the test")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Run, "save_if_due", stop)
        with pytest.raises(Interrupted):
            runner.start("numpy_mlp", [KEYS], out=out, quiet=True)
    return finished, (out / "numpy_mlp" / "latest").resolve()


def damaged(content, draw):
    how = draw(st.sampled_from(("cut", "flip", "other", "repeat")))
    if how == "other" or not content:
        return draw(st.sampled_from(TEXTS))
    place = draw(st.integers(0, len(content) - 1))
    if how == "cut":
        return content[:place]
    if how == "repeat":
        return content[:place] + content
    return (
        content[:place] + bytes([content[place] ^ draw(st.integers(1, 255))]) + content[place + 1 :]
    )


@examples(25)
@given(st.data())
def test_damage_ends_in_one_line(folders, data):
    finished, _ = folders
    origin = data.draw(st.sampled_from(folders))
    run = finished.parent.parent / f"copy-{next(NUMBERS)}" / "numpy_mlp" / origin.name
    shutil.copytree(origin, run)
    # A digit of config.yaml may ask for years of work, so that file is replaced and not flipped.
    names = sorted(str(path.relative_to(run)) for path in run.rglob("*") if path.is_file())
    name = data.draw(st.sampled_from(names))
    if name == "config.yaml":
        (run / name).write_bytes(data.draw(st.sampled_from(TEXTS)))
    else:
        (run / name).write_bytes(damaged((run / name).read_bytes(), data.draw))
    verb = data.draw(st.sampled_from((("run", "--resume"), ("evaluate",), ("compare",))))
    more = (str(finished), "--out", str(run / "page.html")) if verb[0] == "compare" else ()
    out, err = io.StringIO(), io.StringIO()
    with (
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        pytest.raises(SystemExit) as end,
    ):
        main([*verb, str(run), *more])
    shutil.rmtree(run.parent.parent)
    assert end.value.code in range(6)
    if end.value.code:
        *_, last = err.getvalue().splitlines()
        assert last.startswith("nntasks: "), (name, last)
