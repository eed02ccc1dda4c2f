"""Whole explanations: their numbers against a prediction, and what they write."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from PIL import Image
from scipy import ndimage

from nntasks.errors import UsageError
from nntasks.interfaces import Batch
from nntasks.plugins.unet_segment.explanation.explain import EFFECTIVE, explain_pixel
from nntasks.plugins.unet_segment.explanation.options import ExplainOptions
from nntasks.plugins.unet_segment.prediction import probabilities

PICTURE = np.random.default_rng(0).integers(0, 256, (26, 38, 3), dtype=np.uint8)


@pytest.fixture
def picture(tmp_path):
    Image.fromarray(PICTURE).save(tmp_path / "a.png")
    return tmp_path / "a.png"


@pytest.fixture
def mask(tmp_path):
    truth = np.zeros((26, 38), np.uint8)
    truth[5:15, 10:30] = 1
    Image.fromarray(truth).save(tmp_path / "mask.png")
    return tmp_path / "mask.png"


def told(model, source, **options):
    def no_data():
        raise AssertionError("a picture file needs no data set")

    return explain_pixel(model, model.config, str(source), ExplainOptions(**options), no_data)


def adds_up(found):
    total = sum(level.contribution for level in found.levels)
    return found.plain_logit + total + found.residual == pytest.approx(found.logit, abs=1e-4)


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"norm": "none", "residual": False, "upsample": "bilinear", "attention": True},
        {"norm": "layer", "depth": 1},
        {"encoder": "resnet18"},
        {"encoder": "mobilenet_v3", "upsample": "bilinear"},
    ],
    ids=lambda keys: "-".join(map(str, keys.values())) or "default",
)
def test_it_is_about_the_prediction(make_model, picture, keys):
    model = make_model(**keys)
    found = told(model, picture, pixel=(30, 7))
    shares = model.predict(Batch(PICTURE[None], np.zeros((1, 26, 38), np.uint8), ["a"]))[0]
    assert found.probability == pytest.approx(float(shares[7, 30]), abs=1e-6)
    assert 1 / (1 + np.exp(-found.logit)) == pytest.approx(found.probability, abs=1e-5)
    assert adds_up(found)
    assert found.predicted == ("object" if shares[7, 30] >= 0.5 else "background")
    assert np.array(found.neighbours, float) == pytest.approx(shares[5:10, 28:33], abs=1e-6)
    assert (found.truth, found.error, found.true_boundary) == (None, None, None)
    assert [level.channels for level in found.levels] == model.module.network.down.channels
    assert [level.name for level in found.levels][-2:] == [
        f"skip {len(found.levels) - 1}",
        "lowest",
    ]
    called = shares >= 0.5
    if called.any() and not called.all():
        same = called == called[7, 30]
        expected = ndimage.distance_transform_edt(same)[7, 30]
        assert found.predicted_boundary.distance == pytest.approx(expected)


def test_the_strongest_cells_lie_among_those_that_are_read(make_model, picture):
    for level in told(make_model(), picture, pixel=(17, 20)).levels:
        for column, row, _ in level.strongest:
            assert level.columns[0] <= column <= level.columns[1]
            assert level.rows[0] <= row <= level.rows[1]
        assert level.strongest[0][2] != 0


def test_the_default_is_the_largest_error_or_the_least_certain_pixel(make_model, picture, mask):
    model = make_model()
    shares = probabilities(model, model.config, PICTURE)
    without = told(model, picture)
    assert without.chosen == "least certain"
    x, y = without.pixel
    assert abs(shares[y, x] - 0.5) == np.abs(shares - 0.5).min()
    truth = np.asarray(Image.open(mask))
    found = told(model, picture, mask=mask)
    assert found.chosen == "largest error"
    assert found.error == pytest.approx(float(np.abs(shares - truth).max()), abs=1e-6)
    assert found.truth == ("object" if truth[found.pixel[1], found.pixel[0]] else "background")
    assert found.true_boundary is not None


def test_the_effective_field_counts_large_gradients(make_model, picture):
    model = make_model(depth=1)
    found = told(model, picture, pixel=(17, 12))
    pixels = torch.from_numpy(PICTURE).permute(2, 0, 1)[None].float().requires_grad_()
    module = model.module.eval()
    standardised = module.standardised(pixels)
    standardised.retain_grad()
    module.network(standardised)[0, 12, 17].backward()
    size = standardised.grad.abs().sum(dim=(0, 1))
    count = int((size >= EFFECTIVE * size.max()).sum())
    assert found.effective_field.pixels == count
    assert found.effective_field.side == pytest.approx(count**0.5)
    box = found.field
    rows, columns = np.nonzero(size.numpy())
    assert (columns.min(), columns.max()) == (box.left, box.right)
    assert (rows.min(), rows.max()) == (box.top, box.bottom)


def test_mirror_and_tiles_and_scaling_are_those_of_predict(make_model, picture):
    mirrored = make_model(mirror=True)
    found = told(mirrored, picture, pixel=(30, 7))
    shares = probabilities(mirrored, mirrored.config, PICTURE)
    assert found.probability == pytest.approx(float(shares[7, 30]), abs=1e-6)
    own = 1 / (1 + np.exp(-found.logit))
    assert (own + found.mirrored) / 2 == pytest.approx(found.probability, abs=1e-6)
    tiled = make_model(tile=8, overlap=4)
    for x, y in ((30, 7), (0, 25), (37, 0)):
        found = told(tiled, picture, pixel=(x, y))
        shares = probabilities(tiled, tiled.config, PICTURE)
        assert 1 / (1 + np.exp(-found.logit)) == pytest.approx(float(shares[y, x]), abs=1e-5)
        assert found.tile == 16
        assert found.field.left >= x // 8 * 8 - 4
    scaled = make_model(image_size=16)
    found = told(scaled, picture, pixel=(30, 7))
    assert ((found.width, found.height), found.pixel) == ((16, 16), (12, 4))
    assert 1 / (1 + np.exp(-found.logit)) == pytest.approx(found.probability, abs=1e-5)


@pytest.mark.parametrize("keys", [{}, {"norm": "group", "depth": 3}], ids=["default", "group"])
def test_text_json_and_figure(make_model, picture, mask, tmp_path, keys):
    found = told(make_model(**keys), picture, mask=mask, figure=tmp_path / "why.png")
    text = str(found)
    for word in ("truth", "boundary", "neighbours", "residual", "skip 1", "lowest", "effective"):
        assert word in text
    assert json.loads(json.dumps(found.to_dict()))["levels"][0]["name"] == "skip 1"
    with Image.open(tmp_path / "why.png") as figure:
        pixels = np.asarray(figure.convert("RGB"))
    assert min(pixels.shape[:2]) > 400
    assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 100


def test_without_a_mask_it_says_so(make_model, picture, tmp_path):
    found = told(make_model(), picture, figure=tmp_path / "why.png")
    assert "unknown; give mask=FILE" in str(found)
    assert (tmp_path / "why.png").stat().st_size > 5_000


def test_what_is_wrong_is_told_before_the_network_runs(make_model, picture, tmp_path, monkeypatch):
    model = make_model()
    monkeypatch.setattr(model, "predict", lambda batch: pytest.fail("the network ran"))
    (tmp_path / "old.png").write_bytes(b"mine")
    cases = [
        ({"pixel": (38, 0)}, "expected x from 0 to 37 and y from 0 to 25"),
        ({"figure": tmp_path / "old.png"}, "exists; move it"),
        ({"figure": picture}, "exists; move it"),
        ({"figure": tmp_path / "no" / "a.png"}, "expected a folder"),
    ]
    for options, message in cases:
        with pytest.raises(UsageError, match=message):
            told(model, picture, **options)
    assert (tmp_path / "old.png").read_bytes() == b"mine"
    model.module.network = torch.nn.Conv2d(3, 1, 1)
    with pytest.raises(UsageError, match="expected the network of model=unet, got Conv2d"):
        told(model, picture)


def test_what_does_not_fit_into_memory_is_told(make_model, picture, monkeypatch):
    from nntasks.machine import memory

    monkeypatch.setattr(memory, "free_memory", lambda: 1000)
    with pytest.raises(UsageError, match=r"depends on 784 pixels needs .* tile=512"):
        told(make_model(), picture, pixel=(3, 4))
