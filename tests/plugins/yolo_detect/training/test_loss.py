"""The detection loss, against a slow reference, torchvision's CIoU and finite differences."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from nntasks.plugins.yolo_detect.training.assignment import assign
from nntasks.plugins.yolo_detect.training.loss import DetectionLoss, paired_ciou

ANCHORS = torch.tensor(
    [
        [[1.2, 1.6], [2.0, 3.7], [4.1, 2.9]],
        [[1.9, 3.8], [3.9, 2.8], [3.7, 7.4]],
        [[0.9, 0.7], [1.2, 1.6], [1.4, 1.3]],
    ]
)
GRIDS = ((8, 8), (4, 4), (2, 2))
CLASSES = 4


def _boxes(seed: int, count: int = 50) -> Tensor:
    draw = torch.Generator().manual_seed(seed)
    boxes = torch.rand(count, 4, generator=draw, dtype=torch.float64)
    return torch.cat([4 * boxes[:, :2], 0.2 + 3 * boxes[:, 2:]], dim=1)


def _case(seed: int, targets: int = 12, batch: int = 2) -> tuple[list[Tensor], Tensor]:
    draw = torch.Generator().manual_seed(seed)
    raw = [
        torch.randn(batch, 3, h, w, 5 + CLASSES, generator=draw, dtype=torch.float64)
        for h, w in GRIDS
    ]
    rows = torch.rand(targets, 6, generator=draw, dtype=torch.float64)
    rows[:, 0] = torch.randint(batch, (targets,), generator=draw)
    rows[:, 1] = torch.randint(CLASSES, (targets,), generator=draw)
    rows[:, 4:] = 0.08 + 0.5 * rows[:, 4:]
    return raw, rows


def _corners(boxes: Tensor) -> Tensor:
    return torch.cat([boxes[:, :2] - boxes[:, 2:] / 2, boxes[:, :2] + boxes[:, 2:] / 2], dim=1)


def test_ciou_and_iou_equal_torchvision() -> None:
    ops = pytest.importorskip("torchvision.ops")
    a, b = _boxes(0), _boxes(1)
    ciou, iou = paired_ciou(a, b)
    torch.testing.assert_close(
        ciou, ops.complete_box_iou(_corners(a), _corners(b)).diagonal(), atol=1e-6, rtol=1e-6
    )
    torch.testing.assert_close(
        iou, ops.box_iou(_corners(a), _corners(b)).diagonal(), atol=1e-6, rtol=1e-6
    )


def test_ciou_of_equal_boxes_is_one_with_a_gradient_of_zero() -> None:
    a = _boxes(2).requires_grad_()
    ciou, iou = paired_ciou(a, a.detach().clone())
    torch.testing.assert_close(ciou, torch.ones_like(ciou), atol=1e-5, rtol=0)
    torch.testing.assert_close(iou, torch.ones_like(iou), atol=1e-5, rtol=0)
    (gradient,) = torch.autograd.grad(ciou.sum(), a)
    assert gradient[:, :2].isfinite().all()


def test_ciou_gradient_is_that_of_the_formula_with_alpha_held() -> None:
    a, b = _boxes(3, 12).requires_grad_(), _boxes(4, 12)
    (gradient,) = torch.autograd.grad(paired_ciou(a, b)[0].sum(), a)

    def aspect(boxes: Tensor) -> Tensor:
        angle = torch.atan(boxes[:, 2] / boxes[:, 3]) - torch.atan(b[:, 2] / b[:, 3])
        return 4 / math.pi**2 * angle**2

    with torch.no_grad():
        alpha = aspect(a) / (1 - paired_ciou(a, b)[1] + aspect(a))

        def held(boxes: Tensor) -> Tensor:
            ciou, iou = paired_ciou(boxes, b)
            own = aspect(boxes) / (1 - iou + aspect(boxes))
            return ciou + (own - alpha) * aspect(boxes)

        step = 1e-6
        for column in range(4):
            shift = torch.zeros_like(a)
            shift[:, column] = step
            slope = (held(a + shift) - held(a - shift)) / (2 * step)
            torch.testing.assert_close(gradient[:, column], slope, atol=1e-5, rtol=1e-4)


def _slow_loss(raw: list[Tensor], targets: Tensor, smoothing: float) -> dict[str, float]:
    """The same loss, one prediction at a time."""
    high, low = 1 - smoothing / 2, smoothing / 2
    box = objectness = classes = 0.0
    matches = assign(targets, ANCHORS.double(), GRIDS)
    for level, match, balance in zip(raw, matches, (4.0, 1.0, 0.4), strict=True):
        wanted = torch.zeros(level.shape[:4], dtype=level.dtype)
        level_box, level_classes = [], []
        for n in range(len(match)):
            place = tuple(
                int(part[n]) for part in (match.image, match.anchor, match.row, match.column)
            )
            t = level[place]
            xy = 2 * torch.sigmoid(t[:2]) - 0.5
            wh = (2 * torch.sigmoid(t[2:4])) ** 2 * match.anchors[n]
            ciou, iou = paired_ciou(torch.cat([xy, wh])[None], match.boxes[n][None])
            level_box.append(1 - float(ciou))
            wanted[place] = max(float(wanted[place]), float(iou), 0.0)
            for index, logit in enumerate(t[5:].tolist()):
                goal = high if index == int(match.labels[n]) else low
                p = 1 / (1 + math.exp(-logit))
                level_classes.append(-goal * math.log(p) - (1 - goal) * math.log(1 - p))
        p = torch.sigmoid(level[..., 4])
        terms = -wanted * torch.log(p) - (1 - wanted) * torch.log(1 - p)
        objectness += balance * float(terms.mean())
        if level_box:
            box += sum(level_box) / len(level_box)
            classes += sum(level_classes) / len(level_classes)
    return {
        "box": 0.05 * box,
        "objectness": (320 / 640) ** 2 * objectness,
        "class": 0.5 * CLASSES / 80 * classes,
    }


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("targets", [0, 1, 12])
def test_loss_equals_the_slow_reference(targets: int, smoothing: float) -> None:
    raw, rows = _case(targets, targets)
    loss = DetectionLoss(CLASSES, 320, label_smoothing=smoothing)
    total, parts = loss(raw, rows, ANCHORS.double())
    expected = _slow_loss(raw, rows, smoothing)
    assert {name: float(part) for name, part in parts.items()} == pytest.approx(expected, rel=1e-9)
    assert float(total) == pytest.approx(sum(expected.values()), rel=1e-9)


def test_gradients_are_those_of_finite_differences() -> None:
    """Boxes and objectness are held apart: the IoU wanted carries no gradient by design."""
    raw, rows = _case(5, 6)
    loss = DetectionLoss(CLASSES, 320)
    matches = assign(rows, ANCHORS.double(), GRIDS)
    leaves = [level.clone().requires_grad_() for level in raw]
    gradients = torch.autograd.grad(loss(leaves, rows, ANCHORS.double())[0], leaves)
    draw = torch.Generator().manual_seed(0)
    for number, match in enumerate(matches):
        for n in torch.randint(len(match), (6,), generator=draw).tolist():
            place = (match.image[n], match.anchor[n], match.row[n], match.column[n])
            for channel in range(4, 5 + CLASSES):  # objectness and classes
                values = []
                for step in (1e-5, -1e-5):
                    shifted = [other.clone() for other in raw]
                    shifted[number][(*place, channel)] += step
                    values.append(float(loss(shifted, rows, ANCHORS.double())[0]))
                slope = (values[0] - values[1]) / 2e-5
                found = float(gradients[number][(*place, channel)])
                assert found == pytest.approx(slope, abs=1e-8)


def test_boxes_learn_to_fit() -> None:
    """Descending the loss moves the boxes and scores onto the targets."""
    rows = torch.tensor([[0, 1, 0.3, 0.4, 0.3, 0.4], [1, 2, 0.7, 0.6, 0.2, 0.5]])
    raw = [torch.zeros(2, 3, h, w, 5 + CLASSES, requires_grad=True) for h, w in GRIDS]
    loss, descent = DetectionLoss(CLASSES, 640), torch.optim.Adam(raw, lr=0.05)
    first = float(loss(raw, rows, ANCHORS)[0].detach())
    for step in range(400):
        descent.param_groups[0]["lr"] = 0.05 * (1 - step / 400)  # settles, whatever the rounding
        descent.zero_grad()
        total, _ = loss(raw, rows, ANCHORS)
        total.backward()
        descent.step()
    assert float(total.detach()) < 0.05 * first
    for level, match in zip(raw, assign(rows, ANCHORS, GRIDS), strict=True):
        t = level[match.image, match.anchor, match.row, match.column]
        assert torch.equal(t[:, 5:].argmax(1), match.labels)
        assert (t[:, 4] > 2).all()
        sides = (2 * t[:, 2:4].sigmoid()) ** 2 * match.anchors
        boxes = torch.cat([2 * t[:, :2].sigmoid() - 0.5, sides], dim=1)
        assert (paired_ciou(boxes, match.boxes)[1] > 0.95).all()
    background = raw[0][0, 0, 7, 7, 4]
    assert float(background.detach()) < -2


def test_a_shared_prediction_aims_at_its_best_box() -> None:
    """Two equal centres, two sizes: the wanted objectness is the larger IoU, in either order."""
    rows = torch.tensor([[0, 0, 0.3, 0.3, 0.25, 0.3], [0, 1, 0.3, 0.3, 0.4, 0.5]])
    raw = [torch.zeros(1, 3, h, w, 5 + CLASSES) for h, w in GRIDS]
    loss = DetectionLoss(CLASSES, 640)
    forwards, backwards = loss(raw, rows, ANCHORS)[1], loss(raw, rows.flip(0), ANCHORS)[1]
    assert float(forwards["objectness"]) == pytest.approx(float(backwards["objectness"]), rel=1e-6)


def test_one_class_has_no_class_loss() -> None:
    raw, rows = _case(1)
    rows[:, 1] = 0
    raw = [level[..., :6] for level in raw]
    assert float(DetectionLoss(1, 320)(raw, rows, ANCHORS.double())[1]["class"]) == 0.0


def test_gains_follow_classes_size_and_levels() -> None:
    loss = DetectionLoss(80, 640)
    assert (loss.box_gain, loss.objectness_gain, loss.class_gain) == (0.05, 1.0, 0.5)
    small = DetectionLoss(10, 160, levels=4)
    assert small.box_gain == pytest.approx(0.05 * 0.75)
    assert small.objectness_gain == pytest.approx(0.75 / 16)
    assert small.class_gain == pytest.approx(0.5 * 0.125 * 0.75)


def test_repeats_to_the_last_bit() -> None:
    raw, rows = _case(3, 200, 8)
    gradients = []
    for _ in range(2):
        leaves = [level.float().requires_grad_() for level in raw]
        total, _ = DetectionLoss(CLASSES, 320)(leaves, rows.float(), ANCHORS)
        gradients.append(torch.autograd.grad(total, leaves))
    for first, second in zip(*gradients, strict=True):
        assert torch.equal(first, second)
    assert gradients[0][0].abs().max() > 0
