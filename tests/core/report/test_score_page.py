"""The pages of a score: one for each set of predictions, and what is refused beforehand."""

from __future__ import annotations

import json

import pytest
from PIL import Image

from nntasks.errors import UsageError
from nntasks.interfaces.pictures import BrowsedPicture, ImageBrowser
from nntasks.interfaces.report_data import Figure, Table
from nntasks.interfaces.scoring import FoundScores, ScorePage, Scores
from nntasks.report.score_page import refuse_file, write_score

TABLE = Table("t", "All conventions", ("name", "map"), [("mine", 0.5)])
OWN = Table("o", "Of this one alone", ("n",), [(1,)])


def scores(*pages):
    found = [FoundScores(page.name, {"coco": {"map": 0.5}}) for page in pages]
    return Scores("toy", found, [TABLE], ["a note of mine"], pages)


def test_one_set_has_one_page_with_its_own_tables(tmp_path):
    page = ScorePage("mine", tables=lambda: [OWN])
    folder = tmp_path / "new" / "score"
    results, written = write_score(scores(page), folder, ["score", "toy", "found=a b"])
    assert (results, written) == (folder / "results.json", folder / "report.html")
    assert json.loads(results.read_text())["found"][0]["conventions"] == {"coco": {"map": 0.5}}
    text = written.read_text()
    for words in ("toy: mine", "All conventions", "Of this one alone", "a note of mine"):
        assert words in text
    assert "nntasks score toy &#39;found=a b&#39;" in text


def test_several_sets_have_a_page_each(tmp_path):
    _, *pages = write_score(scores(ScorePage("My Run!"), ScorePage("other")), tmp_path, [])
    assert [page.name for page in pages] == ["report-my-run.html", "report-other.html"]
    assert "predictions" in pages[0].read_text()


def test_a_figure_that_fails_becomes_a_warning(tmp_path):
    figures = [
        Figure("a", "A picture", "", lambda: Image.new("RGB", (20, 20))),
        Figure("b", "Another", "", lambda: 1 / 0),
    ]
    _, page = write_score(scores(ScorePage("mine", figures)), tmp_path, [])
    text = page.read_text()
    assert "A picture" in text
    assert "ZeroDivisionError" in text


def test_pictures_are_named_relative_to_the_folder_of_the_page(tmp_path):
    asked = []

    def browser(folder):
        asked.append(folder)
        return ImageBrowser((), [BrowsedPicture("a", "../pictures/a.jpg", 4, 3)])

    write_score(scores(ScorePage("mine", browser=browser)), tmp_path, [])
    assert asked == [tmp_path]


@pytest.mark.parametrize("below", ["", "deeper/still"])
def test_a_file_in_the_way_is_told_before_anything_is_computed(tmp_path, below):
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(UsageError) as told:
        refuse_file(file / below)
    assert str(told.value) == f"cannot write {file / below}: {file} is a file; choose another --out"
    with pytest.raises(UsageError, match="choose another --out"):
        write_score(scores(ScorePage("mine")), file / below, [])


def test_looking_makes_nothing(tmp_path):
    refuse_file(tmp_path / "new" / "folder")
    refuse_file(tmp_path)
    assert list(tmp_path.iterdir()) == []
