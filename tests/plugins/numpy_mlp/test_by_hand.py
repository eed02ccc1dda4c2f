"""The network layer by layer, as a user writes it in a notebook."""

from __future__ import annotations

import subprocess
import sys

import pytest
from command_line import ROOT
from xor_networks import CORNERS, XOR, small_network, xor_network

from nntasks.plugins import numpy_mlp
from nntasks.plugins.numpy_mlp import (
    Adam,
    Context,
    Sgd,
    cross_entropy,
    softmax,
)


def test_names_are_loaded_on_use_and_without_torch():
    code = (
        "import sys\nimport nntasks.plugins.numpy_mlp as n\nprint('numpy' in sys.modules)\n"
        "n.Linear\nprint('numpy' in sys.modules, 'torch' in sys.modules)\n"
        "print([name for name in n.__all__ if not hasattr(n, name)])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.splitlines() == ["False", "True False", "[]"]
    with pytest.raises(AttributeError, match="no attribute 'Linearr'"):
        numpy_mlp.Linearr  # noqa: B018


def test_weights_of_xor_set_by_hand():
    network = xor_network()
    logits = network.forward(CORNERS)
    assert logits.tolist() == [[0.5, 0], [0.5, 1], [0.5, 1], [0.5, 0]]
    assert softmax(logits).argmax(axis=1).tolist() == XOR.tolist()
    assert "0.linear: <Linear: weight (2, 2), bias (2,)>" in repr(network)


@pytest.mark.parametrize("make", [lambda n: Sgd(n, momentum=0.9), Adam], ids=["sgd", "adam"])
def test_training_by_hand_learns_xor(make):
    network = small_network()
    optimizer = make(network)
    for _ in range(200):
        loss, gradient = cross_entropy(network.forward(CORNERS, Context(training=True)), XOR)
        network.backward(gradient)
        optimizer.step(0.05)
    assert loss < 0.05
    assert network.forward(CORNERS, Context(training=True)).argmax(axis=1).tolist() == XOR.tolist()
