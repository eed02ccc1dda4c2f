"""Render a template to one HTML page that needs no network.

Jinja2 escapes all text that a template prints, after control characters are replaced. The page
contains its style and script. Its content security policy allows only these two, by hash, and
pictures as data URLs, so the page can send no request.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import re
from collections.abc import Sequence
from importlib import resources
from typing import TYPE_CHECKING, Any

from nntasks.report.formatting import clean

if TYPE_CHECKING:
    import jinja2
    from markupsafe import Markup

File = str | tuple[str, str]


def render_page(
    package: str, template: str, *, styles: Sequence[File], scripts: Sequence[File], **values: Any
) -> str:
    """Render a template; equal values give equal pages.

    Args:
        package: the package with the style, the scripts and, in `templates/`, the template, which
            can extend `page.html` and use the macros of `parts.html` in `nntasks.report`.
        template: file name.
        styles: the style sheets to embed: file names, or (package, file name).
        scripts: the scripts, likewise. They are joined in one function and share its scope. Files
            that are named twice are embedded once.
        values: the variables of the template. `images` lists further sources of pictures for the
            content security policy; pictures are data URLs otherwise.
    """
    from markupsafe import Markup

    def joined(files: Sequence[File]) -> str:
        named = ((package, file) if isinstance(file, str) else file for file in files)
        return "\n".join(
            resources.files(where).joinpath(name).read_text("utf-8")
            for where, name in dict.fromkeys(named)
        )

    files = {
        "style": Markup(joined(styles)),
        "script": Markup(f"(() => {{\n{joined(scripts)}}})();\n"),
        "images": "",
    }
    return environment(package).get_template(template).render({**files, **values})


@functools.cache
def environment(package: str) -> jinja2.Environment:
    """Return the Jinja2 environment for a package's templates and the shared ones."""
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
    """Clean printed values; markup from templates is already clean."""
    return value if hasattr(value, "__html__") else clean(str(value))


def in_script(content: Any) -> Markup:
    """Return JSON in which no text can end the script element."""
    from markupsafe import Markup

    text = json.dumps(content, separators=(",", ":"), allow_nan=False)
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


def slug(text: str) -> str:
    """Return text for use in an id: lower-case ASCII letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "x"


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def _digest(text: str) -> str:
    """Return the hash of a style or script for a content security policy."""
    return "sha256-" + base64.b64encode(hashlib.sha256(str(text).encode()).digest()).decode()
