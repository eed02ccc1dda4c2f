"""A third party's scorer: the share of lines of two files that agree."""

from __future__ import annotations

from pydantic import Field

from nntasks import FoundScores, Options, Scorer, Scores


class Lines(Scorer):
    class Config(Options):
        ignore_case: bool = Field(False, description="whether case counts")

    def score(self, task, truth, found):
        return Scores(task, [self._scored(name, truth, one) for name, one in found.items()])

    def _scored(self, name, truth, found):
        lines = [(path.read_text()).split() for path in (truth, found)]
        if self.config.ignore_case:
            lines = [[word.lower() for word in words] for words in lines]
        share = sum(a == b for a, b in zip(*lines, strict=True)) / len(lines[0])
        return FoundScores(name, {"lines": {"accuracy": share, "unknown": float("nan")}})
