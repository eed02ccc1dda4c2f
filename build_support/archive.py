"""The source archive and the project description for package indexes."""

from __future__ import annotations

import re
from pathlib import Path

from setuptools.command.sdist import sdist

# The links of a clone, which give its folders the package's name without an installation.
LINKS = {"nntasks": "core", "core/plugins": "../plugins"}
_LINK = re.compile(r"(!?)\[([^\]]*)\]\((?!https?://|mailto:|#)[^)]*\)")


class SourceArchive(sdist):
    """A source archive with the same content as a clone, including links."""

    def make_release_tree(self, base_dir: str, files: list[str]) -> None:
        super().make_release_tree(base_dir, files)
        for name, target in LINKS.items():
            link = Path(base_dir) / name
            if not link.is_symlink():
                link.symlink_to(target, target_is_directory=True)


def description(readme: Path) -> str:
    """Return the README without links to files of the project, which are dead on an index.

    The text of links stays; pictures are removed.
    """
    text = readme.read_text(encoding="utf-8")
    return _LINK.sub(lambda found: "" if found[1] else found[2], text)
