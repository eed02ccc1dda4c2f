"""Mixup and CutMix do what their papers say."""

from __future__ import annotations

import torch

from nntasks.plugins.cnn_classify.mixing import mixing


class TestMixing:
    def mixed(self, **alphas):
        torch.manual_seed(1)
        pictures, labels = torch.rand(6, 3, 8, 8), torch.tensor([0, 1, 2, 0, 1, 2])
        return (
            pictures,
            labels,
            *mixing(**{"mixup": 0.0, "cutmix": 0.0, "classes": 3, **alphas})(pictures, labels),
        )

    def test_none(self):
        assert mixing(0, 0, 3) is None

    def test_mixup_blends_a_picture_with_the_one_before_as_much_as_its_label(self):
        pictures, labels, blended, shares = self.mixed(mixup=1.0)
        hot = torch.nn.functional.one_hot(labels, 3).float()
        share = float(shares[0, 0])  # of class 0, whose partner is of class 2
        assert 0 < share < 1
        expected = share * pictures + (1 - share) * pictures.roll(1, 0)
        assert torch.allclose(blended, expected, atol=1e-6)
        assert torch.allclose(shares, share * hot + (1 - share) * hot.roll(1, 0))

    def test_cutmix_takes_each_pixel_from_one_of_two_and_counts_them(self):
        pictures, labels, pasted, shares = self.mixed(cutmix=1.0)
        other = (pasted != pictures).any(dim=1)  # (B, H, W)
        assert torch.equal(pasted, torch.where(other[:, None], pictures.roll(1, 0), pictures))
        assert 0 < other.float().mean() < 1
        hot = torch.nn.functional.one_hot(labels, 3).float()
        share = 1 - other[0].float().mean()
        assert torch.allclose(shares, share * hot + (1 - share) * hot.roll(1, 0))
