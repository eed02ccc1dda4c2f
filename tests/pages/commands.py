"""`nntasks`, as the blocks of the documentation call it: what would train for long is only checked.

Here is the one rule. `run`, `ablate` and `tune` get `--dry-run`, which checks all keys
and the data and trains nothing, unless the command is quick as it stands:

    - its words say so themselves, by epochs=1 to epochs=3 (`tune` needs --trials 1 to 3 too), or
    - it is a `run` of a task that takes seconds, on the data that come with it.

`preamble` has the rule for other programs: `make` prints what it would do, and `pytest` collects.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence

from command_line import ROOT

TRAINING = ("run", "ablate", "tune")
SECONDS = ("numpy_mlp", "word2vec", "embedding_analysis")  # their default runs take less than ten

preamble = f"""
set -Eeuo pipefail
trap 'echo "failed: $BASH_COMMAND" >&2' ERR
nntasks() {{ command python -m pages.commands "$@"; }}
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
    long = bool(words) and words[0] in TRAINING and not is_quick(words)
    return [*words, "--dry-run"] if long and "--dry-run" not in words else list(words)


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
