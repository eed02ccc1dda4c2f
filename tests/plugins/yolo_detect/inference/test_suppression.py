"""Which box suppressed which, when single precision decides."""

from __future__ import annotations

import torch

from nntasks.ops import box_iou
from nntasks.plugins.yolo_detect.inference.suppression import suppression


def test_every_dropped_box_has_a_kept_one_of_its_group_above_the_threshold():
    torch.manual_seed(0)
    corners = torch.randint(0, 40, (2000, 2)).float()
    boxes = torch.cat([corners, corners + torch.randint(1, 12, (2000, 2))], dim=1)
    groups = torch.randint(0, 4, (2000,))
    found = suppression(boxes, torch.rand(2000), groups, 0.6)  # 0.6: a frequent IoU of whole sides
    dropped = (found.by >= 0).nonzero().flatten()
    assert len(dropped) + len(found.kept) == 2000
    assert set(found.by[dropped].tolist()) <= set(found.kept.tolist())
    assert bool((groups[dropped] == groups[found.by[dropped]]).all())
    again = box_iou(boxes[dropped], boxes).gather(1, found.by[dropped, None])[:, 0]
    assert torch.equal(again, found.iou[dropped])
    assert bool((found.iou[dropped] > torch.tensor(0.6)).all())
