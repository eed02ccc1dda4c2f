"""Predictions in a notebook: one for one picture, several for a list or a folder."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from nntasks.api.predictions import Prediction, Predictions, predict
from nntasks.api.rows import Rows
from nntasks.config import TaskConfig
from nntasks.errors import UsageError
from nntasks.interfaces import SourcePrediction, Task


class Sizes(Task):
    """Says how wide each picture is."""

    source_suffixes = (".png",)

    def predict_sources(self, model, paths):
        for path in paths:
            try:
                image = Image.open(path)
            except OSError:
                yield SourcePrediction([], problem=f"{path.name} is no picture")
                continue
            yield SourcePrediction([{"width": image.width}], image, files={"-mask.png": b"m"})


TASK = Sizes(TaskConfig(), SimpleNamespace(task="sizes"))
PICTURE = np.zeros((4, 6, 3), np.uint8)


def test_one_picture_is_one_prediction():
    found = predict(TASK, None, PICTURE)
    assert isinstance(found, Prediction)
    assert (found.source, list(found.records)) == ("picture0", [{"width": 6}])
    assert found.files == {"-mask.png": b"m"}
    assert repr(found) == "<Prediction of picture0: 1 records>"


def test_a_file_has_its_path(tmp_path):
    Image.fromarray(PICTURE).save(tmp_path / "a.png")
    assert predict(TASK, None, tmp_path / "a.png").source == str(tmp_path / "a.png")
    folder = predict(TASK, None, str(tmp_path))
    assert isinstance(folder, Predictions)  # of a folder with one picture, too
    assert [one.source for one in folder] == [str(tmp_path / "a.png")]


@pytest.mark.parametrize("several", [[PICTURE, PICTURE], np.stack([PICTURE] * 2)])
def test_several_are_in_their_order_with_their_sources(several):
    found = predict(TASK, None, several)
    assert found.records == [
        {"source": "picture0", "width": 6},
        {"source": "picture1", "width": 6},
    ]
    assert repr(found) == "<Predictions of 2 pictures: 2 records>"


def test_one_bad_file_is_an_error_and_one_of_several_is_told(tmp_path):
    (tmp_path / "bad.png").write_bytes(b"text")
    with pytest.raises(UsageError, match=r"^bad\.png is no picture$"):
        predict(TASK, None, tmp_path / "bad.png")
    bad, good = predict(TASK, None, [tmp_path / "bad.png", PICTURE])
    assert (bad.problem, good.problem) == ("bad.png is no picture", "")
    assert repr(bad).endswith(": bad.png is no picture>")


def test_a_task_that_reads_no_pictures():
    with pytest.raises(UsageError, match="task 'plain' does not support predictions on files"):
        predict(Task(TaskConfig(), SimpleNamespace(task="plain")), None, PICTURE)


def test_a_notebook_shows_the_first_dozen():
    one = Prediction("a<b", Rows([{"n": 1}]), Image.new("RGB", (2000, 10)))
    page = Predictions([one] * 15)._repr_html_()
    assert page.count("data:image/png") == 12
    assert "… and 3 more pictures" in page
    assert "a<b" not in page


def test_without_a_picture_the_records_alone_are_shown():
    page = Prediction("a", Rows([{"n": 1}]))._repr_html_()
    assert "<img" not in page
    assert "<td>1</td>" in page
