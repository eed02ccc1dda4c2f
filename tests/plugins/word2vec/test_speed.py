"""The speed that a run keeps."""

from __future__ import annotations

import pytest

from nntasks.errors import UsageError
from nntasks.plugins.word2vec.speed import Speed
from nntasks.run_folder import RunFolder


def test_a_run_keeps_its_speed(tmp_path):
    speed = Speed(3000, 1.5)
    speed.write(RunFolder(tmp_path))
    assert Speed.of_run(tmp_path) == speed
    assert speed.words_per_second == 2000
    assert str(speed) == "2,000 words/s"


def test_a_run_without_one(tmp_path):
    assert Speed.of_run(tmp_path) is None


@pytest.mark.parametrize("content", ['{"words": 3}', '{"words": null, "seconds": 1}', "[]", "{"])
def test_a_damaged_one(tmp_path, content):
    (tmp_path / "speed.json").write_text(content)
    with pytest.raises(UsageError, match=r"speed\.json is damaged"):
        Speed.of_run(tmp_path)
