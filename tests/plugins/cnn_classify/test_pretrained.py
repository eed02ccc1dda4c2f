"""Pretrained weights: of a run, of torchvision, of other classes."""

from __future__ import annotations

import pytest
import torch
from safetensors.torch import save_file
from small_classifiers import INFO, mean_classifier

from nntasks.errors import UsageError
from nntasks.plugins.cnn_classify.pretrained import start_from

COLOUR = type(INFO)(INFO.classes, (12, 10, 3))


def stored(model, path, *, ours):
    state = model.module.state_dict() if ours else model.module.network.state_dict()
    save_file({name: value.contiguous() + 1 for name, value in state.items()}, path)
    return path


def weights(model):
    return model.module.network.state_dict()


def test_a_run_s_weights_come_with_its_statistics(tmp_path):
    model = mean_classifier()
    expected = {name: value + 1 for name, value in weights(model).items()}
    mean = model.module.mean + 1
    path = stored(model, tmp_path / "w.safetensors", ours=True)
    start_from(model, path, ours=True, say=print)
    assert all(torch.equal(weights(model)[name], value) for name, value in expected.items())
    assert torch.equal(model.module.mean, mean)


def test_a_last_layer_for_other_classes_keeps_its_own(tmp_path):
    other = type(INFO)(("a", "b"), INFO.input_shape)
    path = stored(mean_classifier(other), tmp_path / "w.safetensors", ours=True)
    model = mean_classifier()
    own = {name: value.clone() for name, value in weights(model).items()}
    start_from(model, path, ours=True, say=print)
    kept = {name for name, value in weights(model).items() if torch.equal(value, own[name])}
    assert kept == {"4.weight", "4.bias"}


def test_weights_of_elsewhere_have_the_statistics_of_imagenet_for_colours(tmp_path):
    for info, mean in ((COLOUR, [123.675, 116.28, 103.53]), (INFO, None)):
        model = mean_classifier(info)
        before = model.module.mean.flatten().tolist()
        path = stored(model, tmp_path / "w.safetensors", ours=False)
        start_from(model, path, ours=False, say=print)
        assert model.module.mean.flatten().tolist() == pytest.approx(mean or before)


def test_another_architecture_is_one_line(tmp_path):
    save_file({"a.weight": torch.zeros(3)}, tmp_path / "a.safetensors")
    message = "belongs to another architecture: expected 0.weight"
    with pytest.raises(UsageError, match=message) as caught:
        start_from(mean_classifier(), tmp_path / "a.safetensors", ours=False, say=print)
    assert "\n" not in str(caught.value)
