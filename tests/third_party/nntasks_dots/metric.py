"""A measure of its own: counts, so that no order matters."""

import numpy as np

from nntasks import Metric


class Top2(Metric):
    """Share of samples whose true class is one of the two likeliest."""

    def __init__(self, config, info):
        self.reset()

    def reset(self):
        self.hits = self.seen = 0

    def update(self, predictions, targets, ids):
        for row, label in zip(predictions, targets, strict=True):
            self.hits += int(label in np.argsort(-row, kind="stable")[:2])
            self.seen += 1

    def merge(self, other):
        self.hits += other.hits
        self.seen += other.seen

    def compute(self):
        return {"top2": self.hits / self.seen if self.seen else float("nan")}

    def definitions(self):
        return {"top2": "share of samples whose true class is one of the two likeliest"}
