"""The reference of `skipgram`: its gradients against autograd, and its pieces by hand."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from nntasks.ops import _skipgram_reference as reference
from nntasks.ops._skipgram_parts import Parts
from nntasks.ops._skipgram_reference import _Gradients, _Occurrences, _Pairs
from nntasks.ops._skipgram_settings import SkipgramSettings

OWN = Parts(torch.zeros(0, dtype=torch.int64), torch.zeros(0, dtype=torch.int32))
PAIRS = _Pairs(
    context=torch.tensor([[1, 2, 1], [0, 3, 0]]),
    weight=torch.tensor([[2.0, 1.0, 0.0], [1.0, 1.0, 0.0]]),
    sizes=torch.tensor([3.0, 2.0]),
    target=torch.tensor([[0, 4, 5], [1, 5, 2]]),
    target_weight=torch.tensor([[1.0, 2.0, 1.0], [1.0, 1.0, 0.0]]),
)


def vectors(seed):
    generator = torch.Generator().manual_seed(seed)
    return (torch.rand(6, 4, generator=generator) - 0.5).requires_grad_()


def loss_of(inputs, outputs, kind):
    """The loss in the words of the papers: a pair, or the mean of a window, at a time."""
    total = torch.zeros(())
    for centre in range(2):
        words = [
            (int(w), float(n))
            for w, n in zip(PAIRS.context[centre], PAIRS.weight[centre], strict=True)
            if n
        ]
        if kind == "skipgram":
            sources = [(inputs[word], times) for word, times in words]
        else:
            mean = sum(times * inputs[word] for word, times in words) / PAIRS.sizes[centre]
            sources = [(mean, 1.0)]
        for source, times in sources:
            for place in range(3):
                drawn = PAIRS.target_weight[centre, place]
                sign = 1 if place == 0 else -1
                score = source @ outputs[PAIRS.target[centre, place]]
                total = total - times * drawn * F.logsigmoid(sign * score)
    return total


@pytest.mark.parametrize("kind", ["skipgram", "cbow_exact", "cbow"])
def test_gradients_are_those_of_the_loss(kind):
    inputs, outputs = vectors(0), vectors(1)
    expected = loss_of(inputs, outputs, kind)
    expected.backward()
    found = reference._gradients(inputs.detach(), outputs.detach(), PAIRS, kind, OWN)
    assert float(found.loss) == pytest.approx(expected.item(), rel=1e-5)
    to_inputs, to_outputs = torch.zeros(6, 4), torch.zeros(6, 4)
    to_inputs.index_add_(0, PAIRS.context.flatten(), found.of_context.reshape(-1, 4))
    to_outputs.index_add_(0, PAIRS.target.flatten(), found.of_target.reshape(-1, 4))
    torch.testing.assert_close(to_outputs, -outputs.grad)
    if kind != "cbow":
        torch.testing.assert_close(to_inputs, -inputs.grad)
        return
    # word2vec.c gives each context the whole gradient of the mean, not its share of it
    one = _Pairs(*(column[:1] for column in PAIRS))
    whole = reference._gradients(inputs.detach(), outputs.detach(), one, "cbow", OWN)
    exact = reference._gradients(inputs.detach(), outputs.detach(), one, "cbow_exact", OWN)
    torch.testing.assert_close(whole.of_context, exact.of_context * 3)


def test_equal_words_of_a_row_are_one_with_their_number_as_weight():
    words = torch.tensor([[7, 7, 5, 7], [1, 2, 1, 2]])
    weight = torch.tensor([[0.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 0.0]])
    found = reference._merged(words, weight)
    assert found.tolist() == [[0, 2, 1, 0], [2, 1, 0, 0]]
    assert torch.equal(found.sum(1), weight.sum(1))


@pytest.mark.parametrize(
    ("value", "norm", "rows", "changed"),
    [
        (0, 0, [[3.0, 4.0], [0.3, 0.4]], 0),
        (3.5, 0, [[3.0, 3.5], [0.3, 0.4]], 1),
        (0, 1.0, [[0.6, 0.8], [0.3, 0.4]], 1),
        (0.1, 0.1, None, 2),
    ],
)
def test_clipping_limits_components_and_then_norms(value, norm, rows, changed):
    given = torch.tensor([[3.0, 4.0], [0.3, 0.4]])
    found, count = reference._clipped(given, value, norm)
    assert count == changed
    if rows is not None:
        torch.testing.assert_close(found, torch.tensor(rows))
    else:
        assert found.norm(dim=1).max() <= 0.1 + 1e-6


def test_contexts_stay_within_reach_and_sentence():
    count = 6  # two sentences of three words
    kept = _Occurrences(
        word=torch.arange(count),
        place=torch.arange(count),
        reach=torch.tensor([2, 1, 2, 2, 1, 2]),
        first=torch.tensor([0, 0, 0, 3, 3, 3]),
        end=torch.tensor([3, 3, 3, 6, 6, 6]),
        negatives=torch.zeros(count, 1, dtype=torch.int64),
    )
    at, weight = reference._contexts(kept, torch.arange(count), 2)
    found = [sorted(places[used > 0].tolist()) for places, used in zip(at, weight, strict=True)]
    assert found == [[1, 2], [0, 2], [0, 1], [4, 5], [3, 5], [3, 4]]


def test_a_step_moves_vectors_downhill_and_counts():
    inputs, outputs = vectors(0).detach(), vectors(1).detach()
    before = float(loss_of(inputs, outputs, "skipgram"))
    gradients = reference._gradients(inputs, outputs, PAIRS, "skipgram", OWN)
    assert isinstance(gradients, _Gradients)
    rates, settings = torch.tensor([0.05, 0.05]), SkipgramSettings()
    counts = reference._step((inputs, outputs), PAIRS, gradients, rates, settings, OWN)
    assert float(loss_of(inputs, outputs, "skipgram")) < before
    loss, pairs, centres, touched, clipped = counts.tolist()
    assert loss == pytest.approx(before, rel=1e-5)
    assert (pairs, centres, touched, clipped) == (5, 2, 4 + 5, 0)
