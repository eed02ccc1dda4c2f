"""Notebooks from their Markdown sources, run where that is asked for.

`docs/notebooks/*.md` and `docs/course/*.md` are sources as `nntasks.course` reads them. The site
shows their worked form. `NNTASKS_DOCS_EXECUTE=1` runs each in a temporary folder that has the
samples of `data/`; the outputs are kept in build/notebooks until the source or the code changes.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from pathlib import Path
from typing import Any

from docs.site.places import with_addresses

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / "build" / "notebooks"
SOURCES = ("docs/notebooks", "docs/course")
_HEADER = "---\njupyter:\n"


def sources() -> list[Path]:
    """Return the Markdown files that are notebooks."""
    found = (path for folder in SOURCES for path in sorted((ROOT / folder).glob("*.md")))
    return [path for path in found if path.read_text(encoding="utf-8").startswith(_HEADER)]


def built(source: Path, execute: bool, place: str) -> Path:
    """Return the folder in which the notebook of a source lies at its place in the site.

    Args:
        source: one of `sources`.
        execute: whether to run it, for outputs.
        place: of the source in the site; the notebook's suffix is .ipynb.
    """
    notebook = worked(source)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            path = source.relative_to(ROOT).as_posix()
            cell["source"] = with_addresses("".join(cell["source"]), path, place)
    key = json.dumps([notebook, execute, _state_of_the_code() if execute else ""])
    folder = BUILT / hashlib.sha256(key.encode()).hexdigest()[:12]
    path = (folder / place).with_suffix(".ipynb")
    if not path.exists():
        made = executed(notebook) if execute else notebook
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(made), encoding="utf-8")
    return folder


def worked(source: Path) -> dict[str, Any]:
    """Return the worked form of a source as a notebook without outputs."""
    from nntasks.course.forms import make_notebook
    from nntasks.registry import discover

    return make_notebook(source.read_text(encoding="utf-8"), "worked", discover())


def executed(notebook: dict[str, Any], timeout: float = 600) -> dict[str, Any]:
    """Run a notebook in a folder of its own; return it with its outputs.

    Raises:
        nbclient.exceptions.CellExecutionError: a cell failed.
    """
    import nbclient
    import nbformat

    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "data").symlink_to(ROOT / "data")
        client = nbclient.NotebookClient(
            nbformat.reads(json.dumps(notebook), as_version=4),
            timeout=timeout,
            kernel_name="python3",
            extra_arguments=["--log-level=ERROR"],
            resources={"metadata": {"path": folder}},
        )
        return dict(client.execute())


def _state_of_the_code() -> str:
    """Return what changes when any source file of the package does."""
    files = sorted([*ROOT.glob("core/**/*.py"), *ROOT.glob("plugins/**/*.py")])
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()
