"""uPlot 1.6.32, unchanged: the charts of interactive figures, under the MIT licence (LICENSE).

It comes from the package `uplot` of npm, files `dist/uPlot.iife.min.js` and `dist/uPlot.min.css`;
docs/decisions says why. `DIGESTS` has their SHA-256.
"""

from __future__ import annotations

VERSION = "1.6.32"
SCRIPT, STYLE, LICENCE = "uPlot.iife.min.js", "uPlot.min.css", "LICENSE"
DIGESTS = {
    "uPlot.iife.min.js": "19c8d4c6ad88929a79f4ae49d6f7161566dfd0ba3d15cc495e974f787eb78f1f",
    "uPlot.min.css": "df630c6a8d6f8eeaff264b50f73ce5b114f646ffd9a0bb74f049b0a00135fa04",
    "LICENSE": "8f989229699b4fe2f1a0432d0e9edc338a8a911e250e2d1b01ecd770a5f5b1bd",
}
