"""`skipgram`: against a plain loop over pairs, between implementations, on any threads."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from nntasks import ops
from nntasks.ops import AliasTable, SkipgramSettings, philox, skipgram

WORDS, COLUMNS = 40, 32
KINDS = ("skipgram", "cbow", "cbow_exact")
SENTENCES = torch.tensor([0, 0, 1, 6, 90, 90, 400])


def corpus(device="cpu", words=WORDS, count=400):
    """Return tokens with many repetitions, a threshold each, and their noise."""
    generator = torch.Generator().manual_seed(0)
    tokens = (torch.rand(count, generator=generator) ** 2 * words).int().to(device)
    keep = (torch.rand(words, generator=generator) * 2**33).long().clamp(max=2**32).to(device)
    noise = AliasTable(torch.arange(1, words + 1, device=device).double() ** 0.75)
    return tokens, keep, noise


def vectors(device="cpu", words=WORDS, columns=COLUMNS):
    generator = torch.Generator().manual_seed(1)
    both = torch.rand(2, words, columns, generator=generator) - 0.5
    return both[0].to(device), both[1].to(device)


def train(device="cpu", words=WORDS, **options):
    """Return vectors after training on the corpus, and the counts."""
    tokens, keep, noise = corpus(device, words)
    inputs, outputs = vectors(device, words)
    options = {"window": 4, "negatives": 3, "lr": (0.1, 0.05), "seed": 5, "keep": keep} | options
    counts = skipgram(inputs, outputs, tokens, SENTENCES.to(device), noise=noise, **options)
    return inputs, outputs, counts


def clipped(gradient, value, norm):
    limited = np.clip(gradient, -value, value) if value else gradient
    length = np.sqrt((limited**2).sum())
    limited = limited * (norm / length) if norm and length > norm else limited
    return limited, bool((limited != gradient).any())


def loop(kind, block=1, value=0.0, norm=0.0, offset=0, together=1):
    """What the docstring says, a pair at a time, in float64."""
    tokens, keep, noise = corpus()
    inputs, outputs = (v.double().numpy() for v in vectors())
    drawn = philox(torch.arange(offset, offset + len(tokens)), 5, 1)
    kept = [i for i in range(len(tokens)) if drawn[i, 0] < keep[tokens[i].item()]]
    sentence = {i: s for s in range(6) for i in range(SENTENCES[s], SENTENCES[s + 1])}
    loss = pairs = centres = gradients = changed = 0
    for start in range(0, len(kept), block):
        to = [np.zeros_like(inputs), np.zeros_like(outputs)]
        for at in range(start, min(start + block, len(kept))):
            centre, reach = kept[at], 1 + int(drawn[kept[at], 1]) * 4 // 2**32
            near = [kept[j] for j in range(max(at - reach, 0), min(at + reach + 1, len(kept)))]
            contexts = [
                int(tokens[j]) for j in near if j != centre and sentence[j] == sentence[centre]
            ]
            if not contexts:
                continue
            word, rate = int(tokens[centre]), 0.1 + (0.05 - 0.1) * centre / len(tokens)
            leader = kept[at // together * together]
            noises = noise.draw(3, 5, (offset + leader) * 3).tolist()
            targets = [(word, 1.0)] + [(n, 0.0) for n in noises if n != word]
            share = 1 / len(contexts) if kind == "cbow_exact" else 1
            sources = [(inputs[contexts].mean(0), share, contexts)]
            if kind == "skipgram":
                sources = [(inputs[c], 1, [c]) for c in contexts]
            mine = {}
            for x, share, of in sources:
                for target, label in targets:
                    y = outputs[target]
                    loss += math.log1p(math.exp(-(x @ y) if label else x @ y))
                    pull = label - 1 / (1 + math.exp(-(x @ y)))
                    for c in of:
                        mine[0, c] = mine.get((0, c), 0) + share * pull * y
                    mine[1, target] = mine.get((1, target), 0) + pull * x
            for (side, row), gradient in mine.items():
                limited, was = clipped(gradient, value, norm)
                to[side][row] += rate * limited
                changed += was
            gradients += len(mine)
            pairs += len(sources)
            centres += 1
        inputs, outputs = inputs + to[0], outputs + to[1]
    return inputs, outputs, (loss, pairs, centres, gradients, changed)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("value", "norm"), [(0, 0), (0.05, 0), (0, 0.2), (0.05, 0.2)])
@pytest.mark.parametrize("block", [1, 16])
def test_it_does_what_a_plain_loop_does(device, kind, block, value, norm):
    offset, together = 2**40 + 1, 3 if block > 1 else 1
    found = train(
        device,
        kind=kind,
        block=block,
        clip_value=value,
        clip_norm=norm,
        offset=offset,
        together=together,
    )
    expected = loop(kind, block, value, norm, offset, together)
    for ours, theirs in zip(found[:2], expected[:2], strict=True):
        np.testing.assert_allclose(ours.cpu().numpy(), theirs, rtol=2e-6, atol=2e-6)
    assert found[2].loss.item() == pytest.approx(expected[2][0], rel=1e-6)
    assert tuple(int(count) for count in found[2][1:4]) == expected[2][1:4]
    assert (
        abs(found[2].clipped.item() - expected[2][4]) <= 2
    )  # at the very limit float32 may differ
    assert expected[2][4] > 0 or not (value or norm)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("negatives", [1, 8, 20])
def test_implementations_agree(native, kind, negatives):
    results = []
    for mode in ("python", "native"):
        with ops.use(mode):
            results.append(train(kind=kind, negatives=negatives, block=32, window=9, words=4000))
    for one, other in zip(*results, strict=True):
        torch.testing.assert_close(one, other, rtol=2e-6, atol=2e-6)
    assert results[0][2][1:] == results[1][2][1:]


class TestThreads:
    @pytest.fixture(autouse=True)
    def compiled(self, native):
        with ops.use("native"):
            yield

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize(
        "keys",
        [
            {"block": 64},
            {"block": 100, "together": 4},  # chunks of 16 centres do not go into it
            {"block": 64, "clip_norm": 0.1},
        ],
    )
    def test_blocks_give_the_same_bits(self, kind, keys, set_threads):
        def bits(threads):
            set_threads(threads)
            *trained, counts = train(kind=kind, **keys)
            return [value.numpy().tobytes() for value in (*trained, *counts)]

        assert bits(1) == bits(2) == bits(4) == bits(7)

    def test_one_thread_without_blocks_is_a_block_of_one(self):
        at_once, blocks = train(words=30, block=0), train(words=30, block=1)
        torch.testing.assert_close(at_once[0], blocks[0], rtol=1e-5, atol=1e-6)
        assert at_once[2][1:] == blocks[2][1:]

    @pytest.mark.parametrize("kind", KINDS)
    def test_lock_free_threads_do_all_the_work(self, kind, set_threads):
        set_threads(4)
        tokens, _, noise = corpus(words=4000, count=20_000)
        inputs, outputs = vectors(words=4000)
        counts = [
            skipgram(inputs, outputs, tokens, torch.tensor([0, 20_000]), noise=noise, kind=kind)
            for _ in range(4)
        ]
        assert all(each.centres == 20_000 for each in counts)
        losses = [float(each.loss / each.pairs) for each in counts]
        assert losses == sorted(losses, reverse=True)
        assert bool(inputs.isfinite().all() & outputs.isfinite().all())


def test_pieces_of_a_corpus_draw_what_the_whole_draws(device):
    tokens, keep, noise = corpus(device)
    whole, pieces = vectors(device), vectors(device)
    options = {"noise": noise, "keep": keep, "seed": 3, "block": 1, "window": 3}
    bounds = torch.tensor([0, 150, 400], device=device)
    everything = skipgram(*whole, tokens, bounds, lr=(0.1, 0.1), **options)
    parts = [
        skipgram(
            *pieces,
            tokens[a:b],
            torch.tensor([0, b - a], device=device),
            lr=(0.1, 0.1),
            offset=a,
            **options,
        )
        for a, b in ((0, 150), (150, 400))
    ]
    assert torch.equal(whole[0], pieces[0])
    assert everything[1:] == tuple(map(sum, zip(*parts, strict=True)))[1:]


def test_words_are_kept_as_often_as_asked(device):
    tokens = torch.zeros(40_000, dtype=torch.int32, device=device)
    keep = torch.tensor([2**30, 0], device=device)
    inputs, outputs = (v[:2].clone() for v in vectors(device))
    counts = skipgram(
        inputs,
        outputs,
        tokens,
        torch.tensor([0, 40_000], device=device),
        noise=AliasTable(torch.ones(2, device=device).double()),
        keep=keep,
        block=4096,
        lr=(0.0, 0.0),
    )
    assert abs(float(counts.centres) / 40_000 - 0.25) < 4 * math.sqrt(0.25 * 0.75 / 40_000)
    assert abs(float(counts.pairs / counts.centres) - 6) < 0.1  # reaches of 1 to 5, on both sides


@pytest.mark.parametrize("sentences", [[0], [0, 0], [0, 0, 0]])
def test_nothing_to_learn_from(device, sentences):
    inputs, outputs = vectors(device)
    before = inputs.clone()
    _, _, noise = corpus(device)
    nothing = torch.empty(0, dtype=torch.int32, device=device)
    counts = skipgram(inputs, outputs, nothing, torch.tensor(sentences, device=device), noise=noise)
    assert counts == (0,) * 5
    assert torch.equal(inputs, before)


def test_filled_up_columns_stay_zero(device):
    tokens, _, noise = corpus(device)
    inputs, outputs = vectors(device)
    inputs[:, 20:] = outputs[:, 20:] = 0
    skipgram(inputs, outputs, tokens, SENTENCES.to(device), noise=noise, clip_norm=0.1)
    assert not bool(inputs[:, 20:].any() | outputs[:, 20:].any())


def test_settings_may_be_an_object_or_keywords(device):
    tokens, _, noise = corpus(device)
    results = []
    for options in (
        {"settings": SkipgramSettings(window=2, negatives=3, block=8)},
        {"window": 2, "negatives": 3, "block": 8},
        {"settings": SkipgramSettings(window=9, negatives=3, block=8), "window": 2},
    ):
        inputs, outputs = vectors(device)
        skipgram(inputs, outputs, tokens, SENTENCES.to(device), noise=noise, **options)
        results.append(inputs)
    assert torch.equal(results[0], results[1])
    assert torch.equal(results[0], results[2])


def test_opcheck(device, overload):
    tokens, keep, noise = corpus(device)
    torch.library.opcheck(
        overload("skipgram"),
        (*vectors(device), tokens, SENTENCES.to(device), keep, noise.table,
         4, 3, 5, 7, 0.1, 0.05, 0, 8, 0.0, 0.5, 2),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"inputs": torch.zeros(WORDS, 20)}, ValueError, "multiple of 16 columns; got"),
        ({"inputs": torch.zeros(WORDS, COLUMNS).double()}, TypeError, "inputs must be float32"),
        ({"inputs": torch.zeros(COLUMNS, WORDS).T}, ValueError, "must be contiguous"),
        ({"inputs": torch.zeros(3, COLUMNS)}, ValueError, "must have one shape"),
        ({"inputs": torch.zeros(WORDS, COLUMNS, requires_grad=True)}, ValueError, "detach"),
        ({"tokens": torch.zeros(400).long()}, TypeError, "tensor of int32"),
        ({"tokens": torch.full((400,), WORDS).int()}, ValueError, "from 0 to 39"),
        ({"tokens": torch.full((400,), -1).int()}, ValueError, "from 0 to 39"),
        ({"sentences": torch.tensor([0, 399])}, ValueError, "rise from 0 to 400"),
        ({"sentences": torch.tensor([0, 5, 4, 400])}, ValueError, "must rise"),
        ({"sentences": torch.empty(0).long()}, ValueError, r"shape \(s \+ 1,\)"),
        ({"noise": AliasTable([1.0])}, ValueError, "as many as there are vectors"),
        ({"noise": [1.0]}, TypeError, "must be an AliasTable, got list"),
        ({"kind": "glove"}, ValueError, "one of skipgram, cbow, cbow_exact, got 'glove'"),
        ({"window": 0}, ValueError, "window must be from 1 to 100, got 0"),
        ({"negatives": 101}, ValueError, "negatives must be from 1 to 100"),
        ({"block": 2**17}, ValueError, "block must be from 0 to 65536"),
        ({"lr": (0.1, float("nan"))}, ValueError, "lr must be finite and 0 or more, got nan"),
        ({"clip_norm": -1}, ValueError, "clip_norm must be finite and 0 or more"),
        ({"clip_value": 1e-60}, ValueError, "clip_value must be .* from 1e-30 to 1e\\+30"),
        ({"clip_norm": 1e308}, ValueError, "clip_norm must be .* from 1e-30 to 1e\\+30"),
        ({"lr": 0.1}, ValueError, "lr must be two numbers, first and last, got 0.1"),
        ({"windows": 3}, TypeError, "windows"),
        ({"together": 0}, ValueError, "together must be from 1 to 64"),
        ({"clip_value": "big"}, TypeError, "clip_value must be a number, got str"),
    ],
)
def test_bad_input(device, change, error, words):
    tokens, _, noise = corpus()
    arguments = {"tokens": tokens, "sentences": SENTENCES, "noise": noise, "window": 3}
    arguments["inputs"], arguments["outputs"] = vectors()
    with pytest.raises(error, match=words):
        skipgram(**(arguments | change))
