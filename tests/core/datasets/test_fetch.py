"""Downloads over a local server that breaks off, ignores ranges, lies and fails."""

from __future__ import annotations

import hashlib
import resource
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from file_server import BODY, Handler, Server

from nntasks.datasets.fetch import download
from nntasks.errors import CheckFailed, MissingError, PluginError, RunFailed
from nntasks.interfaces import DataFile


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    served = Server(("127.0.0.1", 0), Handler)
    served.cuts, served.codes, served.asked = [], [], []
    thread = threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield served
    served.shutdown()
    served.server_close()
    thread.join()


class Fetched(NamedTuple):
    target: Path
    part: Path
    pauses: list[float]


def fetch(server: Server, folder: Path, body: bytes = BODY, **options: Any) -> Fetched:
    target = folder / "x.bin"
    pauses: list[float] = []
    file = DataFile("x.bin", len(body), hashlib.sha256(body).hexdigest(), server.url)
    download(file, target, pause=pauses.append, timeout=5, **options)
    return Fetched(target, folder / "x.bin.part", pauses)


def test_a_plain_download_arrives_and_reports_progress(server: Server, tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    fetched = fetch(server, tmp_path, progress=lambda *told: seen.append(told))
    assert fetched.target.read_bytes() == BODY
    assert not fetched.part.exists()
    assert [done for _, done, _ in seen] == sorted(done for _, done, _ in seen)
    assert seen[-1] == ("x.bin", len(BODY), len(BODY))


def test_an_interrupted_download_goes_on_where_it_broke(server: Server, tmp_path: Path) -> None:
    server.cuts = [1_500_000, 500_000]
    fetched = fetch(server, tmp_path)
    assert fetched.target.read_bytes() == BODY
    assert server.asked == [None, "bytes=1500000-", "bytes=2000000-"]
    assert len(fetched.pauses) == 2


def test_attempts_are_counted_from_the_last_new_byte(server: Server, tmp_path: Path) -> None:
    server.cuts = [0, 0, 500_000, 0, 0, 500_000, 0, 0]
    fetched = fetch(server, tmp_path)
    assert fetched.target.read_bytes() == BODY
    assert fetched.pauses == [1, 2, 0, 1, 2, 0, 1, 2]


def test_a_later_call_takes_up_what_an_earlier_one_left(server: Server, tmp_path: Path) -> None:
    server.cuts = [1_000_000, 0, 0, 0]
    with pytest.raises(MissingError, match="1000000 of 3072000 bytes are kept") as caught:
        fetch(server, tmp_path)
    assert caught.value.exit_code == 3
    assert (tmp_path / "x.bin.part").stat().st_size == 1_000_000
    assert not (tmp_path / "x.bin").exists()
    server.cuts, server.asked = [], []
    assert fetch(server, tmp_path).target.read_bytes() == BODY
    assert server.asked == ["bytes=1000000-"]


def test_a_server_that_ignores_ranges_starts_again(server: Server, tmp_path: Path) -> None:
    server.ranges, server.cuts = False, [1_000_000]
    fetched = fetch(server, tmp_path)
    assert fetched.target.read_bytes() == BODY
    assert server.asked == [None, "bytes=1000000-"]


def test_a_server_that_answers_another_range_starts_again(server: Server, tmp_path: Path) -> None:
    server.shift, server.cuts = 7, [1_000_000]
    fetched = fetch(server, tmp_path)
    assert fetched.target.read_bytes() == BODY
    assert server.asked == [None, "bytes=1000000-", None]


def test_a_stale_beginning_is_thrown_away_once(server: Server, tmp_path: Path) -> None:
    (tmp_path / "x.bin.part").write_bytes(b"\xff" * 1_000_000)  # of an older version of the file
    fetched = fetch(server, tmp_path)
    assert fetched.target.read_bytes() == BODY
    assert server.asked == ["bytes=1000000-", None]


@pytest.mark.parametrize("length", [len(BODY), len(BODY) + 5])
def test_a_wrong_part_of_full_length_or_more_is_thrown_away(
    server: Server, tmp_path: Path, length: int
) -> None:
    (tmp_path / "x.bin.part").write_bytes(b"\xff" * length)
    assert fetch(server, tmp_path).target.read_bytes() == BODY
    assert server.asked == [None]


def test_a_complete_part_needs_no_request(server: Server, tmp_path: Path) -> None:
    (tmp_path / "x.bin.part").write_bytes(BODY)
    assert fetch(server, tmp_path).target.read_bytes() == BODY
    assert server.asked == []


def test_a_range_that_is_refused_starts_again(server: Server, tmp_path: Path) -> None:
    (tmp_path / "x.bin.part").write_bytes(BODY[:1000])
    server.codes = [416]
    assert fetch(server, tmp_path).target.read_bytes() == BODY
    assert server.asked == ["bytes=1000-", None]


@pytest.mark.parametrize("with_length", [True, False])
def test_a_wrong_checksum_keeps_nothing(server: Server, tmp_path: Path, with_length: bool) -> None:
    server.body, server.with_length = BODY[::-1], with_length
    with pytest.raises(CheckFailed, match="expected sha256") as caught:
        fetch(server, tmp_path)
    assert caught.value.exit_code == 4
    assert list(tmp_path.iterdir()) == []
    assert len(server.asked) == 1


def test_another_length_is_noticed_before_anything_is_read(server: Server, tmp_path: Path) -> None:
    server.body = BODY + b"more"
    with pytest.raises(CheckFailed, match="expected 3072000 bytes, the server has 3072004"):
        fetch(server, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_more_than_declared_is_cut_off(server: Server, tmp_path: Path) -> None:
    server.body, server.with_length = BODY * 4, False
    seen: list[int] = []
    with pytest.raises(CheckFailed, match="got more; nothing was kept"):
        fetch(server, tmp_path, progress=lambda path, done, total: seen.append(done))
    assert max(seen) <= len(BODY)
    assert list(tmp_path.iterdir()) == []


def test_a_busy_server_is_asked_again(server: Server, tmp_path: Path) -> None:
    server.codes = [503, 429]
    fetched = fetch(server, tmp_path)
    assert fetched.target.read_bytes() == BODY
    assert fetched.pauses == [1, 2]


def test_a_missing_file_is_not_asked_for_again(server: Server, tmp_path: Path) -> None:
    server.codes = [404]
    with pytest.raises(MissingError, match="answered 404 Not Found"):
        fetch(server, tmp_path)
    assert len(server.asked) == 1


def test_a_server_that_is_not_there_is_named(server: Server, tmp_path: Path) -> None:
    url = server.url
    server.server_close()  # nobody listens any more
    file = DataFile("x.bin", 1, "0" * 64, url)
    with pytest.raises(MissingError, match="check the network") as caught:
        download(file, tmp_path / "x.bin", pause=lambda seconds: None)
    assert url in str(caught.value)


def test_file_addresses_work_and_cannot_be_resumed(tmp_path: Path) -> None:
    origin = tmp_path / "origin"
    origin.write_bytes(BODY)
    (tmp_path / "x.bin.part").write_bytes(BODY[:10])
    digest = hashlib.sha256(BODY).hexdigest()
    file = DataFile("x.bin", len(BODY), digest.upper(), origin.as_uri())
    download(file, tmp_path / "x.bin")
    assert (tmp_path / "x.bin").read_bytes() == BODY


def test_a_missing_file_address_fails_at_once(tmp_path: Path) -> None:
    file = DataFile("x.bin", 1, "0" * 64, (tmp_path / "nothing").as_uri())
    with pytest.raises(MissingError, match="there is no such file"):
        download(file, tmp_path / "x.bin", pause=lambda seconds: pytest.fail("it waited"))


@pytest.mark.parametrize("url", ["ftp://example.org/x", "data:,x", "x.bin", ""])
def test_other_addresses_are_the_plugins_mistake(tmp_path: Path, url: str) -> None:
    with pytest.raises(PluginError, match="expected an address with http, https or file"):
        download(DataFile("x.bin", 1, "0" * 64, url), tmp_path / "x.bin")


def test_too_small_a_disk_is_noticed_before_the_download(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(RunFailed, match="needs 3072000 more bytes, but only 1000 are free"):
        fetch(server, tmp_path)
    assert server.asked == []


def test_a_write_that_fails_keeps_what_was_written(server: Server, tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, before[1]))
    try:
        with pytest.raises(RunFailed, match=r"cannot write .*x\.bin\.part: File too large"):
            fetch(server, tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert (tmp_path / "x.bin.part").read_bytes() == BODY[:2_000_000]
    assert fetch(server, tmp_path).target.read_bytes() == BODY
    assert server.asked == [None, "bytes=2000000-"]


@pytest.mark.parametrize("url", ["http://[::1", "http://host:port/x", "http://", "https://a b/"])
def test_an_address_that_cannot_be_is_the_plugins_mistake(tmp_path: Path, url: str) -> None:
    with pytest.raises(PluginError, match="is not a valid address"):
        download(DataFile("x.bin", 1, "0" * 64, url), tmp_path / "x.bin", pause=lambda _: None)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/x"])
def test_a_server_cannot_send_elsewhere_than_to_the_web(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    def redirect(self: Handler) -> None:
        self.send_response(302)
        self.send_header("Location", target)
        self.end_headers()

    monkeypatch.setattr(Handler, "do_GET", redirect)
    with pytest.raises(MissingError, match=r"which is not a web address|is not allowed"):
        fetch(server, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_trickle_ends(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from nntasks.datasets import fetch as module

    clock = iter(range(0, 10**6, 40))  # seconds between looks at the clock
    monkeypatch.setattr(module.time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(module, "_SLOWEST", 10**9)
    with pytest.raises(MissingError, match=r"only \d+ bytes arrived in \d+ s"):
        fetch(server, tmp_path, attempts=1)
