"""Two notebooks from one source: marks, and what becomes of them."""

from __future__ import annotations

import pytest

from nntasks.course.forms import make_notebook
from nntasks.errors import PluginError, UsageError
from nntasks.registry import discover

SOURCE = """---
jupyter: {}
---

# Title

Some text.

## Part

More text.

```python
x = 1
```

```python
# exercise: dice
```

**Question.** Why?

<!-- answer -->
Because.
<!-- /answer -->

```python
# worked
print("here")
```

```python
# exercise form
print("there")
```
"""


@pytest.fixture(scope="module")
def registry():
    return discover()


def cells(form, registry, source=SOURCE):
    return [
        ("".join(c["source"]), c["cell_type"])
        for c in make_notebook(source, form, registry)["cells"]
    ]


def test_headings_begin_cells_and_the_header_is_left_out(registry):
    found = cells("worked", registry)
    assert found[:3] == [
        ("# Title\n\nSome text.", "markdown"),
        ("## Part\n\nMore text.", "markdown"),
        ("x = 1", "code"),
    ]


def test_the_worked_form_has_the_reference_and_the_answer(registry):
    texts = [text for text, _ in cells("worked", registry)]
    assert texts[3].startswith("def dice(predicted")
    assert "return float(2 * " in texts[3]
    assert texts[4] == "dice = check(dice)"
    assert texts[5] == (
        "**Question.** Why?\n\n<details><summary>Answer</summary>\n\nBecause.\n\n</details>"
    )
    assert texts[6:] == ['print("here")']


def test_the_exercise_form_has_gaps(registry):
    texts = [text for text, _ in cells("exercise", registry)]
    assert texts[3].endswith("raise NotImplementedError('your code')")
    assert texts[5] == "**Question.** Why?\n\n*Your answer:*"
    assert texts[6:] == ['print("there")']


def test_cells_have_unique_names_that_do_not_change(registry):
    first, again = (make_notebook(SOURCE, "worked", registry) for _ in range(2))
    assert first == again
    names = [cell["id"] for cell in first["cells"]]
    assert len(set(names)) == len(names)


def test_marks_that_are_wrong(registry):
    with pytest.raises(PluginError, match="not closed"):
        make_notebook("<!-- answer -->\nno end", "worked", registry)
    with pytest.raises(UsageError, match=r"unknown exercise 'dize'\. Did you mean 'dice'"):
        make_notebook("```python\n# exercise: dize\n```\n", "worked", registry)
