"""Pictures with outlines: what is shown unless a task says otherwise."""

from __future__ import annotations

from nntasks.interfaces.pictures import BrowsedPicture, ImageBrowser, Outline, OutlineKind


def test_a_kind_is_solid_and_shown_at_first():
    kind = OutlineKind("missed", "#00ff00", "no detection matches it")
    assert (kind.dashed, kind.shown) == (False, True)


def test_a_true_object_has_no_score():
    outline = Outline((0, 0, 4, 4), "cat", 0)
    assert (outline.score, outline.note) == (None, "")


def test_pictures_do_not_share_their_numbers():
    one, other = (BrowsedPicture(name, b"", 4, 3) for name in "ab")
    assert one.numbers is not other.numbers
    assert one.outlines == ()


def test_at_first_every_confidence_is_shown():
    assert ImageBrowser((), ()).least == 0
