"""An explanation shows itself as the command line does."""

from __future__ import annotations

from nntasks.api.explanation import Explanation


class Explained:
    def to_dict(self):
        return {"loss": 0.5}

    def __str__(self):
        return "loss < 1\nat (0, 0)"


def test_text_plain_values_and_page():
    found = Explanation(Explained())
    assert str(found) == repr(found) == "loss < 1\nat (0, 0)"
    assert found.to_dict() == {"loss": 0.5}
    assert found._repr_html_().strip() == "<pre>loss &lt; 1\nat (0, 0)</pre>"


def test_the_values_are_a_copy():
    explained = Explained()
    kept = {"loss": 0.5}
    explained.to_dict = lambda: kept
    Explanation(explained).to_dict()["loss"] = 1
    assert kept == {"loss": 0.5}
