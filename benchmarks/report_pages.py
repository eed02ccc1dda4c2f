"""What reports weigh and when a browser first paints them: `report_pages.py RUN [RUN ...]`.

Each page is opened in headless Chromium without a GPU and with an empty cache, several times, the
pages in turns; the table has medians. "First paint" and "first content" are the browser's own
(Paint Timing), from the start of the navigation to the file; "ready" is when all scripts have run.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from browser import BROWSER
from clicked import opened

COLUMNS = ("first-paint", "first-contentful-paint", "ready")
# The browser tells of its paints only after the next frame.
TIMES = """new Promise((done) => {
  const told = { ready: performance.getEntriesByType("navigation")[0].loadEventEnd };
  const look = () => {
    for (const { name, startTime } of performance.getEntriesByType("paint")) told[name] = startTime;
    if (told["first-contentful-paint"]) done(told); else requestAnimationFrame(look);
  };
  look();
})"""


def measured(page: str, folder: Path) -> dict[str, float]:
    """Return the times in milliseconds."""
    with opened(folder, page) as tab:
        times: dict[str, float] = tab.value(TIMES)
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", type=Path, nargs="+", help="folders of runs, or HTML files")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    if BROWSER is None:
        raise SystemExit("needs chromium")
    files = [run / "report.html" if run.is_dir() else run for run in given.runs]
    pages = {str(run): file.read_text("utf-8") for run, file in zip(given.runs, files, strict=True)}
    found: dict[str, list[dict[str, float]]] = {name: [] for name in pages}
    for _ in range(given.rounds):
        for name, page in pages.items():
            with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
                found[name].append(measured(page, Path(place)))
    print(f"{'page':44}{'MB':>6}{'first paint ms':>16}{'first content ms':>18}{'ready ms':>10}")
    for name, times in found.items():
        middle = [statistics.median(one[key] for one in times) for key in COLUMNS]
        size = len(pages[name].encode()) / 1e6
        print(f"{name[-43:]:44}{size:6.2f}{middle[0]:16.0f}{middle[1]:18.0f}{middle[2]:10.0f}")


if __name__ == "__main__":
    main()
