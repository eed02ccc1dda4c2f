"""Building HTML in which every text is escaped unless it was built here."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

from nntasks.report.formatting import clean

_VOID = frozenset({"img", "input", "link", "meta"})


class Markup(str):
    """HTML that is ready to be put into a page."""

    __slots__ = ()


def element(tag: str, *children: str | None, **attributes: str | int | bool | None) -> Markup:
    """Return an element.

    Args:
        tag: its name.
        children: what is in it, one after the other; plain text is escaped, `Markup` is not, None
            is left out.
        attributes: a trailing underscore is dropped (`class_`), others become hyphens
            (`data_value`); None and False leave the attribute out, True gives it no value.
    """
    opening = f"<{tag}{''.join(map(_attribute, attributes, attributes.values()))}>"
    if tag in _VOID:
        return Markup(opening)
    return Markup(f"{opening}{join(children)}</{tag}>")


def join(children: Iterable[str | None]) -> Markup:
    """Put pieces one after the other, escaping those that are no `Markup`."""
    return Markup("".join(_escape(child) for child in children if child is not None))


def slug(text: str) -> str:
    """Return text as part of an id: lower-case ASCII letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "x"


def _attribute(name: str, value: str | int | bool | None) -> str:
    name = name.removesuffix("_").replace("_", "-")
    if value is None or value is False:
        return ""
    return f" {name}" if value is True else f' {name}="{_escape(str(value))}"'


def _escape(text: str) -> str:
    return text if isinstance(text, Markup) else html.escape(clean(text))
