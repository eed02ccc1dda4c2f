"""The networks against torchvision's, and the parts that can be chosen."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn
from torchvision import models

from nntasks.errors import UsageError
from nntasks.interfaces import Batch
from nntasks.plugins.cnn_classify.networks.alexnet import alexnet, alexnet_small
from nntasks.plugins.cnn_classify.networks.blocks import BlockFactory
from nntasks.plugins.cnn_classify.networks.lenet import lenet
from nntasks.plugins.cnn_classify.networks.resnet import ResNet
from nntasks.plugins.cnn_classify.networks.vgg import vgg11
from nntasks.runner import make_task

PLAIN, BATCH = BlockFactory("none", "relu", 0.5), BlockFactory("batch", "relu", 0.5)


@pytest.mark.parametrize(
    ("ours", "theirs", "side"),
    [
        (lambda: alexnet(PLAIN, 3, 7), "alexnet", 224),
        (lambda: vgg11(PLAIN, 3, 7, 224, 1.0), "vgg11", 224),
        (lambda: vgg11(BATCH, 3, 7, 224, 1.0), "vgg11_bn", 224),
        (lambda: ResNet(BATCH, 18, 3, 7, "large", 1.0), "resnet18", 96),
        (lambda: ResNet(BATCH, 34, 3, 7, "large", 1.0), "resnet34", 96),
    ],
    ids=["alexnet", "vgg11", "vgg11_bn", "resnet18", "resnet34"],
)
def test_with_torchvision_weights_they_are_torchvision_networks(ours, theirs, side):
    torch.manual_seed(0)
    theirs = models.get_model(theirs, weights=None, num_classes=7).eval()
    for part in theirs.modules():  # running statistics that matter
        if isinstance(part, nn.BatchNorm2d):
            part.running_mean.normal_(0, 0.1)
            part.running_var.uniform_(0.5, 1.5)
    network = ours().eval()
    network.load_state_dict(theirs.state_dict())
    x = torch.randn(2, 3, side, side)
    with torch.inference_mode():
        expected, found = theirs(x), network(x)
    scale = float(expected.abs().max())
    assert scale > 1e-3
    assert torch.allclose(found, expected, rtol=0, atol=1e-5 * scale)


@pytest.mark.parametrize("side", [1, 8, 12, 28, 32, 40])
@pytest.mark.parametrize("channels", [1, 3])
def test_small_pictures_pass_through_the_networks_for_them(side, channels):
    networks = [
        alexnet_small(BATCH, channels, 5, side, 0.25),
        vgg11(BATCH, channels, 5, side, 0.125),
        ResNet(BATCH, 18, channels, 5, "small", 0.125),
    ]
    if side >= 12:
        networks.append(lenet(BATCH, channels, 5, side, side))
    x = torch.zeros(2, channels, side, side)
    assert {tuple(network.eval()(x).shape) for network in networks} == {(2, 5)}


class TestBuilding:
    def build(self, shape=(8, 8, 1), **keys):
        task = make_task("cnn_classify", [keys])
        info = task.load_data().info
        return task.build_model(type(info)(info.classes, shape))

    def test_the_seed_alone_decides_the_weights(self):
        first, again, other = (
            self.build(seed=seed).state()["network.features.0.weight"] for seed in (3, 3, 4)
        )
        assert torch.equal(first, again)
        assert not torch.equal(first, other)

    def test_it_leaves_torch_s_own_generator_alone(self):
        torch.manual_seed(5)
        before = torch.get_rng_state()
        self.build()
        assert torch.equal(torch.get_rng_state(), before)

    def test_grey_pictures_are_repeated_for_networks_of_colour(self):
        model = self.build(
            (32, 32, 1), model="torchvision", model_options={"name": "squeezenet1_1", "size": "64"}
        )
        batch = Batch(np.zeros((2, 32, 32, 1), np.uint8), None, [0, 1])
        assert [row.shape for row in model.predict(batch)] == [(10,), (10,)]

    @pytest.mark.parametrize(
        ("shape", "keys", "message"),
        [
            ((32, 32, 3), {"model": "alexnet"}, "63 x 63 pixels or more, got 32 x 32"),
            ((8, 8, 1), {"model": "lenet5"}, "12 x 12 pixels or more, got 8 x 8"),
            (
                (8, 8, 1),
                {"model": "torchvision", "model_options": {"name": "alexnet"}},
                "cannot read pictures of 8 x 8 pixels",
            ),
            ((), {}, "expected pictures of one size"),
            ((2,), {}, "expected pictures of one size"),
        ],
    )
    def test_pictures_that_do_not_fit(self, shape, keys, message):
        with pytest.raises(UsageError, match=message):
            self.build(shape, **keys)
