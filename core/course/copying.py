"""Copy notebooks to a folder, and open them in Jupyter."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

from nntasks import course_contracts
from nntasks.course.forms import make_notebook
from nntasks.errors import MissingError, UsageError, did_you_mean
from nntasks.machine.program import child_command
from nntasks.registry import Registry
from nntasks.storage.atomic_write import write_text


def copy_notebooks(
    registry: Registry, names: Sequence[str], forms: Sequence[str], folder: Path
) -> list[Path]:
    """Write notebooks to a folder; return their paths.

    Args:
        registry: has the notebooks.
        names: of the notebooks; all if empty.
        forms: which forms of each.
        folder: where to.

    Raises:
        UsageError: an unknown name, or a file is there already and differs.
    """
    known = [entry.name for entry in registry.entries("notebooks")]
    for name in names:
        if name not in known:
            hint = did_you_mean(name, known) or f" Known: {', '.join(known)}."
            raise UsageError(f"unknown notebook {name!r}.{hint}")
    texts = {}
    for name in names or known:
        source = course_contracts.notebook(registry, name)
        for form in forms:
            made = make_notebook(source.read_text(encoding="utf-8"), form, registry)
            text = json.dumps(made, indent=1, ensure_ascii=False) + "\n"
            texts[folder / f"{source.stem}-{form}.ipynb"] = text
    for path, text in texts.items():
        if path.exists() and path.read_text(encoding="utf-8") != text:
            raise UsageError(
                f"{path} already exists and has changed; move it away, or choose another --out"
            )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"cannot write to {folder}: {error.strerror}; choose another --out"
        ) from error
    for path, text in texts.items():
        if not path.exists():
            write_text(path, text)
    return list(texts)


def start_jupyter(paths: Sequence[Path], options: Sequence[str] = ()) -> int:
    """Open notebooks in JupyterLab; return its exit code when it ends.

    Args:
        paths: the notebooks, all in one folder; of several, the folder is opened.
        options: more arguments of JupyterLab, such as `--no-browser`.

    Raises:
        MissingError: JupyterLab is not installed.
    """
    if importlib.util.find_spec("jupyterlab") is None:
        raise MissingError(
            "the notebooks are copied, but JupyterLab is not installed here; run: "
            "python -m pip install 'nntasks[notebooks]'"
        )
    opened = paths[0] if len(paths) == 1 else paths[0].parent
    with subprocess.Popen(child_command([str(opened), *options], "jupyterlab.labapp")) as jupyter:
        while True:
            # Ctrl-C reaches Jupyter, too, which asks whether to end and stops its kernels.
            with contextlib.suppress(KeyboardInterrupt):
                return jupyter.wait()
