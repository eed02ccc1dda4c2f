"""`batched_nms`: as `nms` within every group, whatever the groups are called."""

from __future__ import annotations

import pytest
import torch
from boxes import (
    boxes_of_all_sizes,
    clustered_boxes,
    random_boxes,
    random_scores,
    with_odd_boxes,
)
from suppression_oracle import nms_by_loops

from nntasks import ops
from nntasks.ops import batched_nms, nms


def random_groups(count, groups, seed=2):
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(0, groups, (count,), generator=generator)


def kept(boxes, scores, groups, threshold, device, **keys):
    result = batched_nms(boxes.to(device), scores.to(device), groups.to(device), threshold, **keys)
    assert result.dtype == torch.int64
    return result.tolist()


class TestCases:
    def test_boxes_of_other_groups_do_not_matter(self, device):
        boxes = torch.tensor([[0.0, 0, 10, 10]]).repeat(4, 1)
        scores = torch.tensor([0.1, 0.2, 0.3, 0.4])
        assert kept(boxes, scores, torch.tensor([0, 1, 0, 1]), 0.5, device) == [3, 2]

    def test_nothing_in_nothing_out(self, device):
        assert kept(torch.zeros(0, 4), torch.zeros(0), torch.zeros(0).long(), 0.5, device) == []

    def test_names_of_groups_may_be_any_integers(self, device):
        boxes, scores = clustered_boxes(200), random_scores(200)
        groups = random_groups(200, 3)
        names = torch.tensor([-(2**63), 2**63 - 1, -7])
        expected = kept(boxes, scores, groups, 0.5, device)
        assert kept(boxes, scores, names[groups], 0.5, device) == expected
        for dtype in (torch.int32, torch.int16, torch.int8, torch.uint8):
            assert kept(boxes, scores, groups.to(dtype), 0.5, device) == expected

    def test_equal_scores_go_by_index_over_all_groups(self, device):
        boxes = random_boxes(6, extent=1e5)
        groups = torch.tensor([2, 0, 1, 2, 0, 1])
        assert kept(boxes, torch.ones(6), groups, 0.5, device) == list(range(6))

    def test_far_away_boxes_keep_their_precision(self, device):
        # Shifting these by a multiple of the largest coordinate would round their sides away.
        boxes = torch.tensor([[1e6, 1e6, 1e6 + 8, 1e6 + 8], [1e6, 1e6, 1e6 + 8, 1e6 + 7]])
        groups = torch.tensor([999, 999])
        scores = torch.tensor([0.5, 0.4])
        assert kept(boxes, scores, groups, 0.87, device) == [0]
        assert kept(boxes, scores, groups, 0.88, device) == [0, 1]

    def test_the_best_so_many_over_all_groups(self, device):
        boxes, scores, groups = clustered_boxes(400), random_scores(400), random_groups(400, 7)
        whole = kept(boxes, scores, groups, 0.5, device)
        for most in (0, 5, len(whole), 9999):
            assert kept(boxes, scores, groups, 0.5, device, max_output=most) == whole[:most]


class TestOracles:
    @pytest.mark.parametrize("make", [random_boxes, clustered_boxes])
    @pytest.mark.parametrize("groups", [1, 3, 80, 5000])
    def test_each_group_alone(self, device, make, groups):
        boxes, scores = make(900), random_scores(900, levels=200)
        names = random_groups(900, groups)
        single = []
        for name in names.unique():
            mine = (names == name).nonzero()[:, 0]
            single += mine[nms(boxes[mine], scores[mine], 0.5)].tolist()
        single.sort(key=lambda index: (-float(scores[index]), index))
        assert kept(boxes, scores, names, 0.5, device) == single

    @pytest.mark.parametrize("threshold", [0.1, 0.6])
    def test_against_torchvision(self, device, threshold):
        torchvision = pytest.importorskip("torchvision")
        boxes, scores = clustered_boxes(600, dtype=torch.float64), random_scores(600)
        groups = random_groups(600, 9)
        expected = torchvision.ops.batched_nms(boxes, scores.double(), groups, threshold)
        assert kept(boxes, scores.double(), groups, threshold, device) == expected.tolist()

    def test_against_loops(self, device):
        boxes, scores = clustered_boxes(150), random_scores(150, levels=5)
        groups = random_groups(150, 4)
        expected = nms_by_loops(boxes, scores.tolist(), 0.4, groups.tolist())
        assert kept(boxes, scores, groups, 0.4, device) == expected

    @pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
    def test_half_precision_is_computed_in_float32(self, device, dtype):
        boxes, scores = random_boxes(200, dtype=dtype), random_scores(200, dtype=dtype)
        groups = random_groups(200, 3)
        expected = nms_by_loops(boxes.float(), scores.tolist(), 0.3, groups.tolist())
        assert kept(boxes, scores, groups, 0.3, device) == expected

    def test_memory_that_is_not_contiguous(self, device):
        boxes = clustered_boxes(200).t().contiguous().t()
        scores, groups = random_scores(400)[::2], random_groups(400, 5)[::2]
        assert not groups.is_contiguous()
        expected = kept(boxes.contiguous(), scores.contiguous(), groups.contiguous(), 0.5, device)
        assert kept(boxes, scores, groups, 0.5, device) == expected

    @pytest.mark.usefixtures("native")
    @pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
    @pytest.mark.parametrize("groups", [1, 2, 40])
    @pytest.mark.parametrize("threshold", [0.0, 0.5, 1.0])
    def test_native_is_the_reference_for_all_sizes_at_once(self, dtype, groups, threshold):
        boxes = with_odd_boxes(boxes_of_all_sizes(1500, dtype=dtype))
        scores, names = random_scores(1500, levels=40), random_groups(1500, groups)
        with ops.use("native"):
            ours = batched_nms(boxes, scores, names, threshold)
        with ops.use("python"):
            assert torch.equal(ours, batched_nms(boxes, scores, names, threshold))

    @pytest.mark.usefixtures("native")
    @pytest.mark.parametrize("groups", [2, 80, 20_000])
    def test_native_is_the_reference_at_any_thread_count(self, groups, set_threads):
        count = 70_000  # fewer than 32,768 boxes a thread are not shared out
        boxes, scores = clustered_boxes(count, objects=300), random_scores(count, levels=1000)
        names = random_groups(count, groups)
        with ops.use("python"):
            reference = batched_nms(boxes, scores, names, 0.5)
        for threads in (1, 2, 3, 8):
            set_threads(threads)
            with ops.use("native"):
                assert torch.equal(batched_nms(boxes, scores, names, 0.5), reference)


class TestTorch:
    def test_opcheck(self, device, overload):
        boxes, scores = random_boxes(20).to(device), random_scores(20).to(device)
        groups = random_groups(20, 3).to(device)
        torch.library.opcheck(overload("batched_nms"), (boxes, scores, groups, 0.5))

    def test_compile_without_a_graph_break(self, device):
        compiled = torch.compile(batched_nms, fullgraph=True, backend="aot_eager")
        boxes, scores = random_boxes(50).to(device), random_scores(50).to(device)
        groups = random_groups(50, 3).to(device)
        expected = batched_nms(boxes, scores, groups, 0.5)
        assert torch.equal(compiled(boxes, scores, groups, 0.5), expected)


class TestErrors:
    @pytest.mark.parametrize(
        ("groups", "error", "message"),
        [
            (torch.zeros(2), TypeError, r"groups must be a tensor of integers.*groups.long\(\)"),
            (torch.zeros(3).long(), ValueError, r"groups must have shape \(2,\)"),
            (torch.zeros(2, 1).long(), ValueError, r"got \(2, 1\)"),
            (torch.zeros(2).bool(), TypeError, "groups must be a tensor of integers"),
            (None, TypeError, "groups must be a torch tensor, got NoneType"),
        ],
    )
    def test_groups(self, device, groups, error, message):
        with pytest.raises(error, match=message):
            batched_nms(torch.zeros(2, 4), torch.zeros(2), groups, 0.5)
