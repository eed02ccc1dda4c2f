"""What torch does to programs: `torch.export` through every op, `vmap`, autocast."""

from __future__ import annotations

import pytest
import torch
from boxes import clustered_boxes, random_boxes, random_scores

from nntasks import ops
from nntasks.kernel_checks.inputs import match_tables, matching, rankings, raw_detections

BOXES, SCORES = clustered_boxes(60), random_scores(60)
PICTURE = torch.rand(2, 3, 8, 9)
TABLE = ops.AliasTable([1.0, 2.0, 3.0])

PROGRAMS = {
    "nms": (lambda b, s: ops.nms(b, s, 0.5), (BOXES, SCORES)),
    "batched_nms": (lambda b, s: ops.batched_nms(b, s, (s * 3).long(), 0.5), (BOXES, SCORES)),
    "soft_nms": (lambda b, s: ops.soft_nms(b, s, method="linear"), (BOXES, SCORES)),
    "box_iou": (lambda a, b: ops.box_iou(a, b, "ciou"), (BOXES, BOXES[:7])),
    "im2col": (lambda x: ops.im2col(x, 3, 2, 1), (PICTURE,)),
    "col2im": (lambda c: ops.col2im(c, (8, 9), 3, 1, 1), (torch.rand(2, 27, 72),)),
    "philox": (lambda c: ops.philox(c, 7), (torch.arange(9),)),
    "alias_build": (torch.ops.nntasks.alias_build, (torch.rand(9).double(),)),
    "alias_draw": (lambda t: torch.ops.nntasks.alias_draw(t, 20, 1, 3), (TABLE.table,)),
    "match_greedily": (torch.ops.nntasks.match_greedily, matching(3)),
    "match_detections": (
        lambda *given: torch.ops.nntasks.match_detections(*given, 4),
        raw_detections(3)[:-1],
    ),
    "rank_hits": (torch.ops.nntasks.rank_hits, match_tables(3)),
    "precision_at_recalls": (torch.ops.nntasks.precision_at_recalls, rankings(3)),
}
ON_THE_CPU = ("match_greedily", "match_detections", "rank_hits", "precision_at_recalls")


class Program(torch.nn.Module):
    """A function as a module, as `torch.export` wants it."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, *arguments):
        return self.function(*arguments)


def assert_same(a, b):
    for one, other in zip(*(x if isinstance(x, tuple) else (x,) for x in (a, b)), strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize("name", PROGRAMS)
def test_export(device, name):
    function, arguments = PROGRAMS[name]
    arguments = tuple(argument.to(device) for argument in arguments)
    if name in ON_THE_CPU and device != "cpu":
        pytest.skip(f"{name} is on the CPU only")
    exported = torch.export.export(Program(function), arguments)
    assert any("nntasks" in str(node.target) for node in exported.graph.nodes)
    assert_same(exported.module()(*arguments), function(*arguments))


@pytest.mark.parametrize("kind", ["iou", "ciou"])
class TestVmap:
    @pytest.mark.parametrize("dims", [(0, None), (None, 0), (0, 0), (1, 2), (2, None), (None, 1)])
    def test_boxes_of_either_side(self, device, kind, dims):
        def stacked(dim, seed):
            if dim is None:
                return random_boxes(7, seed).to(device)
            many = torch.stack([random_boxes(5, seed + i) for i in range(3)])
            return many.movedim(0, dim).contiguous().to(device)

        def taken(boxes, dim, index):
            return boxes if dim is None else boxes.select(dim, index)

        a, b = stacked(dims[0], 0), stacked(dims[1], 9)
        found = torch.vmap(lambda x, y: ops.box_iou(x, y, kind), in_dims=dims)(a, b)
        pairs = [(taken(a, dims[0], i), taken(b, dims[1], i)) for i in range(3)]
        assert torch.equal(found, torch.stack([ops.box_iou(x, y, kind) for x, y in pairs]))

    def test_gradients_pass(self, device, kind):
        a = torch.stack([random_boxes(4, seed) for seed in range(3)]).to(device)
        b = random_boxes(6, 9).to(device)
        mapped, plain = a.clone().requires_grad_(), a.clone().requires_grad_()
        torch.vmap(lambda boxes: ops.box_iou(boxes, b, kind))(mapped).sum().backward()
        sum(ops.box_iou(boxes, b, kind).sum() for boxes in plain).backward()
        assert plain.grad.abs().sum() > 0
        assert torch.allclose(mapped.grad, plain.grad, rtol=0, atol=1e-7)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_autocast_leaves_boxes_alone(device, dtype):
    boxes, scores = BOXES.to(device), SCORES.to(device)
    expected = [
        ops.box_iou(boxes, boxes),
        ops.nms(boxes, scores, 0.5),
        *ops.soft_nms(boxes, scores),
    ]
    with torch.autocast(device, dtype):
        found = [
            ops.box_iou(boxes, boxes),
            ops.nms(boxes, scores, 0.5),
            *ops.soft_nms(boxes, scores),
        ]
        leaf = boxes.clone().requires_grad_()
        ops.box_iou(leaf, boxes[:9], "giou").sum().backward()
    assert found[0].dtype == torch.float32
    for one, other in zip(found, expected, strict=True):
        assert torch.equal(one, other)
    plain = boxes.clone().requires_grad_()
    ops.box_iou(plain, boxes[:9], "giou").sum().backward()
    assert leaf.grad.dtype == torch.float32
    assert torch.equal(leaf.grad, plain.grad)
