"""`latest` names the newest run, goes back when one fails, and is never forced on a folder."""

from __future__ import annotations

import os

import pytest

from nntasks.run_folder import latest


@pytest.fixture
def told():
    return []


def run(parent, name, *, finished=False):
    (parent / name).mkdir()
    if finished:
        (parent / name / "summary.json").write_text("{}")
    return parent / name


def test_the_link_is_relative_and_replaces_the_one_before(tmp_path, told):
    for name in ("a", "b"):
        latest.link(run(tmp_path, name), told.append)
    assert os.readlink(tmp_path / "latest") == "b"  # so the folder of runs can be moved
    assert latest.names(tmp_path / "b")
    assert not latest.names(tmp_path / "a")
    assert sorted(os.listdir(tmp_path)) == ["a", "b", "latest"]
    assert told == []


def test_a_folder_of_that_name_is_kept_and_told(tmp_path, told):
    (tmp_path / "latest").mkdir()
    latest.link(run(tmp_path, "a"), told.append)
    assert not (tmp_path / "latest").is_symlink()
    (line,) = told
    assert "is not a link but a copy, and does not name a, the newest run" in line


def test_a_file_system_without_links_does_no_harm(tmp_path, told, monkeypatch):
    def refuse(*_, **__):
        raise OSError("no links here")

    monkeypatch.setattr("pathlib.Path.symlink_to", refuse)
    latest.link(run(tmp_path, "a"), told.append)
    assert os.listdir(tmp_path) == ["a"]


def test_a_failed_run_gives_the_link_back_to_the_newest_that_is_finished(tmp_path, told):
    for name in ("a", "b"):
        run(tmp_path, name, finished=True)
    run(tmp_path, "c")
    failed = run(tmp_path, "d")
    latest.link(failed, told.append)
    latest.give_back(failed, told.append)
    assert latest.names(tmp_path / "b")
    assert told == [
        f"{tmp_path / 'latest'} names b again, the newest finished run; this one is {failed}"
    ]


def test_a_link_to_another_run_stays(tmp_path, told):
    run(tmp_path, "a", finished=True)
    newer, failed = run(tmp_path, "c"), run(tmp_path, "b")
    latest.link(newer, told.append)
    latest.give_back(failed, told.append)
    assert latest.names(newer)
    assert told == []


def test_with_no_finished_run_the_link_stays_at_the_failed_one(tmp_path, told):
    failed = run(tmp_path, "a")
    latest.link(failed, told.append)
    latest.give_back(failed, told.append)
    assert latest.names(failed)
    assert told == []


def test_the_newest_finished_run_is_neither_hidden_nor_the_link(tmp_path, told):
    assert latest.newest_finished(tmp_path) is None
    done = run(tmp_path, "20260101", finished=True)
    run(tmp_path, ".20270101.tmp", finished=True)
    run(tmp_path, "20280101")
    latest.link(done, told.append)  # sorts after every date, and has a summary too
    assert latest.newest_finished(tmp_path) == done


def test_a_link_whose_run_is_gone_is_replaced_or_removed(tmp_path, told):
    run(tmp_path, "a", finished=True)
    (tmp_path / "latest").symlink_to("gone")
    latest.replace_dangling(tmp_path, told.append)
    assert latest.names(tmp_path / "a")
    (tmp_path / "a" / "summary.json").unlink()
    latest.replace_dangling(tmp_path, told.append)
    assert latest.names(tmp_path / "a")  # its run is there: it is none of this function's business
    (tmp_path / "a").rmdir()
    latest.replace_dangling(tmp_path, told.append)
    assert os.listdir(tmp_path) == []
