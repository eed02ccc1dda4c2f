"""`skips=`: which maps of the encoder reach the decoder."""

from __future__ import annotations

import pytest
import torch

from nntasks.runner import make_task


def network(**keys):
    task = make_task("unet_segment", [{"depth": "2", "width": "4", "norm": "none", **keys}])
    return task.build_model(task.load_data().info).module.network.eval()


@pytest.mark.parametrize(
    ("skips", "read"), [("all", [1, 2]), ("none", []), ("1", [1]), ("2", [2]), ("1,2", [1, 2])]
)
def test_the_decoder_reads_the_named_levels_alone(skips, read):
    net = network(skips=skips)
    pictures = torch.rand(1, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    maps = [one.detach().requires_grad_() for one in net.down(pictures)]
    net.decode(maps).square().sum().backward()
    levels = [level for level, one in enumerate(maps[:-1], 1) if one.grad is not None]
    assert levels == read
    assert maps[-1].grad is not None


def test_all_is_the_network_without_the_key():
    usual, named = network(), network(skips="1,2")
    assert usual.state_dict().keys() == named.state_dict().keys()
