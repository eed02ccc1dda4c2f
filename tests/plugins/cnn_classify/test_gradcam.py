"""Grad-CAM and explanations against what they must be for networks whose evidence is known."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from nntasks.interfaces import DataInfo
from nntasks.plugins.cnn_classify.config import CnnConfig
from nntasks.plugins.cnn_classify.explanation import explain_picture
from nntasks.plugins.cnn_classify.gradcam import grad_cam, has_map
from nntasks.plugins.cnn_classify.model import PictureClassifier
from nntasks.plugins.cnn_classify.networks.torchvision_networks import torchvision_network
from nntasks.seeding import Seeds

INFO = DataInfo(("left", "right", "neither"), (12, 10, 1))


def classifier(*layers):
    torch.manual_seed(0)
    return PictureClassifier(nn.Sequential(*layers), CnnConfig(), INFO, Seeds(0))


@pytest.fixture
def mean_network():
    """Return a network that ends with the mean of each channel and a linear layer."""
    return classifier(
        nn.Conv2d(1, 6, 3, padding=1),
        nn.ReLU(inplace=True),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(6, 3),
    )


def test_behind_a_mean_it_is_the_class_activation_map(mean_network):
    """Zhou et al. (CVPR 2016) weigh maps by the linear layer itself; Grad-CAM equals that here."""
    pictures = np.random.default_rng(0).integers(0, 256, (4, 12, 10, 1), dtype=np.uint8)
    labels = np.array([0, 2, 1, 0])
    found = grad_cam(mean_network, pictures, labels)
    assert found.layer == "network.1"
    network = mean_network.module.network
    with torch.no_grad():
        maps = network[1](network[0](mean_network.pixels(pictures)))
        weights = network[4].weight[torch.from_numpy(labels)]  # (B, C)
        expected = (weights[:, :, None, None] * maps).sum(dim=1).relu() / (12 * 10)
    assert np.allclose(found.maps, expected.numpy(), rtol=1e-4, atol=1e-5)
    assert found.over(24, 20).shape == (4, 24, 20)


def test_it_points_at_the_only_place_that_counts():
    class LeftHalf(nn.Module):
        def forward(self, x):
            return x[..., :5].mean(dim=(2, 3))

    model = classifier(nn.Conv2d(1, 3, 1), nn.ReLU(), LeftHalf(), nn.Linear(3, 3))
    with torch.no_grad():
        model.module.network[0].weight.fill_(1.0)
        model.module.network[0].bias.zero_()
        model.module.network[3].weight.fill_(1.0)
    bright = np.zeros((1, 12, 10, 1), np.uint8)
    bright[0, 2:4, 1:3] = 200
    heat = grad_cam(model, bright, np.array([1])).over(12, 10)[0]
    assert heat[2:4, 1:3].min() == heat.max() == 1
    assert heat[6:].max() == 0


def test_networks_without_maps_have_none():
    model = classifier(nn.Flatten(), nn.Linear(120, 3))
    assert grad_cam(model, np.zeros((1, 12, 10, 1), np.uint8), np.array([0])) is None


class Tokens(nn.Module):
    """Turn a map (B, C, H, W) into tokens (B, H W, C), or (B, H, W, C)."""

    def __init__(self, flat):
        super().__init__()
        self.flat = flat

    def forward(self, x):
        return x.flatten(2).transpose(1, 2) if self.flat else x.permute(0, 2, 3, 1)


class Mean(nn.Module):
    def forward(self, x):
        return x.flatten(1, -2).mean(dim=1)


@pytest.mark.parametrize("flat", [True, False])
@pytest.mark.parametrize("layer", [nn.Linear(6, 6), nn.LayerNorm(6)], ids=["linear", "norm"])
def test_a_map_that_is_turned_into_tokens_is_not_shown(flat, layer):
    model = classifier(nn.Conv2d(1, 6, 3, padding=1), Tokens(flat), layer, Mean(), nn.Linear(6, 3))
    assert grad_cam(model, np.zeros((1, 12, 10, 1), np.uint8), np.array([0])) is None


def test_a_map_behind_tokens_is_shown():
    class Map(nn.Module):
        def forward(self, x):
            return x.permute(0, 3, 1, 2)

    layers = [nn.Conv2d(1, 6, 3, padding=1), Tokens(False), nn.Linear(6, 6), Map()]
    model = classifier(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 3))
    assert grad_cam(model, np.zeros((1, 12, 10, 1), np.uint8), np.array([0])).maps.shape == (
        1,
        12,
        10,
    )


def test_a_vision_transformer_has_no_map_and_says_so(tmp_path):
    from torchvision.models import VisionTransformer

    sizes = {"num_layers": 1, "num_heads": 2, "hidden_dim": 8, "mlp_dim": 8, "num_classes": 3}
    network = VisionTransformer(image_size=16, patch_size=4, **sizes)
    info = DataInfo(("left", "right", "neither"), (16, 16, 3))
    model = PictureClassifier(network, CnnConfig(), info, Seeds(0))
    Image.fromarray(np.zeros((16, 16, 3), np.uint8)).save(tmp_path / "a.png")
    text = str(explain_picture(model, tmp_path / "a.png", "left"))
    assert "no map" in text
    assert "conv_proj" not in text
    assert not has_map(model, np.zeros((1, 16, 16, 3), np.uint8))


def torchvision_model(name, side):
    torch.manual_seed(0)
    info = DataInfo(("left", "right", "neither"), (side, side, 3))
    return PictureClassifier(torchvision_network(name, 3), CnnConfig(), info, Seeds(0))


def saved_noise(folder, side):
    pixels = np.random.default_rng(0).integers(0, 256, (side, side, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(folder / "a.png")
    return folder / "a.png", pixels


def test_vit_of_torchvision_has_no_map_and_its_terms_add_up(tmp_path):
    model = torchvision_model("vit_b_16", 224)
    nn.init.normal_(model.module.network.heads.head.weight)  # torchvision starts it with zeros
    path, pixels = saved_noise(tmp_path, 224)
    found = explain_picture(model, path, "right")
    assert "no map: the network has no feature map" in str(found)
    assert (found.looked_at, found.layer, found.units) == ((), "", 768)
    with torch.inference_mode():
        logits = model.module.eval()(model.pixels(pixels[None]))[0]
    assert found.logit == pytest.approx(float(logits[1]), abs=1e-3)
    assert not has_map(model, pixels[None])


def test_swin_of_torchvision_has_the_map_of_its_last_tokens(tmp_path):
    """Its tokens are a grid, laid out as a map; behind them stand a mean and a linear layer."""
    model = torchvision_model("swin_t", 128)
    path, pixels = saved_noise(tmp_path, 128)
    found = explain_picture(model, path, "neither")
    assert (found.layer, found.no_map) == ("permute", "")
    network = model.module.network.eval()
    with torch.inference_mode():
        tokens = network.norm(
            network.features(model.module.standardised(model.pixels(pixels[None])))
        )
        expected = (tokens[0] * network.head.weight[2]).sum(dim=-1).relu().numpy()  # (4, 4)
    assert np.array(found.looked_at) == pytest.approx(expected / expected.max(), abs=1e-4)


def test_swin_of_a_small_picture_has_no_map_and_says_so(tmp_path):
    path, _ = saved_noise(tmp_path, 64)
    found = explain_picture(torchvision_model("swin_t", 64), path, "left")
    assert "no map" in str(found)
    assert found.looked_at == ()


def test_weights_and_gradients_are_left_alone(mean_network):
    before = {name: value.clone() for name, value in mean_network.state().items()}
    grad_cam(mean_network, np.full((1, 12, 10, 1), 9, np.uint8), np.array([0]))
    assert all(torch.equal(value, before[name]) for name, value in mean_network.state().items())
    assert all(p.grad is None for p in mean_network.module.parameters())
    assert not mean_network.module._modules["network"][0]._forward_hooks
