"""Figures of a convolutional network: filters, feature maps and Grad-CAM."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from nntasks.interfaces import Outcome
from nntasks.interfaces.report_data import Figure, Table
from nntasks.plugins.classification import report as shared
from nntasks.plugins.classification.task import pictures_of
from nntasks.plugins.cnn_classify.activations import is_feature_map, watch_layers
from nntasks.plugins.cnn_classify.gradcam import grad_cam, has_map
from nntasks.plugins.cnn_classify.model import PictureClassifier

FILTERS = 64  # filters of the first convolution that are drawn
MAPS, LAYERS = 6, 5  # feature maps per layer, and layers
LOOKED_AT = 6  # pictures with their Grad-CAM, in each of two rows
LISTED = 80  # layers in the table


def figures(model: PictureClassifier, outcome: Outcome) -> Iterator[Figure]:
    """Yield the figures of a trained network."""
    convolutions = [part for part in model.module.modules() if isinstance(part, nn.Conv2d)]
    if convolutions:
        yield Figure(
            "filters",
            "First-layer filters",
            "The filters of the first convolution, each scaled to its own range; for inputs "
            "without colour, red is positive, blue negative and white zero.",
            lambda: draw_filters(convolutions[0].weight.detach().float().cpu().numpy()),
        )
    pictures, metric = pictures_of(outcome.split), shared.metric_of(outcome)
    if not convolutions or pictures is None:
        return
    first = next(iter(pictures.values()))
    yield Figure(
        "feature_maps",
        "Feature maps",
        "The most active channels of some layers for one picture: yellow is high, violet low. "
        "Above each row: the layer, and its channels x height x width.",
        lambda: draw_feature_maps(model, first),
    )
    if metric is None or not has_map(model, first[None]):
        return
    table = metric.table
    order = np.argsort(table.of_truth, kind="stable")
    # Many correct pictures tie in confidence, so classes take turns.
    right = [i for i in order[::-1] if table.predicted[i] == table.labels[i]]
    rows = {
        "right": _varied(right, table.labels),
        "wrong": [i for i in order if table.predicted[i] != table.labels[i]][:LOOKED_AT],
    }
    shown = {name: row for name, row in rows.items() if row}
    yield Figure(
        "grad_cam",
        "Evidence for the predicted class",
        "Grad-CAM: bright places raised the logit of the predicted class. Above each: the class, "
        "true → predicted, and the probability of the predicted one.",
        lambda: draw_attention(model, metric, pictures, shown),
    )


def _varied(order: Sequence[int], labels: np.ndarray) -> list[int]:
    """Return some of `order`: first one of each class, then others."""
    firsts = list({int(labels[i]): i for i in reversed(order)}.values())
    return sorted(firsts, key=lambda i: labels[i])[:LOOKED_AT]


def draw_filters(weight: np.ndarray) -> Any:
    """Draw filters (O, I, h, w): in colour where they read three channels."""
    from nntasks.report import style

    weight = weight[:FILTERS]
    columns = min(10, len(weight))
    rows = -(-len(weight) // columns)
    figure = style.new_figure(max(0.55 * columns, 3.0), max(0.56 * rows, 1.0))
    panels = figure.subplots(rows, columns, squeeze=False).flatten()
    for axes in panels:
        axes.axis("off")
    for axes, one in zip(panels, weight, strict=False):
        if one.shape[0] == 3:
            low, high = one.min(), one.max()
            axes.imshow(((one - low) / max(high - low, 1e-12)).transpose(1, 2, 0))
        else:
            reach = float(np.abs(one).max()) or 1.0
            axes.imshow(one.mean(axis=0), cmap="RdBu_r", vmin=-reach, vmax=reach)
    return figure


def feature_maps(model: PictureClassifier, picture: np.ndarray) -> dict[str, np.ndarray]:
    """Return the feature map (C, h, w) of each layer for a picture, by name."""
    maps: dict[str, np.ndarray] = {}

    def keep(name: str, layer: nn.Module, output: Tensor) -> None:
        if is_feature_map(layer, output):
            maps[name.removeprefix("network.")] = output[0].float().cpu().numpy().copy()

    with torch.inference_mode(), watch_layers(model.module.eval(), keep):
        model.module(model.pixels(picture[None]))
    return maps


def draw_feature_maps(model: PictureClassifier, picture: np.ndarray) -> Any:
    """Draw the strongest channels of layers from the first to the last."""
    from nntasks.report import style

    maps = feature_maps(model, picture)
    names = [n for n, found in maps.items() if min(found.shape[1:]) > 1] or list(maps)
    places = np.unique(np.linspace(0, len(names) - 1, min(LAYERS, len(names))).round().astype(int))
    figure = style.new_figure(0.8 * (MAPS + 1), 0.98 * len(places))
    panels = figure.subplots(len(places), MAPS + 1, squeeze=False)
    for axes in panels.flatten():
        axes.axis("off")
    shared.show_picture(panels[0, 0], picture)
    panels[0, 0].set_title("input", fontsize=8)
    for row, place in zip(panels, places, strict=True):
        found = maps[names[place]]
        strongest = np.argsort(-found.max(axis=(1, 2)), kind="stable")[:MAPS]
        for axes, channel in zip(row[1:], strongest, strict=False):
            axes.imshow(found[channel], cmap="viridis")
        row[1].set_title(
            f"{names[place]}: {' x '.join(map(str, found.shape))}", fontsize=8, loc="left"
        )
    return figure


def draw_attention(
    model: PictureClassifier,
    metric: Any,
    pictures: dict[int | str, np.ndarray],
    rows: dict[str, list[int]],
) -> Any:
    """Draw rows of pictures, each above its Grad-CAM."""
    from nntasks.report import style

    table = metric.table
    figure = style.new_figure(0.93 * LOOKED_AT, 2.35 * len(rows))
    panels = figure.subplots(2 * len(rows), LOOKED_AT, squeeze=False)
    for axes in panels.flatten():
        axes.axis("off")
    for number, (name, chosen) in enumerate(rows.items()):
        shown = np.stack([pictures[table.ids[i]] for i in chosen])
        attention = grad_cam(model, shown, table.predicted[chosen])
        height, width = shown.shape[1:3]
        heat = attention.over(height, width) if attention else shown[:0]
        upper, lower = panels[2 * number : 2 * number + 2]
        for axes, picture, i in zip(upper, shown, chosen, strict=False):
            shared.show_picture(axes, picture)
            axes.set_title(shared.judged(table, metric.names, i), fontsize=8, loc="center")
        style.name_row(upper[0], name)
        style.name_row(lower[0], "evidence")
        for axes, picture, warmth in zip(lower, shown, heat, strict=False):
            shared.show_picture(axes, picture.mean(axis=2, keepdims=True))
            axes.imshow(warmth, cmap="inferno", alpha=0.6, vmin=0, vmax=1)
    return figure


def layer_table(model: PictureClassifier) -> Table:
    """Return a table of convolutions and linear layers: outputs, parameters, multiplications."""
    rows: list[tuple[str, str, str, int, int]] = []

    def note(name: str, layer: nn.Module, output: Tensor) -> None:
        if not isinstance(layer, (nn.Conv2d, nn.Linear)):
            return
        size = tuple(output.shape[1:])
        count = sum(p.numel() for p in layer.parameters())
        times = layer.weight.numel() * (output[0].numel() // layer.weight.shape[0])
        rows.append(
            (
                name.removeprefix("network."),
                type(layer).__name__,
                " x ".join(map(str, size)),
                count,
                times,
            )
        )

    blank = np.zeros((1, *model.info.input_shape), np.uint8)
    with torch.inference_mode(), watch_layers(model.module.eval(), note):
        model.module(model.pixels(blank))
    total = sum(p.numel() for p in model.module.parameters())
    left_out = f" The first {LISTED} of {len(rows)} are listed." if len(rows) > LISTED else ""
    return Table(
        "layers",
        "Layers",
        ("layer", "kind", "output", "parameters", "multiplications"),
        rows[:LISTED],
        f"{total:,} parameters and {sum(row[-1] for row in rows) / 1e6:,.1f} million "
        f"multiplications per picture in total.{left_out}",
    )
