"""`course`: copy the notebooks of the course, and open them."""

from __future__ import annotations

from pathlib import Path

import click

from nntasks.cli.options import USER_PATH


@click.command("course")
@click.argument("words", nargs=-1, metavar="[N]... [-- OPTION...]")
@click.option(
    "--form",
    type=click.Choice(["worked", "exercise", "both"]),
    default="both",
    show_default=True,
    help="With every answer, or with gaps to fill.",
)
@click.option("--out", type=USER_PATH, default=Path(), help="Folder for the notebooks.")
@click.option("--no-start", "--copy-only", is_flag=True, help="Copy; do not start Jupyter.")
@click.option("--list", "show", is_flag=True, help="List the notebooks.")
def course_verb(words: tuple[str, ...], form: str, out: Path, no_start: bool, show: bool) -> int:
    """Copy the notebooks of assignment N, or of all, to this folder and start JupyterLab.

    \b
    nntasks course --list
    nntasks course 3
    nntasks course 1 --form exercise --no-start
    nntasks course 1 -- --no-browser --port=9000      options for JupyterLab

    Each notebook has two forms: `worked` explains every step and has folded answers; `exercise` has
    gaps, each followed by a check. A file that you changed is not overwritten. To get JupyterLab:
    python -m pip install 'nntasks[notebooks]'
    """
    from nntasks.course.copying import copy_notebooks, start_jupyter
    from nntasks.course.forms import FORMS
    from nntasks.registry import discover

    registry = discover()
    cut = next((place for place, word in enumerate(words) if word.startswith("-")), len(words))
    names, options = words[:cut], words[cut:]
    if show:
        for entry in registry.entries("notebooks"):
            click.echo(f"{entry.name:<4}{entry.summary}")
        return 0
    paths = copy_notebooks(registry, names, FORMS if form == "both" else (form,), out)
    for path in paths:
        click.echo(f"notebook: {path}")
    return 0 if no_start else start_jupyter(paths, options)
