"""All checks on all entries of a plugin: the code behind `nntasks plugin check`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from nntasks import contracts, course_contracts
from nntasks.course.forms import FORMS, make_notebook
from nntasks.errors import MissingError, NNTasksError, UsageError
from nntasks.grading.examination import examine as examine_exercise
from nntasks.hookspecs import Entry
from nntasks.interfaces import Metric, Model, Splits, Task
from nntasks.registry import SINGULAR, Plugin, Registry, discover
from nntasks.runner import make_task
from nntasks.testing.data import check_options
from nntasks.testing.equality import equal
from nntasks.testing.launchers import check_launcher
from nntasks.testing.loggers import check_logger
from nntasks.testing.models import check_built_twice, check_model
from nntasks.testing.runs import check_processes, check_resume
from nntasks.testing.tasks import check_configuration, check_metrics, check_splits


@dataclass(frozen=True)
class Finding:
    """The result of a check.

    Attributes:
        plugin: its name.
        subject: the checked entry, such as "model dots".
        check: the name of the check.
        problem: the error in one line; empty if there is none.
        checked: False if the check could not run; `problem` says why.
    """

    plugin: str
    subject: str
    check: str
    problem: str = ""
    checked: bool = True

    @property
    def failed(self) -> bool:
        """Whether the contract is broken."""
        return self.checked and bool(self.problem)


def check_plugin(name: str, registry: Registry | None = None) -> None:
    """Check that a plugin is healthy and that every entry it announces resolves."""
    registry = registry or discover()
    found = [plugin for plugin in registry.plugins if plugin.name == name]
    assert found, f"no plugin {name!r}: is its entry point in the group 'nntasks' installed?"
    assert not found[0].reason, f"plugin {name!r} is quarantined: {found[0].reason}"
    for kind, entry in found[0].entries:
        _check_entry(registry, kind, entry)


def check_all(name: str, **keys: Any) -> None:
    """Run every check on every entry of a plugin.

    Args:
        name: of the plugin, as in its entry point.
        keys: configuration of the tasks that are made for it, e.g. a small data set.
    """
    registry = discover()
    check_plugin(name, registry)
    (plugin,) = [plugin for plugin in registry.plugins if plugin.name == name]
    failed = [finding for finding in examine(plugin, registry, keys) if finding.failed]
    problems = "\n".join(f"{one.subject}: {one.check}: {one.problem}" for one in failed)
    assert not failed, f"plugin {name!r} breaks its contract\n{problems}"


def examine(
    plugin: Plugin, registry: Registry, keys: Mapping[str, Any] | None = None
) -> Iterator[Finding]:
    """Yield the results, entry by entry; checks that depend on a failed one are skipped.

    Args:
        plugin: any of the registry.
        registry: all plugins; a model, a metric or a data set is tried in the first task it serves.
        keys: configuration of these tasks.
    """
    if plugin.reason:
        yield Finding(plugin.name, "plugin", "loads", f"it is quarantined: {plugin.reason}")
        return
    for kind, entry in plugin.entries:
        trial = _Trial(registry, kind, entry, keys or {})
        subject = f"{SINGULAR[kind]} {entry.name}"
        for check, needed, function in _CHECKS[kind]:
            problem, checked = _attempt(function, trial, needed)
            yield Finding(plugin.name, subject, check, problem, checked)
            if problem and needed:
                break


def _attempt(function: Callable[[_Trial], None], trial: _Trial, making: bool) -> tuple[str, bool]:
    """Return what is wrong in one line, and whether it could be checked.

    An error while the trial is prepared (`making`) means that the keys or data do not fit, such as
    pictures that are too small for a network. That is not a fault of the plugin.
    """
    try:
        function(trial)
    except AssertionError as error:
        return " ".join(str(error).split()) or "a check of its own failed", True
    except MissingError as error:
        return str(error), False
    except NNTasksError as error:
        return str(error), not (making and isinstance(error, UsageError))
    except Exception as error:  # a plugin may fail in any way
        return f"{type(error).__name__}: {' '.join(str(error).split())}", True
    return "", True


class _Trial:
    """A task in which an entry is tried, with its data, model and metrics; each made when used."""

    def __init__(
        self, registry: Registry, kind: str, entry: Entry, keys: Mapping[str, Any]
    ) -> None:
        self.registry, self.kind, self.entry, self.keys = registry, kind, entry, keys

    @cached_property
    def task(self) -> Task:
        name, chosen = self.entry.name, {}
        if self.kind != "tasks":
            known = {entry.name for entry in self.registry.entries("tasks")}
            chosen = {_KEY[self.kind]: [name] if self.kind == "metrics" else name}
            name = next(task for task in self.entry.tasks if task in known)
        return make_task(name, [{**chosen, **self.keys}], self.registry)

    @cached_property
    def splits(self) -> Splits:
        return contracts.load_data(self.task)

    def build(self) -> Model:
        return contracts.task_model(self.task, self.splits.info)

    @cached_property
    def model(self) -> Model:
        return self.build()

    @cached_property
    def metrics(self) -> dict[str, Metric]:
        return contracts.task_metrics(self.task, self.splits.info)


_KEY = {"models": "model", "metrics": "metrics", "datasets": "data"}


def _check_entry(registry: Registry, kind: str, entry: Entry) -> None:
    assert callable(registry.resolve(kind, entry.name)), f"{entry.target} cannot be called"
    assert entry.summary, f"{kind} entry {entry.name!r} needs a summary for `list`"


def _entry(trial: _Trial) -> None:
    _check_entry(trial.registry, trial.kind, trial.entry)
    schema = getattr(trial.registry.resolve(trial.kind, trial.entry.name), "Config", None)
    if schema is not None:
        check_options(schema)
    if trial.entry.scorer:
        check_options(contracts.scorer_class(trial.registry, trial.entry.name).Config)


def _configuration(trial: _Trial) -> None:
    check_configuration(trial.task)


def _data(trial: _Trial) -> None:
    check_splits(trial.splits)


def _loads_twice(trial: _Trial) -> None:
    again = contracts.load_data(trial.task)
    first = [range(min(3, len(split.test))) for split in (trial.splits, again)]
    batches = [trial.splits.test.batch(first[0]), again.test.batch(first[1])]
    assert equal(*batches), "loading twice must give the same samples"


def _built(trial: _Trial) -> None:
    check_built_twice(trial.build)


def _model(trial: _Trial) -> None:
    check_model(trial.model, trial.splits.test.batch([0]))


def _metrics(trial: _Trial) -> None:
    check_metrics(trial.model, trial.splits, trial.metrics)


def _resume(trial: _Trial) -> None:
    check_resume(trial.task, trial.splits)


def _log(trial: _Trial) -> None:
    check_logger(contracts.logger_class(trial.registry, trial.entry.name))


def _launch(trial: _Trial) -> None:
    check_launcher(trial.registry.resolve("launchers", trial.entry.name))


def _processes(trial: _Trial) -> None:
    check_processes(trial.model, trial.splits.test, trial.metrics)


def _exercise(trial: _Trial) -> None:
    exercise = course_contracts.exercise(trial.registry, trial.entry.name)
    verdicts = list(examine_exercise(trial.entry.name, exercise, exercise.reference, 0))
    assert verdicts, "it has no check"
    failed = [verdict for verdict in verdicts if not verdict.passed]
    assert not failed, f"{failed[0].check}: {failed[0].problem}" if failed else ""


def _notebook(trial: _Trial) -> None:
    path = course_contracts.notebook(trial.registry, trial.entry.name)
    for form in FORMS:
        made = make_notebook(path.read_text(encoding="utf-8"), form, trial.registry)
        assert any(cell["cell_type"] == "code" for cell in made["cells"]), f"{form}: no code"


# (name, whether later checks depend on it, the check)
_CHECKS: dict[str, tuple[tuple[str, bool, Callable[[_Trial], None]], ...]] = {
    "tasks": (
        ("entry", True, _entry),
        ("configuration", True, _configuration),
        ("repeatable batches", True, _data),
        ("built from its seeds", True, _built),
        ("predictions and state", False, _model),
        ("laws of metrics", False, _metrics),
        ("resume", False, _resume),
        ("two processes", False, _processes),
    ),
    "models": (
        ("entry", True, _entry),
        ("built from its seeds", True, _built),
        ("predictions and state", False, _model),
        ("resume", False, _resume),
    ),
    "metrics": (
        ("entry", True, _entry),
        ("laws of metrics", False, _metrics),
        ("two processes", False, _processes),
    ),
    "datasets": (
        ("entry", True, _entry),
        ("repeatable batches", True, _data),
        ("loads twice the same", False, _loads_twice),
    ),
    "exercises": (("entry", True, _entry), ("its reference passes", False, _exercise)),
    "notebooks": (("entry", True, _entry), ("both forms", False, _notebook)),
    "loggers": (
        ("entry", True, _entry),
        ("a log from start to end", False, _log),
    ),
    "launchers": (("entry", True, _entry), ("a command from start to end", False, _launch)),
}
