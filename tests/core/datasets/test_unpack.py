"""Unpacking: what comes out, and what is refused."""

from __future__ import annotations

import functools
import gzip
import hashlib
import io
import os
import stat
import tarfile
from pathlib import Path

import pytest
from archives import Build, names_below, special, tar_of, with_mode, zip_of
from hypothesis import given
from hypothesis import strategies as st

from nntasks.datasets.unpack import _write, unpack
from nntasks.errors import CheckFailed, RunFailed


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("a.tar", "w"),
        ("a.tar.gz", "w:gz"),
        ("a.tgz", "w:gz"),
        ("a.tar.bz2", "w:bz2"),
        ("a.TAR.XZ", "w:xz"),
        ("a.zip", ""),
    ],
)
def test_every_kind_comes_out_whole(tmp_path: Path, inside: Path, name: str, mode: str) -> None:
    members = (("./one.txt", b"one"), ("deep/er/two", b"2" * 3_000_000), ("empty", b""))
    build = tar_of(*members, mode=mode) if mode else zip_of(*members)
    build(tmp_path / name)
    unpacked = unpack(tmp_path / name, inside)
    expected = {"one.txt": b"one", "deep/er/two": b"2" * 3_000_000, "empty": b""}
    assert {path: (inside / path).read_bytes() for path in names_below(inside)} == expected
    assert [(item.path, item.size, item.sha256) for item in unpacked] == [
        (path, len(body), hashlib.sha256(body).hexdigest()) for path, body in expected.items()
    ]


def test_what_a_command_line_tar_makes_comes_out(tmp_path: Path, inside: Path) -> None:
    origin = tmp_path / "origin"
    (origin / "sub").mkdir(parents=True)
    (origin / "sub" / "x").write_bytes(b"x")
    (origin / "sub" / "link").symlink_to("x")
    os.link(origin / "sub" / "x", origin / "hard")
    with tarfile.open(tmp_path / "a.tar", "w") as file:
        file.add(origin, arcname=".")
    unpack(tmp_path / "a.tar", inside)
    assert names_below(inside) == {"sub/x", "sub/link", "hard"}
    for name in names_below(inside):
        assert (inside / name).read_bytes() == b"x"
        assert not (inside / name).is_symlink()
        assert (inside / name).stat().st_nlink == 1


def test_files_of_the_same_name_are_replaced_and_others_stay(tmp_path: Path, inside: Path) -> None:
    (inside / "old").write_bytes(b"old")
    (inside / "both").write_bytes(b"old")
    zip_of(("both", b"new"), ("new", b"new"))(tmp_path / "a.zip")
    unpack(tmp_path / "a.zip", inside)
    assert {name: (inside / name).read_bytes() for name in names_below(inside)} == {
        "old": b"old",
        "both": b"new",
        "new": b"new",
    }


def test_programs_lose_their_right_to_run(tmp_path: Path, inside: Path) -> None:
    info = tarfile.TarInfo()
    info.mode = 0o6777
    tar_of(("tool", info))(tmp_path / "a.tar")
    unpack(tmp_path / "a.tar", inside)
    assert not (inside / "tool").stat().st_mode & (stat.S_IXUSR | stat.S_ISUID | stat.S_ISGID)


GOOD = ("good", b"good")
LINK = stat.S_IFLNK | 0o777
REFUSED: dict[str, tuple[str, Build, str]] = {
    "tar, parent": ("a.tar", tar_of(GOOD, ("../secret", b"x")), "leads outside"),
    "tar, parent in the middle": ("a.tar", tar_of(GOOD, ("a/../../x", b"x")), "leads outside"),
    "tar, absolute": ("a.tar", tar_of(GOOD, ("/etc/x", b"x")), "absolute path"),
    "tar, drive": ("a.tar", tar_of(GOOD, ("C:/x", b"x")), "drive letter"),
    "tar, drive without slash": ("a.tar", tar_of(GOOD, ("c:x", b"x")), "drive letter"),
    "tar, drive below": ("a.tar", tar_of(GOOD, ("a/C:/x", b"x")), "drive letter"),
    "tar, backslash": ("a.tar", tar_of(GOOD, ("a\\..\\..\\x", b"x")), "leads outside"),
    "tar, share": ("a.tar", tar_of(GOOD, ("\\\\host\\x", b"x")), "absolute path"),
    "tar, line break": ("a.tar", tar_of(GOOD, ("a\nb", b"x")), "no file can have"),
    "tar, parent folder": (
        "a.tar",
        tar_of(GOOD, ("../d", special(tarfile.DIRTYPE))),
        "leads outside",
    ),
    "tar, link outside": (
        "a.tar",
        tar_of(GOOD, ("l", special(tarfile.SYMTYPE, "../secret"))),
        "outside the folder",
    ),
    "tar, absolute link": (
        "a.tar",
        tar_of(GOOD, ("l", special(tarfile.SYMTYPE, "/etc/passwd"))),
        "outside the folder",
    ),
    "tar, hard link outside": (
        "a.tar",
        tar_of(GOOD, ("l", special(tarfile.LNKTYPE, "../secret"))),
        "leads outside",
    ),
    "tar, link to a folder, then through it": (
        "a.tar",
        tar_of(("l", special(tarfile.SYMTYPE, ".")), ("l/x", b"x")),
        "links to",
    ),
    "tar, link to nothing": (
        "a.tar",
        tar_of(GOOD, ("l", special(tarfile.SYMTYPE, "nothing"))),
        "not a file in the archive",
    ),
    "tar, links in a circle": (
        "a.tar",
        tar_of(("a", special(tarfile.SYMTYPE, "b")), ("b", special(tarfile.SYMTYPE, "a"))),
        "not a file in the archive",
    ),
    "tar, device": ("a.tar", tar_of(GOOD, ("d", special(tarfile.CHRTYPE))), "device"),
    "tar, pipe": ("a.tar", tar_of(GOOD, ("d", special(tarfile.FIFOTYPE))), "device"),
    "tar, twice": ("a.tar", tar_of(GOOD, GOOD), "twice"),
    "tar, file and folder": ("a.tar", tar_of(GOOD, ("good/x", b"x")), "as a folder"),
    "zip, parent": ("a.zip", zip_of(GOOD, ("../secret", b"x")), "leads outside"),
    "zip, absolute": ("a.zip", zip_of(GOOD, ("/etc/x", b"x")), "absolute path"),
    "zip, drive": ("a.zip", zip_of(GOOD, ("C:\\x", b"x")), "drive letter"),
    "zip, parent folder": ("a.zip", zip_of(GOOD, ("../d/", b"")), "leads outside"),
    "zip, link outside": (
        "a.zip",
        zip_of(GOOD, (with_mode("l", LINK), b"../secret")),
        "outside the folder",
    ),
    "zip, pipe": ("a.zip", zip_of(GOOD, (with_mode("p", stat.S_IFIFO), b"")), "device"),
    "zip, twice as folder": ("a.zip", zip_of(GOOD, ("good/x", b"x")), "as a folder"),
    "not a zip": ("a.zip", lambda path: path.write_bytes(b"nothing of the kind") and None, "read"),
    "not a tar": ("a.tar", lambda path: path.write_bytes(b"nothing of the kind") and None, "read"),
    "another kind": ("a.rar", lambda path: path.write_bytes(b"Rar!") and None, "expected a name"),
}


@pytest.mark.parametrize(("name", "build", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_refused_as_a_whole(
    tmp_path: Path, inside: Path, name: str, build: Build, reason: str
) -> None:
    build(tmp_path / name)
    with pytest.raises(CheckFailed, match=reason) as caught:
        unpack(tmp_path / name, inside)
    assert str(tmp_path / name) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert list(inside.iterdir()) == []
    assert names_below(inside.parent) == {"secret"}
    assert (inside.parent / "secret").read_bytes() == b"secret"


@pytest.mark.parametrize("cut", [0.3, 0.9])
def test_a_truncated_archive_is_refused(tmp_path: Path, inside: Path, cut: float) -> None:
    noise = hashlib.shake_128(b"seed").digest(3_000_000)
    for name, build in (
        ("a.tar.gz", tar_of(("x", noise), mode="w:gz")),
        ("a.zip", zip_of(("x", noise))),
    ):
        build(tmp_path / name)
        whole = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(whole[: int(len(whole) * cut)])
        with pytest.raises(CheckFailed, match="cannot be read"):
            unpack(tmp_path / name, inside)
        assert list(inside.iterdir()) == []


def test_a_damaged_member_is_refused(tmp_path: Path, inside: Path) -> None:
    zip_of(("x", bytes(range(256)) * 100))(tmp_path / "a.zip")
    body = bytearray((tmp_path / "a.zip").read_bytes())
    body[100] ^= 0xFF
    (tmp_path / "a.zip").write_bytes(body)
    with pytest.raises(CheckFailed, match="cannot be read"):
        unpack(tmp_path / "a.zip", inside)
    assert list(inside.iterdir()) == []


def test_an_encrypted_member_is_refused(tmp_path: Path, inside: Path) -> None:
    zip_of(("x", b"x"))(tmp_path / "a.zip")
    body = bytearray((tmp_path / "a.zip").read_bytes())
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        body[body.index(signature) + flags] |= 1
    (tmp_path / "a.zip").write_bytes(body)
    with pytest.raises(CheckFailed, match="encrypted"):
        unpack(tmp_path / "a.zip", inside)


def test_a_bomb_is_refused_by_its_declared_size(tmp_path: Path, inside: Path) -> None:
    zip_of(*((str(index), bytes(10_000_000)) for index in range(8)))(tmp_path / "a.zip")
    assert (tmp_path / "a.zip").stat().st_size < 100_000
    with pytest.raises(CheckFailed, match="looks like an archive bomb"):
        unpack(tmp_path / "a.zip", inside)
    assert list(inside.iterdir()) == []


def test_a_bomb_of_compressed_tar_is_refused(tmp_path: Path, inside: Path) -> None:
    tar_of(("x", bytes(70_000_000)), mode="w:gz")(tmp_path / "a.tar.gz")
    with pytest.raises(CheckFailed, match="looks like an archive bomb"):
        unpack(tmp_path / "a.tar.gz", inside)


def test_links_count_as_what_they_copy(tmp_path: Path, inside: Path) -> None:
    links = [(f"l{index}", special(tarfile.LNKTYPE, "x")) for index in range(9)]
    tar_of(("x", bytes(1000)), *links)(tmp_path / "a.tar")
    assert len(unpack(tmp_path / "a.tar", inside, limit=10_000)) == 10
    with pytest.raises(CheckFailed, match="more than 9999 bytes"):
        unpack(tmp_path / "a.tar", inside, limit=9_999)


def test_a_header_that_understates_a_member_does_not_help(tmp_path: Path, inside: Path) -> None:
    zip_of(("x", bytes(50_000)))(tmp_path / "a.zip")
    body = bytearray((tmp_path / "a.zip").read_bytes())
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = body.index(signature) + offset
        body[start : start + 4] = (10).to_bytes(4, "little")
    (tmp_path / "a.zip").write_bytes(body)
    with pytest.raises(CheckFailed):
        unpack(tmp_path / "a.zip", inside, limit=1000)
    assert list(inside.iterdir()) == []


def test_gzip_alone_is_no_archive(tmp_path: Path, inside: Path) -> None:
    (tmp_path / "a.tar.gz").write_bytes(gzip.compress(b"a single text"))
    with pytest.raises(CheckFailed, match="cannot be read"):
        unpack(tmp_path / "a.tar.gz", inside)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    zip_of(GOOD)(tmp_path / "a.zip")
    with pytest.raises(RunFailed, match=r"cannot write .*nowhere"):
        unpack(tmp_path / "a.zip", tmp_path / "nowhere")


@given(st.lists(st.text("ab./\\:C\0é", min_size=1, max_size=8), min_size=1, max_size=4))
def test_no_name_leads_outside(tmp_path_factory: pytest.TempPathFactory, names: list[str]) -> None:
    outer = tmp_path_factory.mktemp("outer")
    inside = outer / "deep" / "set"
    inside.mkdir(parents=True)
    archive = tmp_path_factory.mktemp("archive") / "a.tar"
    tar_of(*((name.rstrip("/") or "x", b"x") for name in names))(archive)
    try:
        unpacked = unpack(archive, inside)
    except CheckFailed:
        unpacked = []
    assert names_below(outer) == {f"deep/set/{item.path}" for item in unpacked}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("a\x1b[31m", "which no file can have"),
        ("a\x7f", "which no file can have"),
        ("a\udcff", "which is not UTF-8"),
        ("/".join("d" * 1500), "at most 64 folders deep"),
        ("n" * 300, "names of at most 255 bytes"),
    ],
)
def test_names_that_no_data_set_needs_are_refused(
    tmp_path: Path, inside: Path, name: str, message: str
) -> None:
    with tarfile.open(tmp_path / "a.tar", "w", format=tarfile.GNU_FORMAT) as file:
        file.addfile(tarfile.TarInfo("good"))
        file.addfile(tarfile.TarInfo(name))
    with pytest.raises(CheckFailed, match=message):
        unpack(tmp_path / "a.tar", inside)
    assert list(inside.iterdir()) == []


def test_what_a_killed_process_left_of_its_work_is_removed(tmp_path: Path, inside: Path) -> None:
    (inside / ".unpacking-abc" / "half").mkdir(parents=True)
    zip_of(GOOD)(tmp_path / "a.zip")
    unpack(tmp_path / "a.zip", inside)
    assert [path.name for path in inside.iterdir()] == ["good"]


def test_a_disk_that_fills_up_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full = functools.partial(open, "/dev/full", "wb")
    monkeypatch.setattr("builtins.open", lambda *_, **words: full(**words))
    with pytest.raises(RunFailed, match=r"cannot write .*No space left on device"):
        _write(io.BytesIO(b"content"), tmp_path, "a/b")
