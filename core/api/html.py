"""The HTML that objects show of themselves in a notebook.

The templates set no colours, so that they suit a light and a dark notebook.
"""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any

from nntasks.report.rendering import environment

if TYPE_CHECKING:
    from markupsafe import Markup


def render(template: str, **values: Any) -> Markup:
    """Render a template of this package; text is escaped, but for what is rendered already."""
    from markupsafe import Markup

    return Markup(environment("nntasks.api").get_template(template).render(**values))


def data_url(image: Any, longest: int | None = None) -> str:
    """Return a PIL image as a PNG data URL, reduced to at most `longest` pixels a side."""
    if longest and max(image.size) > longest:
        image = image.copy()
        image.thumbnail((longest, longest))
    content = io.BytesIO()
    image.convert("RGB").save(content, format="PNG")
    return "data:image/png;base64," + base64.b64encode(content.getvalue()).decode("ascii")
