"""Vectors of related words and the questions about them."""

from __future__ import annotations

import pytest
from asked_words import question_files
from word_samples import related_vectors


@pytest.fixture(scope="module")
def vectors():
    return related_vectors()


@pytest.fixture
def files(tmp_path):
    return question_files(tmp_path)
