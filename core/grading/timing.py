"""The speed class of a student's function: compared with a plain loop in the same moment."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

from nntasks.interfaces.exercises import Miss

_ROUNDS = 5


def at_most_as_slow(
    where: str, student: Callable[[], Any], loop: Callable[[], Any], share: float, advice: str
) -> None:
    """Raise `Miss` if a function takes more than a share of the time of a plain Python loop.

    Both run by turns, and the best of five rounds counts, so a busy machine slows both. Choose a
    share far from what right solutions need: of an array expression that takes 1/50 of the loop's
    time, ask 1/3.

    Args:
        where: the function's name.
        student: calls it.
        loop: does the same in plain Python.
        share: the largest ratio of the student's time to the loop's.
        advice: how to be faster.
    """
    times = [math.inf, math.inf]
    for _ in range(_ROUNDS):
        for number, function in enumerate((student, loop)):
            start = time.perf_counter()
            function()
            times[number] = min(times[number], time.perf_counter() - start)
        if times[0] <= share * times[1]:
            return
    ratio = times[0] / times[1]
    raise Miss(
        f"{where}: takes {ratio:.2g} times the time of a plain Python loop: expected at most "
        f"{share:.2g}; {advice}"
    )
