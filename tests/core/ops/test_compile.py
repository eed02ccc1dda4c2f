"""`torch.compile(fullgraph=True)` with more sizes than torch keeps graphs for one function (8).

Floats are constants of the graph; see docs/ops.md.
"""

from __future__ import annotations

import pytest
import torch
from boxes import clustered_boxes, random_boxes, random_scores

from nntasks import ops
from nntasks.kernel_checks.inputs import (
    detections,
    match_tables,
    matching,
    rankings,
    weighting,
)
from nntasks.ops import nms

SIZES = range(5, 20)
TABLE = ops.AliasTable([1.0, 2.0, 3.0])


def squares(function):
    """Return a function that gives the sum of the squares of another's result."""
    return lambda x, *rest: function(x, *rest).square().sum()


PROGRAMS = {
    "nms": (
        lambda b, s, most: ops.nms(b, s, 0.5, max_output=most),
        lambda n: (clustered_boxes(3 * n), random_scores(3 * n), n),
    ),
    "batched_nms": (
        lambda b, s, most: ops.batched_nms(b, s, (s * 3).long(), 0.5, max_output=most),
        lambda n: (clustered_boxes(3 * n), random_scores(3 * n), n),
    ),
    "soft_nms": (
        lambda b, s, most: ops.soft_nms(b, s, max_output=most),
        lambda n: (clustered_boxes(3 * n), random_scores(3 * n), n),
    ),
    "box_iou": (
        lambda a, b: ops.box_iou(a, b, "ciou"),
        lambda n: (random_boxes(n), random_boxes(n + 3)),
    ),
    "im2col": (lambda x: ops.im2col(x, 3, 1, 1), lambda n: (torch.rand(2, 3, n, n + 1),)),
    "im2col of other windows": (
        lambda x, side: ops.im2col(x, side, side - 3, side - 4),
        lambda n: (torch.rand(2, 3, 30, 31), n),
    ),
    "col2im": (
        lambda c, side: ops.col2im(c, (side, side + 1), 3, 1, 1),
        lambda n: (torch.rand(2, 27, n * (n + 1)), n),
    ),
    "philox": (ops.philox, lambda n: (torch.arange(n), n, n + 1)),
    "AliasTable": (lambda w: ops.AliasTable(w).table, lambda n: (torch.rand(n).double(),)),
    "AliasTable.draw": (
        lambda t, n: ops.AliasTable.draw(TABLE.to(t.device), n, n + 1, 2 * n) + t,
        lambda n: (torch.ones(n, dtype=torch.int64), n),
    ),
}
DIFFERENTIABLE = ("im2col", "col2im")


@pytest.fixture(autouse=True)
def fresh_graphs():
    torch._dynamo.reset()


def as_tuple(result):
    return result if isinstance(result, tuple) else (result,)


@pytest.mark.parametrize("name", PROGRAMS)
def test_sizes_that_change(device, name):
    function, arguments = PROGRAMS[name]
    compiled = torch.compile(function, fullgraph=True, backend="eager")
    for size in SIZES:
        given = [x.to(device) if isinstance(x, torch.Tensor) else x for x in arguments(size)]
        found, expected = as_tuple(compiled(*given)), as_tuple(function(*given))
        assert all(map(torch.equal, found, expected))


@pytest.mark.parametrize("name", DIFFERENTIABLE)
def test_gradients_of_sizes_that_change(device, name):
    function, arguments = PROGRAMS[name]
    compiled = torch.compile(squares(function), fullgraph=True, backend="aot_eager")
    for size in SIZES:
        x, *rest = arguments(size)
        plain, traced = (x.to(device).clone().requires_grad_() for _ in range(2))
        squares(function)(plain, *rest).backward()
        compiled(traced, *rest).backward()
        assert plain.grad.abs().sum() > 0
        assert torch.equal(traced.grad, plain.grad)


@pytest.mark.parametrize("implementation", ["native", "python"])
def test_matchings_that_change(request, implementation):
    if implementation == "native":
        request.getfixturevalue("native")
    with ops.use(implementation):
        compiled = torch.compile(ops.match_greedily, fullgraph=True, backend="eager")
        for size in SIZES:
            assert torch.equal(compiled(*matching(size)), ops.match_greedily(*matching(size)))


def matched(given):
    return ops.match_detections(**given)


MATCHED = {
    "match_detections": (matched, lambda size: (detections(size),)),
    "rank_hits": (ops.rank_hits, match_tables),
    "precision_at_recalls": (ops.precision_at_recalls, rankings),
}


@pytest.mark.parametrize("name", MATCHED)
@pytest.mark.parametrize("implementation", ["native", "python"])
def test_tables_that_change(request, implementation, name):
    if implementation == "native":
        request.getfixturevalue("native")
    function, arguments = MATCHED[name]
    with ops.use(implementation):
        compiled = torch.compile(function, fullgraph=True, backend="eager")
        for size in SIZES:
            given = arguments(size)
            found, expected = as_tuple(compiled(*given)), as_tuple(function(*given))
            assert all(map(torch.equal, found, expected))


@pytest.mark.parametrize("implementation", ["native", "python"])
def test_weightings_that_change(request, implementation):
    if implementation == "native":
        request.getfixturevalue("native")
    with ops.use(implementation):
        compiled = torch.compile(ops.weighted_ap, fullgraph=True, backend="eager")
        for size in SIZES:
            for ours, plain in zip(
                compiled(*weighting(size)), ops.weighted_ap(*weighting(size)), strict=True
            ):
                assert torch.equal(ours.nan_to_num(-1), plain.nan_to_num(-1))


@pytest.mark.usefixtures("native")
@pytest.mark.parametrize("implementation", ["native", "python"])
def test_wrong_values_in_a_graph_are_refused_by_the_kernels(implementation):
    starts, *rest = matching(3)
    with ops.use(implementation):
        compiled = torch.compile(ops.match_greedily, fullgraph=True, backend="eager")
        with pytest.raises((RuntimeError, ValueError), match="starts must rise from 0 to"):
            compiled(starts + 1, *rest)


def test_texts_that_change(device):
    noise = ops.AliasTable([5.0, 4.0, 3.0, 2.0, 1.0]).to(device)

    def step(inputs, outputs, tokens, ends, seed):
        options = {"noise": noise, "window": 3, "block": 4, "seed": seed, "offset": 7 * seed}
        counts = ops.skipgram(inputs, outputs, tokens, ends, **options)
        return inputs.sum(), counts.loss / counts.pairs

    compiled = torch.compile(step, fullgraph=True, backend="eager")
    for size in SIZES:
        tokens = (torch.arange(3 * size) * 7 % 5).int()
        given = [torch.rand(5, 16), torch.rand(5, 16), tokens, torch.tensor([0, len(tokens)])]
        given = [value.to(device) for value in given]
        found = compiled(*(value.clone() for value in given), size)
        expected = step(*(value.clone() for value in given), size)
        assert all(map(torch.equal, found, expected))


class TestNms:
    def test_compile_without_a_graph_break(self, device):
        def strongest(boxes, scores):
            return boxes[nms(boxes * 2, scores, 0.5)] + 1

        boxes, scores = random_boxes(50).to(device), random_scores(50).to(device)
        compiled = torch.compile(strongest, fullgraph=True, backend="aot_eager")
        assert torch.equal(compiled(boxes, scores), strongest(boxes, scores))

    def test_compile_serves_other_sizes_thresholds_and_limits(self, device):
        def call(boxes, scores, threshold, most):
            return nms(boxes, scores, threshold, max_output=most)

        compiled = torch.compile(call, fullgraph=True, backend="aot_eager", dynamic=True)
        boxes, scores = random_boxes(50).to(device), random_scores(50).to(device)
        for count, threshold, most in ((50, 0.3, None), (20, 0.5, 3), (1, 0.7, 5), (0, 0.5, 0)):
            arguments = (boxes[:count], scores[:count], threshold, most)
            assert torch.equal(compiled(*arguments), call(*arguments))

    def test_compile_with_candidates_chosen_inside(self, device):
        def call(boxes, scores):
            good = scores > 0.3
            return nms(boxes[good], scores[good], 0.5)

        boxes, scores = random_boxes(50).to(device), random_scores(50).to(device)
        with torch._dynamo.config.patch(capture_dynamic_output_shape_ops=True):
            compiled = torch.compile(call, fullgraph=True, backend="aot_eager")
            assert torch.equal(compiled(boxes, scores), call(boxes, scores))

    @pytest.mark.slow
    def test_inductor(self, device):
        def strongest(boxes, scores):
            return boxes[nms(boxes * 2, scores, 0.5)] + 1

        boxes, scores = random_boxes(50).to(device), random_scores(50).to(device)
        assert torch.equal(
            torch.compile(strongest, fullgraph=True)(boxes, scores), strongest(boxes, scores)
        )
