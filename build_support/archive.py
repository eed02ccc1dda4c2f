"""The source archive, and the description of the project that goes with it to an index."""

from __future__ import annotations

import re
from pathlib import Path

from setuptools.command.sdist import sdist

# The links of a clone: its folders under the package's name, for whoever does not install it.
LINKS = {"nntasks": "core", "core/plugins": "../plugins"}
_LINK = re.compile(r"(!?)\[([^\]]*)\]\((?!https?://|mailto:|#)[^)]*\)")


class SourceArchive(sdist):
    """An archive that unpacks to what a clone is, links included."""

    def make_release_tree(self, base_dir: str, files: list[str]) -> None:
        super().make_release_tree(base_dir, files)
        for name, target in LINKS.items():
            link = Path(base_dir) / name
            if not link.is_symlink():
                link.symlink_to(target, target_is_directory=True)


def description(readme: Path) -> str:
    """Return the README without links to other files of the project, which are dead on an index.

    The words of a link stay; a picture is left out.
    """
    text = readme.read_text(encoding="utf-8")
    return _LINK.sub(lambda found: "" if found[1] else found[2], text)
