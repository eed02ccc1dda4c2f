"""The folder of predictions: what is replaced, what is not, and how files are named."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nntasks.errors import UsageError
from nntasks.runner.output_files import OutputFolder

MASK = {".jpg": b"picture", "-mask.png": b"mask"}


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {".predictions"}


def write(out: Path, *sources: Path, contents=MASK) -> OutputFolder:  # type: ignore[no-untyped-def]
    folder = OutputFolder(out, sources)
    for source in sources:
        folder.write(source, contents)
    folder.write_table("predictions.json", "[]\n")
    return folder


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    (tmp_path / "photos").mkdir()
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / "photos" / name).write_bytes(b"mine")
    return tmp_path / "photos"


def test_what_predict_wrote_is_replaced(tmp_path: Path, photos: Path) -> None:
    for content in (b"first", b"second"):
        write(tmp_path / "out", photos / "a.jpg", contents={".jpg": content})
        assert names(tmp_path / "out") == {"a.jpg", "predictions.json"}
        assert (tmp_path / "out/a.jpg").read_bytes() == content


def test_what_others_wrote_is_kept(tmp_path: Path, photos: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "a-mask.png").write_bytes(b"drawn by hand")
    write(out, photos / "a.jpg")
    assert names(out) == {"a-mask.png", "a-2.jpg", "a-2-mask.png", "predictions.json"}
    assert (out / "a-mask.png").read_bytes() == b"drawn by hand"
    (out / "a-2-mask.png").write_bytes(b"corrected by hand")
    write(out, photos / "a.jpg")
    assert (out / "a-2-mask.png").read_bytes() == b"corrected by hand"
    assert (out / "a-3-mask.png").read_bytes() == b"mask"


def test_tables_of_others_are_kept(tmp_path: Path, photos: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/predictions.csv").write_text("mine")
    with pytest.raises(UsageError, match=r"predictions\.csv was not written by predict"):
        write(tmp_path / "out", photos / "a.jpg")
    assert names(tmp_path / "out") == {"predictions.csv"}


@pytest.mark.parametrize("linked", [False, True])
def test_the_folder_of_the_sources_is_refused(tmp_path: Path, photos: Path, linked: bool) -> None:
    out = photos
    if linked:
        out = tmp_path / "link"
        out.symlink_to(photos, target_is_directory=True)
    with pytest.raises(UsageError, match=r"is the folder of a\.jpg"):
        write(out, photos / "a.jpg")
    assert names(photos) == {"a.jpg", "b.jpg"}


@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_sources_are_not_reached_through_links(tmp_path: Path, photos: Path, link) -> None:  # type: ignore[no-untyped-def]
    out = tmp_path / "out"
    write(out, photos / "a.jpg", contents={".jpg": b"mine"})
    (out / "a.jpg").unlink()
    link(photos / "a.jpg", out / "a.jpg")  # listed as ours, and with the content that we wrote
    write(out, photos / "a.jpg", contents={".jpg": b"ours"})
    assert (photos / "a.jpg").read_bytes() == b"mine"
    assert (out / "a-2.jpg").read_bytes() == b"ours"


def test_equal_names_are_numbered(tmp_path: Path, photos: Path) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more/a.png").write_bytes(b"mine")
    folder = write(tmp_path / "out", photos / "a.jpg", tmp_path / "more/a.png")
    assert [path.name for path in folder.written] == [
        *("a.jpg", "a-mask.png", "a-2.jpg", "a-2-mask.png", "predictions.json"),
    ]


@pytest.mark.parametrize("stem", [b"x" * 251, b"\xc3\xa9" * 125, b"\xe9" * 251])
def test_the_longest_names(tmp_path: Path, stem: bytes) -> None:
    source = tmp_path / os.fsdecode(stem + b".png")
    source.write_bytes(b"mine")
    folder = write(tmp_path / "out", source, contents={".jpg": b"1", "-outlines.json": b"2"})
    assert all(path.is_file() for path in folder.written)
    again = write(tmp_path / "out", source, contents={".jpg": b"1", "-outlines.json": b"2"})
    assert again.written == folder.written


@pytest.mark.parametrize("name", ["-x.png", "=1.png", "a\nb\x1b[31m.png", "caf\udce9.png"])
def test_names_of_any_kind(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"mine")
    folder = write(tmp_path / "out", tmp_path / name)
    assert folder.written[0].name == Path(name).stem + ".jpg"
    assert folder.written[0].read_bytes() == b"picture"
