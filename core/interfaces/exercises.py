"""Exercises of a course: what a student writes, and the checks of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

CheckFunction = Callable[[Any, Any], None]


class Miss(Exception):
    """A check failed; the message is the line that the student reads."""


@dataclass(frozen=True)
class Check:
    """One check of an exercise.

    Attributes:
        name: short, unique within its exercise, such as "bias gradient".
        run: called as `run(student, rng)` with the student's function or class and a NumPy
            generator; raises `Miss` if it is wrong.
        points: how much it counts.
    """

    name: str
    run: CheckFunction
    points: int = 1


class Exercise(ABC):
    """A function or class that a student writes, with its checks.

    An entry of the hook `register_exercises` names the class. The name of the entry is the name
    of the student's function or class.

    Attributes:
        assignment: the assignment that the exercise belongs to, such as "1" or "5_2".
        reference: a right solution. Its signature and docstring are what the student is given.
    """

    assignment: ClassVar[str]
    reference: ClassVar[Any]

    @abstractmethod
    def checks(self) -> Iterator[Check]:
        """Yield the checks, the simplest first."""
