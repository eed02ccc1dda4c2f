"""Files of weights from elsewhere: prefixes of wrappers, damage, and what is no file of weights."""

from __future__ import annotations

import collections
import random

import pytest
import torch
from safetensors.torch import save_file

from nntasks.errors import UsageError
from nntasks.training.weight_files import read_weights


def network():
    return torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3))


@pytest.mark.parametrize(
    "prefix", ["", "module.", "_orig_mod.", "module._orig_mod.", "_orig_mod.module."]
)
@pytest.mark.parametrize("suffix", [".pt", ".safetensors"])
def test_prefixes_of_wrappers_are_taken_off(tmp_path, prefix, suffix):
    expected = network().state_dict()
    state = {prefix + name: value for name, value in expected.items()}
    path = tmp_path / f"w{suffix}"
    (torch.save if suffix == ".pt" else save_file)(state, path)
    found, _ = read_weights(path)
    assert found.keys() == expected.keys()
    assert all(torch.equal(found[name], expected[name]) for name in expected)


def test_a_compiled_part_of_a_module(tmp_path):
    torch.save({"head._orig_mod.weight": torch.ones(1)}, tmp_path / "w.pt")
    assert list(read_weights(tmp_path / "w.pt")[0]) == ["head.weight"]


def test_the_counter_of_averaged_weights_is_left_out(tmp_path):
    averaged = torch.optim.swa_utils.AveragedModel(network())
    torch.save(averaged.state_dict(), tmp_path / "w.pt")
    assert read_weights(tmp_path / "w.pt")[0].keys() == network().state_dict().keys()


def test_random_bytes_are_no_pytorch_file(tmp_path):
    path = tmp_path / "w.pt"
    for seed in range(50):
        draw = random.Random(seed)
        start = draw.choice([b"", b"\x80\x02", b"\x80\x04", b"PK\x03\x04"])
        path.write_bytes(start + draw.randbytes(draw.randrange(200)))
        with pytest.raises(UsageError, match=r"is not a (readable )?PyTorch file") as caught:
            read_weights(path)
        assert "\n" not in str(caught.value)
        assert len(str(caught.value)) < 500


def test_a_truncated_file(tmp_path):
    torch.save(network().state_dict(), tmp_path / "w.pt")
    content = (tmp_path / "w.pt").read_bytes()
    for length in (3, 40, len(content) // 2, len(content) - 1):
        (tmp_path / "w.pt").write_bytes(content[:length])
        with pytest.raises(UsageError, match=r"is not a (readable )?PyTorch file"):
            read_weights(tmp_path / "w.pt")


def test_a_pickled_object_is_called_a_program(tmp_path, recwarn):
    torch.save({"model": collections.Counter("abc"), "x": random.Random(0)}, tmp_path / "w.pt")
    with pytest.raises(UsageError, match="contains a pickled program"):
        read_weights(tmp_path / "w.pt")
    assert not recwarn.list
