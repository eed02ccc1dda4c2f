"""Tasks as estimators of scikit-learn: `from nntasks.estimators import NNTasksClassifier`.

docs/scikit-learn.md shows their use.
"""

from __future__ import annotations

from nntasks.estimators.classifier import NNTasksClassifier
from nntasks.estimators.segmenter import NNTasksSegmenter

__all__ = ["NNTasksClassifier", "NNTasksSegmenter"]
