"""What processes of one run do together."""

from __future__ import annotations

import pytest

from nntasks.errors import RunFailed
from nntasks.machine import distributed
from nntasks.machine.distributed import ALONE, PeerLost, Workers


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


@pytest.mark.parametrize("size", range(1, 10))
def test_values_are_merged_pair_by_pair_in_the_order_of_ranks(monkeypatch, size):
    sent: dict[tuple[int, int], str] = {}
    rank = size
    monkeypatch.setattr(distributed, "_send", lambda value, to: sent.update({(rank, to): value}))
    monkeypatch.setattr(distributed, "_received", lambda source: sent.pop((source, rank)))
    for rank in reversed(range(size)):  # whom the two functions above speak for
        found = Workers(rank, size).reduce(str(rank), lambda lower, higher: lower + higher)
        assert found is None or rank == 0
    assert found == "".join(map(str, range(size)))
    assert not sent
