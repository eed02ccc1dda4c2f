"""`box_iou`: values against torchvision and by hand, gradients by differences, both ways alike."""

from __future__ import annotations

import math

import pytest
import torch
from boxes import boxes_of_all_sizes, clustered_boxes, random_boxes, with_odd_boxes

from nntasks import ops
from nntasks.ops import box_iou

KINDS = ("iou", "giou", "diou", "ciou")
PEERS = {  # in torchvision.ops
    "iou": "box_iou",
    "giou": "generalized_box_iou",
    "diou": "distance_box_iou",
    "ciou": "complete_box_iou",
}
NAN, INF = float("nan"), float("inf")


def values(a, b, kind, device):
    return box_iou(torch.as_tensor(a).to(device), torch.as_tensor(b).to(device), kind).cpu()


class TestValues:
    def test_by_hand(self, device):
        a = [[0.0, 0, 4, 2]]
        b = [[0.0, 0, 4, 2], [2, 0, 6, 2], [10, 0, 14, 2], [0, 0, 2, 4]]
        assert values(a, b, "iou", device)[0].tolist() == pytest.approx([1, 1 / 3, 0, 1 / 3])
        # enclosing areas 8, 12, 28, 16; unions 8, 12, 16, 12
        expected = [1, 1 / 3, -12 / 28, 1 / 3 - 4 / 16]
        assert values(a, b, "giou", device)[0].tolist() == pytest.approx(expected)
        # centres 0, 2, 10 and sqrt(2) apart; diagonals squared 20, 40, 200, 32
        distances = [0, 4 / 40, 100 / 200, 2 / 32]
        expected = [iou - d for iou, d in zip([1, 1 / 3, 0, 1 / 3], distances, strict=True)]
        assert values(a, b, "diou", device)[0].tolist() == pytest.approx(expected)
        v = 4 / math.pi**2 * (math.atan(2) - math.atan(0.5)) ** 2
        alpha = v / (1 - 1 / 3 + v)
        last = expected[3] - alpha * v
        assert values(a, b, "ciou", device)[0].tolist() == pytest.approx([*expected[:3], last])

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("shape", [(0, 5), (5, 0), (0, 0)])
    def test_nothing(self, device, kind, shape):
        result = values(torch.zeros(shape[0], 4), torch.zeros(shape[1], 4), kind, device)
        assert result.shape == shape
        assert result.dtype == torch.float32

    @pytest.mark.parametrize("kind", KINDS)
    def test_empty_unions_give_zero(self, device, kind):
        points = torch.tensor([[3.0, 3, 3, 3], [3, 3, 3, 3]])
        assert values(points, points, kind, device).tolist() == [[0, 0], [0, 0]]

    @pytest.mark.parametrize("kind", KINDS)
    def test_nan_and_infinity_show(self, device, kind):
        odd = torch.tensor([[0, 0, NAN, 1], [0, 0, INF, INF], [0, 0, 1, 1]])
        result = values(odd, odd[2:], kind, device)
        assert result[0].isnan()
        assert result[1].isnan() or result[1] == 0
        assert result[2, 0] == pytest.approx(1)

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("shape", [(1, 1), (3, 200), (201, 7), (130, 133)])
    def test_against_torchvision(self, device, kind, shape):
        a = random_boxes(shape[0], 0, dtype=torch.float64)
        b = random_boxes(shape[1], 1, dtype=torch.float64)
        torchvision = pytest.importorskip("torchvision")
        expected = getattr(torchvision.ops, PEERS[kind])(a, b)
        assert torch.allclose(values(a, b, kind, device), expected, rtol=0, atol=1e-6)
        single = values(a.float(), b.float(), kind, device)
        assert single.dtype == torch.float32
        assert torch.allclose(single.double(), expected, rtol=0, atol=2e-5)

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
    def test_half_precision_is_computed_in_float32(self, device, kind, dtype):
        a, b = random_boxes(40, 0, dtype=dtype), random_boxes(50, 1, dtype=dtype)
        result = values(a, b, kind, device)
        assert result.dtype == torch.float32
        assert torch.equal(result, values(a.float(), b.float(), kind, device))

    @pytest.mark.parametrize("kind", KINDS)
    def test_memory_that_is_not_contiguous(self, device, kind):
        a, b = random_boxes(90, 0)[::3], random_boxes(40, 1).t().contiguous().t()
        assert not a.is_contiguous()
        expected = values(a.contiguous(), b.contiguous(), kind, device)
        result = values(a, b, kind, device)
        assert torch.allclose(result, expected, rtol=0, atol=1e-6 if kind == "ciou" else 0)

    @pytest.mark.usefixtures("native")
    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
    @pytest.mark.parametrize("scale", [1e-12, 1.0, 1e12])
    def test_native_is_the_reference(self, kind, dtype, scale):
        a = clustered_boxes(257, 0, dtype=dtype) * scale
        b = clustered_boxes(301, 0, dtype=dtype) * scale
        a[:3, 2:] = a[:3, :2]  # no extent
        with ops.use("native"):
            ours = box_iou(a, b, kind)
        with ops.use("python"):
            reference = box_iou(a, b, kind)
        if kind == "ciou":  # the arctangent is another program's
            assert torch.allclose(ours, reference, rtol=0, atol=1e-6)
        else:
            assert torch.equal(ours, reference)

    @pytest.mark.usefixtures("native")
    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
    def test_native_is_the_reference_on_odd_boxes(self, kind, dtype):
        a, b = (with_odd_boxes(boxes_of_all_sizes(n, n, dtype=dtype)) for n in (240, 190))
        with ops.use("native"):
            ours = box_iou(a, b, kind)
        with ops.use("python"):
            reference = box_iou(a, b, kind)
        assert ours.isnan().any()
        tolerance = 1e-6 if kind == "ciou" else 0  # the arctangent is another program's
        assert torch.allclose(ours, reference, rtol=0, atol=tolerance, equal_nan=True)


class TestGradients:
    @pytest.mark.usefixtures("native")
    @pytest.mark.parametrize("kind", KINDS)
    def test_native_has_those_of_the_reference(self, kind):
        gradients = []
        for mode in ("native", "python"):
            a, b = (clustered_boxes(n, 1, objects=2).requires_grad_() for n in (30, 20))
            with ops.use(mode):
                box_iou(a, b, kind).square().sum().backward()
            gradients.append((a.grad, b.grad))
        for ours, reference in zip(*gradients, strict=True):
            assert ours.any()
            assert torch.allclose(ours, reference, rtol=1e-4, atol=1e-6)

    def test_one_side_alone(self, device):
        a, b = random_boxes(5).to(device).requires_grad_(), random_boxes(4, 1).to(device)
        box_iou(a, b, "giou").sum().backward()
        assert a.grad.shape == (5, 4)
        assert b.grad is None

    @pytest.mark.parametrize("kind", KINDS)
    def test_by_differences(self, device, kind):
        a = clustered_boxes(4, 0, objects=1, dtype=torch.float64).to(device).requires_grad_()
        b = clustered_boxes(3, 5, objects=1, dtype=torch.float64).to(device).requires_grad_()
        assert torch.autograd.gradcheck(lambda a, b: box_iou(a, b, kind), (a, b))
        assert torch.autograd.gradgradcheck(lambda a, b: box_iou(a, b, kind), (a, b), atol=1e-4)

    @pytest.mark.parametrize("kind", KINDS)
    def test_they_are_finite_where_boxes_are_empty(self, device, kind):
        a = torch.tensor([[1.0, 1, 1, 1], [0, 0, 2, 2]], device=device, requires_grad=True)
        box_iou(a, a.detach(), kind).sum().backward()
        assert a.grad.isfinite().all()

    def test_the_usual_detection_losses_go_down(self, device):
        target = torch.tensor([[20.0, 30, 60, 90]], device=device)
        box = torch.tensor([[70.0, 10, 90, 40]], device=device, requires_grad=True)
        optimizer = torch.optim.Adam([box], lr=1.0)
        for _ in range(200):
            optimizer.zero_grad()
            (1 - box_iou(box, target, "ciou")).sum().backward()
            optimizer.step()
        assert float(box_iou(box.detach(), target)) > 0.95


class TestTorch:
    @pytest.mark.parametrize("kind", [0, 3])
    def test_opcheck(self, device, overload, kind):
        a = random_boxes(6).to(device).requires_grad_()
        b = random_boxes(5, 1).to(device)
        torch.library.opcheck(overload("box_iou"), (a, b, kind))

    def test_compile_without_a_graph_break(self, device):
        def loss(a, b):
            return (1 - box_iou(a * 2, b, "giou")).mean()

        a, b = random_boxes(8).to(device).requires_grad_(), random_boxes(9, 1).to(device)
        compiled = torch.compile(loss, fullgraph=True, backend="aot_eager")
        (gradient,) = torch.autograd.grad(compiled(a, b), a)
        (expected,) = torch.autograd.grad(loss(a, b), a)
        assert torch.allclose(gradient, expected)

    @pytest.mark.slow
    def test_inductor(self, device):
        def loss(a, b):
            return (1 - box_iou(a * 2, b, "ciou")).mean()

        a, b = random_boxes(8).to(device).requires_grad_(), random_boxes(9, 1).to(device)
        (gradient,) = torch.autograd.grad(torch.compile(loss, fullgraph=True)(a, b), a)
        (expected,) = torch.autograd.grad(loss(a, b), a)
        assert torch.allclose(gradient, expected, atol=1e-6)


class TestErrors:
    @pytest.mark.parametrize(
        ("a", "b", "kind", "error", "message"),
        [
            (torch.zeros(2, 3), torch.zeros(2, 4), "iou", ValueError, r"a must have shape"),
            (torch.zeros(2, 4), torch.zeros(4), "iou", ValueError, r"b must have shape \(N, 4\)"),
            (torch.zeros(2, 4).int(), torch.zeros(2, 4), "iou", TypeError, r"use a.float\(\)"),
            (torch.zeros(2, 4), torch.zeros(2, 4).double(), "iou", TypeError, "one dtype"),
            (torch.zeros(2, 4), torch.zeros(2, 4), "eiou", ValueError, "kind must be one of iou"),
        ],
    )
    def test_wrong_input_gets_the_same_words_everywhere(self, device, a, b, kind, error, message):
        with pytest.raises(error, match=message):
            box_iou(a, b, kind)
