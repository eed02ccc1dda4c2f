"""The networks against torchvision's, and the parts that can be chosen."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import nn
from torchvision import models

from nntasks.errors import UsageError
from nntasks.interfaces import Batch
from nntasks.plugins.cnn_classify.networks.alexnet import alexnet, alexnet_small
from nntasks.plugins.cnn_classify.networks.blocks import ACTIVATIONS, BlockFactory
from nntasks.plugins.cnn_classify.networks.initialisation import initialise
from nntasks.plugins.cnn_classify.networks.lenet import lenet
from nntasks.plugins.cnn_classify.networks.resnet import ResNet
from nntasks.plugins.cnn_classify.networks.torchvision_networks import (
    exchange_layers,
    last_linear,
    torchvision_network,
)
from nntasks.plugins.cnn_classify.networks.vgg import vgg11
from nntasks.runner import make_task
from nntasks.training.norms import normalisation

PLAIN, BATCH = BlockFactory("none", "relu", 0.5), BlockFactory("batch", "relu", 0.5)


def count(network, kind):
    return sum(isinstance(part, kind) for part in network.modules())


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


class TestParts:
    @pytest.mark.parametrize(
        ("norm", "kind"),
        [("batch", nn.BatchNorm2d), ("layer", nn.GroupNorm), ("group", nn.GroupNorm)],
    )
    def test_a_norm_behind_every_convolution(self, norm, kind):
        for make, convolutions in (
            (lambda p: alexnet_small(p, 3, 10, 32, 0.5), 5),
            (lambda p: alexnet(p, 3, 10), 5),
            (lambda p: vgg11(p, 3, 10, 32, 0.25), 8),
            (lambda p: lenet(p, 3, 10, 32, 32), 2),
            (lambda p: ResNet(p, 18, 3, 10, "small", 0.25), 20),
        ):
            assert count(make(BlockFactory(norm, "relu", 0)), kind) == convolutions
            assert count(make(PLAIN), (nn.BatchNorm2d, nn.GroupNorm)) == 0

    def test_layer_norm_is_over_all_channels_and_group_norm_over_at_most_32_groups(self):
        x = torch.randn(4, 48, 5, 5)
        expected = nn.functional.layer_norm(x, x.shape[1:])
        assert torch.allclose(normalisation("layer", 48)(x), expected, atol=1e-6)
        assert normalisation("group", 48).num_groups == 24
        assert normalisation("group", 64).num_groups == 32

    @pytest.mark.parametrize("name", ACTIVATIONS)
    def test_activations(self, name):
        kind = type(ACTIVATIONS[name]())
        network = vgg11(BlockFactory("none", name, 0.1), 1, 3, 16, 0.125)
        assert count(network, kind) == 10
        assert name == "relu" or count(network, nn.ReLU) == 0


class TestInitialisation:
    @pytest.mark.parametrize(
        ("kind", "deviation"),
        [
            ("zeros", 0.0),
            ("normal", 0.01),
            ("xavier", math.sqrt(2 / (900 + 1800))),
            ("he", math.sqrt(2 / 900)),
        ],
    )
    def test_deviations(self, kind, deviation):
        torch.manual_seed(0)
        layer = nn.Conv2d(100, 200, 3)
        initialise(layer, kind)
        assert float(layer.weight.detach().std()) == pytest.approx(deviation, rel=0.01)
        assert not layer.bias.any()

    def test_orthogonal_rows(self):
        layer = nn.Linear(40, 10)
        initialise(layer, "orthogonal")
        assert torch.allclose(layer.weight @ layer.weight.T, torch.eye(10), atol=1e-5)


class TestTorchvision:
    def test_parts_are_exchanged(self):
        network = exchange_layers(
            torchvision_network("mobilenet_v3_small", 4), "group", "silu", 0.4
        )
        assert count(network, (nn.BatchNorm2d, nn.Hardswish, nn.ReLU)) == 0
        assert count(network, nn.GroupNorm) == 34
        assert {part.p for part in network.modules() if isinstance(part, nn.Dropout)} == {0.4}
        assert network.eval()(torch.zeros(1, 3, 64, 64)).shape == (1, 4)

    def test_norms_are_put_in_where_there_are_none(self):
        network = exchange_layers(torchvision_network("vgg11", 4), "batch", "auto", None)
        ours = vgg11(BATCH, 3, 4, 224, 1.0)
        assert list(network.state_dict()) == list(ours.state_dict())
        bare = exchange_layers(torchvision_network("alexnet", 4), "none", "auto", None)
        assert count(bare, nn.BatchNorm2d) == 0

    def test_no_norm_leaves_a_network_that_runs(self):
        network = exchange_layers(torchvision_network("resnet18", 4), "none", "auto", None)
        assert count(network, nn.BatchNorm2d) == 0
        assert network(torch.zeros(1, 3, 64, 64)).shape == (1, 4)

    def test_a_dropout_where_there_is_none(self):
        network = exchange_layers(torchvision_network("resnet18", 4), "auto", "auto", 0.3)
        assert isinstance(network.fc, nn.Sequential)
        assert network.fc[0].p == 0.3
        assert last_linear(network)[0] == "fc.1"

    def test_what_cannot_be(self):
        with pytest.raises(UsageError, match="no batch norm to exchange"):
            exchange_layers(torchvision_network("vit_b_32", 4), "group", "auto", None)
        with pytest.raises(UsageError, match=r"no classifier 'resnet81'. Did you mean 'resnet18'"):
            torchvision_network("resnet81", 4)


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
