"""How the page with the map of words keeps pace: 100,000 words beside 1,000, in a real browser.

    python benchmarks/map_page_times.py [--words 100000] [--pages OTHER.html ...]

For each page: its size, the time from the start of its body to the end of the first drawing, and
medians of hovering over words, of moving the map and of zooming, each until its drawing is done.
`--keep FOLDER` keeps the pages, `--pages` measures others, such as those of an earlier version, in
the same run. Needs chromium; everything is drawn without a GPU.
"""

from __future__ import annotations

import argparse
import html
import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from nntasks.plugins.embedding_analysis.maps.page import MapContent, render_map

TIMES = 31
NEIGHBOURS = 10
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
BEFORE = "<script>const begun = performance.now();</script>"
# Reading a pixel waits for what the canvas has queued.
AFTER = """<script>
const canvasOf = document.getElementById("map"), area = canvasOf.getBoundingClientRect();
const settle = () => canvasOf.getContext("2d").getImageData(0, 0, 1, 1);
const median = (times) => times.sort((a, b) => a - b)[times.length >> 1];
const timed = (act, times) => {
  const found = [];
  for (let i = 0; i < times; i++) {
    const start = performance.now();
    act(i);
    settle();
    found.push(performance.now() - start);
  }
  return median(found);
};
const send = (kind, x, y) => canvasOf.dispatchEvent(new PointerEvent(
  kind, { clientX: area.left + x, clientY: area.top + y, bubbles: true }));
settle();
const load = performance.now() - begun;
const hover = timed((i) => send(
  "pointermove", area.width * (0.3 + 0.012 * i), area.height * (0.4 + 0.005 * i)), TIMES);
const key = (name) => canvasOf.dispatchEvent(
  new KeyboardEvent("keydown", { key: name, bubbles: true }));
const move = timed((i) => key(i % 2 ? "ArrowLeft" : "ArrowRight"), TIMES);
const zoom = timed((i) => key(i < TIMES / 2 ? "+" : "-"), TIMES);
document.title = JSON.stringify({ load, hover, move, zoom });
</script>""".replace("TIMES", str(TIMES))


def content(count: int) -> MapContent:
    """Return clouds of points with names of usual lengths and neighbours among them."""
    rng = np.random.default_rng(0)
    words = [f"{'abcdefghij'[i % 10] * (2 + i % 7)}{i}" for i in range(count)]
    centres = rng.normal(size=(40, 2)) * 4
    places = centres[rng.integers(40, size=count)] + rng.normal(size=(count, 2))
    groups = {word: f"group {i % 12}" for i, word in enumerate(words)}
    near = rng.integers(count, size=(count, NEIGHBOURS))
    rows = [[(words[j], 0.5 + j / count / 2) for j in row] for row in near]
    return MapContent(
        "Some words",
        groups,
        list(range(1, count + 1)),
        [10**6 // (i + 1) for i in range(count)],
        {"pca": {"a": places}, "tsne": {"a": places @ [[0, 1], [-1, 0]]}},
        {"a": rows},
    )


def measure(browser: str, page: str, folder: Path) -> dict[str, float]:
    """Return the times in milliseconds."""
    text = POLICY.sub("", page)
    text = text.replace("<body>", f"<body>{BEFORE}").replace("</body>", f"{AFTER}</body>")
    file = folder / "measured.html"
    file.write_text(text, encoding="utf-8")
    options = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking")
    profile, window = f"--user-data-dir={folder / 'profile'}", "--window-size=1400,900"
    done = subprocess.run(
        [browser, *options, profile, window, "--dump-dom", file.as_uri()],
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    title = re.search(r"<title>(.*?)</title>", done.stdout, re.DOTALL)
    assert title, done.stderr[-500:]
    times: dict[str, float] = json.loads(html.unescape(title.group(1)))
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--words", type=int, default=100_000)
    parser.add_argument("--pages", type=Path, nargs="*", default=[])
    parser.add_argument("--keep", type=Path)
    given = parser.parse_args()
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    if browser is None:
        raise SystemExit("needs chromium")
    pages = {f"{count:,} words": render_map(content(count)) for count in (1000, given.words)}
    if given.keep:
        for name, page in pages.items():
            (given.keep / f"{name.split()[0].replace(',', '')}.html").write_text(page)
    pages |= {path.name: path.read_text(encoding="utf-8") for path in given.pages}
    print(f"{'page':24}{'MB':>8}{'load ms':>10}{'hover ms':>10}{'move ms':>10}{'zoom ms':>10}")
    for name, page in pages.items():
        with tempfile.TemporaryDirectory() as place:
            found = measure(browser, page, Path(place))
        cells = "".join(f"{found[key]:10.1f}" for key in ("load", "hover", "move", "zoom"))
        print(f"{name:24}{len(page.encode()) / 1e6:8.1f}{cells}")


if __name__ == "__main__":
    main()
