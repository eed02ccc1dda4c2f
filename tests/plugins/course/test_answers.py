"""The references against independent oracles: torch, torchvision, scikit-learn, SciPy."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
import torchvision
from scipy.linalg import orthogonal_procrustes

from nntasks.plugins.course.answers import (
    convolutional,
    detection,
    layers,
    optimizers,
    segmentation,
    words,
)
from nntasks.plugins.embedding_analysis.measures.association import WeatTest, weat
from nntasks.plugins.embeddings.vectors import KeyedVectors
from nntasks.plugins.yolo_detect.evaluation.average_precision import voc10_area


@pytest.fixture
def rng():
    return np.random.default_rng(11)


def tensor(values):
    return torch.tensor(values, requires_grad=True)


def agree(ours, theirs):
    np.testing.assert_allclose(ours, theirs.detach().numpy(), rtol=1e-9, atol=1e-11)


def test_linear(rng):
    x, weight, bias = rng.normal(size=(7, 5)), rng.normal(size=(5, 3)), rng.normal(size=3)
    gradient = rng.normal(size=(7, 3))
    layer = layers.Linear(weight, bias)
    tx, tw, tb = tensor(x), tensor(weight), tensor(bias)
    y = F.linear(tx, tw.T, tb)
    agree(layer.forward(x), y)
    y.backward(torch.tensor(gradient))
    agree(layer.backward(gradient), tx.grad)
    agree(layer.weight_gradient, tw.grad)
    agree(layer.bias_gradient, tb.grad)


@pytest.mark.parametrize(
    ("kind", "theirs"), [(layers.Relu, torch.relu), (layers.Sigmoid, torch.sigmoid)]
)
def test_activations(rng, kind, theirs):
    x, gradient = 4 * rng.normal(size=(6, 4)), rng.normal(size=(6, 4))
    layer, tx = kind(), tensor(x)
    y = theirs(tx)
    agree(layer.forward(x), y)
    y.backward(torch.tensor(gradient))
    agree(layer.backward(gradient), tx.grad)


def test_cross_entropy(rng):
    logits, labels = 3 * rng.normal(size=(9, 4)), rng.integers(0, 4, 9)
    tl = tensor(logits)
    theirs = F.cross_entropy(tl, torch.tensor(labels))
    theirs.backward()
    loss, gradient = layers.softmax_cross_entropy(logits, labels)
    assert loss == pytest.approx(theirs.item(), rel=1e-12)
    agree(gradient, tl.grad)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (optimizers.Momentum(0.05, 0.9), lambda p: torch.optim.SGD(p, 0.05, momentum=0.9)),
        (optimizers.Adam(0.05), lambda p: torch.optim.Adam(p, 0.05)),
    ],
)
def test_optimisers(rng, ours, theirs):
    start = [rng.normal(size=(3, 2)), rng.normal(size=2)]
    own, other = [value.copy() for value in start], [tensor(value.copy()) for value in start]
    optimizer = theirs(other)
    for _ in range(6):
        gradients = [rng.normal(size=value.shape) for value in start]
        ours.step(own, gradients)
        for value, gradient in zip(other, gradients, strict=True):
            value.grad = torch.tensor(gradient)
        optimizer.step()
    for value, theirs_now in zip(own, other, strict=True):
        agree(value, theirs_now)


@pytest.mark.parametrize(("stride", "padding"), [(1, 0), (2, 1), (3, 2)])
def test_convolution(rng, stride, padding):
    x, weight, bias = (
        rng.normal(size=(2, 3, 8, 7)),
        rng.normal(size=(4, 3, 3, 3)),
        rng.normal(size=4),
    )
    layer = convolutional.Convolution(weight, bias, stride, padding)
    tx, tw, tb = tensor(x), tensor(weight), tensor(bias)
    y = F.conv2d(tx, tw, tb, stride, padding)
    agree(layer.forward(x), y)
    gradient = rng.normal(size=y.shape)
    y.backward(torch.tensor(gradient))
    agree(layer.backward(gradient), tx.grad)
    agree(layer.weight_gradient, tw.grad)
    agree(layer.bias_gradient, tb.grad)


def test_max_pooling(rng):
    x, gradient = rng.normal(size=(2, 3, 6, 9)), rng.normal(size=(2, 3, 2, 3))
    layer, tx = convolutional.MaxPooling(3), tensor(x)
    y = F.max_pool2d(tx, 3)
    agree(layer.forward(x), y)
    y.backward(torch.tensor(gradient))
    agree(layer.backward(gradient), tx.grad)


def test_batch_norm(rng):
    x, gradient = rng.normal(size=(10, 4)), rng.normal(size=(10, 4))
    scale, shift = rng.normal(size=4), rng.normal(size=4)
    layer, tx, ts, tb = (
        convolutional.BatchNorm(scale, shift),
        tensor(x),
        tensor(scale),
        tensor(shift),
    )
    mean, variance = torch.zeros(4, dtype=torch.double), torch.ones(4, dtype=torch.double)
    y = F.batch_norm(tx, mean, variance, ts, tb, training=True)
    agree(layer.forward(x, True), y)
    y.backward(torch.tensor(gradient))
    agree(layer.backward(gradient), tx.grad)
    agree(layer.scale_gradient, ts.grad)
    agree(layer.running_mean, mean)
    agree(layer.running_variance, variance)
    agree(layer.forward(x, False), F.batch_norm(tx, mean, variance, ts, tb))


def test_boxes(rng):
    corner = 50 * rng.random((80, 2))
    boxes = np.concatenate([corner, corner + 5 + 20 * rng.random((80, 2))], axis=1)
    scores = rng.random(80)
    theirs = torchvision.ops.box_iou(torch.tensor(boxes), torch.tensor(boxes[:9]))
    agree(detection.box_iou(boxes, boxes[:9]), theirs)
    for threshold in (0.1, 0.5, 0.8):
        kept = torchvision.ops.nms(torch.tensor(boxes), torch.tensor(scores), threshold)
        assert detection.nms(boxes, scores, threshold).tolist() == kept.tolist()


def test_average_precision_is_voc_2010s(rng):
    for _ in range(20):
        hits = rng.random(40) < 0.4
        places = np.flatnonzero(hits) + 1
        theirs = voc10_area(places, 40, 25)
        assert detection.average_precision(hits, 25) == pytest.approx(theirs, rel=1e-12)


def test_masks(rng):
    from sklearn.metrics import f1_score, jaccard_score

    a, b = rng.random((9, 8)) < 0.5, rng.random((9, 8)) < 0.3
    assert segmentation.dice(a, b) == pytest.approx(f1_score(b.ravel(), a.ravel()))
    assert segmentation.mask_iou(a, b) == pytest.approx(jaccard_score(b.ravel(), a.ravel()))


def test_the_skipgram_step(rng):
    inputs, outputs = rng.normal(size=(8, 5)), rng.normal(size=(8, 5))
    negatives = np.array([1, 6, 1])
    ti, to = tensor(inputs), tensor(outputs)
    loss = -F.logsigmoid(ti[2] @ to[4]) - F.logsigmoid(-(to[torch.tensor(negatives)] @ ti[2])).sum()
    loss.backward()
    own, other = inputs.copy(), outputs.copy()
    assert words.skipgram_step(own, other, 2, 4, negatives, 0.1) == pytest.approx(loss.item())
    agree(own, ti - 0.1 * ti.grad)
    agree(other, to - 0.1 * to.grad)


def test_analogies(rng):
    names = [f"w{number}" for number in range(50)]
    vectors = rng.normal(size=(50, 9)).astype(np.float32)
    keyed = KeyedVectors.of(names, vectors)
    for a, b, c in rng.permuted(np.tile(np.arange(50), (10, 1)), axis=1)[:, :3].tolist():
        ((word, _),) = keyed.most_similar([names[b], names[c]], [names[a]], topn=1)
        assert names[words.analogy(vectors.astype(float), a, b, c)] == word


def test_procrustes(rng):
    source, target = rng.normal(size=(20, 6)), rng.normal(size=(20, 6))
    theirs, _ = orthogonal_procrustes(source, target)
    np.testing.assert_allclose(words.procrustes(source, target), theirs, atol=1e-12)


def test_weat(rng):
    names = [f"w{number}" for number in range(20)]
    vectors = rng.normal(size=(20, 6)).astype(np.float32)
    groups = [names[:6], names[6:11], names[11:15], names[15:]]
    theirs = weat(KeyedVectors.of(names, vectors), WeatTest("t", *groups), permutations=100, seed=0)
    ours = words.weat_effect(vectors[:6], vectors[6:11], vectors[11:15], vectors[15:])
    assert ours == pytest.approx(theirs.effect, rel=1e-5)
