"""Where the parts of a YOLO data set lie: folders, lists, the YAML file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from yolo_set import describe, ids, label, load, picture

from nntasks.errors import UsageError


def test_a_yaml_file_names_parts_and_classes(root: Path) -> None:
    file = describe(root, train="images/train", val="images/val", names=["cat", "dog"])
    assert ids(load(file)) == [["train.png"], ["val.png"], ["val.png"]]
    assert load(file).info.classes == ("cat", "dog")
    assert ids(load(root)) == ids(load(file))  # the folder's data.yaml is found


def test_the_path_of_a_yaml_file_is_relative_to_it(root: Path, tmp_path: Path) -> None:
    file = describe(tmp_path / "elsewhere", path="../set", val="images/val", names=["cat", "dog"])
    assert ids(load(file))[2] == ["val.png"]
    file = describe(tmp_path / "elsewhere", path=str(root), val="images/val", names=["cat", "dog"])
    assert ids(load(file))[2] == ["val.png"]


def test_lists_of_folders_and_listings(root: Path) -> None:
    (root / "some.txt").write_text("./images/test/test.png\n\nimages/val/val.png\n")
    file = describe(
        root, train=["images/train", "images/val"], test="some.txt", names=["cat", "dog"]
    )
    names = ids(load(file))
    assert names[0] == ["images/train/train.png", "images/val/val.png"]
    assert names[2] == ["images/test/test.png", "images/val/val.png"]


def test_a_part_one_folder_too_high_is_found_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    picture(tmp_path / "set" / "valid" / "images" / "x.png")
    label(tmp_path / "set" / "valid" / "labels" / "x.txt", "0 0.5 0.5 0.25 0.5")
    file = describe(tmp_path / "set", val="../valid/images", names=["cat"])
    assert ids(load(file))[2] == ["x.png"]
    assert "is taken for 'val'" in caplog.text


def test_download_keys_are_ignored_aloud(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    marker = root / "downloaded"
    describe(root, val="images/val", names=["cat", "dog"], download=f"touch {marker}")
    load(root)
    assert "'download' is ignored" in caplog.text
    assert not marker.exists()


def test_yaml_cannot_run_anything(root: Path) -> None:
    marker = root / "run"
    (root / "data.yaml").write_text(f'names: !!python/object/apply:os.system ["touch {marker}"]\n')
    with pytest.raises(UsageError, match="is not YAML"):
        load(root)
    assert not marker.exists()


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"names": ["cat"]}, "expected the keys train, val or test"),
        ({"val": "nowhere", "names": ["cat"]}, "there is no .*nowhere, which 'val' names"),
        ({"val": "images/val", "valid": "x", "names": ["cat"]}, "keys val and valid, got both"),
        ({"path": 3, "val": "x", "names": ["cat"]}, "expected a path under 'path', got 3"),
        ({"val": "images\train", "names": ["cat"]}, "a backslash in double quotes"),
        ({"val": "C:\\pictures", "names": ["cat"]}, "backslashes were tried as slashes"),
        ({"val": 3, "names": ["cat"]}, "expected a path under 'val', got 3"),
        ({"val": ["images/val"] * 2, "names": ["cat", "dog"]}, "listed twice under 'val'"),
        ({"path": "gone", "val": "x", "names": ["cat"]}, "there is no folder .*gone"),
    ],
)
def test_yaml_files_that_contradict_themselves(root: Path, keys: dict[str, Any], said: str) -> None:
    file = describe(root, **keys)
    with pytest.raises(UsageError, match=said) as caught:
        load(file)
    assert str(file) in str(caught.value)


def test_listings_name_the_line_of_a_missing_image(root: Path) -> None:
    (root / "some.txt").write_text("images/val/val.png\nimages/val/gone.png\n")
    with pytest.raises(UsageError, match=r"some\.txt, line 2: there is no image"):
        load(describe(root, val="some.txt", names=["cat", "dog"]))
    (root / "some.txt").write_text("\n")
    with pytest.raises(UsageError, match="there are no images in"):
        load(root)


def test_all_missing_images_of_a_listing_are_told(root: Path) -> None:
    (root / "some.txt").write_text("".join(f"images/val/{n}.png\n" for n in range(30)))
    with pytest.raises(UsageError, match="30 faults in the data, the first 20: ") as caught:
        load(describe(root, val="some.txt", names=["cat", "dog"]))
    assert str(caught.value).count("there is no image") == 20


def test_backslashes_in_listings_and_in_the_yaml_file(root: Path) -> None:
    (root / "some.txt").write_text("\ufeffimages\\val\\val.png\r\n", encoding="utf-8", newline="")
    file = describe(root, train="images\\train", val="some.txt", names=["cat", "dog"])
    splits = load(file)
    assert ids(splits) == [["train.png"], ["images/val/val.png"], ["images/val/val.png"]]
    assert len(splits.validation[0].truth.labels) == 1


def test_a_backslash_may_be_part_of_a_name(root: Path) -> None:
    picture(root / "images" / "val" / "a\\b.png")
    (root / "some.txt").write_text("images/val/a\\b.png\nimages\\val\\val.png\n")
    file = describe(root, val="some.txt", names=["cat", "dog"])
    assert ids(load(file))[1] == ["images/val/a\\b.png", "images/val/val.png"]


@pytest.mark.parametrize("name", ["Training", "TRAIN", "training", "Train"])
def test_folders_of_parts_in_any_usual_spelling(root: Path, name: str) -> None:
    for kind in ("images", "labels"):
        (root / kind / "train").rename(root / kind / name)
        (root / kind / "val").rename(root / kind / "Valid")
    assert ids(load(root)) == [["train.png"], ["val.png"], ["test.png"]]


def test_two_folders_of_one_part_are_refused(root: Path) -> None:
    picture(root / "images" / "valid" / "x.png")
    with pytest.raises(UsageError, match="one folder of the validation part, got val and valid"):
        load(root)
    (root / "images" / "valid").rename(root / "valid")
    (root / "valid" / "images").mkdir()
    with pytest.raises(UsageError, match=r"holds validation images in .*images/val and in .*valid"):
        load(root)


def test_folders_that_are_no_data_set(tmp_path: Path, root: Path) -> None:
    with pytest.raises(UsageError, match="neither a folder nor a file"):
        load(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="holds no data set"):
        load(tmp_path)
    (root / "images" / "val" / "val.png").unlink()
    with pytest.raises(UsageError, match=r"there are no images in .*val; expected \.jpg"):
        load(root)
    for name in ("a.yaml", "b.yml"):
        (root / name).write_text("names: [cat]")
    with pytest.raises(UsageError, match=r"several YAML files \(a\.yaml, b\.yml\)"):
        load(root)


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_class_names_that_are_not_utf8_are_refused(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "images" / "val").mkdir(parents=True)
    (tmp_path / "images" / "val" / "a.png").write_bytes(b"")
    (tmp_path / "classes.txt").write_bytes("caf\u00e9\n".encode(encoding))
    with pytest.raises(
        UsageError, match=r"classes\.txt: expected one class name per line, in UTF-8"
    ):
        load(tmp_path)
