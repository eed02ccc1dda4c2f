"""Define a search from the keys and the ranges that a user gives."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nntasks.config import parse_overrides
from nntasks.errors import UsageError
from nntasks.experiments.key_fields import fields_of, with_present_names
from nntasks.experiments.metric_names import LOSS, check_metric
from nntasks.experiments.space import Choice, Space, read_space
from nntasks.experiments.study import Search
from nntasks.runner import logger_classes, make_task


def define_search(
    task: str,
    keys: Sequence[str],
    spaces: Sequence[str],
    metric: str | None,
    out: Path,
    storage: str = "",
    seed: int = 0,
) -> Search:
    """Return a search whose keys and values are all valid.

    Args:
        task: name of the task.
        keys: `key=value` for all trials.
        spaces: `key=range` or `key=a,b`; the task's own search space if empty.
        metric: the validation metric to maximise; the task's first headline metric if None.
        out: the folder of all runs.
        storage: URL of Optuna's storage; empty for a file in the search's folder.
        seed: the sampler's seed.

    Raises:
        UsageError: an unknown key or metric, an invalid range or value, a key that is fixed and
            searched, or nothing to search.
    """
    made = make_task(task, [parse_overrides(keys)])
    keys, spaces = with_present_names(made, keys), with_present_names(made, spaces)
    fixed = parse_overrides(keys)
    logger_classes(made)
    words = list(spaces) or [f"{key}={value}" for key, value in made.search_space().items()]
    if not words:
        raise UsageError(f"{task} has no default search space; give --space lr=1e-4:1e-1:log")
    whole = read_space(fields_of(made, keys), words)
    space = {key: values for key, values in whole.items() if spaces or key not in fixed}
    both = sorted(set(space) & set(fixed))
    if both:
        raise UsageError(f"{both[0]} is both fixed and searched; give it once")
    chosen = metric or (made.headline[0] if made.headline else "")
    if not chosen:
        raise UsageError(f"{task} has no headline metric; give --metric")
    for ends in _ends(space):
        make_task(task, [{**fixed, **ends}])  # report invalid values now
    check_metric(made, metric, others=[LOSS])
    return Search(task, fixed, space, chosen, out, storage, seed)


def _ends(space: Space) -> list[dict[str, str]]:
    """Return settings that cover every choice and both ends of every range."""
    found = []
    for key, values in space.items():
        if isinstance(values, Choice):
            words: Sequence[str] = values.words
        else:
            ends = (values.low, values.high)
            words = [str(int(n)) if values.whole else repr(n) for n in ends]
        found += [{key: word} for word in words]
    return found
