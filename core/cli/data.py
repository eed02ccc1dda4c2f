"""`data list`, `data fetch`, `data verify`: list, download and check data sets."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

import click

from nntasks import contracts
from nntasks.datasets import DataStore, Problem
from nntasks.datasets.check import Progress
from nntasks.errors import CheckFailed, MissingError, NNTasksError
from nntasks.interfaces import Dataset
from nntasks.machine import progress as bars
from nntasks.registry import Registry, discover
from nntasks.report.formatting import how_many


@click.group("data")
def data_verb() -> None:
    """List, fetch and check data sets.

    The default data set of each task needs no files. Other data sets have a folder in the data
    store: the folders that NNTASKS_DATA lists (separated as in PATH), then ~/.cache/nntasks.

    \b
    python -m nntasks data list            every data set and its state
    python -m nntasks data fetch mnist     download a data set
    python -m nntasks data verify          check all local files against their checksums
    """


@data_verb.command("list")
def list_() -> None:
    """List every data set with its state, size, tasks and folder.

    \b
    ready        every declared file is present and has its declared size
    incomplete   a file is missing or has the wrong size
    missing      not present; `data fetch NAME` downloads it or says which files to add
    no download  generated, or read from a path that you give
    """
    registry, store = discover(), DataStore.from_environment()
    known, broken = _all_datasets(registry)
    tasks = {entry.name: ", ".join(entry.tasks) for entry in registry.entries("datasets")}
    rows = [("NAME", "STATE", "SIZE", "TASKS", "PLACE")]
    for state in store.summary(known):
        size = _readable_size(state.size) if state.size else "-"
        place = str(state.folder) if state.folder else _how(state.status, state.fetchable)
        rows.append((state.name, state.status, size, tasks[state.name], place))
    rows += [(name, "unusable", "-", tasks[name], reason) for name, reason in broken.items()]
    for line in _aligned(rows):
        click.echo(line)


@data_verb.command()
@click.argument("name")
def fetch(name: str) -> None:
    """Download the files of data set NAME and print their folder.

    Files that are present stay. Repeat the command to resume an interrupted download. Size and
    SHA-256 are checked before a file gets its final name; archives are unpacked. Exit code 3: the
    files are not available; 4: they do not match their declaration.
    """
    dataset = contracts.dataset_class(discover(), name)
    with _shown("fetch") as progress:
        folder = DataStore.from_environment().fetch(name, dataset, progress)
    click.echo(str(folder))


@data_verb.command()
@click.argument("name", required=False)
def verify(name: str | None) -> None:
    """Check the files of data set NAME, or of all present data sets, against their checksums.

    Exit code 4: a file has the wrong size or checksum; 3: a file is missing. Without NAME, data
    sets without any file are skipped.
    """
    registry, store = discover(), DataStore.from_environment()
    known = {name: contracts.dataset_class(registry, name)} if name else _all_datasets(registry)[0]
    rows: list[tuple[str, ...]] = []
    found: list[Problem] = []
    with _shown("verify") as progress:
        for each, dataset in known.items():
            if not dataset.folder:
                rows += [(each, "no download", "")] if name else []
                continue
            folder, wrong = store.verify(dataset, progress)
            if folder is None and not name:
                continue
            found += wrong
            rows += [(each, problem.kind, str(problem)) for problem in wrong]
            if folder is None and not wrong:  # a folder without any declared file
                found.append(Problem(dataset.folder, "missing", "missing"))
                rows.append((each, "missing", str(found[-1])))
            elif not wrong:
                rows.append((each, "ok", f"{how_many(len(dataset.files), 'file')} in {folder}"))
    for line in _aligned(rows):
        click.echo(line)
    _fail_for(found, name)


def _fail_for(found: list[Problem], name: str | None) -> None:
    damaged = [problem for problem in found if problem.kind != "missing"]
    again = f"python -m nntasks data fetch {name or 'NAME'}"
    if damaged:
        files = how_many(len(damaged), "file differs from its", "files differ from their")
        raise CheckFailed(
            f"{files} declaration, first {damaged[0]}; download them again with: {again}"
        )
    if found:
        files = how_many(len(found), "file is", "files are")
        raise MissingError(f"{files} missing, first {found[0].path}; see: {again}")


def _all_datasets(registry: Registry) -> tuple[dict[str, type[Dataset]], dict[str, str]]:
    """Return the data sets by name, and the reasons why others cannot be used."""
    known: dict[str, type[Dataset]] = {}
    broken: dict[str, str] = {}
    for entry in registry.entries("datasets"):
        try:
            known[entry.name] = contracts.dataset_class(registry, entry.name)
        except NNTasksError as error:
            broken[entry.name] = str(error)
    return known, broken


@contextlib.contextmanager
def _shown(verb: str) -> Iterator[Progress]:
    """Show a progress bar in kilobytes for one file after another."""
    with contextlib.ExitStack() as stack:
        current, shown, advance = "", 0, None

        def progress(path: str, done: int, total: int) -> None:
            nonlocal current, shown, advance
            if path != current or advance is None or done // 1000 < shown:
                stack.close()
                current, shown = path, 0
                advance = stack.enter_context(bars.bar(f"{verb} {path} (kB)", total // 1000))
            advance(done // 1000 - shown)
            shown = done // 1000

        yield progress


def _how(status: str, fetchable: bool) -> str:
    if status == "no download":
        return "-"
    return "can be fetched" if fetchable else "to be added by hand"


def _readable_size(size: int) -> str:
    value, units = float(size), ["B", "kB", "MB", "GB"]
    while value >= 1000 and len(units) > 1:
        value, units = value / 1000, units[1:]
    return f"{value:.0f} {units[0]}" if units[0] == "B" else f"{value:.1f} {units[0]}"


def _aligned(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    if not rows:
        return
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        yield "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip()
