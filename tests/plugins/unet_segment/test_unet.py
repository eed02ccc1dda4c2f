"""The network, its encoders, tiles, samples and the data sets."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn
from torchvision import models

from nntasks.errors import MissingError, UsageError
from nntasks.plugins.unet_segment.augmentation import changes
from nntasks.plugins.unet_segment.config import PRESETS
from nntasks.plugins.unet_segment.data.blobs import Blobs, paint
from nntasks.plugins.unet_segment.data.pets import Pets
from nntasks.plugins.unet_segment.encoders import encoder
from nntasks.plugins.unet_segment.network import AttentionGate, UNet, UNetEncoder
from nntasks.plugins.unet_segment.prediction import outlines
from nntasks.plugins.unet_segment.samples import IGNORED, Sample
from nntasks.plugins.unet_segment.splits import MaskedPictures
from nntasks.plugins.unet_segment.tiling import part_of_tile, tiled
from nntasks.seeding import Seeds
from nntasks.testing import check_split


def unet(depth=2, width=4, residual=False, norm="none", upsample="transposed", attention=False):
    torch.manual_seed(0)
    steps = [width * 2**n for n in reversed(range(depth))]
    return UNet(
        UNetEncoder(3, depth, width, norm, residual, 0.0),
        steps,
        upsample=upsample,
        attention=attention,
        norm=norm,
        residual=residual,
    ).eval()


class TestNetwork:
    @pytest.mark.parametrize("size", [(1, 1), (7, 13), (32, 32), (33, 65)])
    def test_any_size_comes_out_as_it_went_in(self, size):
        assert unet()(torch.rand(2, 3, *size)).shape == (2, *size)

    @pytest.mark.parametrize("upsample", ["transposed", "bilinear"])
    @pytest.mark.parametrize("attention", [False, True])
    @pytest.mark.parametrize("residual", [False, True])
    @pytest.mark.parametrize("norm", ["none", "batch", "layer", "group"])
    def test_every_choice_builds(self, upsample, attention, residual, norm):
        network = unet(2, 4, residual, norm, upsample, attention)
        assert network(torch.rand(1, 3, 16, 20)).shape == (1, 16, 20)
        kinds = [type(part) for part in network.modules()]
        assert (AttentionGate in kinds) == attention
        assert (nn.ConvTranspose2d in kinds) == (upsample == "transposed")

    def test_at_the_size_of_the_paper_it_has_the_papers_parameters(self):
        network = unet(4, 64)
        # 31,030,593 for one colour is the number in use; two more colours are 2 x 9 x 64 weights.
        assert sum(p.numel() for p in network.parameters()) == 31_030_593 + 2 * 9 * 64

    def test_a_pixel_is_told_what_lies_around_it(self):
        network = unet(3)
        x = torch.rand(1, 3, 64, 64, requires_grad=True)
        network(x)[0, 32, 32].backward()
        rows = x.grad.abs().sum(dim=(0, 1, 3)).nonzero().flatten()
        assert rows.min() < 16
        assert rows.max() > 48


class TestEncoders:
    @pytest.mark.parametrize("kind", ["resnet18", "mobilenet_v3"])
    def test_maps_halve_and_have_the_channels_they_say(self, kind):
        down = encoder(kind, None).eval()
        maps = down(torch.rand(1, 3, 64, 96))
        assert [tuple(m.shape[1:]) for m in maps] == [
            (c, 64 // 2**n, 96 // 2**n) for n, c in enumerate(down.channels, start=1)
        ]
        network = UNet(
            down,
            (64, 32, 16, 16, 8),
            upsample="bilinear",
            attention=True,
            norm="batch",
            residual=True,
        ).eval()
        assert network(torch.rand(1, 3, 50, 70)).shape == (1, 50, 70)

    def test_weights_that_a_user_brings(self, tmp_path):
        torch.manual_seed(1)
        theirs = models.resnet18().eval()
        torch.save(theirs.state_dict(), tmp_path / "resnet18.pth")
        down = encoder("resnet18", tmp_path / "resnet18.pth").eval()
        x = torch.rand(1, 3, 64, 64)
        with torch.inference_mode():
            expected = theirs.fc(theirs.avgpool(down(x)[-1]).flatten(1))
            assert torch.allclose(theirs(x), expected, atol=1e-5)
        with pytest.raises(UsageError, match="is not of resnet34"):
            encoder("resnet34", tmp_path / "resnet18.pth")


class TestTiles:
    @pytest.mark.parametrize(("height", "width"), [(50, 70), (64, 64), (5, 9)])
    def test_what_looks_no_further_than_the_overlap_is_the_same_as_whole(self, height, width):
        from scipy import ndimage

        picture = np.random.default_rng(0).random((height, width, 1))

        def mean(part):
            return ndimage.uniform_filter(part[..., 0], 5, mode="reflect").astype(np.float32)

        found = tiled(picture, mean, tile=16, overlap=4)
        assert np.allclose(found, mean(picture), atol=1e-6)

    def test_the_part_of_a_tile_is_what_it_was_decided_by(self):
        picture = np.random.default_rng(0).random((50, 70, 1))
        parts = []
        tiled(picture, lambda part: parts.append(part) or part[..., 0], tile=16, overlap=4)
        for x, y in ((0, 0), (20, 33), (69, 49)):
            part, left, top = part_of_tile(picture, (x, y), 16, 4)
            assert np.array_equal(part, parts[y // 16 * 5 + x // 16])
            assert part[y - top, x - left] == picture[y, x]


class TestSamples:
    def split(self, names=(), count=6):
        samples = [
            Sample(f"s{i}", lambda i=i: paint(Seeds(0), "train", i, Blobs.Config(size=32)))
            for i in range(count)
        ]
        return MaskedPictures(samples, None, changes(names, 32, 32), Seeds(0))

    @pytest.mark.parametrize("name", PRESETS)
    def test_presets_are_functions_of_epoch_and_index(self, name):
        split = self.split((name,))
        whole = split.batch(range(6), epoch=2)
        assert (whole.inputs.shape, whole.targets.shape) == ((6, 32, 32, 3), (6, 32, 32))
        assert set(np.unique(whole.targets)) <= {0, 1, IGNORED}
        again = split.batch([4], epoch=2)
        assert np.array_equal(again.inputs[0], whole.inputs[4])
        assert np.array_equal(again.targets[0], whole.targets[4])
        assert not np.array_equal(split.batch(range(6), epoch=3).inputs, whole.inputs)
        check_split(split)

    def test_pictures_and_masks_move_together(self):
        blocks = np.random.default_rng(0).integers(0, 2, (4, 4), dtype=np.uint8)
        base = np.kron(blocks, np.ones((8, 8), np.uint8))
        sample = Sample("x", lambda: (np.repeat(base[..., None] * 255, 3, axis=2), base))
        for names in (("flip",), ("flip", "crop"), ("elastic",), ("rotate",)):
            split = MaskedPictures([sample], None, changes(names, 32, 32), Seeds(0))
            for epoch in range(4):
                batch = split.batch([0], epoch=epoch)
                bright, mask = batch.inputs[0, ..., 0], batch.targets[0]
                sure = ((bright < 20) | (bright > 235)) & (mask != IGNORED)
                assert sure.mean() > 0.02
                assert ((bright[sure] > 127) == (mask[sure] == 1)).mean() > 0.95

    def test_sizes_that_differ_are_named(self):
        def blank(height):
            return np.zeros((height, 8, 3), np.uint8), np.zeros((height, 8), np.uint8)

        samples = [Sample("a", lambda: blank(8)), Sample("b", lambda: blank(9))]
        with pytest.raises(UsageError, match=r"b has 8 x 9 pixels, but a has 8 x 8; scale all"):
            MaskedPictures(samples, None, None, Seeds(0)).batch([0, 1])
        scaled = MaskedPictures(samples, (4, 6), None, Seeds(0)).batch([0, 1])
        assert scaled.inputs.shape == (2, 4, 6, 3)


class TestBlobs:
    def test_scenes_are_a_function_of_seed_part_and_index(self):
        options = Blobs.Config(size=48)
        one, again = (paint(Seeds(3), "test", 5, options) for _ in range(2))
        assert all(np.array_equal(a, b) for a, b in zip(one, again, strict=True))
        assert not np.array_equal(one[0], paint(Seeds(3), "test", 6, options)[0])
        assert (one[0].shape, one[1].shape) == ((48, 48, 3), (48, 48))

    def test_some_are_empty_and_masks_are_of_the_middle(self):
        options = Blobs.Config(size=32, empty=0.5)
        shares = [paint(Seeds(0), "train", i, options)[1].mean() for i in range(60)]
        assert 15 < sum(share == 0 for share in shares) < 45
        assert 0.05 < np.mean(shares) < 0.5


class TestPets:
    def test_real_ones(self, real_data):
        splits = Pets(Pets.Config(), Seeds(0)).load(real_data / "pets")
        assert [len(p) for p in (splits.train, splits.validation, splits.test)] == [270, 30, 298]
        picture, mask = splits.test[0].read()
        assert picture.shape[:2] == mask.shape
        assert set(np.unique(mask)) == {0, 1, IGNORED}
        for border, labels in (("object", {0, 1}), ("background", {0, 1})):
            other = Pets(Pets.Config(border=border), Seeds(0)).load(real_data / "pets")
            found = other.test[0].read()[1]
            assert set(np.unique(found)) == labels
            where = mask == IGNORED
            assert (found[where] == (border == "object")).all()

    def test_absent_pictures_are_named(self, tmp_path):
        (tmp_path / "annotations").mkdir()
        for name in ("trainval", "test"):
            (tmp_path / "annotations" / f"{name}.txt").write_text("Bengal_1 6 1 2\n")
        with pytest.raises(MissingError, match=r"1 are absent, the first Bengal_1.jpg"):
            Pets(Pets.Config(), Seeds(0)).load(tmp_path)


def test_outlines_are_closed_and_around_the_object():
    shares = np.zeros((20, 30), np.float32)
    shares[5:10, 8:16] = 1
    shares[0:3, 0:4] = 1  # at the picture's edge
    found = sorted(outlines(shares, 0.5), key=lambda line: line[:, 0].min())
    assert len(found) == 2
    for line, box in zip(found, ((0, 0, 4, 3), (8, 5, 16, 10)), strict=True):
        assert np.array_equal(line[0], line[-1])
        assert np.allclose([*line.min(axis=0), *line.max(axis=0)], box, atol=0.51)
