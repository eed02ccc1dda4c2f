"""`nntasks`, as the blocks of the documentation call it: what would train for long is only checked.

Here is the one rule. `run`, `ablate` and `tune` get `--dry-run`, which checks all keys
and the data and trains nothing, unless the command is quick as it stands:

    - its words say so themselves, by epochs=1 to epochs=3 (`tune` needs --trials 1 to 3 too), or
    - it is a `run` of a task that takes seconds, on the data that come with it.

What trains on generated scenes gets `SMALL`, a few of them, unless it says something about data; so
does `nt.run` in a block of Python, by `with_few_scenes`.

`preamble` has the rule for other programs: `make` prints what it would do, and `pytest` collects.
"""

from __future__ import annotations

import functools
import os
import re
import sys
from collections.abc import Callable, Sequence
from typing import Any

from command_line import ROOT

TRAINING = ("run", "ablate", "tune")
SMALL = {"train": 32, "validation": 8, "test": 8}
SCENES = ("unet_segment", "yolo_detect")  # tasks whose default data are such scenes
CLIENT = ROOT / "tests" / "pages" / "client.py"  # starts the program in a process that has torch
SECONDS = ("numpy_mlp", "word2vec", "embedding_analysis")  # their default runs take less than ten

preamble = f"""
set -Eeuo pipefail
trap 'echo "failed: $BASH_COMMAND" >&2' ERR
nntasks() {{ command python -I -S '{CLIENT}' pages.commands "$@"; }}
python() {{
  case "${{1-}} ${{2-}}" in
    "-m core"|"-m nntasks") shift 2; nntasks "$@" ;;
    *) command python "$@" ;;
  esac
}}
pip() {{ command python -m pip "$@"; }}
make() {{ command make --dry-run --directory '{ROOT}' "$@" > /dev/null; }}
pytest() {{ (cd '{ROOT}' && command python -m pytest --collect-only --quiet "$@" > /dev/null); }}
"""


def as_run(words: Sequence[str]) -> list[str]:
    """Return the words of a command line as a block's test runs them."""
    if not words or words[0] not in TRAINING or "--dry-run" in words:
        return list(words)
    if not is_quick(words):
        return [*words, "--dry-run"]
    own_data = re.search(r"(^| )(data|data\.\w+|--config)[ =]", " ".join(words))
    few = words[1] in SCENES and not own_data
    return [*words, *(f"data.{name}={count}" for name, count in SMALL.items() if few)]


def with_few_scenes(run: Callable[..., Any]) -> Callable[..., Any]:
    """Return `nt.run` with `SMALL` for calls that train on generated scenes."""

    @functools.wraps(run)
    def call(task: str, **keys: Any) -> Any:
        if task in SCENES and not keys.keys() & {"data", "data_options", "config"}:
            keys["data_options"] = SMALL
        return run(task, **keys)

    return call


def is_quick(words: Sequence[str]) -> bool:
    """Say whether a command that trains takes seconds as it stands."""
    verb, *rest = words
    line = " ".join(rest)
    if verb == "run" and rest[:1] and rest[0] in SECONDS:
        return not re.search(r"(^| )(data|data\.\w+|--config)[ =]", line)
    few_trials = verb != "tune" or re.search(r"--trials[ =][1-3]( |$)", line)
    return bool(few_trials and re.search(r"(^| )epochs=[1-3]( |$)", line))


if __name__ == "__main__":
    sys.path.remove(os.getcwd())  # `python -m` put it there; an installed program does not
    from nntasks.cli import main

    sys.argv = ["nntasks", *as_run(sys.argv[1:])]
    main(sys.argv[1:])
