"""Interleaved timing: turns, medians, ratios, goals."""

from __future__ import annotations

import weakref

import pytest

from nntasks.kernel_checks import timing
from nntasks.kernel_checks.inputs import Case
from nntasks.kernel_checks.timing import (
    Row,
    left_out,
    medians,
    print_rows,
    ratio,
    rows_of,
    seconds,
)


class TestMedians:
    def test_every_call_has_its_turn_in_every_round_after_one_that_does_not_count(self):
        order = []
        calls = {name: lambda name=name: order.append(name) for name in ("a", "b")}
        times = medians(calls, rounds=3)
        assert order == ["a", "b"] + ["a", "a", "b", "b"] * 3
        assert set(times) == {"a", "b"}
        assert all(value > 0 for value in times.values())

    def test_a_long_call_needs_no_other_before_it(self, monkeypatch):
        monkeypatch.setattr(timing, "LONG", 0.0)
        order = []
        medians({"a": lambda: order.append("a")}, rounds=3)
        assert order == ["a"] * 4

    def test_who_has_used_up_its_time_sits_out(self):
        order = []
        medians({"a": lambda: order.append("a")}, rounds=9, most_seconds=0.0)
        assert order == ["a"]  # warmed up, and no time left

    def test_a_first_call_that_was_made_is_not_made_again(self):
        order = []
        medians({"a": lambda: order.append("a")}, rounds=2, first={"a": 2.0})
        assert order == ["a"] * 2

    def test_who_sat_out_all_rounds_has_no_median(self):
        assert medians({"a": lambda: None}, rounds=2, most_seconds=0.0) == {}


class TestRows:
    def test_a_row_for_every_peer_and_one_for_the_reference(self):
        calls = {"ours": lambda: None, "them": lambda: sum(range(10_000))}
        case = Case("op", "work", lambda: calls, ("them",), {"them": 1.5})
        them, reference = rows_of(case, rounds=3)
        assert (them.peer_name, them.goal) == ("them", 1.5)
        assert them.ratio > 1.5
        assert them.verdict == ">= 1.5x met"
        assert (reference.peer_name, reference.verdict) == ("the Python reference", "")

    def test_results_are_compared_before_anything_is_timed(self):
        calls = {"ours": lambda: 1, "same": lambda: 1, "other": lambda: 3, "none": lambda: None}

        def compare(ours, theirs):
            return None if theirs is None else "" if ours == theirs else f"{theirs - ours} more"

        case = Case("op", "work", lambda: calls, ("same", "other", "none"), compare=compare)
        differs = {row.peer_name: row.differs for row in rows_of(case, rounds=1)}
        assert differs == {
            "same": "",
            "other": "2 more",
            "none": None,
            "the Python reference": None,
        }

    def test_no_result_is_alive_while_calls_are_timed(self):
        class Result:
            pass

        made, alive = [], []

        def call():
            alive.append(sum(one() is not None for one in made))
            result = Result()
            made.append(weakref.ref(result))
            return result

        case = Case(
            "op",
            "work",
            lambda: {"ours": call, "them": call, "others": call},
            ("them", "others"),
            with_python=False,
            compare=lambda ours, theirs: "",
        )
        rows_of(case, rounds=2)
        assert alive == [0, 1, 1] + [0] * 12  # first calls: ours waits for the comparison

    def test_who_is_not_installed_is_named(self, capsys):
        case = Case("op", "work", lambda: {"ours": int, "b": int}, ("b", "a"), with_python=False)
        rows = rows_of(case, rounds=1)
        assert left_out([case], rows) == ["a"]
        print_rows("title", rows, ["a"])
        assert capsys.readouterr().out.splitlines()[-1] == "  left out, as not installed: a"

    @pytest.mark.parametrize(
        ("differs", "end"), [(None, "them"), ("", "them (same result)"), ("2 more", "(2 more)")]
    )
    def test_how_results_differ_is_said_beside_the_peer(self, capsys, differs, end):
        print_rows("title", [Row("op", "work", 1.0, 2.0, "them", differs=differs)])
        assert capsys.readouterr().out.rstrip().endswith(end)

    def test_a_goal_that_is_missed_says_so(self, capsys):
        print_rows("title", [Row("op", "work", ours=1.0, peer=2.0, peer_name="them", goal=3.0)])
        line = capsys.readouterr().out.splitlines()[-1]
        assert line.split() == [
            "op",
            "work",
            "1",
            "s",
            "2",
            "s",
            "2x",
            ">=",
            "3x",
            "MISSED",
            "them",
        ]

    def test_nothing_measured_is_a_title_alone(self, capsys):
        print_rows("title", [])
        assert capsys.readouterr().out == "\ntitle\n"

    @pytest.mark.parametrize(
        ("value", "words"), [(2.0, "2 s"), (0.0015, "1.5 ms"), (3.25e-6, "3.25 us"), (0, "0 us")]
    )
    def test_times_in_words(self, value, words):
        assert seconds(value) == words

    def test_ratios_in_words(self):
        assert [ratio(value) for value in (234.4, 3.456, 0.5)] == ["234x", "3.46x", "0.5x"]
