"""Run the checks of an exercise on one object."""

from __future__ import annotations

import traceback
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from nntasks.interfaces.exercises import Check, Exercise, Miss

_LONGEST = 160  # shown characters of an error's message


@dataclass(frozen=True)
class Verdict:
    """The result of a check.

    Attributes:
        check: its name.
        points: how much it counts.
        problem: what is wrong, in one line; empty if it passed.
    """

    check: str
    points: int
    problem: str = ""

    @property
    def passed(self) -> bool:
        return not self.problem

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def examine(name: str, exercise: Exercise, student: Any, seed: int) -> Iterator[Verdict]:
    """Yield the verdict of each check.

    Args:
        name: of the exercise.
        exercise: has the checks.
        student: the student's function or class.
        seed: of the inputs that checks draw.
    """
    for check in exercise.checks():
        yield Verdict(check.name, check.points, _problem(name, check, student, seed))


def _problem(name: str, check: Check, student: Any, seed: int) -> str:
    rng = np.random.default_rng([seed, zlib.crc32(f"{name}/{check.name}".encode())])
    try:
        with np.errstate(all="ignore"):
            check.run(student, rng)
    except Miss as miss:
        return " ".join(str(miss).split())
    except NotImplementedError:
        return f"{name}: not written yet"
    except MemoryError:
        return f"{name}: needs more memory than is allowed"
    except (Exception, SystemExit) as error:  # a student's code may fail in any way
        return f"{name}: raises {_described(error)}"
    return ""


def _described(error: BaseException) -> str:
    """Return class, text and the student's line of an error; ours are left out."""
    text = " ".join(str(error).split())
    text = text if len(text) <= _LONGEST else f"{text[:_LONGEST]} ..."
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if f.filename.startswith("<student: ")]
    told = f"{type(error).__name__}: {text}" if text else type(error).__name__
    if not own:
        return told
    return f"{told} ({own[-1].filename[len('<student: ') : -1]}, line {own[-1].lineno})"
