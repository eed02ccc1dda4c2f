"""A data set without questions."""

from __future__ import annotations

from nntasks.plugins.embedding_analysis.no_questions import NoQuestions
from nntasks.plugins.embeddings.metric import build


def test_nothing_is_asked_and_nothing_is_measured():
    splits = NoQuestions(None, None).load(None)
    assert splits.train is None
    assert len(splits.test) == len(splits.validation) == 0
    assert splits.test.batch([]).inputs == []
    assert build(None, splits.info).compute() == {}
