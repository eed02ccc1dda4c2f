"""`philox`: published vectors, and independence of how it is asked."""

from __future__ import annotations

import pytest
import torch

from nntasks.ops import philox

ALL = 0xFFFFFFFF


def block(counter, key, device):
    """Return the four words for a counter of four words and a key of two."""
    low = counter[0] | counter[1] << 32
    counters = torch.tensor([low - 2**64 if low >> 63 else low], device=device)
    words = philox(counters, key[0] | key[1] << 32, counter[2] | counter[3] << 32)
    assert words.device.type == device
    return words[0].tolist()


# The known answers that Salmon et al. publish with Random123 (kat_vectors, philox4x32, 10 rounds).
@pytest.mark.parametrize(
    ("counter", "key", "expected"),
    [
        ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        ((ALL,) * 4, (ALL,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xA4093822, 0x299F31D0),
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
)
def test_known_answers(device, counter, key, expected):
    assert block(counter, key, device) == list(expected)


def test_every_counter_alone_gives_what_all_together_give(device):
    counters = torch.tensor([0, 5, -1, 2**32 - 1, 2**32, 2**63 - 1, -(2**63)], device=device)
    together = philox(counters, 2**64 - 1, 3)
    for place, counter in enumerate(counters.tolist()):
        alone = philox(torch.tensor([counter], device=device), 2**64 - 1, 3)
        assert torch.equal(alone[0], together[place])
    assert torch.equal(philox(counters[::2], 2**64 - 1, 3), together[::2])
    assert together.min() >= 0
    assert together.max() < 2**32


def test_seeds_and_streams_are_apart(device):
    counters = torch.arange(1000, device=device)
    draws = [
        philox(counters, seed, stream) for seed, stream in ((0, 0), (1, 0), (0, 1), (2**63, 0))
    ]
    assert len(torch.stack(draws).unique()) > 0.999 * 16_000


def test_bits_are_even(device):
    words = philox(torch.arange(20_000, device=device), 1)
    for bit in range(32):
        share = float((words >> bit & 1).double().mean())
        assert abs(share - 0.5) < 5 * 0.5 / len(words.flatten()) ** 0.5


def test_nothing_asked_nothing_given(device):
    assert philox(torch.zeros(0, dtype=torch.int64, device=device), 0).shape == (0, 4)


def test_small_integers_are_counters_too(device):
    few = torch.arange(9, device=device)
    assert torch.equal(philox(few.to(torch.uint8), 4), philox(few, 4))


@pytest.mark.parametrize(
    ("counters", "seed", "error", "message"),
    [
        (torch.arange(4).view(2, 2), 0, ValueError, r"counters must have shape \(N,\)"),
        (torch.rand(2), 0, TypeError, "counters must be a tensor of integers"),
        ([1, 2], 0, TypeError, "counters must be a torch tensor, got list"),
        (torch.arange(2), -1, ValueError, "seed must be from 0 to 18446744073709551615, got -1"),
        (torch.arange(2), 2**64, ValueError, "seed must be from 0"),
        (torch.arange(2), 0.5, TypeError, "seed must be an int, got float"),
    ],
)
def test_wrong_input(device, counters, seed, error, message):
    with pytest.raises(error, match=message):
        philox(counters, seed)


def test_opcheck(device, overload):
    torch.library.opcheck(overload("philox"), (torch.arange(5, device=device), -3, 2))
