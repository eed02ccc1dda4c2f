"""Arrays in safetensors files: what is stored comes back, tied weights once, damage in one line."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from nntasks.errors import UsageError
from nntasks.run_folder.array_files import dump_arrays, load_arrays


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.int64, torch.bool])
def test_arrays_come_back_as_they_were(tmp_path, dtype):
    given = {"x": torch.arange(6).reshape(2, 3).to(dtype), "scalar": torch.tensor(3).to(dtype)}
    given["channels_last"] = torch.ones(1, 2, 3, 3).to(dtype).to(memory_format=torch.channels_last)
    file = tmp_path / "a.safetensors"
    file.write_bytes(dump_arrays(given))
    found = load_arrays(file, "torch")
    assert all(torch.equal(found[name], given[name]) for name in given)
    assert {found[name].dtype for name in given} == {dtype}


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not weights", b"\xff" * 100])
def test_damaged_weights_are_named(tmp_path, content):
    file = tmp_path / "damaged.safetensors"
    file.write_bytes(content)
    with pytest.raises(UsageError, match="not a readable safetensors file"):
        load_arrays(file)


def test_missing_weights_are_named(tmp_path):
    with pytest.raises(UsageError, match=r"cannot read weights .*nowhere"):
        load_arrays(tmp_path / "nowhere.safetensors")


def test_tied_weights_are_stored_once_and_come_back_by_all_their_names(tmp_path):
    weight = torch.arange(600.0).reshape(20, 30)
    given = {"a": weight, "b": weight, "part": weight[:3], "turned": weight.T}
    file = tmp_path / "tied.safetensors"
    file.write_bytes(dump_arrays(given))
    for framework in ("torch", "numpy"):
        found = load_arrays(file, framework)
        assert found.keys() == given.keys()
        assert all(np.array_equal(found[name], given[name]) for name in given)
    whole = len(dump_arrays({"a": weight, "part": weight[:3].clone(), "turned": weight.T.clone()}))
    assert file.stat().st_size < whole + 100


@pytest.mark.parametrize(("framework", "kind"), [("numpy", np.ndarray), ("torch", torch.Tensor)])
def test_arrays_are_of_the_framework_that_was_asked_for(tmp_path, framework, kind):
    (tmp_path / "a").write_bytes(dump_arrays({"x": np.ones(2, np.float32)}))
    assert type(load_arrays(tmp_path / "a", framework)["x"]) is kind


def test_an_array_that_is_a_view_is_stored_as_its_values(tmp_path):
    whole = np.arange(12.0).reshape(3, 4)
    (tmp_path / "a").write_bytes(dump_arrays({"columns": whole[:, ::2], "turned": whole.T}))
    found = load_arrays(tmp_path / "a")
    assert found["columns"].tolist() == [[0, 2], [4, 6], [8, 10]]
    assert np.array_equal(found["turned"], whole.T)


def test_a_single_number_of_numpy_stays_without_axes(tmp_path):
    (tmp_path / "a").write_bytes(dump_arrays({"count": np.array(3), "one": np.ones(1)}))
    assert {name: x.shape for name, x in load_arrays(tmp_path / "a").items()} == {
        "count": (),
        "one": (1,),
    }


def test_empty_tensors_are_not_taken_for_tied_ones(tmp_path):
    given = {"a": torch.zeros(0, 3), "b": torch.zeros(0, 3), "c": torch.zeros(0)}
    (tmp_path / "a").write_bytes(dump_arrays(given))
    assert b"tied" not in (tmp_path / "a").read_bytes()
    assert {name: x.shape for name, x in load_arrays(tmp_path / "a").items()} == {
        "a": (0, 3),
        "b": (0, 3),
        "c": (0,),
    }


def test_the_gradient_of_a_parameter_is_no_obstacle(tmp_path):
    weight = torch.nn.Parameter(torch.ones(2))
    (tmp_path / "a").write_bytes(dump_arrays({"w": weight, "same": weight}))
    assert load_arrays(tmp_path / "a", "torch")["same"].tolist() == [1, 1]
