"""Where the time of training steps goes: one task, in this process.

Torch tasks are read from torch.profiler's events: the own time of each op, by its name, or by the
label around it (making a batch, updating the weights). NumPy and word2vec have a stopwatch around
layers, optimiser and kernel, which counts each second once, for the innermost. What nobody claims
of the wall time is `other`: Python, dispatch, rows, and waiting.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import torch
from torch.profiler import ProfilerActivity, profile, record_function

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import nntasks as nt

CATEGORIES = (
    "convolution",
    "matrix product",
    "norm and pooling",
    "elementwise",
    "copies",
    "word kernel",
    "optimizer",
    "batches",
    "other",
)
WARM_UP = 3  # steps that choose algorithms and fill caches
# What the name of an op holds; the first that fits, and else it is elementwise.
_OPS: dict[str, tuple[str, ...]] = {
    "convolution": ("conv",),
    "matrix product": ("mm", "linear", "matmul", "einsum", "dot"),
    "norm and pooling": ("norm", "pool", "upsample", "interpolate"),
    "copies": ("copy", "::to", "cat", "clone", "contiguous", "empty", "fill", "zero", "pad"),
}
_TRAINERS = {
    "numpy_mlp": "nntasks.plugins.numpy_mlp.trainer:NumpyTrainer",
    "word2vec": "nntasks.plugins.word2vec.trainer:Word2VecTrainer",
}
_TORCH = "nntasks.training.torch_trainer:TorchTrainer"
_LAYERS = "nntasks.plugins.numpy_mlp.layers"
# What the stopwatch is put around, by task: "module:class.function" or "module:function".
_WATCHED: dict[str, dict[str, tuple[str, ...]]] = {
    "numpy_mlp": {
        "convolution": (f"{_LAYERS}.convolution:Convolution",),
        "matrix product": (f"{_LAYERS}.linear:Linear",),
        "norm and pooling": (
            f"{_LAYERS}.normalization:BatchNorm",
            f"{_LAYERS}.convolution:MaxPooling",
        ),
        "elementwise": (
            f"{_LAYERS}.activations:Relu",
            f"{_LAYERS}.dropout:Dropout",
            "nntasks.plugins.numpy_mlp.trainer:cross_entropy",
        ),
        "optimizer": (
            "nntasks.plugins.numpy_mlp.optimizers:Adam.step",
            "nntasks.plugins.numpy_mlp.trainer:NumpyTrainer._follow",
            "nntasks.plugins.numpy_mlp.trainer:norm",
        ),
        "batches": (
            "nntasks.plugins.classification.splits:LabelledPictures.batch",
            "nntasks.plugins.numpy_mlp.trainer:NumpyTrainer._inputs",
        ),
    },
    "word2vec": {
        "word kernel": ("nntasks.plugins.word2vec.trainer:skipgram",),
        "batches": ("nntasks.plugins.word2vec.texts:EncodedText.piece",),
    },
}


class _Enough(Exception):
    """Ends the training after the last measured step."""


class _Steps:
    """Counts steps, and calls `start` before the first that counts and `stop` after the last."""

    def __init__(self, count: int, start: Callable[[], Any], stop: Callable[[], Any]) -> None:
        self.count, self.start, self.stop = count, start, stop
        self.done, self.seconds = 0, 0.0

    def around(self, step: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(step)
        def call(*args: Any) -> Any:
            if self.done == WARM_UP:
                self.start()
                self._began = time.perf_counter()
            measured = step(*args)
            self.done += 1
            if self.done == WARM_UP + self.count:
                self.seconds = time.perf_counter() - self._began
                self.stop()
                raise _Enough
            return measured

        return call


def seconds_by_category(task: str, count: int) -> tuple[float, dict[str, float]]:
    """Return the wall time of a step, and that of each category, in seconds.

    Args:
        task: whose default run is trained, in this thread (replicas=1).
        count: the number of steps.
    """
    measure = _by_stopwatch if task in _WATCHED else _by_profiler
    found = dict.fromkeys(CATEGORIES, 0.0)
    whole = measure(task, count, found)
    found["other"] += max(whole - sum(found.values()), 0.0)
    return whole / count, {name: found[name] / count for name in CATEGORIES}


def _trained(task: str, steps: _Steps, **keys: Any) -> None:
    """Train a task's default run until all steps are measured."""
    module, name = _TRAINERS.get(task, _TORCH).split(":")
    trainer = getattr(importlib.import_module(module), name)
    with (
        tempfile.TemporaryDirectory() as folder,
        mock.patch.object(trainer, "step", steps.around(trainer.step)),
        contextlib.suppress(_Enough, nt.errors.NNTasksError),
    ):
        nt.run(task, out=folder, quiet=True, **keys)
    if not steps.seconds:
        raise SystemExit(f"{task}: expected {WARM_UP + steps.count} steps, got {steps.done}")


def _by_stopwatch(task: str, count: int, found: dict[str, float]) -> float:
    waiting: list[float] = []  # the time that inner functions took from each open one

    def watched(category: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def call(*args: Any, **keys: Any) -> Any:
            waiting.append(0.0)
            began = time.perf_counter()
            try:
                return function(*args, **keys)
            finally:
                spent = time.perf_counter() - began
                found[category] += spent - waiting.pop()
                if waiting:
                    waiting[-1] += spent

        return call

    def forget() -> None:
        found.update(dict.fromkeys(found, 0.0))

    steps = _Steps(count, forget, lambda: None)
    with contextlib.ExitStack() as patches:
        for category, places in _WATCHED[task].items():
            for place in places:
                for owner, name in _functions(place):
                    function = watched(category, getattr(owner, name))
                    patches.enter_context(mock.patch.object(owner, name, function))
        _trained(task, steps)
    return steps.seconds


def _functions(place: str) -> Iterator[tuple[Any, str]]:
    """Yield (owner, name) of a function, or of both passes of a layer."""
    module, _, path = place.partition(":")
    *outer, last = path.split(".")
    owner = functools.reduce(getattr, outer, importlib.import_module(module))
    found = getattr(owner, last)
    if isinstance(found, type):
        yield from ((found, "forward"), (found, "backward"))
    else:
        yield owner, last


def _by_profiler(task: str, count: int, found: dict[str, float]) -> float:
    from nntasks.training import batches
    from nntasks.training.averaging import Average
    from nntasks.training.torch_step import TorchStep

    def labelled(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **keys: Any) -> Any:
            with record_function(name):
                return function(*args, **keys)

        return call

    profiler = profile(activities=[ProfilerActivity.CPU])
    steps = _Steps(count, profiler.start, profiler.stop)
    with contextlib.ExitStack() as patches:
        for owner, name, label in (
            (batches, "_make", "batches"),
            (TorchStep, "_update", "optimizer"),
            (Average, "update", "optimizer"),
        ):
            function = labelled(label, getattr(owner, name))
            patches.enter_context(mock.patch.object(owner, name, function))
        _trained(task, steps, replicas=1)
    for event in profiler.events() or ():
        found[_category(event)] += event.self_cpu_time_total / 1e6
    return steps.seconds


def _category(event: Any) -> str:
    """Return the label around an event, else what its name says."""
    around = event
    while around is not None:
        if around.name in ("batches", "optimizer"):
            return str(around.name)
        around = around.cpu_parent
    if not event.name.startswith("aten::"):
        return "other"
    for category, words in _OPS.items():
        if any(word in event.name for word in words):
            return category
    return "elementwise"


if __name__ == "__main__":
    import json

    torch.set_num_threads(int(sys.argv[3]))
    print(json.dumps(seconds_by_category(sys.argv[1], int(sys.argv[2]))))
