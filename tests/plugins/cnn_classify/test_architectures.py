"""The models by name: seeds, stems, pictures that do not fit."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from nntasks.errors import UsageError
from nntasks.interfaces import Batch
from nntasks.runner import make_task


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

    @pytest.mark.parametrize(
        ("side", "stem", "kernel"),
        [(32, "auto", 3), (64, "auto", 7), (32, "large", 7), (64, "small", 3)],
    )
    def test_the_stem_fits_the_pictures_unless_it_is_chosen(self, side, stem, kernel):
        options = {"stem": stem, "width": "0.0625"}
        model = self.build((side, side, 3), model="resnet18", model_options=options)
        assert model.state()["network.conv1.weight"].shape[-1] == kernel

    def test_norm_and_dropout_are_the_architecture_s_own_unless_chosen(self):
        own = self.build()
        bare = self.build(norm="none")
        assert len(bare.state()) < len(own.state())
        assert any("running_mean" in name for name in own.state())
        assert not any("running_mean" in name for name in bare.state())

    def test_the_weights_start_as_asked(self):
        state = self.build(init="zeros").state()
        assert not state["network.features.0.weight"].any()
