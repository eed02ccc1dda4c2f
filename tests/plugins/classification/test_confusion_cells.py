"""The samples behind the cells are those of the predictions, with their pictures."""

from __future__ import annotations

import numpy as np

from nntasks.plugins.classification.confusion_cells import cells
from nntasks.plugins.classification.predictions import confusion

CLASSES = ["cat", "dog", "owl"]


def predictions():
    from nntasks.plugins.classification.metric import ClassificationMetric

    shares = np.array([[0.7, 0.2, 0.1], [0.6, 0.3, 0.1], [0.1, 0.8, 0.1], [0.3, 0.5, 0.2]])
    metric = ClassificationMetric(CLASSES)
    metric.update(list(shares), [0, 1, 1, 0], ["a", "b", "c", "d"])
    return metric.table


def test_each_sample_lies_in_the_cell_of_its_classes():
    table = predictions()
    pictures = {name: np.full((4, 4, 1), 9, np.uint8) for name in table.ids}
    content = cells(table, CLASSES, pictures).content
    assert content["counts"] == confusion(table).tolist()
    assert content["samples"] == {"0,1": ["d"], "1,0": ["b"], "0,0": ["a"], "1,1": ["c"]}
    assert set(content["pictures"]) == set("abcd")
    assert cells(table, CLASSES, None).content["pictures"] == {}
