"""The rule of NMS by the keys of a configuration."""

from __future__ import annotations

import pytest

from nntasks.errors import UsageError
from nntasks.plugins.yolo_detect.inference.nms_rule import (
    SoftNms,
    rule_for_display,
    rule_for_map,
)


def test_the_key_chooses_the_rule(detection_task):
    greedy, soft = (detection_task(nms=name).config for name in ("greedy", "soft"))
    assert (rule_for_display(greedy), rule_for_map(greedy)) == (0.45, 0.6)
    assert rule_for_display(soft) == SoftNms(0.5, 0.25)
    assert rule_for_map(soft) == SoftNms(0.5, 0.001)


def test_each_rule_has_keys_of_its_own(detection_task):
    keys = {"iou": 0.1, "eval_iou": 0.2, "confidence": 0.3, "eval_confidence": 0.4}
    greedy = detection_task(nms="greedy", soft_sigma=9, **keys).config
    assert (rule_for_display(greedy), rule_for_map(greedy)) == (0.1, 0.2)
    soft = detection_task(nms="soft", soft_sigma=9, **keys).config
    assert (rule_for_display(soft), rule_for_map(soft)) == (SoftNms(9, 0.3), SoftNms(9, 0.4))


def test_a_decay_without_width_is_refused(detection_task):
    with pytest.raises(UsageError, match="soft_sigma"):
        detection_task(soft_sigma="0")
