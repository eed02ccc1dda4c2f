"""The tables: which there are, and their numbers against the vectors."""

from __future__ import annotations

import numpy as np
import pytest
from analysed_vectors import ROWS, analysis

from nntasks.plugins.embedding_analysis import report
from nntasks.plugins.embedding_analysis.report import shares_by_section, tables
from nntasks.plugins.embeddings.metric import QuestionMetric
from nntasks.plugins.embeddings.question_answering import Answer


def by_name(made, metric=None):
    found = {table.name: table for table in tables(made, metric)}
    for table in found.values():
        assert {len(row) for row in table.rows} == {len(table.columns)}, table.name
    return found


@pytest.fixture(scope="module")
def several():
    return by_name(analysis(sets=3))


def test_a_single_set_without_questions_has_its_geometry_alone():
    assert set(by_name(analysis(questions=False))) == {"neighbours", "geometry", "frequency"}


def test_sections_with_both_methods():
    made = analysis(restrict=20)
    ((asked, covered, shares),) = shares_by_section(made).values()
    assert asked == len(ROWS)
    assert covered < asked  # right8 and later are beyond the 20 most frequent words
    for method, share in zip(("cosadd", "cosmul"), shares, strict=True):
        said = [(q, a) for q, a in made.by_method[method] if a.covered]
        assert share == np.mean([a.word == q.d for q, a in said])
    assert "are among the 20 most frequent" in by_name(made)["analogies"].caption


def test_the_interval_of_pairs_holds_the_correlation():
    metric = QuestionMetric((), ("mine",))
    for n in range(30):
        metric.update([Answer(cosine=n / 40)], [float(n * 7 % 31)], [f"pair/mine/{n}"])
    metric.update([Answer()], [1.0], ["pair/mine/30"])
    ((name, asked, absent, value, low, high),) = by_name(analysis(), metric)["pairs"].rows
    assert (name, asked, absent) == ("mine", 31, 1)
    assert low < value < high
    assert value == pytest.approx(metric.compute()["mine"])


def test_neighbours_of_chosen_words():
    made = analysis(words=("right1", "other3"))
    rows = by_name(made)["neighbours"].rows
    assert [row[0] for row in rows] == ["right1", "other3"]
    assert rows[0][1] == int(made.vectors.counts[made.vectors.index("right1")])
    nearest, cosine = made.vectors.most_similar("right1", topn=1)[0]
    assert rows[0][2].startswith(f"{nearest} {cosine:.2f}, ")


def test_geometry_has_a_row_for_every_set_and_a_turn_changes_nothing(several):
    first, turned, noise = several["geometry"].rows
    assert [row[0] for row in (first, turned, noise)] == ["first", "turned", "noise"]
    assert turned[3:] == pytest.approx(first[3:], abs=1e-4)
    assert abs(noise[3]) < abs(first[3])


def test_turned_vectors_agree_and_noise_does_not(several):
    rows = several["stability"].rows
    turned = [row for row in rows if row[0] == "first and turned"]
    noise = [row for row in rows if row[0] == "first and noise"]
    assert all(row[3] == pytest.approx(1) and row[4] == pytest.approx(1) for row in turned)
    assert np.mean([row[3] for row in noise]) < 0.3


def test_tests_without_words_are_named_below_the_associations(tmp_path):
    lines = [
        "x: LEFT1 LEFT2 LEFT3",
        "y: right1 right2 right3",
        "a: LEFT4 LEFT5",
        "b: right4 right5",
    ]
    lines += ["p: no1 no2", "q: no3 no4", "r: no5 no6", "s: no7 no8"]
    (tmp_path / "weat.txt").write_text("\n".join(lines))
    table = by_name(analysis(weat=tmp_path / "weat.txt"))["associations"]
    (row,) = table.rows
    assert row[3] > 1
    assert row[5] == "all partitions"
    assert "Too few words with vectors for: p" in table.caption


def test_the_share_of_translations_has_its_interval():
    assert report._share(3, 4) == "0.750 [0.301, 0.954]"
