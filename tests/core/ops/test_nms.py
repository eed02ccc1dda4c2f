"""`nms`: published cases, ties, odd boxes, and three independent oracles."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from boxes import (
    boxes_of_all_sizes,
    clustered_boxes,
    random_boxes,
    random_scores,
    with_odd_boxes,
)
from hypothesis import given
from hypothesis import strategies as st
from property_tests import examples
from suppression_oracle import nms_by_loops

from nntasks import ops
from nntasks.ops import nms

INF, NAN = float("inf"), float("nan")


def kept(boxes, scores, threshold, device, **keys):
    boxes, scores = (torch.as_tensor(x).to(device) for x in (boxes, scores))
    result = nms(boxes, scores, threshold, **keys)
    assert result.dtype == torch.int64
    assert result.device.type == device
    return result.tolist()


class TestCases:
    def test_an_iou_exactly_at_the_threshold_stays(self, device):
        # torchvision's case: the IoU of the two boxes is the float that serves as threshold
        boxes = torch.tensor(
            [
                [285.3538, 185.5758, 1193.5110, 851.4551],
                [285.1472, 188.7374, 1192.4984, 851.0669],
                [279.2440, 197.9812, 1189.4746, 849.2019],
            ]
        )
        scores = torch.tensor([0.6370, 0.7569, 0.3966])
        iou = float(ops.box_iou(boxes, boxes)[0, 1])
        assert kept(boxes, scores, iou, device)[:2] == [1, 0]
        assert 0 not in kept(boxes, scores, iou - 1e-4, device)

    def test_half_overlap(self, device):
        boxes = [[0.0, 0, 2, 1], [1, 0, 3, 1]]  # IoU 1/3
        assert kept(boxes, [0.9, 0.8], 0.33, device) == [0]
        assert kept(boxes, [0.9, 0.8], 0.34, device) == [0, 1]

    def test_the_threshold_is_rounded_to_the_precision_of_the_boxes(self, device):
        boxes = torch.tensor([[0.0, 0, 10, 10], [0, 0, 10, 1]])  # IoU 1/10, which no float is
        a_double_less, a_float_less = (
            float(np.nextafter(kind(0.1), kind(0))) for kind in (np.float64, np.float32)
        )
        for exact in (0.1, a_double_less):
            assert kept(boxes, [0.9, 0.8], exact, device) == [0, 1]
        assert kept(boxes, [0.9, 0.8], a_float_less, device) == [0]
        assert kept(boxes.double(), [0.9, 0.8], 0.1, device) == [0, 1]
        assert kept(boxes.double(), [0.9, 0.8], a_double_less, device) == [0]

    def test_nothing_in_nothing_out(self, device):
        assert kept(torch.zeros(0, 4), torch.zeros(0), 0.5, device) == []

    def test_one_box(self, device):
        assert kept([[0.0, 0, 1, 1]], [0.0], 0.0, device) == [0]

    def test_equal_scores_go_by_index(self, device):
        boxes = torch.tensor([[0.0, 0, 10, 10]]).repeat(5, 1)
        boxes[3:] += 100
        assert kept(boxes, torch.full((5,), 0.5), 0.5, device) == [0, 3]

    def test_what_was_suppressed_suppresses_nothing(self, device):
        boxes = [[0.0, 0, 10, 10], [4, 0, 14, 10], [8, 0, 18, 10]]  # a chain
        assert kept(boxes, [0.9, 0.8, 0.7], 0.4, device) == [0, 2]

    def test_threshold_zero_keeps_what_only_touches(self, device):
        boxes = [[0.0, 0, 1, 1], [1, 0, 2, 1], [0.5, 0, 1.5, 1]]
        assert kept(boxes, [0.9, 0.8, 0.7], 0, device) == [0, 1]

    def test_threshold_one_keeps_all(self, device):
        boxes = torch.tensor([[0.0, 0, 10, 10]]).repeat(4, 1)
        assert kept(boxes, [0.1, 0.4, 0.3, 0.2], 1, device) == [1, 2, 3, 0]

    def test_nan_scores_come_last(self, device):
        boxes = random_boxes(4, extent=5000)
        assert kept(boxes, [NAN, 0.1, -INF, INF], 0.5, device) == [3, 1, 0, 2]

    @pytest.mark.parametrize(
        "odd",
        [
            (5.0, 5, 5, 5),
            (5.0, 5, 5, 9),
            (9.0, 9, 5, 5),
            (NAN, 0, 10, 10),
            (0.0, 0, 10, NAN),
            (-INF, -INF, INF, INF),
            (0.0, 0, 3e38, 3e38),
        ],
    )
    def test_a_box_without_a_finite_area_is_kept_and_suppresses_nothing(self, device, odd):
        boxes = [odd, (0.0, 0, 10, 10), odd, (0.0, 0, 10, 9)]
        assert kept(boxes, [0.9, 0.8, 0.7, 0.6], 0.3, device) == [0, 1, 2]

    def test_the_best_so_many(self, device):
        boxes, scores = random_boxes(300), random_scores(300)
        whole = kept(boxes, scores, 0.5, device)
        assert len(whole) > 50
        for most in (0, 1, 17, np.int64(17), len(whole), 10_000, 2**63 - 1, 2**70):
            assert kept(boxes, scores, 0.5, device, max_output=most) == whole[:most]


class TestOracles:
    @pytest.mark.parametrize("make", [random_boxes, clustered_boxes])
    @pytest.mark.parametrize("threshold", [0.0, 0.1, 0.45, 0.7, 1.0])
    @pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
    def test_against_torchvision(self, device, make, threshold, dtype):
        torchvision = pytest.importorskip("torchvision")
        boxes, scores = make(700, dtype=dtype), random_scores(700, dtype=dtype)
        expected = torchvision.ops.nms(boxes, scores, threshold).tolist()
        assert kept(boxes, scores, threshold, device) == expected

    @pytest.mark.parametrize("levels", [None, 4, 1])
    def test_against_loops(self, device, levels):
        boxes, scores = clustered_boxes(150), random_scores(150, levels=levels)
        assert kept(boxes, scores, 0.5, device) == nms_by_loops(boxes, scores.tolist(), 0.5)

    @pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
    def test_half_precision_is_computed_in_float32(self, device, dtype):
        boxes, scores = random_boxes(300, dtype=dtype), random_scores(300, dtype=dtype)
        expected = nms_by_loops(boxes.float(), scores.tolist(), 0.4)
        assert kept(boxes, scores, 0.4, device) == expected

    def test_scores_may_have_another_precision_than_boxes(self, device):
        boxes, scores = clustered_boxes(80), random_scores(80, dtype=torch.float16)
        expected = nms_by_loops(boxes, scores.tolist(), 0.4)
        for dtype in (torch.float16, torch.float32, torch.float64):
            assert kept(boxes, scores.to(dtype), 0.4, device) == expected
        close = torch.tensor([0.5, 0.5 + 1e-12], dtype=torch.float64)  # one float, two doubles
        assert kept(random_boxes(2, extent=9e4), close, 0.4, device) == [1, 0]

    def test_memory_that_is_not_contiguous(self, device):
        wide = random_boxes(200).repeat_interleave(2, dim=1)
        boxes, scores = wide[:, ::2], random_scores(400)[::2]
        assert not boxes.is_contiguous()
        turned = boxes.t().contiguous().t()
        expected = kept(boxes.contiguous(), scores.contiguous(), 0.5, device)
        assert kept(boxes, scores, 0.5, device) == expected
        assert kept(turned, scores, 0.5, device) == expected

    @pytest.mark.usefixtures("native")
    @pytest.mark.parametrize(
        ("extent", "side"),
        [(1e-3, 1e-4), (50.0, 400.0), (1e6, 3.0), (1e30, 1e28), (3e4, 3e4), (2000.0, 0.01)],
    )
    @pytest.mark.parametrize("threshold", [0.0, 0.05, 0.5, 0.95])
    def test_native_is_the_reference_at_every_scale(self, extent, side, threshold):
        boxes = random_boxes(1500, extent=extent, side=side)
        scores = random_scores(1500, levels=50)
        with ops.use("native"):
            ours = nms(boxes, scores, threshold)
        with ops.use("python"):
            assert torch.equal(ours, nms(boxes, scores, threshold))

    @pytest.mark.usefixtures("native")
    @pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
    @pytest.mark.parametrize("threshold", [0.0, 1e-6, 0.3, 0.5, 0.75, 1.0])
    def test_native_is_the_reference_for_all_sizes_at_once(self, dtype, threshold):
        scores = random_scores(1300, levels=40)
        for boxes in (boxes_of_all_sizes(1300), with_odd_boxes(boxes_of_all_sizes(1300, 1))):
            with ops.use("native"):
                ours = nms(boxes.to(dtype), scores, threshold)
            with ops.use("python"):
                assert torch.equal(ours, nms(boxes.to(dtype), scores, threshold))

    @pytest.mark.usefixtures("native")
    @pytest.mark.parametrize("threads", [1, 3])
    def test_so_many_that_they_are_taken_in_batches(self, threads, set_threads):
        set_threads(threads)
        tile = boxes_of_all_sizes(27_000).clamp(-4000, 4000).round()
        tile[::100, 2] = tile[::100, 0]  # no area: kept, and suppresses nothing
        boxes = torch.cat([tile.roll(i, 0) + 10_000 * i for i in range(20)])  # apart, and exact
        scores = random_scores(len(boxes))
        with ops.use("native"):
            alone = [
                start + ops.nms(boxes[start : start + 27_000], scores[start : start + 27_000], 0.4)
                for start in range(0, len(boxes), 27_000)
            ]
            together = torch.cat(alone)
            expected = together[scores[together].sort(descending=True, stable=True).indices]
            assert torch.equal(ops.nms(boxes, scores, 0.4), expected)
            for most in (0, 1, len(expected) // 2, len(expected) + 1):
                assert torch.equal(ops.nms(boxes, scores, 0.4, max_output=most), expected[:most])
            groups = torch.arange(len(boxes)) // 27_000 % 2 * (10**9)
            assert torch.equal(ops.batched_nms(boxes, scores, groups, 0.4), expected)

    @pytest.mark.usefixtures("native")
    def test_as_many_that_no_grid_serves(self):
        tiny = torch.tensor([[0.0, 0, 1e-18, 1e-18]]).repeat(540_000, 1)
        scores = random_scores(len(tiny))
        with ops.use("native"):
            assert ops.nms(tiny, scores, 0.4).tolist() == [int(scores.argmax())]

    @pytest.mark.usefixtures("native")
    @examples(150)
    @given(
        st.lists(
            st.tuples(
                *[
                    st.sampled_from([0.0, 1.0, 2.5, -3.0, 7.0, 7.0000005, 1e-38, 1e38, INF, NAN])
                    | st.floats(-100, 100, width=32)
                ]
                * 4
            ),
            max_size=40,
        ),
        st.sampled_from([0.0, 0.2, 0.5, 1.0]),
        st.integers(0, 5),
    )
    def test_native_is_the_reference_on_hostile_boxes(self, boxes, threshold, levels):
        boxes = torch.tensor(boxes, dtype=torch.float32).reshape(-1, 4)
        scores = random_scores(len(boxes), levels=levels or None)
        with ops.use("native"):
            ours = nms(boxes, scores, threshold).tolist()
        with ops.use("python"):
            assert ours == nms(boxes, scores, threshold).tolist()
        assert ours == nms_by_loops(boxes, scores.tolist(), threshold)


class TestTorch:
    def test_opcheck(self, device, overload):
        boxes, scores = random_boxes(20).to(device), random_scores(20).to(device)
        torch.library.opcheck(overload("nms"), (boxes, scores, 0.5))

    def test_no_gradient_passes(self, device):
        boxes = random_boxes(9).to(device).requires_grad_()
        assert not nms(boxes, random_scores(9).to(device).requires_grad_(), 0.5).requires_grad


class TestErrors:
    @pytest.mark.parametrize(
        ("arguments", "error", "message"),
        [
            ((torch.zeros(4), torch.zeros(1), 0.5), ValueError, r"shape \(N, 4\).*got \(4,\)"),
            ((torch.zeros(2, 5), torch.zeros(2), 0.5), ValueError, r"shape \(N, 4\).*got \(2, 5\)"),
            ((torch.zeros(2, 4), torch.zeros(3), 0.5), ValueError, r"must have shape \(2,\)"),
            ((torch.zeros(2, 4), torch.zeros(2, 1), 0.5), ValueError, r"got \(2, 1\)"),
            ((torch.zeros(2, 4), torch.zeros(2), 1.5), ValueError, "from 0 to 1, got 1.5"),
            ((torch.zeros(2, 4), torch.zeros(2), NAN), ValueError, "from 0 to 1, got nan"),
            ((torch.zeros(2, 4), torch.zeros(2), -1e-9), ValueError, "from 0 to 1, got -1e-09"),
            ((torch.zeros(2, 4), torch.zeros(2), True), TypeError, "from 0 to 1, got bool"),
            ((torch.zeros(2, 4), torch.zeros(2).int(), 0.5), TypeError, r"use scores.float\(\)"),
            ((torch.zeros(2, 4), torch.zeros(2), "a"), TypeError, "a number from 0 to 1, got str"),
            ((torch.zeros(2, 4).long(), torch.zeros(2), 0.5), TypeError, r"use boxes.float\(\)"),
            ((torch.zeros(2, 4), [0.1, 0.2], 0.5), TypeError, "scores must be a torch tensor"),
        ],
    )
    def test_wrong_input_gets_the_same_words_everywhere(self, device, arguments, error, message):
        with pytest.raises(error, match=message):
            nms(*arguments)

    @pytest.mark.parametrize(
        ("most", "error"), [(-1, ValueError), (1.5, TypeError), (True, TypeError)]
    )
    def test_max_output(self, device, most, error):
        with pytest.raises(error, match="max_output must be"):
            nms(torch.zeros(2, 4), torch.zeros(2), 0.5, max_output=most)
