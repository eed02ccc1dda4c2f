"""`align=`: how maps of unequal sizes are joined."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from nntasks.errors import UsageError
from nntasks.plugins.unet_segment.explanation.explain import explain_pixel
from nntasks.plugins.unet_segment.explanation.options import ExplainOptions
from nntasks.plugins.unet_segment.joining import to_one_size, to_picture
from nntasks.runner import make_task

ALIGNS = ("picture", "pad", "crop", "resize")
KEYS = {"depth": "3", "width": "4", "data.size": "29", "data.test": "1", "data.train": "1"}


def maps(rows, columns, seed=0):
    return torch.randn(2, 3, rows, columns, generator=torch.Generator().manual_seed(seed))


def model(**keys):
    task = make_task("unet_segment", [{**KEYS, **keys}])
    return task, task.build_model(task.load_data().info)


class TestMaps:
    @pytest.mark.parametrize("align", ALIGNS)
    def test_equal_sizes_stay_as_they_are(self, align):
        x, across = maps(6, 8), maps(6, 8, 1)
        found = to_one_size(x, across, align)
        assert found[0] is x
        assert found[1] is across

    def test_pad_adds_zeros_below_and_to_the_right(self):
        x, across = maps(6, 8), maps(7, 9, 1)
        padded, same = to_one_size(x, across, "pad")
        expected = np.pad(x.numpy(), ((0, 0), (0, 0), (0, 1), (0, 1)))
        assert np.array_equal(padded.numpy(), expected)
        assert same is across

    def test_crop_cuts_whichever_is_larger(self):
        x, across = maps(6, 10), maps(7, 9, 1)
        one, other = to_one_size(x, across, "crop")
        assert torch.equal(one, x[..., :9])
        assert torch.equal(other, across[:, :, :6])

    def test_resize_interpolates_as_pillow_does(self):
        x, across = maps(6, 8), maps(7, 9, 1)
        resized, same = to_one_size(x, across, "resize")
        planes = (one.flatten(0, 1).numpy() for one in (resized, x))
        for plane, expected in zip(*planes, strict=True):
            theirs = Image.fromarray(expected).resize((9, 7), Image.Resampling.BILINEAR)
            assert np.allclose(plane, np.asarray(theirs), atol=1e-6)
        assert same is across

    def test_missing_rows_of_the_mask_repeat_the_last_one(self):
        logits = maps(6, 8)[:, 0]
        expected = np.pad(logits.numpy()[..., :7], ((0, 0), (0, 3), (0, 0)), "edge")
        assert np.array_equal(to_picture(logits, 9, 7).numpy(), expected)


class TestNetwork:
    def test_sides_that_halve_evenly_give_one_answer(self):
        pictures = torch.rand(1, 3, 24, 16, generator=torch.Generator().manual_seed(0))
        found = []
        for align in ALIGNS:
            network = model(align=align)[1].module.network.eval()
            found.append(network(pictures))
        assert all(torch.equal(found[0], other) for other in found[1:])

    @pytest.mark.parametrize("encoder", ["none", "resnet18"])
    @pytest.mark.parametrize("skips", ["all", "none"])
    @pytest.mark.parametrize("align", ALIGNS)
    def test_any_size_gives_a_mask_of_that_size(self, align, skips, encoder):
        side = {"none": 13, "resnet18": 37}[encoder]
        network = model(align=align, skips=skips, encoder=encoder)[1].module.network.eval()
        assert network(torch.rand(1, 3, side, side + 4)).shape == (1, side, side + 4)

    def test_uneven_sides_give_four_answers(self):
        picture = torch.rand(1, 3, 29, 29, generator=torch.Generator().manual_seed(0))
        found = [model(align=align)[1].module.network.eval()(picture) for align in ALIGNS]
        for i, one in enumerate(found):
            assert all(not torch.allclose(one, other, atol=1e-4) for other in found[i + 1 :])

    def test_all_have_the_same_weights(self):
        states = [model(align=align)[1].module.state_dict() for align in ALIGNS]
        for state in states[1:]:
            assert all(torch.equal(state[name], value) for name, value in states[0].items())

    def test_a_picture_smaller_than_the_stride(self):
        with pytest.raises(UsageError, match="align=crop: expected pictures of 8 x 8 pixels or"):
            model(align="crop")[1].module.network(torch.rand(1, 3, 7, 20))


def test_explain_refuses_what_was_padded_or_cut_inside_the_network():
    task, made = model(align="pad")
    with pytest.raises(UsageError, match="sides are multiples of 8, got 29 x 29"):
        explain_pixel(made, task.config, "test-00000", ExplainOptions(), task.load_data)
