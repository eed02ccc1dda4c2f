"""Checks of a student's own functions: `nntasks grade`, and `check` in a notebook.

`comparing` and `timing` are what checks are written with, `examination` runs them on one object.
`student_file` reads a script or a notebook, `sandbox` runs it in a process with limits (`child`),
`grades` and `junit` are the result.
"""

from __future__ import annotations

from nntasks.grading.comparing import attribute, central_differences, expect, expect_unchanged
from nntasks.grading.notebook_check import check
from nntasks.grading.timing import at_most_as_slow
from nntasks.interfaces.exercises import Check, Exercise, Miss

__all__ = [
    "Check",
    "Exercise",
    "Miss",
    "at_most_as_slow",
    "attribute",
    "central_differences",
    "check",
    "expect",
    "expect_unchanged",
]
