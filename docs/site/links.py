"""Check the built site, offline: `python docs/site/links.py build/site`.

Every link and picture leads to a file of the site, every anchor to an element with that id, and no
page loads anything from another server. Links that a reader may follow to other servers are not
looked at. Exit code 4 if something is wrong, with a line each.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

_LOADED = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src"}


class Page(HTMLParser):
    """The ids, the links, and what the page loads by itself."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what matters of a tag."""
        known = dict(attrs)
        self.ids |= {value for name in ("id", "name") if (value := known.get(name))}
        if tag == "a" and known.get("href"):
            self.links.append(str(known["href"]))
        address = known.get(_LOADED.get(tag, ""))
        if address and known.get("rel") not in ("canonical", "edit", "prev", "next", "alternate"):
            self.loaded.append(address)


@functools.cache
def _page(path: Path) -> Page:
    return Page(path.read_text(encoding="utf-8"))


def faults(site: Path) -> Iterator[str]:
    """Yield a line for each link that leads nowhere, and each thing loaded from elsewhere."""
    site = site.resolve()
    for path in sorted(site.rglob("*.html")):
        page, place = _page(path), path.relative_to(site)
        if path.name == "404.html":  # its links are absolute: it is served for any address
            continue
        for address in page.loaded:
            if urlsplit(address).netloc:
                yield f"{place}: loads {address} from another server"
        for address in [*page.links, *page.loaded]:
            parts = urlsplit(address)
            if not parts.scheme and not parts.netloc and (why := _fault(site, path, parts)):
                yield f"{place}: {address}: {why}"


def _fault(site: Path, path: Path, parts: SplitResult) -> str:
    target, anchor = unquote(parts.path), unquote(parts.fragment)
    found = (path.parent / target).resolve() if target else path
    if found.is_dir():
        found /= "index.html"
    if not found.is_relative_to(site):
        return "leads out of the site"
    if not found.is_file():
        return "no such file"
    if anchor and found.suffix == ".html" and anchor not in _page(found).ids:
        return "no such anchor"
    return ""


def main(site: Path) -> int:
    """Print every fault; return the exit code."""
    pages = len(list(site.rglob("*.html")))
    if not pages:
        print(f"expected a built site in {site}, found no page; run: make docs", file=sys.stderr)
        return 3
    found = list(faults(site))
    print("\n".join(found) or f"{pages} pages: every link and anchor is right")
    return 4 if found else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
