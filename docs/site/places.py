"""Where a file of the repository lies in the docs site, and links between the two.

Pages link to each other by paths of the repository, as a reader of the repository needs them. The
site has some of those files elsewhere: `plugins/unet_segment/README.md` is its page
`tasks/unet_segment.md`. A link to a file that the site does not have becomes plain text.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_PAGES = {
    "README.md": "overview.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "benchmarks/RESULTS.md": "benchmarks.md",
    "data/README.md": "samples.md",
    "docs/decisions": "decisions/index.md",
}
_PLUGIN_FILE = re.compile(r"plugins/([^/]+)/([^/]+)\.(md|png|webp|svg)")
_LINK = re.compile(r"(?P<mark>!?)\[(?P<text>(?:[^\[\]]|\[[^\]]*\])*)\]\((?P<target>[^()\s]+)\)")
_PAGE_LINK = re.compile(r"\]\((?![a-z]+:)(?P<page>[^()\s]*?)\.(?:md|ipynb)(?P<anchor>#[^()\s]*)?\)")
_FENCE = re.compile(r"^ *```")


def outside_pages() -> dict[str, str]:
    """Return the files outside docs/ that the site has: paths in the repository and in the site."""
    found = [*ROOT.glob("plugins/*/README.md"), *ROOT.glob("plugins/*/*.png")]
    paths = [str(path.relative_to(ROOT)) for path in sorted(found)]
    paths += [path for path in _PAGES if (ROOT / path).is_file()]
    return {path: place for path in paths if (place := place_of(path))}


def place_of(path: str) -> str | None:
    """Return the place in the site of a path in the repository; None if the site lacks it."""
    if path in _PAGES:
        return _PAGES[path]
    if match := _PLUGIN_FILE.fullmatch(path):
        plugin, stem, suffix = match.groups()
        if suffix == "md":
            return f"tasks/{plugin}.md" if stem == "README" else None
        return f"tasks/{plugin}-{stem}.{suffix}"
    if path.startswith("docs/") and not path.startswith("docs/site/"):
        inside = path.removeprefix("docs/")
        if inside.startswith(("notebooks/", "course/")):
            inside = re.sub(r"(?<!README)\.md$", ".ipynb", inside)
        return inside if "." in posixpath.basename(inside) else None
    return None


def path_of(place: str) -> str:
    """Return the path in the repository of a page of the site."""
    for path, known in outside_pages().items():
        if known == place:
            return path
    return f"docs/{place}"


def with_addresses(markdown: str, path: str, place: str) -> str:
    """Return a notebook's text with links to addresses, as MkDocs looks at no link in it."""
    found = with_links_of_the_site(markdown, path, place)

    def address(match: re.Match[str]) -> str:
        folder = match["page"].removesuffix("index").rstrip("/")
        return f"](../{folder}/{match['anchor'] or ''})"

    return _PAGE_LINK.sub(address, found)


def with_links_of_the_site(markdown: str, path: str, place: str) -> str:
    """Return a page with its links as the site needs them.

    Args:
        markdown: the page's text.
        path: of the page in the repository; links are relative to its folder.
        place: of the page in the site.
    """

    def link(match: re.Match[str]) -> str:
        target, hash_mark, anchor = match["target"].partition("#")
        if not target or ":" in target:
            return match[0]
        found = place_of(posixpath.normpath(posixpath.join(posixpath.dirname(path), target)))
        if found is None:
            return match["text"]
        there = posixpath.relpath(found, posixpath.dirname(place) or ".")
        return f"{match['mark']}[{match['text']}]({there}{hash_mark}{anchor})"

    return "\n".join(line if code else _LINK.sub(link, line) for line, code in _lines(markdown))


def _lines(markdown: str) -> Iterator[tuple[str, bool]]:
    """Yield each line, and whether it is code."""
    inside = False
    for line in markdown.split("\n"):
        fence = bool(_FENCE.match(line))
        yield line, inside or fence
        inside ^= fence
