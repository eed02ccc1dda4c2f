"""U-Net as a model: its first weights, loss and probabilities, and keys that do not fit."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from nntasks.errors import UsageError
from nntasks.interfaces import Batch, DataInfo
from nntasks.plugins.unet_segment.model import build
from nntasks.plugins.unet_segment.samples import IGNORED, Sample
from nntasks.plugins.unet_segment.splits import MaskedPictures
from nntasks.runner import make_task
from nntasks.seeding import Seeds
from nntasks.training.standardised import IMAGENET


def made(seed=0, **keys):
    config = make_task("unet_segment", [{"depth": 2, "width": 4, **keys}]).config
    return build(config, DataInfo((), (16, 16, 3)), Seeds(seed))


def batch_of(count=2, sides=(16, 16), seed=0):
    rng = np.random.default_rng(seed)
    pictures = rng.integers(0, 256, (count, *sides, 3), dtype=np.uint8)
    masks = rng.integers(0, 2, (count, *sides), dtype=np.uint8)
    return Batch(pictures, masks, [f"p{n}" for n in range(count)])


def test_weights_follow_from_the_seed_alone():
    torch.manual_seed(1)
    first = made().module.state_dict()
    torch.manual_seed(2)
    same, other = made().module.state_dict(), made(seed=1).module.state_dict()
    assert all(torch.equal(value, same[name]) for name, value in first.items())
    assert any(not torch.equal(value, other[name]) for name, value in first.items())


def test_probabilities_have_the_size_of_their_picture_and_do_not_depend_on_the_batch():
    model, batch = made(), batch_of(3, (16, 24))
    together = model.predict(batch)
    assert [share.shape for share in together] == [(16, 24)] * 3
    assert together[0].dtype == np.float32
    assert all(0 <= share.min() <= share.max() <= 1 for share in together)
    model.module.train()
    (alone,) = model.predict(Batch(batch.inputs[1:2], None, ["p1"]))
    np.testing.assert_allclose(alone, together[1], rtol=0, atol=1e-5)


def test_mirror_averages_with_the_answer_for_the_mirror_image():
    batch = batch_of(1)
    mirrored = Batch(np.ascontiguousarray(batch.inputs[:, :, ::-1]), None, batch.ids)
    (plain,), (turned,) = made().predict(batch), made().predict(mirrored)
    (both,) = made(mirror=True).predict(batch)
    np.testing.assert_allclose(both, (plain + turned[:, ::-1]) / 2, rtol=0, atol=1e-5)
    (again,) = made(mirror=True).predict(mirrored)
    np.testing.assert_allclose(again, both[:, ::-1], rtol=0, atol=1e-5)


def test_the_loss_sees_counted_pixels_alone():
    model, batch = made(), batch_of(1)
    batch.targets[:, 8:] = IGNORED
    losses = []
    for changed in (None, (slice(8, None), slice(None)), (slice(8), slice(None))):
        logits = torch.zeros(1, 16, 16)
        if changed:
            logits[0][changed] = 3.0
        loss, parts = model.loss(lambda pixels, logits=logits: logits, batch)
        assert (loss.ndim, parts) == (0, {})
        losses.append(float(loss))
    assert losses[0] == losses[1] != losses[2]


def test_every_parameter_learns():
    model = made()
    loss, _ = model.loss(model.module.train(), batch_of())
    loss.backward()
    assert all(p.grad is not None for p in model.module.parameters())


@pytest.mark.parametrize("skips", ["3", "0,1"])
def test_a_level_that_is_not_there(skips):
    with pytest.raises(UsageError, match="skips: expected levels from 1 to 2, which this encoder"):
        made(skips=skips)


def test_weights_of_no_encoder_are_refused(tmp_path):
    with pytest.raises(UsageError, match="encoder_weights: give their encoder as well, such as"):
        made(encoder_weights=tmp_path / "w.pth")


class TestStandardising:
    def split(self):
        picture = np.full((4, 4, 3), (0, 51, 255), np.uint8)
        picture[0] = 255
        return MaskedPictures(
            [Sample("a", lambda: (picture, picture[..., 0] // 255))], None, None, Seeds(0)
        )

    def test_by_the_training_pictures(self):
        model = made()
        model.prepare_training(self.split(), SimpleNamespace())
        expected = [255 / 4, 255 / 4 + 51 * 3 / 4, 255]
        assert model.module.mean.flatten().tolist() == pytest.approx(expected, abs=1e-3)

    def test_by_imagenet_for_weights_from_there(self, tmp_path):
        model = made()
        model.config = model.config.model_copy(update={"encoder_weights": tmp_path / "w.pth"})
        model.prepare_training(self.split(), SimpleNamespace())
        assert model.module.mean.flatten().tolist() == pytest.approx(list(IMAGENET[0]))
        assert model.module.deviation.flatten().tolist() == pytest.approx(list(IMAGENET[1]))

    def test_as_before_for_pretrained_weights(self, tmp_path):
        model = made()
        model.module.standardise([1, 2, 3], [4, 5, 6])
        model.config = model.config.model_copy(update={"pretrained": tmp_path / "w"})
        model.prepare_training(self.split(), SimpleNamespace())
        assert model.module.mean.flatten().tolist() == [1, 2, 3]
