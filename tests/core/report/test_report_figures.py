"""Training curves, PNG files, and the style of every figure."""

from __future__ import annotations

import io
import math
import subprocess
import sys
import warnings

import matplotlib
import numpy as np
import pytest
from matplotlib.colors import to_hex
from PIL import Image

from nntasks.errors import PluginError
from nntasks.report import style
from nntasks.report.encoding import png
from nntasks.report.figures import MOST_PANELS, training_curves
from nntasks.report.history import MOST_LINES, read_history


def train(step, epoch, **values):
    return {"split": "train", "step": step, "epoch": epoch, **values}


def validation(step, epoch, **values):
    return {"split": "validation", "step": step, "epoch": epoch, **values}


def panels(rows, headline=()):
    return {
        panel.title: [(curve.name, curve.split) for curve in panel.curves]
        for panel in read_history(rows, headline).panels
    }


def opened(data):
    return Image.open(io.BytesIO(data))


def test_importing_the_report_is_cheap():
    code = (
        "import sys, nntasks.report, nntasks.report.figures\n"
        "import nntasks.report.terminal, nntasks.report.html\n"
        "heavy = {'matplotlib', 'numpy', 'torch', 'rich', 'PIL', 'pydantic'} & set(sys.modules)\n"
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_scalars_find_their_panels():
    rows = [
        train(1, 0.5, lr=0.1, loss=2.0, box=1.0),
        validation(2, 1, loss=2.5, map50=0.1, map50_95=0.05, recall=0.2, perplexity=90.0, images=9),
        validation(4, 2, loss=2.0, map50=0.2, map50_95=0.07, recall=0.3, perplexity=80.0, images=9),
    ]
    assert panels(rows, ["map50"]) == {
        "loss": [("loss", "train"), ("loss", "validation")],
        "box": [("box", "train")],
        "learning rate": [("lr", "train")],
        "map50": [("map50", "validation")],
        "map50_95 and others": [("map50_95", "validation"), ("recall", "validation")],
        "perplexity": [("perplexity", "validation")],
    }


def test_the_losses_of_training_and_validation_share_a_panel():
    rows = [train(1, 1, loss=2.0, accuracy=0.2), validation(1, 1, nll=2.2, accuracy=0.1)]
    found = panels(rows, ["accuracy", "nll"])
    assert found["loss"] == [("loss", "train"), ("nll", "validation")]
    assert found["accuracy"] == [("accuracy", "train"), ("accuracy", "validation")]
    rows.append(validation(2, 2, loss=1.0, nll=2.0))  # then the likelihood is another number
    assert panels(rows)["loss"] == [("loss", "train"), ("loss", "validation")]
    assert panels(rows)["nll"] == [("nll", "validation")]


def test_parts_of_a_loss_share_a_panel_if_they_are_of_one_order_of_magnitude():
    rows = [train(1, 1, loss=3.0, box=1.0, shape=2.0)]
    assert panels(rows)["parts of the loss"] == [("box", "train"), ("shape", "train")]
    rows = [train(1, 1, loss=3.0, box=1.0, norm=2000.0)]
    assert list(panels(rows)) == ["loss", "box", "norm"]


def test_what_was_never_measured_has_no_curve():
    rows = [validation(1, 1, map_large=None, map=0.5), validation(2, 2, map_large=None, map=0.6)]
    assert panels(rows) == {"map": [("map", "validation")]}


def test_alike_names_share_panels_of_few_lines():
    names = [f"map{n}" for n in range(8)] + ["f1", "f1_macro", "ar1", "ar10", "ar100"]
    found = panels([validation(1, 1, **dict.fromkeys(names, 0.5))])
    assert list(found) == ["map", "map and others", "ar"]
    assert all(len(curves) <= MOST_LINES for curves in found.values())
    assert [name for curves in found.values() for name, _ in curves] == names


def test_every_scalar_is_drawn_once_but_sizes_of_the_data():
    names = {"images": 128.0, "a": 0.1, "b": 3.5, "loss_x": 1.0, "lr_head": 0.1}
    rows = [train(1, 1, c=1.0), validation(1, 1, **names), validation(2, 2, **names)]
    drawn = [name for curves in panels(rows).values() for name, _ in curves]
    assert sorted(drawn) == ["a", "b", "c", "loss_x", "lr_head"]


def test_curves_run_over_epochs_and_else_over_steps_and_else_over_rows():
    assert read_history([train(1, 0.5, loss=1), train(2, 1.0, loss=1)]).axis == "epoch"
    assert read_history([train(1, 1, loss=1), train(2, 1, loss=1)]).axis == "step"
    assert read_history([train(1, 1, loss=1)]).axis == "epoch"
    assert read_history([{"split": "train", "loss": 1.0}] * 2).axis == "row"
    missing = [train(1, 0.5, loss=1), {"split": "train", "step": 2, "loss": 1}]
    assert read_history(missing).axis == "step"


def test_points_are_sorted_and_undefined_ones_leave_gaps():
    rows = [train(3, 3, loss=3.0), train(1, 1, loss=None), train(2, 2, loss=math.inf)]
    (panel,) = read_history(rows).panels
    (curve,) = panel.curves
    assert curve.x == (1.0, 2.0, 3.0)
    assert np.array_equal(curve.y, [math.nan, math.nan, 3.0], equal_nan=True)


ODD = {
    "a single row": [train(1, 0.1, loss=1.0, lr=0.1)],
    "one validation": [validation(1, 1, map50=0.5)],
    "only training": [train(n, n / 4, loss=1 / n) for n in range(1, 50)],
    "not a number": [train(1, 1, loss=math.nan), train(2, 2, loss=1.0), train(3, 3, loss=math.inf)],
    "nothing finite": [train(1, 1, loss=math.nan), train(2, 2, loss=None)],
    "missing keys": [{"split": "train", "loss": 1.0}, {"split": "validation", "f1": 0.5}, {}],
    "no step, no epoch": [{"split": "train", "loss": float(n)} for n in range(3)],
    "text and flags": [train(1, 1, loss=1.0, note="x", ok=True), train(2, 2, loss="high")],
    "an unknown split": [{"split": "val", "step": n, "epoch": n, "f1": 0.1 * n} for n in range(3)],
    "zero and negative": [train(n, n, loss=float(n - 2)) for n in range(5)],
    "a fall by decades": [train(n, n, loss=10.0**-n) for n in range(6)],
    "dollar signs": [train(1, 1, **{"$\\frac{": 1.0, "a$b$": 2.0})],
    "huge": [train(n, n, loss=1e300 * n) for n in range(1, 4)],
    "constant": [train(n, n, loss=1.0) for n in range(4)],
}


@pytest.mark.parametrize("rows", ODD.values(), ids=ODD)
def test_odd_histories_are_drawn(rows):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = training_curves(rows)
        image = opened(png(figure))
    assert len(np.unique(np.asarray(image.convert("L")))) > 10  # there is something on the paper
    assert all(axes.get_xlabel() for axes in figure.axes)


@pytest.mark.parametrize("rows", [[], [{}], [{"split": "train", "step": 1, "epoch": 1}]])
def test_no_scalars_no_figure(rows):
    assert training_curves(rows) is None


def test_lines_hold_the_values_of_the_rows():
    rows = [train(n, n, loss=float(n)) for n in (1, 2, 3)] + [validation(3, 3, loss=9.0)]
    (axes,) = training_curves(rows).axes
    lines = {line.get_label(): line.get_xydata().tolist() for line in axes.get_lines()}
    assert lines == {"train: 3": [[1, 1], [2, 2], [3, 3]], "validation: 9": [[3, 9]]}
    assert axes.get_title(loc="left") == "loss"


def test_train_and_validation_differ_in_colour():
    rows = [train(1, 1, loss=1.0), validation(1, 1, loss=2.0)]
    (axes,) = training_curves(rows).axes
    colours = [to_hex(line.get_color()) for line in axes.get_lines()]
    assert colours == [style.BLUE, style.ORANGE]


def test_a_loss_over_decades_is_logarithmic_and_a_rate_is_not():
    rows = [train(n, n, loss=10.0**-n, lr=10.0**-n) for n in range(4)]
    assert [axes.get_yscale() for axes in training_curves(rows).axes] == ["log", "linear"]


def test_too_many_panels_are_counted_below():
    row = train(1, 1, **{f"norm_{n}": 1.0 for n in range(MOST_PANELS + 3)})
    figure = training_curves([row])
    assert len(figure.axes) == MOST_PANELS
    assert (
        f"3 more metrics are in metrics.jsonl (norm_{MOST_PANELS}, ...)" in figure.get_supxlabel()
    )


def test_equal_figures_give_equal_bytes_without_metadata():
    rows = [train(n, n, loss=1 / n) for n in range(1, 9)]
    one, other = png(training_curves(rows)), png(training_curves(rows))
    assert one == other
    assert one != png(training_curves(rows[:-1]))
    assert set(opened(one).info) <= {"dpi"}


def test_drawing_does_not_touch_the_users_settings():
    with matplotlib.rc_context({"lines.linewidth": 9.0, "figure.dpi": 33}):
        before = dict(matplotlib.rcParams)
        loud = png(training_curves([train(1, 1, loss=1.0)]))
        assert dict(matplotlib.rcParams) == before
    assert loud == png(training_curves([train(1, 1, loss=1.0)]))


def test_no_grid_runs_across_an_image():
    with style.applied():
        figure = style.new_figure(3, 3)
        figure.add_axes((0, 0, 1, 1)).imshow(np.zeros((2, 2)))
    image = np.asarray(opened(png(figure)).convert("RGB"))
    inside = image[20:-20, 20:-20].reshape(-1, 3)
    assert len(np.unique(inside, axis=0)) == 1


def test_drawing_needs_no_pyplot_and_leaves_no_figure_behind():
    code = (
        "import sys\n"
        "from nntasks.report.encoding import png\n"
        "from nntasks.report.figures import training_curves\n"
        "png(training_curves([{'split': 'train', 'step': 1, 'epoch': 1, 'loss': 1.0}]))\n"
        "sys.exit('matplotlib.pyplot' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_colours_are_told_apart_by_the_colour_blind():
    # Viénot, Brettel and Mollon (1999): what is left of linear RGB without red or green cones.
    rgb = np.array([[int(c[i : i + 2], 16) / 255 for i in (1, 3, 5)] for c in style.PALETTE])
    seen = {
        "protan": [[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]],
        "deutan": [[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]],
    }
    for matrix in seen.values():
        flat = np.clip(rgb**2.2 @ np.array(matrix).T, 0, 1) ** (1 / 2.2)
        distance = np.linalg.norm(flat[:, None] - flat[None], axis=-1)
        assert distance[np.triu_indices(len(flat), 1)].min() > 0.1


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "CMYK", "YCbCr", "F", "LAB"])
def test_images_of_any_mode_become_png(mode):
    data = png(Image.new(mode, (5, 4)))
    assert opened(data).format == "PNG"
    assert opened(data).size == (5, 4)
    assert data == png(Image.new(mode, (5, 4)))


def test_pixels_survive():
    pixels = np.random.default_rng(0).integers(0, 256, (7, 9, 3), dtype=np.uint8)
    assert np.array_equal(np.asarray(opened(png(Image.fromarray(pixels)))), pixels)


def test_files_are_taken_as_they_are(tmp_path):
    image = Image.new("RGB", (6, 3), "red")
    image.save(tmp_path / "a.png", optimize=False)
    assert png(tmp_path / "a.png") == (tmp_path / "a.png").read_bytes()
    turned = Image.Exif()
    turned[0x0112] = 6  # to be shown turned by a quarter
    image.save(tmp_path / "b.jpg", exif=turned)
    assert opened(png(str(tmp_path / "b.jpg"))).size == (3, 6)


def test_what_is_no_picture_is_refused(tmp_path):
    (tmp_path / "x.jpg").write_text("no image")
    with pytest.raises(PluginError, match=r"x\.jpg: it is not a readable image"):
        png(tmp_path / "x.jpg")
    with pytest.raises(PluginError, match=r"none\.png: No such file"):
        png(tmp_path / "none.png")
    with pytest.raises(PluginError, match="a PIL image or the path of an image file, got int"):
        png(3)
