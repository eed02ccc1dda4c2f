"""Figures of a network: its first weights, activations and gradients by layer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from nntasks.interfaces import Batch, Split
from nntasks.interfaces.report_data import Figure
from nntasks.plugins.numpy_mlp.layers.activations import Relu, Sigmoid, Tanh
from nntasks.plugins.numpy_mlp.layers.base import Array, Context
from nntasks.plugins.numpy_mlp.layers.convolution import Convolution
from nntasks.plugins.numpy_mlp.layers.linear import Linear
from nntasks.plugins.numpy_mlp.model import NumpyModel
from nntasks.plugins.numpy_mlp.passes import trace

UNITS = 40  # units of the first layer that are drawn
SAMPLES = 256  # samples for the histograms


def figures(model: NumpyModel, split: Split) -> Iterator[Figure]:
    """Yield the figures of a trained network."""
    first = next(
        layer for _, layer in model.network.layers if isinstance(layer, (Linear, Convolution))
    )
    if len(model.info.input_shape) == 3:
        yield Figure(
            "weights",
            "First-layer weights",
            "The input weights of each unit: red is positive, blue negative.",
            lambda: draw_weights(first.parameters["weight"], model.info.input_shape),
        )
    elif model.info.input_shape == (2,):
        yield Figure(
            "boundary",
            "Decision boundary",
            "Colour: the predicted probability of the second class; the line is at 0.5. Points: "
            "the test samples, by their true class.",
            lambda: draw_boundary(model, split),
        )
    yield Figure(
        "flow",
        "Activations and gradients by layer",
        "Left: the outputs of each activation. Right: the weight gradients of each layer. If "
        "gradients shrink towards the first layer, the first layers learn slowest.",
        lambda: draw_flow(model, split.batch(range(min(SAMPLES, len(split))))),
    )


def draw_weights(weight: Array, shape: tuple[int, ...]) -> Any:
    """Draw the input weights of each unit as a picture of the input's size."""
    from nntasks.report import style

    if weight.ndim == 4:
        pictures = weight.mean(axis=1)
    else:
        height, width, channels = shape
        pictures = weight.T.reshape(-1, channels, height, width).mean(axis=1)
    pictures = pictures[:UNITS]
    columns = min(10, len(pictures))
    rows = -(-len(pictures) // columns)
    figure = style.new_figure(max(0.55 * columns, 3.0), 0.58 * rows + 0.5)
    largest = float(np.abs(pictures).max()) or 1.0
    panels = figure.subplots(rows, columns, squeeze=False).flatten()
    for axes in panels:
        axes.axis("off")
    for axes, picture in zip(panels, pictures, strict=False):
        image = axes.imshow(picture, cmap="RdBu_r", vmin=-largest, vmax=largest)
    figure.colorbar(
        image, ax=list(panels), location="bottom", shrink=0.6, aspect=40, label="weight"
    )
    return figure


def draw_boundary(model: NumpyModel, split: Split) -> Any:
    """Draw the probability of the second class over the plane, with the points."""
    from nntasks.report import style

    batch = split.batch(range(len(split)))
    reach = float(np.abs(batch.inputs).max()) * 1.1
    ticks = np.linspace(-reach, reach, 160, dtype=np.float32)
    plane = np.stack(np.meshgrid(ticks, ticks), axis=-1).reshape(-1, 2)
    shares = np.stack(model.predict(Batch(plane, None, [])))[:, 1].reshape(160, 160)
    figure = style.new_figure(5.2, 4.4)
    axes = figure.subplots()
    image = axes.imshow(
        shares,
        origin="lower",
        extent=(-reach, reach, -reach, reach),
        cmap="RdBu_r",
        vmin=0,
        vmax=1,
        alpha=0.45,
    )
    axes.contour(ticks, ticks, shares, [0.5], colors=[style.INK], linewidths=1.2)
    classes = model.info.classes
    for label, (colour, marker) in enumerate(((style.BLUE, "o"), (style.ORANGE, "^"))):
        chosen = batch.inputs[batch.targets == label]
        axes.scatter(
            chosen[:, 0],
            chosen[:, 1],
            s=16,
            marker=marker,
            color=colour,
            edgecolors="white",
            linewidths=0.4,
            label=style.plain(classes[label]),
        )
    axes.set_xlabel("first input")
    axes.set_ylabel("second input")
    figure.colorbar(image, ax=axes, label=style.plain(f"probability of {classes[1]}"))
    figure.legend(loc="outside lower left", ncols=2, title="true class", title_fontsize=8)
    return figure


def flow(model: NumpyModel, batch: Batch) -> tuple[dict[str, Array], dict[str, Array]]:
    """Return the outputs of all activations and the gradients of all weights, by layer."""
    inputs, context = model.prepared(batch.inputs), Context(training=True)
    found = trace(model.network, inputs, batch.targets, context=context)
    layers = model.network.layers
    activations = [name for name, layer in layers if isinstance(layer, (Relu, Sigmoid, Tanh))]
    weighted = [name for name, layer in layers if "weight" in layer.parameters]
    return (
        {name: found.activations[name] for name in activations},
        {name: found.gradients[f"{name}.weight"] for name in weighted},
    )


def draw_flow(model: NumpyModel, batch: Batch) -> Any:
    """Draw a histogram for each activation and for the logarithm of each layer's gradients."""
    from nntasks.report import style

    outputs, gradients = flow(model, batch)
    powers = {name: _powers(values) for name, values in gradients.items()}
    rows = max(len(outputs), len(powers))
    figure = style.new_figure(style.WIDEST, 1.45 * rows + 0.2)
    left, right = figure.subplots(rows, 2, squeeze=False).T
    for axes in (*left, *right):
        axes.set_visible(False)
    for axes, (name, values) in zip(left, outputs.items(), strict=False):
        _histogram(axes, values.ravel(), f"{name}: output", style.BLUE)
        axes.set_xlabel("output")
    low = min((p.min() for p in powers.values() if p.size), default=-1.0)
    high = max((p.max() for p in powers.values() if p.size), default=0.0)
    for axes, (name, values) in zip(right, powers.items(), strict=False):
        told = f"median {np.median(values):.1f}" if values.size else "all zero"
        _histogram(axes, values, f"{name}: gradient", style.ORANGE)
        axes.set_xlim(low - 0.5, high + 0.5)
        axes.set_xlabel(f"log10 |gradient|, {told}")
    return figure


def _powers(values: Array) -> Array:
    sizes = np.abs(values[values != 0])
    return np.log10(sizes[sizes > 1e-30])


def _histogram(axes: Any, values: Array, title: str, colour: str) -> None:
    axes.set_visible(True)
    axes.set_title(title, fontsize=9)
    axes.set_ylabel("share")
    if values.size:
        weights = np.full(values.shape, 1 / values.size)
        # Values that differ in their last bits alone have no room for fifty bins.
        apart = np.ptp(values) > 1e-4 * np.abs(values).max()
        axes.hist(values, bins=50 if apart else 1, color=colour, weights=weights)
