"""A page as a real browser has it after its scripts ran."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess

NAMES = ("chromium", "chromium-browser", "google-chrome")
BROWSER = next((path for path in map(shutil.which, NAMES) if path), None)
OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--virtual-time-budget=2000",
    "--dump-dom",
)
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')


def dom(tmp_path, text, width):
    """Return the page's HTML after it was opened in a window of some width."""
    assert BROWSER is not None
    path = tmp_path / "page.html"
    path.write_text(text, encoding="utf-8")
    command = [BROWSER, *OPTIONS, f"--user-data-dir={tmp_path / 'profile'}"]
    done = subprocess.run(
        [*command, f"--window-size={width},900", path.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout


def acted(tmp_path, text, width, actions):
    """Run a script after those of the page; return the JSON that it left in the page's title."""
    page = dom(tmp_path, POLICY.sub("", text).replace("</body>", f"{actions}</body>"), width)
    return json.loads(html.unescape(re.search(r"<title>(.*?)</title>", page, re.S).group(1)))
