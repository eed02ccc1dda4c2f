"""The templates escape every text, complain of a missing value and are found in the package."""

from __future__ import annotations

import re

import jinja2
import pytest
from command_line import ROOT
from markupsafe import Markup

from nntasks.report.rendering import environment, slug

TEMPLATES = sorted([*ROOT.glob("core/**/templates/*.html"), *ROOT.glob("plugins/*/**/*.html")])


def rendered(source, **values):
    return environment("nntasks.report").from_string(source).render(values)


def test_every_text_is_escaped_in_texts_and_in_attributes():
    assert rendered('<p title="{{ t }}">{{ t }}</p>', t="<b> & \"'") == (
        '<p title="&lt;b&gt; &amp; &#34;&#39;">&lt;b&gt; &amp; &#34;&#39;</p>'
    )
    assert rendered("{{ m }}", m=Markup("<i></i>")) == "<i></i>"


def test_control_characters_are_replaced():
    assert (
        rendered("{{ t }}", t="a\x1b[31m\x00")
        == "a\N{REPLACEMENT CHARACTER}[31m\N{REPLACEMENT CHARACTER}"
    )


def test_a_value_that_is_not_there_is_an_error():
    with pytest.raises(jinja2.UndefinedError):
        rendered("{{ missing }}")


def test_slugs():
    assert slug("Über <Tables> 2") == "ber-tables-2"
    assert slug("→") == "x"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_switches_escaping_off_or_holds_a_handler(path):
    text = path.read_text(encoding="utf-8")
    assert "safe }}" not in text
    assert "autoescape" not in text
    assert not re.search(r"\son\w+\s*=", text)
    assert 'style="' not in text
