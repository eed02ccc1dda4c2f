"""The samples in data/: unchanged, made by their script, and read by our readers."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import re

import numpy as np
import pytest
from command_line import ROOT
from PIL import Image
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from nntasks.plugins.embeddings.questions import read_pairs
from nntasks.plugins.unet_segment.data.mask_folders import FolderOptions, MaskFolders
from nntasks.plugins.word2vec.corpus import CorpusOptions, encode
from nntasks.plugins.yolo_detect.data.coco_json import CocoJson, CocoJsonConfig
from nntasks.plugins.yolo_detect.data.yolo_folder import YoloFolder, YoloFolderConfig
from nntasks.seeding import Seeds

DATA = ROOT / "data"
DETECTION, SEGMENTATION = DATA / "detection", DATA / "segmentation"
LISTED = dict(
    re.findall(r"^\| `([^`]+)` \|.*\| `([0-9a-f]{64})` \|$", (DATA / "README.md").read_text(), re.M)
)
FOUND = sorted(
    path.relative_to(DATA).as_posix()
    for folder in ("detection", "segmentation", "text")
    for path in (DATA / folder).rglob("*")
    if path.is_file()
)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return a folder of samples that the script has just made."""
    spec = importlib.util.spec_from_file_location("make_samples", DATA / "make_samples.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    folder = tmp_path_factory.mktemp("samples")
    module.write(folder)
    return folder


def test_every_sample_is_listed_and_every_listed_one_is_there():
    assert sorted(LISTED) == FOUND


@pytest.mark.parametrize("name", FOUND)
def test_the_bytes_are_those_of_the_page(name):
    assert hashlib.sha256((DATA / name).read_bytes()).hexdigest() == LISTED[name]


@pytest.mark.parametrize("name", FOUND)
def test_the_script_makes_them(made, name):
    if name.endswith(".png"):  # another zlib may compress it otherwise
        one, other = (np.asarray(Image.open(folder / name)) for folder in (made, DATA))
        assert np.array_equal(one, other)
    else:
        assert (made / name).read_bytes() == (DATA / name).read_bytes()


def test_coco_and_yolo_say_the_same():
    where = CocoJsonConfig(test_annotations=DETECTION / "street.json", images=DETECTION / "images")
    coco = CocoJson(where, Seeds(0)).load(None)
    yolo = YoloFolder(YoloFolderConfig(path=DETECTION), Seeds(0)).load(None)
    one, other = coco.test[0], yolo.test[0]
    assert coco.info.classes == yolo.info.classes
    assert one.truth.labels.tolist() == other.truth.labels.tolist()
    np.testing.assert_allclose(one.truth.boxes, other.truth.boxes, atol=1e-3)
    assert one.read().shape == (240, 320, 3)


def test_six_of_the_eight_detections_are_right():
    truths = COCO(str(DETECTION / "street.json"))
    found = truths.loadRes(str(DETECTION / "detections.json"))
    evaluation = COCOeval(truths, found, "bbox")
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
    assert evaluation.stats[1] == pytest.approx(1.0)  # mAP at IoU 0.5: the false ones come last
    assert len(json.loads((DETECTION / "detections.json").read_text())) == 8


def test_the_mask_covers_the_cells():
    folders = FolderOptions(
        images=SEGMENTATION / "images",
        masks=SEGMENTATION / "masks",
        test_images=SEGMENTATION / "images",
        test_masks=SEGMENTATION / "masks",
        validation=0,
    )
    assert len(MaskFolders(folders, Seeds(0)).load(None).test) == 1
    picture = np.asarray(Image.open(SEGMENTATION / "images/cells.png"), dtype=float)[..., 0]
    mask = np.asarray(Image.open(SEGMENTATION / "masks/cells.png"))
    assert set(np.unique(mask)) == {0, 255}
    assert picture[mask == 255].min() > picture[mask == 0].mean()


def test_the_texts_are_read_and_the_pairs_are_words_of_the_page(tmp_path):
    corpus = encode(DATA / "text/page.txt", tmp_path, CorpusOptions(min_count=1, lowercase=True))
    words = {word.strip(".,") for word in corpus.words}
    pairs = read_pairs(DATA / "text/pairs.txt")
    assert len(pairs) == 10
    rows = (DATA / "text/pairs.txt").read_text().splitlines()
    assert {word for row in rows for word in row.split("\t")[:2]} <= words
