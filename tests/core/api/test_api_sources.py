"""Pictures in memory as files: what is taken, what they become, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from nntasks.api.sources import as_file, as_pixels, is_many
from nntasks.errors import UsageError

PIXELS = np.random.default_rng(0).integers(0, 256, (4, 5, 3), np.uint8)


@pytest.mark.parametrize(
    ("source", "many"),
    [
        ("a.png", False),
        (PIXELS, False),
        (PIXELS[None], True),
        ([PIXELS], True),
        (["a.png", "b.png"], True),
        ([], True),
        ([[0, 1], [1, 0]], False),  # a list of numbers is a picture
        ([[True, False]], False),
        ([[[0, 1, 2]]], False),
        (Image.new("L", (2, 2)), False),
    ],
)
def test_what_is_several(source, many):
    assert is_many(source) is many


def test_a_path_is_its_own_file(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert as_file("~/a.png", tmp_path, 0) == tmp_path / "a.png"
    assert as_file(Path("a.png"), tmp_path, 0) == Path("a.png")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "source",
    [PIXELS, torch.from_numpy(PIXELS), PIXELS.tolist(), PIXELS / 255, Image.fromarray(PIXELS)],
    ids=["array", "tensor", "lists", "floats", "image"],
)
def test_every_form_of_a_picture_has_its_pixels(source, tmp_path):
    file = as_file(source, tmp_path, 3)
    assert file == tmp_path / "picture3.png"
    assert np.array_equal(np.asarray(Image.open(file)), PIXELS)
    assert np.array_equal(as_pixels(source), PIXELS)


def test_a_mask_is_black_and_white():
    found = as_pixels(np.array([[True, False]]))
    assert found.tolist() == [[[255, 255, 255], [0, 0, 0]]]


@pytest.mark.parametrize(
    ("source", "line"),
    [
        (np.zeros((3, 32, 32), np.uint8), "got shape .*; move the channels last"),
        (np.zeros((2, 3, 4, 3), np.uint8), r"got shape \(2, 3, 4, 3\)$"),
        (np.zeros(4, np.uint8), r"got shape \(4,\)$"),
        (np.full((4, 4), 300), "expected whole numbers in 0..255, got 300 to 300"),
        (np.full((4, 4), 1.5), "expected floats in 0..1, got 1.5 to 1.5; divide by 255"),
        (np.full((4, 4), np.nan), "expected floats in 0..1, got nan"),
        (np.zeros((0, 4), np.uint8), r"got shape \(0, 4\)"),
        ([[1, 2], [3]], "lists of different lengths"),
        (object(), "expected a path, a PIL image, or an array .* got object"),
        (np.array([["a"]]), "expected a path, a PIL image, or an array .* got ndarray"),
        (Image.new("F", (4, 4)), "PIL image of mode L, RGB or RGBA, got F"),
    ],
)
def test_what_is_no_picture_is_refused_with_its_number(source, line, tmp_path):
    with pytest.raises(UsageError, match=f"^picture 7: .*{line}"):
        as_file(source, tmp_path, 7)
    assert list(tmp_path.iterdir()) == []
