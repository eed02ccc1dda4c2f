"""`soft_nms`: cases by hand, the published loop as oracle, and the same bits everywhere."""

from __future__ import annotations

import math

import pytest
import torch
from boxes import boxes_of_all_sizes, clustered_boxes, random_boxes, random_scores, with_odd_boxes

from nntasks import ops
from nntasks.ops import box_iou, nms, soft_nms
from nntasks.ops.soft_nms import exponential

NAN, INF = float("nan"), float("inf")


def published(boxes, scores, method, sigma=0.5, iou_threshold=0.3, score_threshold=0.001):
    """Return indices and scores as the loop of the paper gives them, in float64."""
    overlap = box_iou(boxes.double(), boxes.double()).tolist()
    left = dict(enumerate(scores.double().tolist()))
    kept = []
    while left:
        best = max(left, key=lambda i: (left[i], -i))
        score = left.pop(best)
        if not score > score_threshold:
            break
        kept.append((best, score))
        for i in left:
            iou = overlap[best][i]
            if method == "gaussian":
                left[i] *= math.exp(-(iou**2) / sigma)
            elif iou > iou_threshold:
                left[i] *= 1 - iou
    return kept


def on(device, *tensors):
    return [tensor.to(device) for tensor in tensors]


class TestCases:
    BOXES = torch.tensor([[0.0, 0, 10, 10], [0, 0, 10, 5], [20, 20, 30, 30], [0, 0, 10, 2]])
    SCORES = torch.tensor([0.9, 0.8, 0.5, 0.7])

    def test_gaussian(self, device):
        indices, scores = soft_nms(*on(device, self.BOXES, self.SCORES))
        after_one = (0.8 * math.exp(-0.5), 0.5, 0.7 * math.exp(-0.08))
        assert indices.tolist() == [0, 3, 2, 1]
        assert indices.dtype == torch.int64
        assert scores.dtype == torch.float32
        expected = [0.9, after_one[2], 0.5, after_one[0] * math.exp(-0.32)]
        assert scores.tolist() == pytest.approx(expected, rel=1e-6)

    def test_linear(self, device):
        found = soft_nms(*on(device, self.BOXES, self.SCORES), method="linear", iou_threshold=0.39)
        assert found[0].tolist() == [0, 3, 2, 1]  # 1 is halved by 0, then loses 0.4 of it to 3
        assert found[1].tolist() == pytest.approx([0.9, 0.7, 0.5, 0.24], rel=1e-6)

    def test_linear_with_an_iou_at_the_threshold(self, device):
        boxes, scores = on(device, self.BOXES[:2], self.SCORES[:2])
        assert soft_nms(boxes, scores, method="linear", iou_threshold=0.5)[1][1] == scores[1]
        less = math.nextafter(0.5, 0)  # the same float32
        assert soft_nms(boxes, scores, method="linear", iou_threshold=less)[1][1] == scores[1]

    def test_it_ends_at_the_score_threshold(self, device):
        boxes, scores = on(device, self.BOXES, self.SCORES)
        assert soft_nms(boxes, scores, score_threshold=0.5)[0].tolist() == [0, 3]
        assert soft_nms(boxes, scores, score_threshold=0.9)[0].tolist() == []
        assert soft_nms(boxes, scores, score_threshold=0)[0].tolist() == [0, 3, 2, 1]

    def test_the_first_so_many(self, device):
        boxes, scores = on(device, clustered_boxes(200), random_scores(200))
        whole = soft_nms(boxes, scores)
        for most in (0, 1, 17, len(whole[0]), 10_000, 2**70):
            found = soft_nms(boxes, scores, max_output=most)
            assert all(torch.equal(a, b[:most]) for a, b in zip(found, whole, strict=True))

    def test_equal_scores_go_by_index(self, device):
        boxes = torch.tensor([[0.0, 0, 10, 10], [50, 0, 60, 10], [100, 0, 110, 10]])
        found = soft_nms(*on(device, boxes, torch.full((3,), 0.5)))
        assert found[0].tolist() == [0, 1, 2]

    def test_nothing_in_nothing_out(self, device):
        indices, scores = soft_nms(*on(device, torch.zeros(0, 4), torch.zeros(0)))
        assert indices.shape == scores.shape == (0,)

    def test_odd_scores(self, device):
        boxes = random_boxes(5, extent=5000)
        found = soft_nms(*on(device, boxes, torch.tensor([NAN, 0.1, -INF, INF, -0.5])))
        assert found[0].tolist() == [3, 1]

    def test_a_total_overlap_leaves_nothing_in_the_linear_way(self, device):
        boxes = torch.tensor([[0.0, 0, 10, 10]]).repeat(3, 1)
        found = soft_nms(*on(device, boxes, torch.full((3,), 0.9)), method="linear")
        assert found[0].tolist() == [0]

    def test_a_narrow_gaussian_is_nms_of_what_touches(self, device):
        boxes, scores = on(device, clustered_boxes(300), random_scores(300) + 0.1)
        hard = nms(boxes, scores, 5e-6)
        soft = soft_nms(boxes, scores, sigma=1e-12)[0]
        assert soft.tolist() == hard.tolist()
        assert len(soft) > 20


@pytest.mark.parametrize("method", ["gaussian", "linear"])
@pytest.mark.parametrize("make", [random_boxes, clustered_boxes])
def test_against_the_published_loop(device, make, method):
    boxes, scores = make(200, dtype=torch.float64), random_scores(200, dtype=torch.float64)
    indices, values = soft_nms(*on(device, boxes, scores), method=method)
    expected = published(boxes, scores, method)
    assert indices.tolist() == [index for index, _ in expected]
    assert values.tolist() == pytest.approx([value for _, value in expected], rel=1e-12)


@pytest.mark.usefixtures("native")
@pytest.mark.parametrize("method", ["gaussian", "linear"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.float16, torch.bfloat16])
@pytest.mark.parametrize("make", [random_boxes, clustered_boxes, boxes_of_all_sizes])
@pytest.mark.parametrize("levels", [None, 4])
def test_both_implementations_give_the_same_bits(make, dtype, method, levels):
    boxes, scores = with_odd_boxes(make(500, dtype=dtype)), random_scores(500, levels=levels)
    results = []
    for mode in ("native", "python"):
        with ops.use(mode):
            results.append(soft_nms(boxes, scores, method=method, score_threshold=1e-4))
    assert all(map(torch.equal, *results))
    assert len(results[0][0]) > 100


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64])
@pytest.mark.parametrize(
    "keys",
    [
        {"score_threshold": 1e308},
        {"score_threshold": 3.4028235e38},
        {"score_threshold": 5e-324},
        {"sigma": 1e308},
        {"sigma": 5e-324},
        {"method": "linear", "iou_threshold": 5e-324},
        {"method": "linear", "iou_threshold": math.nextafter(1, 0)},
    ],
    ids=str,
)
def test_numbers_beyond_the_precision_of_the_boxes(device, dtype, keys):
    boxes, scores = clustered_boxes(60, dtype=dtype), random_scores(60, dtype=torch.float64)
    found = soft_nms(*on(device, boxes, scores), **keys)
    with ops.use("python"):
        expected = soft_nms(boxes, scores, **keys)
    assert all(torch.equal(a.cpu(), b) for a, b in zip(found, expected, strict=True))
    assert len(found[0]) == 0 or keys.get("score_threshold", 0) < 1


@pytest.mark.parametrize("levels", [None, 4])
def test_more_boxes_than_a_block_has_threads(device, levels):
    boxes, scores = clustered_boxes(2500), random_scores(2500, levels=levels)
    indices, values = soft_nms(*on(device, boxes, scores), max_output=40)
    with ops.use("python"):
        expected = soft_nms(boxes, scores, max_output=40)
    assert indices.tolist() == expected[0].tolist()
    assert values.tolist() == expected[1].tolist()


def test_the_exponential():
    x = -torch.cat([torch.rand(100_000, dtype=torch.float64) * s for s in (1e-9, 0.4, 1, 30, 690)])
    assert torch.allclose(exponential(x), x.exp(), rtol=4e-16, atol=0)
    ends = torch.tensor([0.0, -0.0, -1e-300, -1e9, -INF], dtype=torch.float64)
    assert exponential(ends).tolist() == [1, 1, 1, 0, 0]
    assert exponential(-torch.logspace(-20, 1, 100_000, dtype=torch.float64)).max() <= 1


@pytest.mark.parametrize(
    ("keys", "error", "message"),
    [
        ({"method": "hard"}, ValueError, "method must be one of gaussian, linear, got 'hard'"),
        ({"sigma": 0}, ValueError, "sigma must be above 0 and finite, got 0"),
        ({"sigma": NAN}, ValueError, "sigma must be above 0 and finite, got nan"),
        ({"sigma": "1"}, TypeError, "sigma must be a number, got str"),
        ({"iou_threshold": 2}, ValueError, "iou_threshold must be from 0 to 1"),
        ({"score_threshold": -1}, ValueError, "score_threshold must be 0 or more and finite, got"),
        ({"max_output": -1}, ValueError, "max_output must be 0 or more"),
    ],
)
def test_wrong_input(device, keys, error, message):
    with pytest.raises(error, match=message):
        soft_nms(*on(device, random_boxes(3), random_scores(3)), **keys)


def test_opcheck(device, overload):
    boxes, scores = on(device, clustered_boxes(20), random_scores(20))
    for method in (0, 1):
        torch.library.opcheck(overload("soft_nms"), (boxes, scores, method, 0.5, 0.3, 0.1, 5))


def test_compile(device):
    boxes, scores = on(device, clustered_boxes(50), random_scores(50))
    compiled = torch.compile(
        lambda b, s: [x * 2 for x in soft_nms(b, s)], fullgraph=True, backend="eager"
    )
    for count in (50, 20):
        found = compiled(boxes[:count], scores[:count])
        expected = soft_nms(boxes[:count], scores[:count])
        assert all(torch.equal(a, b * 2) for a, b in zip(found, expected, strict=True))
