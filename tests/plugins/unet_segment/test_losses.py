"""Losses against formulas written another way, and against torchvision."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from segmentation_models_pytorch import losses as smp
from torch.nn import functional
from torchvision.ops import sigmoid_focal_loss

from nntasks.plugins.unet_segment import losses
from nntasks.plugins.unet_segment.config import UnetConfig


@pytest.fixture
def batch():
    rng = torch.Generator().manual_seed(0)
    logits = 2 * torch.randn(3, 9, 7, generator=rng, dtype=torch.float64)
    targets = (torch.rand(3, 9, 7, generator=rng) < 0.4).double()
    counted = torch.rand(3, 9, 7, generator=rng) < 0.8
    return logits, targets, counted


def every_loss():
    names = UnetConfig.model_fields["loss"].annotation.__args__
    return [pytest.param(losses.build_loss(UnetConfig(loss=name)), id=name) for name in names]


@pytest.mark.parametrize("loss", every_loss())
class TestEvery:
    def test_pixels_that_are_not_counted_do_not_matter(self, loss, batch):
        logits, targets, counted = batch
        other = torch.where(counted, logits, -logits + 3)
        truth = torch.where(counted, targets, 1 - targets)
        if loss is not losses.lovasz and getattr(loss, "func", None) is losses.border:
            truth = targets  # its map is of whole masks
        assert torch.equal(loss(logits, targets, counted), loss(other, truth, counted))

    def test_gradients(self, loss, batch):
        logits, targets, counted = (part[:2, :6, :5] for part in batch)
        logits = logits.contiguous().requires_grad_()
        assert torch.autograd.gradcheck(lambda x: loss(x, targets, counted), (logits,))

    def test_it_falls_from_wrong_to_right(self, loss, batch):
        _, targets, counted = batch
        right = 8 * (2 * targets - 1)
        assert loss(right, targets, counted) < 0.2
        assert loss(-right, targets, counted) > 0.5

    def test_nothing_counted_is_finite(self, loss, batch):
        logits, targets, _ = batch
        nothing = torch.zeros_like(targets, dtype=torch.bool)
        assert torch.isfinite(loss(logits, targets, nothing))


def test_bce(batch):
    logits, targets, counted = batch
    p = torch.sigmoid(logits)
    each = -(3 * targets * p.log() + (1 - targets) * (1 - p).log())
    expected = each[counted].mean()
    assert losses.bce(logits, targets, counted, 3.0) == pytest.approx(float(expected), rel=1e-12)


def test_focal_is_torchvisions(batch):
    logits, targets, counted = batch
    each = sigmoid_focal_loss(logits, targets, alpha=0.25, gamma=2.0)
    found = losses.focal(logits, targets, counted, gamma=2.0, alpha=0.25)
    assert float(found) == pytest.approx(float(each[counted].mean()), rel=1e-12)


def test_dice_and_tversky(batch):
    logits, targets, counted = batch
    p, t = torch.sigmoid(logits)[counted], targets[counted]
    dice = 1 - 2 * (p * t).sum() / (p.sum() + t.sum())
    assert float(losses.dice(logits, targets, counted)) == pytest.approx(float(dice), abs=1e-7)
    tp, fp, fn = (p * t).sum(), (p * (1 - t)).sum(), ((1 - p) * t).sum()
    expected = 1 - tp / (tp + 0.3 * fp + 0.7 * fn)
    found = losses.tversky(logits, targets, counted, 0.3, 0.7)
    assert float(found) == pytest.approx(float(expected), abs=1e-7)
    both = losses.bce_dice(logits, targets, counted)
    expected = losses.bce(logits, targets, counted) + losses.dice(logits, targets, counted)
    assert float(both) == float(expected)


class TestLovasz:
    def test_with_hinges_of_0_and_1_it_is_the_iou_loss(self):
        """The extension equals the set function at the corners of the cube."""
        rng = np.random.default_rng(0)
        for _ in range(20):
            truth = rng.random(40) < 0.4
            called = rng.random(40) < 0.5
            truth[0] = True
            signs = torch.from_numpy(np.where(truth, 1.0, -1.0))
            wrong = torch.from_numpy(truth != called).double()
            logits = signs * (1 - wrong)  # hinge 1 where wrong, 0 where right
            iou = (truth & called).sum() / (truth | called).sum()
            found = losses.lovasz(
                logits[None, None],
                torch.from_numpy(truth)[None, None].double(),
                torch.ones(1, 1, 40, dtype=torch.bool),
            )
            assert float(found) == pytest.approx(1 - iou, abs=1e-12)

    def test_it_is_the_mean_over_pictures(self, batch):
        logits, targets, counted = batch
        each = [losses.lovasz(*(part[i : i + 1] for part in batch)) for i in range(3)]
        whole = losses.lovasz(logits, targets, counted)
        assert float(whole) == pytest.approx(float(torch.stack(each).mean()), rel=1e-12)


class TestBorder:
    def test_the_map_by_its_formula(self):
        mask = np.zeros((12, 14), bool)
        mask[2:6, 1:4] = mask[3:9, 6:8] = mask[9:11, 11:13] = True
        objects = [
            mask & np.pad(np.ones(s), p).astype(bool)
            for s, p in (
                ((12, 5), ((0, 0), (0, 9))),
                ((12, 4), ((0, 0), (5, 5))),
                ((12, 5), ((0, 0), (9, 0))),
            )
        ]
        found = losses.border_map(mask, 10, 5)
        for y, x in np.ndindex(mask.shape):
            near = sorted(
                min(np.hypot(y - a, x - b) for a, b in zip(*np.nonzero(one), strict=True))
                for one in objects
            )
            extra = 0 if mask[y, x] else 10 * np.exp(-((near[0] + near[1]) ** 2) / 50)
            assert found[y, x] == pytest.approx(1 + extra, rel=1e-5)

    @pytest.mark.parametrize("objects", [0, 1])
    def test_without_two_objects_it_is_flat_and_the_loss_plain(self, objects, batch):
        logits, _, counted = batch
        targets = torch.zeros_like(logits)
        targets[:, :objects] = 1
        assert (losses.border_map(targets[0].numpy() > 0, 10, 5) == 1).all()
        expected = functional.binary_cross_entropy_with_logits(logits[counted], targets[counted])
        found = losses.border(logits, targets, counted)
        assert float(found) == pytest.approx(float(expected), rel=1e-12)


class TestAgainstSegmentationModels:
    """Where segmentation_models_pytorch has the same loss; 255 is not counted by either."""

    @pytest.fixture
    def theirs(self, batch):
        logits, targets, counted = batch
        return logits[:, None], torch.where(counted, targets, 255.0)[:, None]

    @pytest.mark.parametrize(
        ("name", "their"),
        [
            ("dice", smp.DiceLoss("binary", ignore_index=255)),
            ("tversky", smp.TverskyLoss("binary", ignore_index=255, alpha=0.3, beta=0.7)),
            ("bce", smp.SoftBCEWithLogitsLoss(ignore_index=255, reduction="none")),
            ("focal", smp.FocalLoss("binary", ignore_index=255, gamma=2.0)),
            ("lovasz", smp.LovaszLoss("binary", per_image=True, ignore_index=255)),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_value_and_gradient(self, batch, theirs, name, their):
        logits, targets, counted = batch
        other, truth = theirs
        if name == "lovasz":  # theirs takes no doubles
            logits, targets, other, truth = (part.float() for part in (logits, targets, *theirs))
        logits.requires_grad_()
        ours = losses.build_loss(UnetConfig(loss=name))(logits, targets, counted)
        other = other.detach().requires_grad_()
        said = their(other, truth)
        if name == "bce":
            said = said.sum() / counted.sum()  # their mean is over all pixels, counted or not
        if name == "focal":
            said = said / 2  # they have no weight of the background where alpha is not given
        assert float(ours.detach()) == pytest.approx(float(said.detach()), abs=2e-7)
        (own,) = torch.autograd.grad(ours, logits)
        (given,) = torch.autograd.grad(said, other)
        assert torch.allclose(own, given[:, 0], atol=1e-7)
