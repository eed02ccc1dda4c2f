"""What MkDocs does for this site: pages from outside docs/, notebooks, links, and the navigation.

MkDocs imports this file by its path.
"""

from __future__ import annotations

import fnmatch
import os
import re
import sys
from pathlib import Path
from typing import Any

from mkdocs.plugins import event_priority
from mkdocs.structure.files import File, Files

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # the `mkdocs` program has it not

from docs.site import notebooks
from docs.site.places import (
    ROOT,
    outside_pages,
    path_of,
    with_links_of_the_site,
)


@event_priority(100)  # before mkdocs-jupyter, which takes the notebooks from here
def on_files(files: Files, config: Any) -> Files:
    """Add the pages that lie outside docs/ and the notebooks; complete the navigation."""
    for path, place in outside_pages().items():
        files.append(File.generated(config, place, abs_src_path=str(ROOT / path)))
    files.append(File.generated(config, "decisions/index.md", content=_decisions()))
    execute = os.environ.get("NNTASKS_DOCS_EXECUTE", "") not in ("", "0")
    for source in notebooks.sources():
        place = source.relative_to(ROOT / "docs").as_posix()
        files.remove(files.src_uris[place])
        made = notebooks.built(source, execute, place)
        place = place.removesuffix(".md") + ".ipynb"
        urls = config.use_directory_urls
        files.append(File(place, str(made), config.site_dir, urls))
    pages = sorted(place for place in files.src_uris if place.endswith((".md", ".ipynb")))
    config.nav = expanded(config.nav, pages, named(config.nav))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Files) -> str:
    """Turn the links of the repository into those of the site."""
    place = page.file.src_uri
    return with_links_of_the_site(markdown, path_of(place), place)


def _decisions() -> str:
    """Return the page that lists all decisions by their headings."""
    lines = ["# Decisions", "", "Why things are as they are, each with what was turned down.", ""]
    for path in sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md")):
        heading = path.read_text(encoding="utf-8").split("\n", 1)[0].lstrip("# ")
        number = path.name[:4]
        lines.append(f"- [{number}: {re.sub(r'^[0-9]+[.:] ', '', heading)}]({path.name})")
    return "\n".join(lines) + "\n"


def named(nav: Any) -> set[str]:
    """Return the pages that the navigation names."""
    if isinstance(nav, str):
        return set() if "*" in nav else {nav}
    values = nav.values() if isinstance(nav, dict) else nav
    return {name for value in values for name in named(value)}


def expanded(nav: Any, places: list[str], known: set[str]) -> Any:
    """Replace each pattern by the pages that it matches and that are named nowhere.

    `*.md` matches the pages of the top folder alone. A section without pages is left out.
    """
    if isinstance(nav, dict):
        return {title: expanded(value, places, known) for title, value in nav.items()}
    if isinstance(nav, str):
        return nav
    made = []
    for entry in nav:
        if isinstance(entry, str) and "*" in entry:
            depth = entry.count("/")
            made += [
                place
                for place in places
                if fnmatch.fnmatch(place, entry)
                and place.count("/") == depth
                and place not in known
            ]
        else:
            one = expanded(entry, places, known)
            if not (isinstance(one, dict) and [] in one.values()):
                made.append(one)
    return made
