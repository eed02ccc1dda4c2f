"""Closed streams, readers that leave, a full disk behind stdout: no traceback, no other code."""

from __future__ import annotations

import shlex
import subprocess
import sys

import pytest
from command_line import ROOT, cli_environment

QUICK = "run numpy_mlp data=xor data.points=32 epochs=1 hidden_sizes=4"


def shell(line, tmp_path):
    """Run a line of bash in which `nntasks` is the command; return code, stdout and stderr."""
    program = shlex.join([sys.executable, "-m", "nntasks"])
    script = f'nntasks() {{ {program} "$@"; }}; set -o pipefail; {line}'
    environment = cli_environment(OUT=str(tmp_path), XDG_CACHE_HOME=str(tmp_path / "cache"))
    done = subprocess.run(
        ["bash", "-c", script], cwd=ROOT, env=environment, capture_output=True, check=False
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("nntasks list >/dev/full", (1, "", "cannot write to stdout: No space left on device\n")),
        ("nntasks list >&-", (0, "", "")),
        ("nntasks info numpy_mlp | head -1", (0, "numpy_mlp: ", "")),
        ("nntasks lisst 2>&1 | true", (2, "", "")),
        ("nntasks lisst 2>&-", (2, "", "")),
    ],
)
def test_a_stream_that_takes_nothing(tmp_path, line, expected):
    code, out, err = shell(line, tmp_path)
    assert code == expected[0]
    assert out.startswith(expected[1])
    assert err.removeprefix("nntasks: ") == expected[2]


@pytest.mark.parametrize("streams", [">&- 2>&-", "2>&1 | true"])
def test_a_run_ends_whole_though_nobody_listens(tmp_path, streams):
    code, _, err = shell(f'nntasks {QUICK} --out "$OUT" {streams}', tmp_path)
    assert (code, err) == (0, "")
    assert (tmp_path / "numpy_mlp" / "latest" / "summary.json").is_file()
