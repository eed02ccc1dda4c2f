"""Run folders with damaged files, as the verbs that take a run meet them."""

from __future__ import annotations

import contextlib
import io
import random
import shutil
from pathlib import Path
from unittest import mock

from fuzz.mutated_bytes import damage

from nntasks import runner
from nntasks.cli import main
from nntasks.errors import Interrupted, UsageError
from nntasks.runner.handle import Run

_KEYS = {
    "data": "xor",
    "data.points": 32,
    "hidden_sizes": "4",
    "epochs": 2,
    "checkpoint_seconds": 0,
}
_TEXTS = (
    *(b"", b"{", b"[]", b"{}", b"null", b"3", b"\xff\xfe", b"a: b: c", b'{"a": 1e999}\n'),
    *(b"\0" * 9, b'{"task": 3}', b"task: [numpy_mlp]\n", b"task: nowhere\n", b"[" * 5000, b"NaN"),
    *(b'{"step": -1}', b'{"epoch": 1e400}', b"task: numpy_mlp\nepochs: -1\n", b"- 1\n", b'"x"'),
)
_DIGITS = frozenset(b"0123456789")
_VERBS = (("run", "--resume"), ("evaluate",), ("compare",), ("predict",))


class Runs:
    """A finished run and a stopped one, copies of which are damaged."""

    def __init__(self) -> None:
        self._made: tuple[Path, Path] | None = None

    def fault_of(self, seed: int, folder: Path) -> str:
        """Damage a copy of a run by a seed, use it, and return what is wrong with the answer.

        Raises:
            UsageError: the run was refused, as it should be.
        """
        rng = random.Random(f"run {seed}")
        finished, stopped = self._made = self._made or _two_runs(folder / "runs")
        origin = rng.choice((finished, stopped))
        run = folder / "copy" / "numpy_mlp" / origin.name
        shutil.rmtree(folder / "copy", ignore_errors=True)
        shutil.copytree(origin, run)
        for _ in range(rng.choice((1, 1, 1, 2))):
            _damage_a_file(run, rng)
        return _answer([*rng.choice(_VERBS), str(run)], finished, folder)


def _two_runs(out: Path) -> tuple[Path, Path]:
    saves: list[Run] = []
    save_if_due = Run.save_if_due

    def stop(self, seconds, save):
        save_if_due(self, seconds, save)
        saves.append(self)
        if len(saves) == 2:
            raise Interrupted("stopped by the fuzz")

    with _no_report():
        finished = runner.start("numpy_mlp", [_KEYS], out=out, quiet=True).folder
        with mock.patch.object(Run, "save_if_due", stop), contextlib.suppress(Interrupted):
            runner.start("numpy_mlp", [_KEYS], out=out, quiet=True)
    assert finished is not None
    return finished, (out / "numpy_mlp" / "latest").resolve()


def _no_report():
    """Leave out figures and page, which take most of the time of so small a run."""
    return mock.patch("nntasks.report.run_report.write_report")


def _damage_a_file(run: Path, rng: random.Random) -> None:
    path = rng.choice(sorted(p for p in run.rglob("*") if p.is_file()))
    content = path.read_bytes()
    if rng.random() < 0.3 or not content:
        if rng.random() < 0.2:
            path.unlink()
            if rng.random() < 0.5:
                path.mkdir()
            return
        content = rng.choice(_TEXTS)
    else:
        changed = bytearray(content)
        damage(changed, rng)
        # Another digit in a configuration may ask for years of work.
        more_work = path.name == "config.yaml" and _digits(changed) != _digits(content)
        content = content[: rng.randrange(len(content))] if more_work else bytes(changed)
    path.write_bytes(content)


def _digits(content: bytes | bytearray) -> bytes:
    return bytes(byte for byte in content if byte in _DIGITS)


def _answer(words: list[str], finished: Path, folder: Path) -> str:
    """Call a verb; return what is wrong with its exit code or its lines, "" if it did its work."""
    if words[0] == "compare":
        words = [*words, str(finished), "--out", str(folder / "page.html")]
    if words[0] == "predict":
        words = [*words, str(folder / "nothing.png"), "--out", str(folder / "predicted")]
    out, err = io.StringIO(), io.StringIO()
    code: object = "none"
    with _no_report(), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main(words)
        except SystemExit as end:
            code = end.code or 0
        except Exception as error:  # a traceback, if it were a process
            return f"{' '.join(words[:2])}: {type(error).__name__}: {error}"
    ours = [line for line in err.getvalue().splitlines() if line.startswith("nntasks: ")]
    if code not in range(6) or (code and len(ours) != 1):
        return f"{' '.join(words[:2])}: exit code {code}, {err.getvalue()[-300:]!r}"
    if code:
        raise UsageError(ours[0])
    return ""
