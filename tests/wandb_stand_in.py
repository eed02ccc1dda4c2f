"""The part of Weights & Biases that the logger uses: for machines without the package."""

from __future__ import annotations

import sys
import types
from pathlib import Path
from types import SimpleNamespace


class Run:
    def __init__(self, **words):
        self.words, self.rows, self.summary, self.saved = words, [], {}, []
        self.step, self.ended = 0, None

    def log(self, values, step):
        assert step >= self.step
        self.step = step
        self.rows.append((step, dict(values)))

    def save(self, path, base_path, policy):
        assert Path(path).is_relative_to(base_path)
        assert policy == "now"
        self.saved.append(Path(path).name)

    def finish(self, exit_code):
        self.ended = exit_code


def install(monkeypatch):
    """Have `import wandb` find this; return the list of runs that are made."""
    made: list = []
    module = types.ModuleType("wandb")

    def init(**words):
        made.append(Run(**words))
        return made[-1]

    module.init, module.Settings, module.Image = init, SimpleNamespace, Path
    monkeypatch.setitem(sys.modules, "wandb", module)
    return made
