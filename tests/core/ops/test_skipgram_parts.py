"""`skipgram` with input vectors that are means of rows, as fastText's of character n-grams."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch

from nntasks import ops
from nntasks.ops import AliasTable, philox, skipgram

WORDS, ROWS, COLUMNS, COUNT = 24, 60, 16, 260
KINDS = ("skipgram", "cbow", "cbow_exact")
SENTENCES = torch.tensor([0, 1, 6, 60, 60, COUNT])
WINDOW, NEGATIVES, SEED = 4, 3, 5


def parts(device="cpu", words=WORDS, rows=ROWS, most=6):
    """Return starts and rows: each word its own row and up to `most` others, some of them twice."""
    generator = torch.Generator().manual_seed(2)
    counts = torch.randint(0, most + 1, (words,), generator=generator)
    others = torch.randint(words, rows, (int(counts.sum()),), generator=generator)
    listed = [
        torch.cat([torch.tensor([word]), chosen])
        for word, chosen in enumerate(others.split(counts.tolist()))
    ]
    starts = torch.tensor([0, *np.cumsum([len(one) for one in listed])])
    return starts.to(device), torch.cat(listed).int().to(device)


def text(device="cpu", words=WORDS, count=COUNT):
    generator = torch.Generator().manual_seed(0)
    tokens = (torch.rand(count, generator=generator) ** 2 * words).int().to(device)
    keep = (torch.rand(words, generator=generator) * 2**33).long().clamp(max=2**32).to(device)
    return tokens, keep, AliasTable(torch.arange(1, words + 1, device=device).double() ** 0.75)


def vectors(device="cpu", words=WORDS, rows=ROWS, columns=COLUMNS):
    generator = torch.Generator().manual_seed(1)
    inputs = torch.rand(rows, columns, generator=generator) - 0.5
    outputs = torch.rand(words, columns, generator=generator) - 0.5
    return inputs.to(device), outputs.to(device)


def train(device="cpu", **options):
    """Return vectors after training on the text, and the counts."""
    tokens, keep, noise = text(device)
    inputs, outputs = vectors(device)
    fixed = {"window": WINDOW, "negatives": NEGATIVES, "lr": (0.1, 0.05), "seed": SEED}
    options = {**fixed, "keep": keep, "parts": parts(device), **options}
    counts = skipgram(inputs, outputs, tokens, SENTENCES.to(device), noise=noise, **options)
    return inputs, outputs, counts


def centres():
    """Yield each centre with its contexts, targets and labels, and its rate."""
    tokens, keep, noise = text()
    drawn = philox(torch.arange(COUNT), SEED, 1)
    kept = [i for i in range(COUNT) if drawn[i, 0] < keep[tokens[i].item()]]
    sentence = {i: s for s in range(5) for i in range(SENTENCES[s], SENTENCES[s + 1])}
    for at, centre in enumerate(kept):
        reach = 1 + int(drawn[centre, 1]) * WINDOW // 2**32
        near = [kept[j] for j in range(max(at - reach, 0), min(at + reach + 1, len(kept)))]
        contexts = [int(tokens[j]) for j in near if j != centre and sentence[j] == sentence[centre]]
        word = int(tokens[centre])
        noises = [n for n in noise.draw(NEGATIVES, SEED, centre * NEGATIVES).tolist() if n != word]
        targets = [(word, 1.0), *((n, 0.0) for n in noises)]
        yield contexts, targets, 0.1 + (0.05 - 0.1) * centre / COUNT


def sources(kind, contexts, rows_of):
    """Return (rows of a mean, how its gradient is shared out) for each x of a centre."""
    if kind == "skipgram":
        return [(rows_of[word], 1.0) for word in contexts]
    rows = [row for word in contexts for row in rows_of[word]]
    return [(rows, 1.0 if kind == "cbow" else 1 / len(rows))]


def loop(kind, block):
    """What the docstring says, a pair at a time, in float64."""
    inputs, outputs = (v.double().numpy() for v in vectors())
    starts, rows = (one.tolist() for one in parts())
    rows_of = [rows[a:b] for a, b in itertools.pairwise(starts)]
    loss, to = 0.0, [np.zeros_like(inputs), np.zeros_like(outputs)]
    for number, (contexts, targets, rate) in enumerate(centres()):
        if number % block == 0:
            inputs, outputs = inputs + to[0], outputs + to[1]
            to = [np.zeros_like(inputs), np.zeros_like(outputs)]
        for parts_of_x, share in sources(kind, contexts, rows_of) if contexts else []:
            x = inputs[parts_of_x].mean(0)
            for target, label in targets:
                y = outputs[target]
                loss += math.log1p(math.exp(-(x @ y) if label else x @ y))
                pull = rate * (label - 1 / (1 + math.exp(-(x @ y))))
                for row in parts_of_x:
                    to[0][row] += share * pull * y
                to[1][target] += pull * x
    return inputs + to[0], outputs + to[1], loss


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("block", [1, 16, 40])
def test_it_does_what_a_plain_loop_does(device, kind, block):
    *found, counts = train(device, kind=kind, block=block)
    *expected, loss = loop(kind, block)
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours.cpu().numpy(), theirs, rtol=3e-6, atol=3e-6)
    assert counts.loss.item() == pytest.approx(loss, rel=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_the_step_is_the_gradient_by_finite_differences(device, kind):
    """A row of a mean of n takes n times its gradient, as in fastText; in cbow_exact, once."""
    tokens = torch.tensor([3, 1, 4], dtype=torch.int32, device=device)
    bounds, noise = torch.tensor([0, 3], device=device), text(device)[2]
    given = {"noise": noise, "parts": parts(device), "window": 1, "negatives": 2, "kind": kind}
    starts, rows = (one.cpu() for one in parts())
    size = starts.diff()

    def loss(inputs, outputs):
        copies = inputs.clone().to(device), outputs.clone().to(device)
        return float(skipgram(*copies, tokens, bounds, lr=(0.0, 0.0), block=64, **given).loss)

    before = vectors()
    after = [v.clone().to(device) for v in before]
    skipgram(*after, tokens, bounds, lr=(1.0, 1.0), block=64, **given)
    step = after[0].cpu() - before[0]
    word = 3  # all its contexts are 1, and all contexts of 4 are 1: it stands alone in its means
    row = int(rows[starts[word]])
    epsilon, numeric = 1e-2, []
    for column in range(COLUMNS):
        moved = [before[0].clone(), before[0].clone()]
        for sign, one in zip((1, -1), moved, strict=True):
            one[row, column] += sign * epsilon
        numeric.append(-(loss(moved[0], before[1]) - loss(moved[1], before[1])) / (2 * epsilon))
    other = int(size[4])  # the mean around 1 is one of the rows of 3 and 4
    times = {"skipgram": int(size[word]), "cbow": int(size[word]) + other, "cbow_exact": 1}[kind]
    np.testing.assert_allclose(step[row].numpy(), times * np.array(numeric), rtol=2e-2, atol=2e-4)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("options", [{}, {"clip_norm": 0.2}, {"clip_value": 0.05, "together": 3}])
def test_implementations_agree(native, kind, options):
    results = []
    for mode in ("python", "native"):
        with ops.use(mode):
            results.append(train(kind=kind, block=32, **options))
    for one, other in zip(*results, strict=True):
        torch.testing.assert_close(one, other, rtol=3e-6, atol=3e-6)
    assert results[0][2][1:4] == results[1][2][1:4]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("options", [{}, {"clip_norm": 0.2}])
def test_one_row_a_word_is_the_plain_op(device, kind, options):
    own = torch.arange(WORDS + 1, device=device), torch.arange(WORDS, device=device).int()
    results = []
    for given in (None, own):
        tokens, keep, noise = text(device)
        inputs, outputs = vectors(device, rows=WORDS)
        bounds = SENTENCES.to(device)
        options = {"kind": kind, "block": 16, "lr": (0.1, 0.1), **options}
        skipgram(inputs, outputs, tokens, bounds, noise=noise, keep=keep, parts=given, **options)
        results.append((inputs, outputs))
    for one, other in zip(*results, strict=True):
        torch.testing.assert_close(one, other, rtol=2e-6, atol=2e-6)


class TestThreads:
    @pytest.fixture(autouse=True)
    def compiled(self, native):
        with ops.use("native"):
            yield

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("keys", [{"block": 64}, {"block": 100, "together": 4}])
    def test_blocks_give_the_same_bits(self, kind, keys, set_threads):
        def bits(threads):
            set_threads(threads)
            *trained, counts = train(kind=kind, **keys)
            return [value.numpy().tobytes() for value in (*trained, *counts)]

        assert bits(1) == bits(2) == bits(5)

    @pytest.mark.parametrize("kind", KINDS)
    def test_chunks_of_one_thread_learn_what_single_steps_do(self, kind, set_threads):
        """Without blocks, only words that share rows see each other's steps later."""
        set_threads(1)
        starts, rows = parts(rows=WORDS + 1, most=0)
        mine = {"lr": (0.05, 0.05), "parts": (starts, rows)}
        at_once, blocks = train(kind=kind, block=0, **mine), train(kind=kind, block=1, **mine)
        for one, other in zip(at_once[:2], blocks[:2], strict=True):
            torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)
        assert at_once[2][1:4] == blocks[2][1:4]

    @pytest.mark.parametrize("kind", KINDS)
    def test_lock_free_threads_do_all_the_work(self, kind, set_threads):
        set_threads(4)
        tokens, _, noise = text(words=2000, count=20_000)
        inputs, outputs = vectors(words=2000, rows=5000)
        given = {"noise": noise, "parts": parts(words=2000, rows=5000), "kind": kind}
        bounds = torch.tensor([0, 20_000])
        counts = [skipgram(inputs, outputs, tokens, bounds, **given) for _ in range(3)]
        assert all(each.centres == 20_000 for each in counts)
        losses = [float(each.loss / each.pairs) for each in counts]
        assert losses == sorted(losses, reverse=True)
        assert bool(inputs.isfinite().all() & outputs.isfinite().all())


def test_opcheck(overload):
    tokens, keep, noise = text()
    torch.library.opcheck(
        overload("skipgram_parts"),
        (*vectors(), tokens, SENTENCES, keep, noise.table, *parts(),
         4, 3, 5, 7, 0.1, 0.05, 0, 8, 0.0, 0.5, 2),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"parts": 5}, TypeError, "parts must be two tensors, starts and rows"),
        ({"starts": torch.zeros(WORDS + 1)}, TypeError, "starts must be int64"),
        ({"starts": torch.arange(WORDS)}, ValueError, r"for 24 words, of shape \(25,\), got"),
        ({"starts": torch.zeros(WORDS + 1).long()}, ValueError, "by 1 or more a word"),
        ({"rows": torch.zeros(3).long()}, TypeError, "rows must be a tensor of int32"),
        ({"row": ROWS}, ValueError, "rows must be from 0 to 59, got 0 to 60"),
        ({"row": -1}, ValueError, "rows must be from 0 to 59, got -1"),
        ({"parts": None}, ValueError, "must have one shape"),
    ],
)
def test_bad_input(device, change, error, words):
    tokens, _, noise = text(device)
    starts, rows = parts(device)
    rows = rows.clone()
    if "row" in change:
        rows[7] = change["row"]
    starts, rows = change.get("starts", starts).to(device), change.get("rows", rows).to(device)
    given = change.get("parts", (starts, rows))
    inputs, outputs = vectors(device)
    with pytest.raises(error, match=words):
        skipgram(inputs, outputs, tokens, SENTENCES.to(device), noise=noise, parts=given)


@pytest.mark.parametrize("block", [0, 8])
@pytest.mark.parametrize("side", ["inputs", "outputs"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("composed", [False, True])
def test_a_vector_that_is_not_a_number_shows_in_the_loss(composed, kind, side, block):
    tokens, _, noise = text()
    keep = torch.full((WORDS,), 2**32)
    vectors = {
        "inputs": torch.full((ROWS if composed else WORDS, COLUMNS), 0.1),
        "outputs": torch.full((WORDS, COLUMNS), 0.1),
    }
    vectors[side][int(tokens[20]), 3] = math.nan
    chosen = {"parts": parts() if composed else None, "kind": kind, "block": block, "window": 4}
    counts = skipgram(*vectors.values(), tokens, SENTENCES, noise=noise, keep=keep, **chosen)
    assert not math.isfinite(float(counts.loss))
