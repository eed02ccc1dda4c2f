"""Training curves, and PNG files."""

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


def train(step, epoch, **values):
    return {"split": "train", "step": step, "epoch": epoch, **values}


def validation(step, epoch, **values):
    return {"split": "validation", "step": step, "epoch": epoch, **values}


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


def test_drawing_needs_no_pyplot_and_leaves_no_figure_behind():
    code = (
        "import sys\n"
        "from nntasks.report.encoding import png\n"
        "from nntasks.report.figures import training_curves\n"
        "png(training_curves([{'split': 'train', 'step': 1, 'epoch': 1, 'loss': 1.0}]))\n"
        "sys.exit('matplotlib.pyplot' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


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
