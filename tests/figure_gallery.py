"""Every figure of every task, from short runs, on one page; `make gallery` writes it.

The faults of a figure are what the rules of `nntasks.report.style` forbid.
"""

from __future__ import annotations

import sys
from pathlib import Path

from nntasks.interfaces.report_data import DrawnFigure, ReportContent
from nntasks.report import style
from nntasks.report.drawing import draw_all
from nntasks.report.html import render_report
from nntasks.report.run_report import training_figures

# Short runs of every task. Two of them are there for a figure that the default does not have.
RUNS = {
    "numpy_mlp": ("numpy_mlp", {"epochs": 3}),
    "numpy_mlp_xor": ("numpy_mlp", {"epochs": 3, "data": "xor"}),
    "cnn_classify": ("cnn_classify", {"epochs": 1}),
    "unet_segment": ("unet_segment", {"epochs": 1, "width": 4, "depth": 2}),
    "word2vec": ("word2vec", {"epochs": 1}),
    "embedding_analysis": ("embedding_analysis", {"maps": "pca"}),
    "yolo_detect": (
        "yolo_detect",
        {"epochs": 1, "data.train": 32, "data.validation": 8, "data.test": 16},
    ),
}
_TOLERANCE = 1.5  # pixels by which the boxes of two texts may overlap, at 96 a CSS inch


def figures_of(result):
    """Return the figures of a run, not drawn."""
    curves = training_figures(result.history, result.summary["headline"])
    return [*curves, *result.task.figures(result.outcome)]


def faults(figure):
    """Return what is wrong with a Matplotlib figure, in words."""
    found = []
    figure.draw_without_rendering()
    width = figure.get_size_inches()[0]
    if width > style.WIDEST + 1e-9:
        found.append(f"{width:.1f} inches wide")
    texts = [text for text in _texts(figure) if text.get_text().strip() and text.get_visible()]
    small = [text.get_text() for text in texts if text.get_fontsize() < style.SMALLEST - 1e-9]
    found += [f"too small to read: {text!r}" for text in small]
    found += [f"{one!r} overlaps {other!r}" for one, other in _overlaps(texts)]
    found += [f"cut at the edge: {text.get_text()!r}" for text in texts if _is_cut(figure, text)]
    for axes in figure.axes:
        if axes.get_label() == "<colorbar>" or axes.images:
            continue
        if axes.get_visible() and axes.axison and not axes.get_xlabel():
            shares_x = any(
                other.get_xlabel() for other in axes.get_shared_x_axes().get_siblings(axes)
            )
            found += [] if shares_x else [f"an axis without a name: {axes.get_title(loc='left')!r}"]
    return found


def _texts(figure):
    """Return the texts that are drawn: of ticks only those within the axes."""
    for axes in figure.axes:
        if not axes.get_visible():
            continue
        yield from (axes.title, axes._left_title, axes._right_title, *axes.texts)
        legend = axes.get_legend()
        yield from legend.get_texts() if legend else ()
        if axes.axison:
            yield from (axes.xaxis.label, axes.yaxis.label)
            for axis in (axes.xaxis, axes.yaxis):
                yield from (
                    tick.label1 for tick in axis._update_ticks() if tick.label1.get_visible()
                )
    for legend in figure.legends:
        yield from legend.get_texts()


def _overlaps(texts):
    boxes = sorted(
        ((text.get_window_extent(), text.get_text()) for text in texts), key=lambda b: b[0].x0
    )
    for place, (one, name) in enumerate(boxes):
        for other, second in boxes[place + 1 :]:
            if other.x0 > one.x1:
                break
            wide = min(one.x1, other.x1) - max(one.x0, other.x0)
            high = min(one.y1, other.y1) - max(one.y0, other.y0)
            if min(wide, high) > _TOLERANCE:
                yield name, second


def _is_cut(figure, text):
    box, page = text.get_window_extent(), figure.bbox
    over = max(page.x0 - box.x0, page.y0 - box.y0, box.x1 - page.x1, box.y1 - page.y1)
    return over > _TOLERANCE


def page(pictures: list[DrawnFigure]) -> str:
    """Return the page with all figures."""
    return render_report(ReportContent(title="Every figure of every task", figures=pictures))


def main(out: Path) -> None:
    """Run every task for a moment and write the page."""
    from dataclasses import replace

    import nntasks as nt

    pictures, problems = [], []
    for name, (task, keys) in RUNS.items():
        print(f"{name} ...", flush=True)
        result = nt.run(task, out=out / "runs", quiet=True, **keys)
        drawn, failed = draw_all(figures_of(result))
        pictures += [replace(one, title=f"{name}: {one.title}") for one in drawn]
        problems += [f"{name}: {line}" for line in failed]
    (out / "gallery.html").write_text(page(pictures), encoding="utf-8")
    print("\n".join([*problems, f"{len(pictures)} figures: {out / 'gallery.html'}"]))
    if problems:
        sys.exit(1)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("build/gallery"))
