"""The code blocks of a page, and what becomes of each.

The language after the fence says what a block is. An HTML comment on the line above says more; no
reader sees it.

    sh                  run by bash, each command as it stands; `commands` has the exceptions
    python              run in order, all blocks of a page as one script; with `>>>` a doctest
    yaml, json, toml    parsed; a yaml block is a task's configuration or a file
    text                output, or a tree of files: shown, not run

    <!-- needs data -->         run with the real data sets, in a folder of its own; else skipped
    <!-- file: NAME -->         written to NAME in the page's folder, for the blocks that follow
    <!-- config of TASK -->     the block is a configuration of TASK, and valid
    <!-- not run: REASON -->    cannot run here; shell and Python are still parsed

All blocks of a page share one temporary folder, in which `stage` puts the files that they name.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import yaml
from command_line import ROOT

if sys.version_info >= (3, 11):
    import tomllib


def page_of(path: Path) -> str:
    """Return the path of a page below docs."""
    return path.relative_to(ROOT / "docs").as_posix()


_NOTEBOOK = re.compile(r"course/\d|notebooks/")
PAGES = sorted(
    [
        *(ROOT / name for name in ("README.md", "CONTRIBUTING.md")),
        # notebooks: tests/plugins/course/test_notebooks.py and tests/docs/site run them
        *(p for p in (ROOT / "docs").rglob("*.md") if not _NOTEBOOK.match(page_of(p))),
        *(ROOT / "plugins").glob("*/README.md"),
        *(ROOT / "benchmarks").glob("*.md"),
        *(ROOT / "data").glob("*.md"),
    ]
)
RUN = {"sh", "python"}
PARSED = {"yaml", "json", "toml"}
SHOWN = {"text"}

_FENCE = re.compile(
    r"^(?P<indent>[ ]*)(?P<fence>`{3,})(?P<language>[^\n`]*)\n"
    r"(?P<text>.*?)^(?P=indent)(?P=fence)[ ]*$",
    re.DOTALL | re.MULTILINE,
)
_MARK = re.compile(
    r"<!-- (?P<kind>needs data|not run: |file: |config of )(?P<value>[^\n]*?) ?-->\s*\Z"
)


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, the line where the text starts, and its marks."""

    page: Path
    line: int
    language: str
    text: str
    marks: dict[str, str]

    @property
    def place(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    @property
    def needs_data(self) -> bool:
        return "needs data" in self.marks

    @property
    def runs(self) -> bool:
        return "not run" not in self.marks and (self.language in RUN or "file" in self.marks)


def blocks_of(page: Path) -> list[Block]:
    """Return the blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    found = []
    for match in _FENCE.finditer(text):
        lines = match["text"].splitlines(keepends=True)
        found.append(
            Block(
                page,
                text.count("\n", 0, match.start()) + 2,
                match["language"].strip(),
                "".join(line.removeprefix(match["indent"]) for line in lines),
                _marks_above(text[: match.start()]),
            )
        )
    return found


def _marks_above(text: str) -> dict[str, str]:
    marks = {}
    while match := _MARK.search(text):
        marks[match["kind"].rstrip(": ")] = match["value"]
        text = text[: match.start()]
    return marks


def check(block: Block) -> None:
    """Raise ValueError if a block is not what its language and its marks say."""
    if block.language not in RUN | PARSED | SHOWN:
        raise ValueError(
            f"{block.place}: expected a language of {sorted(RUN | PARSED | SHOWN)} after the "
            f"fence, got {block.language!r}; output is text"
        )
    {"sh": _check_shell, "python": _check_python}.get(block.language, _check_value)(block)


def _check_shell(block: Block) -> None:
    done = subprocess.run(
        ["bash", "-n"], input=block.text, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise ValueError(f"{block.place}: bash cannot parse this: {done.stderr}")


def _check_python(block: Block) -> None:
    if not is_doctest(block.text):
        ast.parse(block.text, str(block.page))


def _check_value(block: Block) -> None:
    if block.language == "json":
        json.loads(block.text)
    elif block.language == "toml" and sys.version_info >= (3, 11):
        tomllib.loads(block.text)
    elif block.language == "yaml":
        value = yaml.safe_load(block.text)
        if task := block.marks.get("config of"):
            from nntasks.runner import make_task

            make_task(task, [value])
        elif "file" not in block.marks:
            raise ValueError(
                f"{block.place}: expected <!-- config of TASK --> or <!-- file: NAME --> above "
                "a yaml block, got neither"
            )
    elif re.search(r"^\$? ?(nntasks|python|make|pip) ", block.text, re.MULTILINE):
        raise ValueError(f"{block.place}: expected output in a text block, got a command; use sh")


def is_doctest(text: str) -> bool:
    """Say whether a block shows what is typed and what is printed."""
    return text.startswith(">>> ")
