"""The page on data: what it shows must work."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image

from nntasks.config import build
from nntasks.datasets import DataStore
from nntasks.interfaces import Dataset
from nntasks.plugins.yolo_detect.data.coco_json import CocoJson
from nntasks.plugins.yolo_detect.data.yolo_folder import YoloFolder
from nntasks.seeding import Seeds

PAGE = (Path(__file__).resolve().parents[4] / "docs" / "data.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.M | re.S)


def test_the_coco_example_loads(tmp_path: Path) -> None:
    (text,) = blocks("json")
    (tmp_path / "test.json").write_text(text)
    Image.new("RGB", (640, 480)).save(tmp_path / json.loads(text)["images"][0]["file_name"])
    options = build(CocoJson.Config, {"test_annotations": tmp_path / "test.json"})
    (sample,) = CocoJson(options, Seeds(0)).load(None).test
    assert sample.truth.boxes.tolist() == [[10.5, 20, 110.5, 70]]
    assert sample.read().shape == (480, 640, 3)


def test_the_yolo_example_loads(tmp_path: Path) -> None:
    (text,) = blocks("yaml")
    assert yaml.safe_load(text)["names"][2] == "car"
    (tmp_path / "data.yaml").write_text(text)
    line = re.search(r"^2 0\.5 .*$", PAGE, re.M)
    assert line is not None
    for part, name in (("train", "street"), ("val", "park")):
        for kind in ("images", "labels"):
            (tmp_path / kind / part).mkdir(parents=True)
        Image.new("RGB", (200, 100)).save(tmp_path / "images" / part / f"{name}.jpg")
        (tmp_path / "labels" / part / f"{name}.txt").write_text(line[0])
    splits = YoloFolder(build(YoloFolder.Config, {"path": tmp_path}), Seeds(0)).load(None)
    np.testing.assert_allclose(splits.test[0].truth.boxes, [[75, 45, 125, 55]])


def test_the_plugin_example_is_a_data_set(tmp_path: Path) -> None:
    *_, declaration, announcement = blocks("python")  # before them: how to convert weights
    names: dict[str, type[Dataset]] = {}
    exec(compile(declaration, "docs/data.md", "exec"), names)
    exec(compile(announcement, "docs/data.md", "exec"), names)
    leaves = names["Leaves"]
    (state,) = DataStore([tmp_path]).summary({"leaves": leaves})
    assert (state.status, state.size, state.fetchable) == ("missing", 1_234_567, True)
    assert build(leaves.Config, {"size": "32"}).model_dump() == {"size": 32}


@pytest.mark.parametrize("dataset", [CocoJson, YoloFolder])
def test_every_option_is_on_the_page(dataset: type[Dataset]) -> None:
    for key in dataset.Config.model_fields:
        assert f"`data.{key}`" in PAGE
