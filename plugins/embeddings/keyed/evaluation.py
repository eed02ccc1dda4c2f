"""Analogies and word pairs, with gensim's arguments and results."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from nntasks.errors import UsageError
from nntasks.plugins.embeddings.keyed.comparisons import Comparisons
from nntasks.plugins.embeddings.keyed.errors import NoFile, WrongValue
from nntasks.plugins.embeddings.question_answering import Method, answer
from nntasks.plugins.embeddings.questions import read_analogies, read_pairs

Section = dict[str, Any]
_TOTAL = "Total accuracy"
_RESTRICT = 300_000


class Evaluation(Comparisons):
    """Vectors that are judged by questions."""

    def evaluate_word_analogies(
        self,
        analogies: str | Path,
        restrict_vocab: int = _RESTRICT,
        case_insensitive: bool = True,
        dummy4unknown: bool = False,
        similarity_function: str = "most_similar",
    ) -> tuple[float, list[Section]]:
        """Return the share of right answers, and the questions by section.

        Args:
            analogies: a file of lines `: section`, and lines of four words.
            restrict_vocab: search only so many most frequent words; a question with another word is
                left out.
            case_insensitive: words match regardless of case, and are shown in upper case.
            dummy4unknown: count questions that would be left out as wrong.
            similarity_function: "most_similar" (3CosAdd) or "most_similar_cosmul" (3CosMul).

        Returns:
            The share, and for each section {"section", "correct", "incorrect"}, with the questions
            as four words. The last section holds all questions.

        Raises:
            UsageError: the file is malformed.
        """
        methods: dict[str, Method] = {"most_similar": "cosadd", "most_similar_cosmul": "cosmul"}
        if similarity_function not in methods:
            raise WrongValue(
                f"similarity_function: expected {' or '.join(methods)}, got {similarity_function!r}"
            )
        questions = read_analogies(_file(analogies))
        among, method = self.first(restrict_vocab), methods[similarity_function]
        said = answer(
            among, questions, restrict=len(among), method=method, any_case=case_insensitive
        )
        form = str.upper if case_insensitive else str
        words = [tuple(form(w) for w in (q.a, q.b, q.c, q.d)) for q in questions]
        sections: dict[str, Section] = {}
        for question, four, found in zip(questions, words, said, strict=True):
            name = question.section
            lists = sections.setdefault(name, {"section": name, "correct": [], "incorrect": []})
            if found.word is not None and form(found.word) == four[3]:
                lists["correct"].append(four)
            elif found.word is not None or dummy4unknown:
                lists["incorrect"].append(four)
        return _with_total([*sections.values()])

    def evaluate_word_pairs(
        self,
        pairs: str | Path,
        delimiter: str = "\t",
        encoding: str = "utf8",
        restrict_vocab: int = _RESTRICT,
        case_insensitive: bool = True,
        dummy4unknown: bool = False,
    ) -> tuple[Any, Any, float]:
        """Return the correlations of cosines with human scores, and the share left out.

        Args:
            pairs: a file of two words and a score per line; `#` begins a comment.
            delimiter: what stands between the columns; commas, semicolons and blanks are found
                without it.
            encoding: of the file.
            restrict_vocab: use only so many most frequent words.
            case_insensitive: words match regardless of case.
            dummy4unknown: give pairs with an unknown word the cosine 0; else they are left out.

        Returns:
            SciPy's results of Pearson's and Spearman's correlation, each with `statistic` and
            `pvalue`, and the percentage of pairs with an unknown word.

        Raises:
            UsageError: the file is malformed, or fewer than two pairs have vectors.
        """
        from scipy.stats import pearsonr, spearmanr

        questions = read_pairs(_file(pairs), encoding=encoding, separator=delimiter)
        said = answer(self.first(restrict_vocab), questions, any_case=case_insensitive)
        cosines = np.array([np.nan if one.cosine is None else one.cosine for one in said])
        unknown = np.isnan(cosines)
        scores = np.array([question.score for question in questions])
        kept = np.full(len(said), True) if dummy4unknown else ~unknown
        if kept.sum() < 2:
            raise UsageError(
                f"{pairs}: expected at least two pairs of words that have a vector, got "
                f"{kept.sum()} of {len(said)}"
            )
        cosines, scores = np.where(unknown, 0, cosines)[kept], scores[kept]
        share = 100 * float(unknown.mean())
        return pearsonr(scores, cosines), spearmanr(scores, cosines), share


def _with_total(sections: list[Section]) -> tuple[float, list[Section]]:
    """Return the share of right answers, and the sections with one of all questions behind."""
    right, wrong = (
        [four for section in sections for four in section[key]] for key in ("correct", "incorrect")
    )
    asked = len(right) + len(wrong)
    total = {"section": _TOTAL, "correct": right, "incorrect": wrong}
    return (len(right) / asked if asked else 0.0), [*sections, total]


def _file(path: str | Path) -> Path:
    if not Path(path).is_file():
        raise NoFile(f"cannot read questions from {path}: there is no such file")
    return Path(path)
