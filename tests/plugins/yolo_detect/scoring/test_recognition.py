"""Formats told by content, and folders of runs."""

from __future__ import annotations

import gzip

import pytest

from nntasks.errors import UsageError
from nntasks.plugins.yolo_detect.scoring.recognition import Kind, files_of, is_run, recognise

KINDS = [
    (b' \n{"images": []}', Kind.COCO),
    (b"[]", Kind.RESULTS),
    (b"\xef\xbb\xbf[{}]", Kind.RESULTS),
    (b"\xef\xbb\xbf <annotation/>", Kind.VOC),
    (b"Image;class\n", Kind.CSV),
    (b"class,FILENAME", Kind.CSV),
    (b"#source\tx", Kind.CSV),
]


@pytest.mark.parametrize(("content", "kind"), KINDS)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_files_by_their_beginning_whatever_they_are_called(tmp_path, content, kind, pack):
    (tmp_path / "boxes.dat").write_bytes(pack(content))
    assert recognise(tmp_path / "boxes.dat") is kind


@pytest.mark.parametrize("content", [b"0 0.5 0.5 0.1 0.1", b"", b"\xff\xfe{", b"x,y\nimage,class"])
def test_other_files_are_refused_with_their_beginning(tmp_path, content):
    (tmp_path / "boxes.txt").write_bytes(content)
    with pytest.raises(
        UsageError, match=r"boxes\.txt: expected COCO JSON, VOC XML or a CSV"
    ) as one:
        recognise(tmp_path / "boxes.txt")
    begins = content[:30].decode("utf-8", "replace")
    assert str(one.value).endswith(f"got a file that begins with {begins!r}")


def test_folders_by_their_files(tmp_path):
    (tmp_path / "part").mkdir()
    with pytest.raises(UsageError, match=r"expected YOLO label files \(\.txt\) or VOC files"):
        recognise(tmp_path)
    (tmp_path / "classes.txt").touch()
    with pytest.raises(UsageError, match="found neither; other formats are single files"):
        recognise(tmp_path)
    (tmp_path / "part" / "a.txt").touch()
    assert recognise(tmp_path) is Kind.YOLO
    (tmp_path / "part" / "a.xml").touch()
    assert recognise(tmp_path) is Kind.VOC


def test_the_files_of_a_format(tmp_path):
    for name in ("b.txt", "a.txt", "Classes.txt", "train.txt", "a.xml", "c.png"):
        (tmp_path / name).touch()
    assert [file.name for file in files_of(tmp_path, Kind.YOLO)] == ["a.txt", "b.txt"]
    assert [file.name for file in files_of(tmp_path, Kind.VOC)] == ["a.xml"]
    assert files_of(tmp_path / "train.txt", Kind.YOLO) == [tmp_path / "train.txt"]


def test_a_run_has_a_configuration_and_a_summary_or_checkpoints(tmp_path):
    assert not is_run(tmp_path)
    (tmp_path / "summary.json").touch()
    assert not is_run(tmp_path)
    (tmp_path / "config.yaml").touch()
    assert is_run(tmp_path)
    (tmp_path / "summary.json").unlink()
    assert not is_run(tmp_path)
    (tmp_path / "checkpoints").mkdir()
    assert is_run(tmp_path)
    assert not is_run(str(tmp_path))  # a name of another kind of truth
    assert not is_run({"images": []})
