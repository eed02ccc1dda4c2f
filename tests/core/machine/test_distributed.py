"""What the environment says of other processes."""

from __future__ import annotations

import pytest

from nntasks.errors import RunFailed, UsageError
from nntasks.machine.distributed import ALONE, PeerLost, Workers, place

WHOLE = {"WORLD_SIZE": "2", "RANK": "1", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "29500"}


@pytest.fixture
def stated(monkeypatch):
    def state(**variables):
        for name in WHOLE:
            monkeypatch.delenv(name, raising=False)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

    return state


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, (0, 1)),
        ({"RANK": "1"}, (0, 1)),  # left over
        ({"WORLD_SIZE": "1", "RANK": "0"}, (0, 1)),
        (WHOLE, (1, 2)),
    ],
)
def test_the_place_among_others(stated, variables, expected):
    stated(**variables)
    assert place() == expected


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"WORLD_SIZE": "two"}, "WORLD_SIZE=two: expected a whole number"),
        ({"WORLD_SIZE": "-2"}, "WORLD_SIZE=-2: expected"),
        ({"WORLD_SIZE": "9" * 5000}, "WORLD_SIZE=9{40}: expected a whole number"),
        ({"RANK": "x"}, "RANK=x: expected a whole number"),
        ({"WORLD_SIZE": "2"}, "WORLD_SIZE=2 is set, but RANK is not; unset WORLD_SIZE, or"),
        ({**WHOLE, "MASTER_PORT": ""}, "but MASTER_PORT is not"),
        ({**WHOLE, "MASTER_PORT": "x"}, "MASTER_PORT=x: expected"),
        ({**WHOLE, "RANK": "2"}, "RANK=2: expected a number below WORLD_SIZE=2"),
    ],
)
def test_what_cannot_be_is_named(stated, variables, message):
    stated(**variables)
    with pytest.raises(UsageError, match=message):
        Workers.join()


def test_the_loss_of_a_peer_is_told_from_other_errors():
    lost = RuntimeError("[gloo/transport/tcp/pair.cc:547] Connection closed by peer [127.0.0.1]")
    assert isinstance(Workers(0, 2).explained(lost), PeerLost)
    own = RuntimeError("mat1 and mat2 shapes cannot be multiplied")
    assert Workers(0, 2).explained(own) is own
    assert ALONE.explained(lost) is lost


def test_the_main_process_speaks_for_all():
    def fail():
        raise RunFailed("no")

    assert ALONE.once(lambda: 3) == 3
    with pytest.raises(RunFailed, match="no"):
        ALONE.once(fail)
