"""Contenders that take turns, each in its own process.

Spinning threads and a fragmented heap slow the next contender in the same process, although users
run only one of them. So each contender has its own process, and in every round each works once
while the others wait.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.connection import Connection
from typing import Any

CLOCKS = {"wall": time.perf_counter, "cpu": time.process_time}
Works = Mapping[str, Callable[[Any], Any]]
_REST = 0.02  # seconds between turns, in which spinning threads fall asleep


class Unable(Exception):
    """A contender cannot take part; the message says why."""


class Contender:
    """One side of a comparison.

    Args:
        name: its label.
        enter: called in the new process; returns functions by name, or raises Unable.
        arguments: of `enter`.
        clock: "wall", or "cpu" for processor time.

    Raises:
        Unable: `enter` raised it.
    """

    def __init__(
        self, name: str, enter: Callable[..., Works], arguments: Sequence[Any], clock: str = "wall"
    ) -> None:
        self.name = name
        spawn = multiprocessing.get_context("spawn")
        self._pipe, theirs = spawn.Pipe()
        self._process = spawn.Process(
            target=_serve, args=(theirs, enter, arguments, clock), daemon=True
        )
        self._process.start()
        self.opened_in = self._answer()

    def call(self, work: str, argument: Any) -> tuple[float, Any]:
        """Return the seconds that a call took, and what it returned."""
        time.sleep(_REST)
        self._pipe.send((work, argument))
        return self._answer()

    def _answer(self) -> Any:
        answer = self._pipe.recv()
        if isinstance(answer, Exception):
            raise answer
        return answer


def _serve(
    pipe: Connection, enter: Callable[..., Works], arguments: Sequence[Any], clock: str
) -> None:
    now = CLOCKS[clock]
    start = now()
    try:
        works = enter(*arguments)
        pipe.send(now() - start)
        while True:
            work, argument = pipe.recv()
            start = now()
            result = works[work](argument)
            pipe.send((now() - start, result))
    except EOFError:  # the others are done
        return
    except Exception as error:
        pipe.send(error)


def take_turns(
    contenders: Sequence[Contender], work: str, argument: Any, rounds: int
) -> dict[str, list[float]]:
    """Return seconds by contender: in each round each does the work once.

    The first round is a warm-up and not counted.
    """
    times: dict[str, list[float]] = {contender.name: [] for contender in contenders}
    for turn in range(rounds + 1):
        for contender in contenders:
            seconds, _ = contender.call(work, argument)
            if turn:
                times[contender.name].append(seconds)
    return times
