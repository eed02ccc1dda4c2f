"""A project whose files are called as ours are, and as modules of the standard library."""

from __future__ import annotations

from pathlib import Path

MODULES = ("random", "typing", "json", "logging", "click", "torch", "clone")
PACKAGES = ("core", "plugins", "data", "tests")
MARK = "imported.txt"
_CODE = f"""\
from pathlib import Path
with (Path(__file__).resolve().parents[{{up}}] / "{MARK}").open("a") as file:
    file.write(__file__ + "\\n")
raise SystemExit("a file of the user was imported: " + __file__)
"""


def make_project(folder: Path) -> Path:
    """Write the project; each of its files that is imported says so in `MARK` and ends Python."""
    folder.mkdir(parents=True)
    for name in MODULES:
        (folder / f"{name}.py").write_text(_CODE.format(up=0))
    for name in PACKAGES:
        (folder / name).mkdir()
        for file in ("__init__.py", "__main__.py"):
            (folder / name / file).write_text(_CODE.format(up=1))
    return folder


def imported(folder: Path) -> list[str]:
    """Return the files of the project that were imported."""
    mark = folder / MARK
    return mark.read_text().splitlines() if mark.exists() else []
