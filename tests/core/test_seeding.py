from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from nntasks.seeding import Seeds


def test_a_stream_depends_on_its_coordinates_and_on_nothing_else():
    first = Seeds(3).numpy("augment", 2, 17).random(5)
    Seeds(3).numpy("data", 0).random(1000)
    np.random.seed(0)  # noqa: NPY002 - the global state must not matter
    assert np.array_equal(Seeds(3).numpy("augment", 2, 17).random(5), first)


def test_streams_differ_in_seed_name_and_coordinates():
    keys = {
        Seeds(seed).key(name, *coordinates)
        for seed in (0, 1)
        for name in ("a", "b")
        for coordinates in ((), (0,), (1,), (0, 1), (1, 0), (11,), (1, 1))
    }
    assert len(keys) == 2 * 2 * 7


def test_a_stream_is_the_same_everywhere():
    # Computed once from the definition (BLAKE2b of the coordinates keys Philox 4x64-10).
    import hashlib

    text = b"nntasks\x1f7\x1finit\x1f4"
    key = int.from_bytes(hashlib.blake2b(text, digest_size=16).digest(), "little")
    expected = np.random.Generator(np.random.Philox(key=key)).random(4)
    assert np.array_equal(Seeds(7).numpy("init", 4).random(4), expected)


def test_torch_streams_repeat():
    one = torch.rand(4, generator=Seeds(1).torch("init"))
    assert torch.equal(torch.rand(4, generator=Seeds(1).torch("init")), one)
    assert not torch.equal(torch.rand(4, generator=Seeds(2).torch("init")), one)


def test_torchs_own_generator_is_set_as_torch_would_set_it():
    with torch.random.fork_rng(devices=[]):
        Seeds(1).seed_torch(torch.device("cpu"), "module", 3, 4)
        drawn = torch.rand(4)
        torch.manual_seed(Seeds(1).integer("module", 3, 4))
        assert torch.equal(torch.rand(4), drawn)
        Seeds(1).seed_torch(torch.device("cpu"), "module", 3, 5)
        assert not torch.equal(torch.rand(4), drawn)


def test_a_step_leaves_nothing_behind_for_devices_that_are_not_in_use():
    """torch.manual_seed queues a call, with its stack trace, until CUDA is used: never."""
    if torch.cuda.is_initialized():
        pytest.skip("CUDA is in use")
    queued = len(torch.cuda._queued_calls)
    with torch.random.fork_rng(devices=[]):
        for step in range(3):
            Seeds(1).seed_torch(torch.device("cpu"), "module", 0, step)
    assert len(torch.cuda._queued_calls) == queued


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_the_generator_of_the_device_is_set_too():
    device = torch.device("cuda")
    Seeds(1).seed_torch(device, "module", 3)
    drawn = torch.rand(4, device=device)
    Seeds(1).seed_torch(device, "module", 3)
    assert torch.equal(torch.rand(4, device=device), drawn)


def test_integers_fit_what_libraries_take():
    numbers = [Seeds(s).integer("x", s) for s in range(200)]
    assert all(0 <= number < 2**63 for number in numbers)
    assert len(set(numbers)) == 200


def test_threads_take_turns_with_torchs_own_generator():
    def draw(index):
        with Seeds(3).torch_global("augment", index):
            return [torch.rand(100).sum().item() for _ in range(20)]

    alone = [draw(index) for index in range(32)]
    before = torch.get_rng_state()
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(draw, range(32))) == alone
    assert torch.equal(torch.get_rng_state(), before)
