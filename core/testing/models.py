"""Checks of models: a function of the seeds, repeatable, with a state that can be restored."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from nntasks.interfaces import Batch, Model
from nntasks.run_folder.array_files import load_arrays
from nntasks.run_folder.checkpoints import Checkpoints
from nntasks.testing.chance import other_chance, torch_state
from nntasks.testing.equality import as_numpy, differing, equal


def check_built_twice(build: Callable[[], Model]) -> None:
    """Check that a model is a function of the run's seeds, and leaves torch's generator alone."""
    with other_chance(1):
        first = build()  # torch is loaded by now, if the model needs it
    with other_chance(2):
        before = torch_state()
        second = build()
        assert torch_state() == before, (
            "building the model changes torch's global generator; initialise inside of "
            "`with seeds.torch_global('init'):`"
        )
    name = differing(first.state(), second.state())
    assert not name, (
        f"two models of the same seeds must be equal, but {name!r} differs; draw from `seeds` alone"
    )


def check_model(model: Model, batch: Batch) -> None:
    """Check that a model gives one prediction per sample, repeatably, and restores its state.

    The state is restored from memory and from a file. Names that share an array, such as tied
    weights, must share it afterwards.
    """
    first = model.predict(batch)
    assert len(first) == len(batch.ids), "predict() must give one prediction per sample"
    assert equal(first, model.predict(batch)), "predict() must not depend on earlier calls"
    state = {name: _copy(array) for name, array in model.state().items()}
    assert state, "state() must hold what was learned"
    for name, array in model.state().items():
        assert hasattr(array, "shape"), f"state()[{name!r}] must be an array"
    tied = _ties(model.state())
    halved = {name: _halved(array) for name, array in state.items()}
    model.load_state(halved)
    name = differing(halved, model.state())
    assert not name, f"load_state() must take over what it is given, but {name!r} is another"
    model.load_state(state)
    assert equal(first, model.predict(batch)), "load_state(state()) must bring predictions back"
    with tempfile.TemporaryDirectory() as folder:
        checkpoints = Checkpoints(Path(folder))
        checkpoints.save_final(model.state(), {})
        assert checkpoints.final is not None
        model.load_state(load_arrays(checkpoints.final, type(model).arrays))
    assert equal(first, model.predict(batch)), "predictions must survive a file of the state"
    apart = tied - _ties(model.state())
    assert not apart, (
        f"{' and '.join(min(apart))} are one array before load_state(), and two after it: "
        "copy into the arrays that are there"
    )


def _copy(array: Any) -> Any:
    return array.clone() if hasattr(array, "clone") else np.array(array)


def _halved(array: Any) -> Any:
    """Return another state of an array of floats; one of integers may be a list of names."""
    return array * 0.5 if np.issubdtype(as_numpy(array).dtype, np.floating) else _copy(array)


def _ties(state: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Return pairs of names that stand for one array."""
    found = set()
    first: dict[Any, str] = {}
    for name, array in state.items():
        place = _place(array)
        if place in first:
            found.add((first[place], name))
        first.setdefault(place, name)
    return found


def _place(array: Any) -> Any:
    """Return what two names of one array share."""
    if hasattr(array, "data_ptr"):
        return array.data_ptr() or object(), tuple(array.shape)
    data = np.asarray(array)
    return data.__array_interface__["data"][0] if data.size else object(), data.shape
