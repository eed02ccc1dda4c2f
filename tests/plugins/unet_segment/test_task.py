"""`explain` of a run on the command line: test pictures, files, and what is wrong."""

from __future__ import annotations

import json

import pytest
from PIL import Image

import nntasks
from nntasks.cli import main
from nntasks.plugins.unet_segment.data.blobs import Blobs, paint
from nntasks.seeding import Seeds

DATA = {"train": 8, "validation": 4, "test": 6, "size": 32}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The folder of a run of one epoch."""
    out = tmp_path_factory.mktemp("trained")
    keys = {"width": 4, "depth": 2, "epochs": 1, "data_options": DATA}
    return nntasks.run("unet_segment", out=out, **keys).folder


def called(capsys, *words):
    """Return the exit code, stdout, and the last line to stderr of the command line."""
    with pytest.raises(SystemExit) as stopped:
        main([str(word) for word in words])
    output = capsys.readouterr()
    return stopped.value.code, output.out, output.err.splitlines()[-1:]


def test_a_test_picture_and_its_file_are_explained_alike(capsys, tmp_path, run):
    figure = tmp_path / "why.png"
    words = ("explain", run, "pixel=3,20", "--json")
    code, first, _ = called(capsys, *words, "test-00002", f"figure={figure}")
    assert code == 0
    assert figure.stat().st_size > 5_000
    picture, mask = paint(Seeds(0), "test", 2, Blobs.Config(**DATA))
    Image.fromarray(picture).save(tmp_path / "a.png")
    Image.fromarray(mask).save(tmp_path / "mask.png")
    code, second, _ = called(capsys, *words, tmp_path / "a.png", f"mask={tmp_path / 'mask.png'}")
    assert code == 0
    first, second = json.loads(first), json.loads(second)
    assert {key for key in first if first[key] != second[key]} == {"file", "figure"}


def test_the_text_names_the_pixel(capsys, run):
    code, text, _ = called(capsys, "explain", run, "test-00000")
    assert code == 0
    assert "of 32 x 32: the pixel with the largest error" in text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("test-00002", "pixel=32,3"), "expected x from 0 to 31 and y from 0 to 31"),
        (("test-00002", "pixel=3"), "expected pixel=X,Y"),
        (("test-00002", "pixle=3,3"), "unknown key pixle. Did you mean 'pixel'"),
        (("test-00009",), "got test-00009. Did you mean 'test-0000"),
        (("none.png",), "none.png"),
        (("test-00002", "figure=why.pdf"), "expected the name of a PNG file"),
    ],
)
def test_what_is_wrong_is_one_line(capsys, run, words, message):
    code, text, (line,) = called(capsys, "explain", run, *words)
    assert (code, text) == (2, "")
    assert message in line
