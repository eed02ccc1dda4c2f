"""Warnings in the terminal: without what could steer it."""

from __future__ import annotations

import logging

import pytest

from nntasks.cli.log_lines import CleanLines, clean_warnings


@pytest.mark.parametrize(
    ("message", "line"),
    [("plain", "plain"), ("\x1b[2Jgone", "\N{REPLACEMENT CHARACTER}[2Jgone"), ("ä \ud800", "ä ?")],
)
def test_control_characters_are_replaced(message, line):
    record = logging.LogRecord("n", logging.WARNING, "f", 1, "%s", (message,), None)
    assert CleanLines().format(record) == line


def test_the_handler_of_last_resort_is_cleaned(monkeypatch, capsys):
    class Kept(logging.StreamHandler):
        lines = []

        def emit(self, record):
            self.lines.append(self.format(record))

    handler = Kept()
    monkeypatch.setattr(logging, "lastResort", handler)
    clean_warnings()
    handler.emit(logging.makeLogRecord({"msg": "a\x07b"}))
    assert handler.lines == ["a\N{REPLACEMENT CHARACTER}b"]
    monkeypatch.setattr(logging, "lastResort", None)
    clean_warnings()  # a program that removed it has no such lines
