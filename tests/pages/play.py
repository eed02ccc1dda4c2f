"""Run the blocks of one page in the working folder, in order: `python -m pages.play PAGE [data]`.

One process holds the names of all its Python blocks. The first block that fails ends it, with the
page, the line and what was printed.
"""

from __future__ import annotations

import doctest
import subprocess
import sys
from pathlib import Path

from command_line import ROOT

import nntasks as nt
from pages.blocks import Block, blocks_of, is_doctest
from pages.commands import preamble, with_few_scenes


def play(page: Path, with_data: bool) -> None:
    """Run the blocks of a page that need the real data, or those that do not."""
    names: dict[str, object] = {"__name__": "__main__"}
    nt.run = with_few_scenes(nt.run)
    for block in blocks_of(page):
        if block.runs and block.needs_data == with_data:
            print(f"--- {block.place}", flush=True)
            _play(block, names)


def _play(block: Block, names: dict[str, object]) -> None:
    if name := block.marks.get("file"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(block.text, encoding="utf-8")
    elif block.language == "sh":
        subprocess.run(["bash", "-c", preamble + block.text], check=True, stdin=subprocess.DEVNULL)
    elif is_doctest(block.text):
        _play_doctest(block, names)
    else:
        lines_above = "\n" * (block.line - 1)  # so that a traceback names the page's own line
        exec(compile(lines_above + block.text, block.place.rpartition(":")[0], "exec"), names)


def _play_doctest(block: Block, names: dict[str, object]) -> None:
    examples = doctest.DocTestParser().get_doctest(
        block.text, names, block.place, str(block.page), block.line - 1
    )
    failed, _ = doctest.DocTestRunner().run(examples, clear_globs=False)
    names.update(examples.globs)
    if failed:
        sys.exit(1)


if __name__ == "__main__":
    try:
        play(ROOT / sys.argv[1], sys.argv[2:] == ["data"])
    except subprocess.CalledProcessError as failure:
        sys.exit(f"the block ended with exit code {failure.returncode}")
