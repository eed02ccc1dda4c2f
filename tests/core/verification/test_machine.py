"""Two environments against each other, and the reason they give for other last bits."""

from __future__ import annotations

import pytest

from nntasks.verification.machine import changes, reason

HERE = {
    "nntasks": "0.1.0",
    "python": "3.11.7",
    "platform": "Linux-6.1",
    "packages": {"torch": "2.14.1", "numpy": "2.0.0"},
    "devices": {"cpu": "One", "capability": "AVX512", "threads": 2, "cuda": [], "cores": 2},
    "kernels": "native",
    "settings": {},
    "git": "abc",
    "processes": 1,
    "plugins": {"yolo_detect": {"origin": "here"}},
}


def test_the_same_environment_has_no_changes():
    assert changes(HERE, {**HERE, "platform": "Linux-6.6", "plugins": {}}) == []
    assert reason([]) == ""


def devices(**changed):
    return {"devices": {**HERE["devices"], **changed}}


CASES = {
    "capability": (devices(capability="AVX2"), "on another processor: AVX2 for AVX-512"),
    "processor": (devices(cpu="Two"), "on another processor: Two for One"),
    "threads": (devices(threads=1), "with another number of threads: 1 for 2"),
    "device": (devices(cuda=["H200"]), "on another device: H200 for none"),
    "kernels": ({"kernels": "python"}, "with other kernels: python for native"),
    "software": (
        {"packages": {"torch": "2.13.0", "numpy": "2.0.0"}},
        "with other software: torch 2.13.0 for 2.14.1",
    ),
    "settings": (
        {"settings": {"MKL_CBWR": "AVX2"}},
        "with other settings: MKL_CBWR AVX2 for none",
    ),
    "code": ({"git": "def"}, "with other code: def for abc"),
}


@pytest.mark.parametrize(("changed", "expected"), CASES.values(), ids=CASES.keys())
def test_each_change_is_a_reason_with_both_values(changed, expected):
    assert reason(changes(HERE, {**HERE, **changed})) == expected


def test_the_processor_is_the_first_reason_of_several():
    now = {**HERE, **devices(capability="AVX2", cpu="Two", threads=1), "git": "def"}
    found = changes(HERE, now)
    assert [change.what for change in found] == ["capability", "cpu", "threads", "git"]
    assert reason(found) == "on another processor: AVX2 for AVX-512"


def test_what_an_earlier_version_did_not_store_is_not_compared():
    before = {key: value for key, value in HERE.items() if key != "settings"}
    before["devices"] = {"cpu": "One", "threads": 2}
    assert changes(before, {**HERE, "settings": {"MKL_CBWR": "AVX2"}}) == []


def test_a_package_that_is_gone_is_a_change():
    (change,) = changes(HERE, {**HERE, "packages": {"torch": "2.14.1"}})
    assert str(change) == "packages.numpy: none for 2.0.0"
