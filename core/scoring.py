"""Score predictions of any program against a truth: `score`, behind the verb of the same name."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from nntasks import contracts
from nntasks.config import build
from nntasks.errors import MissingError, UsageError
from nntasks.interfaces.scoring import Scorer, Scores
from nntasks.registry import discover


def score(
    task: str,
    truth: Any,
    found: Any,
    *,
    options: Mapping[str, Any] | None = None,
    warn: Callable[[str], None] = lambda line: print(line, file=sys.stderr),
) -> Scores:
    """Return every convention's numbers for one or several sets of predictions.

    Args:
        task: name of a task whose plugin has a scorer.
        truth: a path (text or `Path`), or the truth itself; what is taken is up to the task. None
            for that of the run whose folder is the first of `found`, with a scorer that takes runs.
        found: a path or predictions, a list of paths, or a mapping from names to either.
        options: the task's options, as `key=value` of the verb.
        warn: receives warnings.

    Raises:
        UsageError: wrong input, all faults in one message; the task has no scorer.
        MissingError: a file or folder that is not there.
    """
    registry = discover()
    kind = contracts.scorer_class(registry, task)
    scorer = kind(build(kind.Config, options or {}), warn)
    named = {name: _opened("found", value) for name, value in _named(found).items()}
    if truth is None:
        truth = _truth_of_run(kind, named)
    return contracts.scores(
        registry, task, lambda: scorer.score(task, _opened("truth", truth), named)
    )


def _named(found: Any) -> dict[str, Any]:
    """Return predictions by name: the stems of files if they differ, else their paths."""
    if isinstance(found, Mapping) and found and all(isinstance(key, str) for key in found):
        return dict(found)
    many = list(found) if isinstance(found, (list, tuple)) and _are_paths(found) else [found]
    if not _are_paths(many):
        return {"found": found}
    for name in (_stem, str):
        names = [name(Path(path)) for path in many]
        if len(set(names)) == len(names):
            return dict(zip(names, many, strict=True))
    raise UsageError(f"expected each file of found once, got {', '.join(map(str, many))}")


def _truth_of_run(kind: type[Scorer], found: Mapping[str, Any]) -> Path:
    """Return the first of `found`, a run that knows its truth."""
    if not kind.own_truth:
        raise UsageError("expected truth=PATH once, got it 0 times")
    first = next(iter(found.values()))
    if not isinstance(first, Path) or not (first / "config.yaml").is_file():
        raise UsageError(
            "expected truth=PATH once, got it 0 times; only the folder of a run, as the first "
            f"found=, needs none, and {first!s:.200} is none"
        )
    return first


def _are_paths(values: Sequence[Any]) -> bool:
    return bool(values) and all(isinstance(value, (str, Path)) for value in values)


def _stem(path: Path) -> str:
    """Return the name of a file without its endings, `runs/a.json.gz` as `a`."""
    return path.resolve().name.partition(".")[0] or path.name


def _opened(key: str, value: Any) -> Any:
    if not isinstance(value, (str, Path)):
        return value
    path = Path(value).expanduser()
    if not path.exists():
        raise MissingError(f"{key}: there is no file or folder {path}")
    return path
