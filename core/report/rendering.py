"""From a template to one HTML page that needs no network.

Jinja2 escapes every text that a template prints; control characters, which can garble a file, are
replaced before. The page's style and script stand in it, and its content security policy allows
these two, by their hashes, and pictures as data: no request can leave it.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import re
from collections.abc import Sequence
from importlib import resources
from typing import TYPE_CHECKING, Any

from nntasks.report.formatting import clean

if TYPE_CHECKING:
    import jinja2


def render_page(
    package: str, template: str, *, style: str, scripts: Sequence[str], **values: Any
) -> str:
    """Return the page that a template gives; equal values give equal pages.

    Args:
        package: where the template lies, in `templates/`, and the style and the script. It can
            extend `page.html` and use the macros of `parts.html` in `nntasks.report`.
        template: file name.
        style: name of the style sheet that is put into the page.
        scripts: names of the scripts. They are joined in one function and share its scope.
        values: what the template prints.
    """
    from markupsafe import Markup

    folder = resources.files(package)
    script = "\n".join(folder.joinpath(name).read_text("utf-8") for name in scripts)
    files = {
        "style": Markup(folder.joinpath(style).read_text("utf-8")),
        "script": Markup(f"(() => {{\n{script}}})();\n"),
    }
    return environment(package).get_template(template).render(**files, **values)


@functools.cache
def environment(package: str) -> jinja2.Environment:
    """Return what reads the templates of a package, and those that every page shares."""
    import jinja2

    made = jinja2.Environment(
        loader=jinja2.ChoiceLoader(
            [jinja2.PackageLoader(name) for name in dict.fromkeys((package, "nntasks.report"))]
        ),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_cleaned,
    )
    made.filters.update(base64=_base64, slug=slug, digest=_digest)
    return made


def _cleaned(value: Any) -> Any:
    """Clean what is printed; markup that a template made is clean already."""
    return value if hasattr(value, "__html__") else clean(str(value))


def slug(text: str) -> str:
    """Return text as part of an id: lower-case ASCII letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "x"


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def _digest(text: str) -> str:
    """Return the hash by which a content security policy allows a style or a script."""
    return "sha256-" + base64.b64encode(hashlib.sha256(str(text).encode()).digest()).decode()
