"""A function for each verb, with the keys of the command line.

Nothing global changes: random states, thread counts and Matplotlib's settings stay as they are.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nntasks import runner
from nntasks.api.comparisons import Ablated, Compared, Tuned
from nntasks.api.explanation import Explanation
from nntasks.api.keys import as_words, space_words
from nntasks.api.result import Result
from nntasks.config import read_config_file
from nntasks.errors import RunFailed
from nntasks.machine import notebook, progress
from nntasks.runner import prediction
from nntasks.runner.recipes import find_recipe

if TYPE_CHECKING:
    from nntasks.experiments.key_fields import Fields
    from nntasks.interfaces.scoring import Scores
    from nntasks.verification import Verification

Run = Result | Path | str


def run(
    task: str,
    *,
    config: Path | str | None = None,
    out: Path | str = "runs",
    quiet: bool | None = None,
    **keys: Any,
) -> Result:
    """Train or load a model, evaluate it and write a report: `run("yolo_detect", epochs=3)`.

    Args:
        task: name of the task.
        config: a YAML file of keys, which `keys` override, or the name of a recipe.
        out: the parent of the new run's folder.
        quiet: True prints nothing, False the lines of the command line; by default a notebook shows
            a progress bar, and nothing else does.
        keys: the task's keys; options of data and model are `data_options={...}`,
            `model_options={...}`, or `**{"data.size": 32}`.

    Raises:
        UsageError: a wrong key or value.
        MissingError: data or a package is missing.
        RunFailed: the run failed; what it has written stays.
        Interrupted: the user stopped it; a checkpoint is written.
    """
    layers: list[Mapping[str, Any]] = []
    if config:
        layers.append(read_config_file(find_recipe(task, Path(config))))
    with progress.in_notebooks(quiet is None):
        done = runner.start(
            task, [*layers, keys], out=Path(out).expanduser(), quiet=quiet is not False
        )
    return _result(done)


def load(path: Path | str) -> Result:
    """Return a finished run: `load("runs/unet_segment/latest")`.

    Raises:
        UsageError: there is no run, or it is not finished.
    """
    return Result(path)


def evaluate(run: Run, *, quiet: bool | None = None, **keys: Any) -> Result:
    """Evaluate the weights of a run again, with changed keys, as a new run."""
    with progress.in_notebooks(quiet is None):
        return _result(runner.evaluate_run(_folder(run), [keys], quiet=quiet is not False))


def verify(
    run: Run,
    *,
    replay: bool = False,
    steps: int | None = None,
    start: int | None = None,
    within: float = 1e-3,
) -> Verification:
    """Check a run again: files, data, environment, numbers; nothing in its folder changes.

    Args:
        run: a finished run.
        replay: whether to train again, and to compare bit by bit.
        steps: with `replay`, so many steps only.
        start: with `steps`, the step of the checkpoint to start from; the oldest kept by default.
        within: the largest difference of a number in another environment.

    Returns:
        what was found: `.passed`, `.verdict()` in one line, `.to_dict()`.
    """
    from nntasks import verification

    stretch = verification.Stretch(steps, start) if replay else None
    return verification.verify(_folder(run), stretch=stretch, tolerance=within)


def explain(
    target: Run, source: Path | str, *, weights: Path | str | None = None, **options: Any
) -> Explanation:
    """Explain one number of a model's output for `source`.

    Args:
        target: a run, or a task with `weights`.
        source: the input of the model, such as a picture's path.
        weights: a weights file or a run.
        options: what to explain, and keys of the task; `nntasks explain TASK --help` has them.
    """
    name = str(_folder(target)) if isinstance(target, Result) else str(target)
    given = Path(weights) if weights is not None else None
    return Explanation(prediction.explain(name, given, str(source), options))


def compare(*runs: Run, metric: str | None = None, out: Path | str | None = None) -> Compared:
    """Compare finished runs of one task.

    Args:
        runs: two or more; those that differ only in the seed form a group.
        metric: the metric to compare; the first headline metric by default.
        out: an HTML report to write; none by default.
    """
    from nntasks.experiments.compared_runs import compare_runs

    paths = [_folder(one) for one in runs]
    return Compared(compare_runs(paths, metric, None if out is None else Path(out)))


def ablate(
    task: str,
    *,
    seeds: int | Sequence[int] = 1,
    jobs: int | None = None,
    metric: str | None = None,
    success: float | None = None,
    out: Path | str = "runs",
    quiet: bool | None = None,
    **keys: Any,
) -> Ablated:
    """Run every combination of keys with several seeds, and compare them.

    `ablate("unet_segment", loss=["bce", "dice"], seeds=3)`

    Args:
        task: name of the task.
        seeds: a count, or the seeds.
        jobs: the number of runs at a time; 1 on this machine by default.
        metric: the metric to compare; the first headline metric by default.
        success: count the runs whose metric is at least this; the table is `tables["success"]`.
        out: the folder of all runs; what it already has is not run again.
        quiet: whether to print no line for each run; by default only a notebook shows them.
        keys: a list holds the values to compare, the first is the baseline; any other value is
            common to all runs. `launcher="slurm"` and `launcher_options={"partition": "gpu"}` say
            where they are executed.

    Raises:
        RunFailed: runs have failed; the message has each.
    """
    from nntasks.experiments import ablation, launching, plan

    launcher, keys = launching.split_keys(keys, jobs)
    fields, words = _as_typed(task, keys)
    words += as_words({}, {"seeds": seeds})
    made = plan.grid(task, fields, words)
    ablation.check(made, metric)
    done = ablation.ablate(
        made,
        Path(out),
        launcher=launcher,
        compared=ablation.Compared(metric, success),
        command=["ablate", task, *words],
        say=_lines(quiet),
    )
    if done.problems:
        raise RunFailed("; ".join(done.problems))
    return Ablated(done)


def _as_typed(task: str, keys: Mapping[str, Any]) -> tuple[Fields, list[str]]:
    """Return the keys of a task, and `keys` as `key=value` under their present names."""
    from nntasks.experiments.key_fields import fields_of
    from nntasks.renaming import typed_keys

    default = runner.make_task(task, [])
    keys = typed_keys(type(default.config).renamed, keys)
    fields = fields_of(default, as_words({}, keys))
    return fields, as_words(fields, keys)


def tune(
    task: str,
    *,
    space: Mapping[str, Any] | None = None,
    trials: int = 20,
    jobs: int = 1,
    metric: str | None = None,
    out: Path | str = "runs",
    quiet: bool | None = None,
    **keys: Any,
) -> Tuned:
    """Search for the keys with the best validation metric; needs optuna.

    Args:
        task: name of the task.
        space: `{"lr": "1e-4:1e-1:log", "norm": ["none", "batch"]}`; the task's own by default.
        trials: the total number of trials.
        jobs: the number of trials at a time.
        metric: the validation metric to maximise; the first headline metric by default.
        out: the folder of all runs; a search that is there is continued.
        quiet: as for `ablate`.
        keys: common to all trials; `launcher` and `launcher_options` as for `ablate`.
    """
    from nntasks.experiments import launching, tuning, tuning_report
    from nntasks.experiments import study as studies
    from nntasks.experiments.searches import define_search

    launcher, keys = launching.split_keys(keys, jobs)
    say, words = _lines(quiet), as_words({}, keys)
    search = define_search(task, words, space_words(space or {}), metric, Path(out))
    study = studies.open_study(search, say)
    tuning.tune(search, study, trials=trials, timeout=None, launcher=launcher, say=say)
    command = ["tune", task, *words]
    return Tuned(search, tuning_report.write(search, study, command, say))


def score(task: str, truth: Any, found: Any, **options: Any) -> Scores:
    """Score predictions of any program, as the verb `score` does.

    Args:
        task: name of a task with a scorer.
        truth: a path, or what the task's scorer takes, such as a COCO dictionary.
        found: a path or predictions, a list of paths, or a mapping from names to either.
        options: of the scorer; `nntasks info TASK` lists them.

    Raises:
        UsageError: wrong rows, all of them, before anything is computed.
    """
    from nntasks import scoring

    return scoring.score(task, truth, found, options=options)


def _result(done: runner.RunResult) -> Result:
    assert done.folder is not None
    return Result(done.folder)


def _folder(run: Run) -> Path:
    return run.folder if isinstance(run, Result) else Path(run).expanduser()


def _lines(quiet: bool | None) -> Callable[[str], None]:
    """Return what receives progress lines."""
    silent = not notebook.is_running() if quiet is None else quiet
    return (lambda line: None) if silent else (lambda line: print(line, file=sys.stderr))
