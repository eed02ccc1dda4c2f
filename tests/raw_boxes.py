"""What a detector gives for a picture before NMS, without a detector."""

from __future__ import annotations

import numpy as np

from nntasks.plugins.yolo_detect.by_hand.boxes import Boxes


class Output:
    """Boxes around three objects, many of each, as a detector gives them for one picture."""

    class_names = ("cat", "dog")

    def __init__(self, count=120, seed=0):
        rng = np.random.default_rng(seed)
        corner = rng.choice([[5.0, 5.0], [30.0, 8.0], [8.0, 20.0]], count)
        corner += rng.normal(scale=2.0, size=(count, 2))
        boxes = np.concatenate([corner, corner + rng.uniform(18, 26, (count, 2))], axis=1)
        self.picture = np.full((48, 64, 3), 90, np.uint8)
        self._found = np.clip(boxes, 0, 60), rng.uniform(0.01, 1, count), rng.integers(0, 2, count)

    def candidates(self, confidence):
        boxes, scores, labels = self._found
        chosen = scores > confidence
        return Boxes.of(boxes[chosen], scores[chosen], labels[chosen], self.class_names)

    def in_picture(self, boxes):
        return boxes
