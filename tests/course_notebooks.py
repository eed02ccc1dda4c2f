"""Execute the notebooks of the course: `python tests/course_notebooks.py FOLDER [NAME...]`."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from nntasks import course_contracts
from nntasks.course.forms import FORMS, make_notebook
from nntasks.registry import discover

ROOT = Path(__file__).resolve().parent.parent


def notebook(name, form):
    """Return a notebook as nbformat has it, checked against Jupyter's schema."""
    registry = discover()
    text = course_contracts.notebook(registry, name).read_text(encoding="utf-8")
    made = nbformat.reads(json.dumps(make_notebook(text, form, registry)), as_version=4)
    nbformat.validate(made)
    return made


def executed(made, folder, environment=None):
    """Run every cell in a folder; an error of a cell is raised.

    `environment` has further variables for the kernel.
    """
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    client = NotebookClient(
        made, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    )
    client.execute(
        env={
            **os.environ,
            **(environment or {}),
            "PYTHONPATH": path,
            "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        }
    )
    return made


def printed(made):
    """Return what the cells have printed."""
    outputs = [out for cell in made.cells for out in cell.get("outputs", ())]
    return "".join(out.text for out in outputs if out.output_type == "stream")


def main(folder, names):
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    names = names or [entry.name for entry in discover().entries("notebooks")]
    for name in names:
        for form in FORMS:
            start = time.perf_counter()
            made = executed(notebook(name, form), folder)
            nbformat.write(made, folder / f"{name}-{form}.ipynb")
            print(f"{name} {form}: {time.perf_counter() - start:.0f} s", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
