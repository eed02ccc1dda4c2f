"""Your own COCO files: one for each part, their folders, and options that do not work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from coco_set import content, picture, write

from nntasks.config import build
from nntasks.errors import UsageError
from nntasks.interfaces import Splits
from nntasks.plugins.yolo_detect.data.coco_json import CocoJson
from nntasks.seeding import Seeds


def load_json(**options: Any) -> Splits:
    return CocoJson(build(CocoJson.Config, options, prefix="data."), Seeds(0)).load(None)


def test_one_file_serves_validation_and_test(folder: Path) -> None:
    path = write(folder, content())
    splits = load_json(test_annotations=path, images=folder / "images")
    assert splits.train == ()
    assert splits.validation is splits.test
    assert splits.info.classes == ("train", "toothbrush")
    assert splits.info.details == {"category_ids": [7, 90]}


def test_three_files_and_their_folders(folder: Path) -> None:
    first, second = content(), content()
    first["images"], first["annotations"] = first["images"][:1], first["annotations"][:1]
    second["images"][0]["id"], second["annotations"] = 5, []
    picture(folder / "other" / "a.png")
    picture(folder / "other" / "b.png")
    splits = load_json(
        annotations=write(folder, first, "train.json"),
        images=folder / "images",
        validation_annotations=write(folder, content(), "val.json"),
        test_annotations=write(folder, second, "test.json"),
        test_images=folder / "other",
    )
    ids = [[sample.image_id for sample in part] for part in (splits.train, splits.validation)]
    assert ids == [[20], [3, 20]]
    assert [sample.image_id for sample in splits.test] == [3, 5]


def test_images_beside_the_annotations_need_no_option(folder: Path) -> None:
    path = write(folder / "images", content())
    assert len(load_json(test_annotations=path).test) == 2


def test_parts_with_other_categories_are_refused(folder: Path) -> None:
    other = content()
    other["categories"][1]["name"] = "tram"
    with pytest.raises(UsageError, match=r"differ in 'train' \(id 7\), 'tram' \(id 7\)") as caught:
        load_json(
            annotations=write(folder, other, "train.json"),
            images=folder / "images",
            test_annotations=write(folder, content(), "test.json"),
        )
    assert "train.json" in str(caught.value)
    assert "test.json" in str(caught.value)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, r"data\.test_annotations=FILE is required"),
        ({"annotations": "x.json"}, r"data\.test_annotations=FILE is required"),
        (
            {"test_annotations": "x.json", "validation_images": "y"},
            r"data\.validation_images needs data\.validation_annotations",
        ),
        ({"test_annotations": "nowhere.json"}, r"data\.test_annotations: there is no file nowhere"),
        ({"test_anotations": "x"}, "Did you mean 'test_annotations'"),
    ],
)
def test_options_that_do_not_work(options: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        load_json(**options)


def test_an_image_folder_that_is_not_there_names_its_key(folder: Path) -> None:
    path = write(folder, content())
    with pytest.raises(UsageError, match=r"data\.test_images: there is no folder"):
        load_json(test_annotations=path, test_images=folder / "nowhere")
    with pytest.raises(UsageError, match=r"data\.images: there is no folder"):
        load_json(test_annotations=path, images=folder / "nowhere")


def test_the_faults_of_all_files_are_told_in_one_line(folder: Path) -> None:
    train, test = content(), content()
    train["annotations"][0]["bbox"], test["annotations"][0]["category_id"] = [1, 2], 5
    with pytest.raises(
        UsageError, match=r"^2 faults in the data: .*test\.json.*train\.json"
    ) as one:
        load_json(
            annotations=write(folder, train, "train.json"),
            images=folder / "images",
            test_annotations=write(folder, test, "test.json"),
        )
    assert "\n" not in str(one.value)
