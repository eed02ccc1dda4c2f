"""The built site is checked without a network."""

from __future__ import annotations

import pytest

from docs.site.links import faults, main


@pytest.fixture
def site(tmp_path):
    def write(name, body):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"<html><body>{body}</body></html>")

    write("index.html", '<a href="a/#here">a</a> <img src="a/p.png"> <a href="https://x.org">x</a>')
    write("a/index.html", '<h2 id="here">Here</h2> <a href="..">up</a> <a href="#here">here</a>')
    (tmp_path / "a" / "p.png").touch()
    return tmp_path, write


def test_a_site_that_is_right(site, capsys):
    folder, _ = site
    assert list(faults(folder)) == []
    assert main(folder) == 0
    assert capsys.readouterr().out == "2 pages: every link and anchor is right\n"


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ('<a href="../gone/">x</a>', "../gone/: no such file"),
        ('<a href="../#gone">x</a>', "../#gone: no such anchor"),
        ('<a href="#gone">x</a>', "#gone: no such anchor"),
        ('<img src="gone.png">', "gone.png: no such file"),
        ('<a href="/etc/passwd">x</a>', "/etc/passwd: leads out of the site"),
        ('<script src="https://cdn.example.org/x.js"></script>', "from another server"),
    ],
)
def test_each_kind_of_fault_is_named(site, capsys, body, fault):
    folder, write = site
    write("b/index.html", body)
    (found,) = faults(folder)
    assert found.startswith("b/index.html: ")
    assert fault in found
    assert main(folder) == 4
    assert fault in capsys.readouterr().out


def test_without_a_site_it_says_what_to_run(tmp_path, capsys):
    assert main(tmp_path) == 3
    assert "run: make docs" in capsys.readouterr().err
