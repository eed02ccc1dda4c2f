"""The script that makes the pictures of the docs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

import pytest
from command_line import ROOT, cli_environment
from PIL import Image

from docs.site.screenshots import BROWSERS, FIGURES, MOST_BYTES, SHOTS, write

SCRIPT = ROOT / "docs" / "site" / "screenshots.py"
IMAGES = ROOT / "docs" / "images"


def test_the_pictures_of_the_docs_are_those_of_the_script_and_small():
    found = {path.name: path for path in IMAGES.iterdir()}
    assert set(found) == {f"{name}.webp" for name in (*SHOTS, *FIGURES)}
    assert max(path.stat().st_size for path in found.values()) <= MOST_BYTES
    front = (ROOT / "docs" / "index.md").read_text()
    assert set(re.findall(r"images/([\w-]+\.webp)", front)) == set(found)


def test_a_picture_is_written_small_enough(tmp_path):
    noise = Image.effect_noise((1400, 1100), 12).convert("RGB")
    write(noise, tmp_path / "noise.webp")
    assert (tmp_path / "noise.webp").stat().st_size <= MOST_BYTES
    assert Image.open(tmp_path / "noise.webp").size == (1100, 864)


def test_without_a_browser_it_says_what_to_install(tmp_path):
    done = subprocess.run(
        [sys.executable, SCRIPT, "--out", tmp_path / "out"],
        env=cli_environment() | {"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    assert done.stderr == "screenshots need chromium; run: apt-get install chromium\n"
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
@pytest.mark.skipif(not any(map(shutil.which, BROWSERS)), reason="needs chromium")
def test_the_script_makes_every_picture(tmp_path):
    subprocess.run(
        [sys.executable, SCRIPT, "--quick", "--out", tmp_path / "out"],
        env=cli_environment() | {"HOME": os.environ.get("HOME", str(tmp_path))},
        cwd=tmp_path,
        check=True,
        timeout=300,
    )
    for name, shot in SHOTS.items():
        picture = Image.open(tmp_path / "out" / f"{name}.webp")
        assert picture.size == (shot.width, shot.height)
        assert len(picture.convert("RGB").getcolors(1 << 24)) > 100  # something is shown
    assert len(list((tmp_path / "out").iterdir())) == len(SHOTS) + len(FIGURES)
