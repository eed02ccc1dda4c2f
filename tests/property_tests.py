"""How property tests draw their examples: the same every time, or at length and at random.

The profile `ci`, the default, draws the same examples in every run and has no deadline, so that a
test fails for what was changed and for nothing else. `make fuzz` (HYPOTHESIS_PROFILE=fuzz) draws at
random, twenty times as many, and remembers what failed.
"""

from __future__ import annotations

import os

from hypothesis import settings

PROFILE = os.environ.get("HYPOTHESIS_PROFILE") or "ci"
_MORE = 20 if PROFILE == "fuzz" else 1

settings.register_profile("ci", derandomize=True, deadline=None, database=None)
settings.register_profile("fuzz", deadline=None, max_examples=100 * _MORE, print_blob=True)
settings.load_profile(PROFILE)


def examples(count: int, **more) -> settings:
    """Return the settings of a test that needs `count` examples, and more of them in a fuzz run."""
    return settings(max_examples=count * _MORE, **more)
